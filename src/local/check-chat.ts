import { field, isObject, textOf } from '../core/json.ts';
import type { Fault } from './errors.ts';
import { list } from './read.ts';

/** What differs between those who check Chat Completions bodies. */
export interface ChatRules {
  /** Models (by the start of their name) that take `max_completion_tokens` alone: OpenAI's reasoning models. */
  readonly completionTokensOnly?: RegExp;
  /** The role `developer` is known. */
  readonly developerRole?: boolean;
}

/** Finds what OpenAI, and those who copy it, would refuse in a Chat Completions body. */
export function checkChat(body: unknown, rules: ChatRules): Fault | undefined {
  const messages = field(body, 'messages');
  if (textOf(field(body, 'model')) === undefined) return { message: 'you must provide a model parameter' };
  if (messages === undefined) return missing('messages');
  if (!Array.isArray(messages)) return wrongType('messages', 'an array of objects', messages);
  if (messages.length === 0) {
    return {
      message:
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      param: 'messages',
      code: 'empty_array',
    };
  }
  return (
    checkLimits(body, rules) ??
    checkTools(body) ??
    firstFault(messages, (message, at) => checkMessage(message, at, rules)) ??
    checkToolOrder(messages)
  );
}

/** The first fault that a check finds among the elements. */
export function firstFault<T>(
  elements: readonly T[],
  check: (element: T, at: number) => Fault | undefined,
): Fault | undefined {
  for (const [at, element] of elements.entries()) {
    const fault = check(element, at);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function missing(param: string): Fault {
  return { message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
}

function wrongType(param: string, wanted: string, got: unknown): Fault {
  const kind = got === null ? 'null' : Array.isArray(got) ? 'an array' : `a ${typeof got}`;
  const message = `Invalid type for '${param}': expected ${wanted}, but got ${kind} instead.`;
  return { message, param, code: 'invalid_type' };
}

function checkLimits(body: unknown, rules: ChatRules): Fault | undefined {
  const limit = field(body, 'max_tokens');
  const model = String(field(body, 'model'));
  if (limit === undefined || limit === null) return undefined;
  if (field(body, 'max_completion_tokens') !== undefined) {
    return { message: "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported." };
  }
  if (rules.completionTokensOnly?.test(model) !== true) return undefined;
  return {
    message:
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    param: 'max_tokens',
    code: 'unsupported_parameter',
  };
}

function checkTools(body: unknown): Fault | undefined {
  const tools = field(body, 'tools');
  if (tools === undefined) return undefined;
  if (!Array.isArray(tools)) return wrongType('tools', 'an array of objects', tools);
  return firstFault(tools as readonly unknown[], (tool, at) => {
    if (field(tool, 'type') !== 'function') return missing(`tools[${at}].type`);
    return textOf(field(field(tool, 'function'), 'name')) === undefined
      ? missing(`tools[${at}].function.name`)
      : undefined;
  });
}

function checkMessage(message: unknown, at: number, rules: ChatRules): Fault | undefined {
  const place = `messages[${at}]`;
  const role = field(message, 'role');
  const roles = ['system', 'assistant', 'user', 'tool', ...(rules.developerRole === true ? ['developer'] : [])];
  if (typeof role !== 'string' || !roles.includes(role)) {
    const named = roles.map((name) => `'${name}'`).join(', ');
    const shown = typeof role === 'string' ? role : 'null';
    const text = `Invalid value: '${shown}'. Supported values are: ${named}.`;
    return { message: text, param: `${place}.role`, code: 'invalid_value' };
  }
  const content = field(message, 'content');
  const calls = list(field(message, 'tool_calls'));
  if (role === 'assistant' && (content === undefined || content === null)) {
    return calls.length > 0 || textOf(field(message, 'refusal')) !== undefined
      ? undefined
      : wrongType(`${place}.content`, 'a string', content ?? null);
  }
  if (typeof content !== 'string' && !Array.isArray(content)) {
    return wrongType(`${place}.content`, 'one of a string or array of objects', content ?? null);
  }
  if (role === 'tool' && textOf(field(message, 'tool_call_id')) === undefined) return missing(`${place}.tool_call_id`);
  return firstFault(list(content), (part, index) => checkPart(part, role, `${place}.content[${index}]`));
}

const partTypes: ReadonlyMap<string, readonly string[]> = new Map([
  ['user', ['text', 'image_url', 'input_audio', 'file']],
  ['assistant', ['text', 'refusal']],
  ['system', ['text']],
  ['developer', ['text']],
  ['tool', ['text']],
]);

function checkPart(part: unknown, role: string, place: string): Fault | undefined {
  const type = field(part, 'type');
  const types = partTypes.get(role) ?? [];
  if (!isObject(part) || typeof type !== 'string' || !types.includes(type)) {
    const named = types.map((name) => `'${name}'`).join(' and ');
    const text = `Invalid value: '${String(type)}'. Supported values are: ${named}.`;
    return { message: text, param: place, code: 'invalid_value' };
  }
  if (type === 'text' && typeof field(part, 'text') !== 'string') return missing(`${place}.text`);
  return undefined;
}

/** Every call has its answer right after it, and every answer its call right before it. */
function checkToolOrder(messages: readonly unknown[]): Fault | undefined {
  let open = new Set<unknown>();
  return firstFault([...messages, undefined], (message, at) => {
    if (field(message, 'role') === 'tool') {
      if (open.delete(field(message, 'tool_call_id'))) return undefined;
      return {
        message:
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        param: `messages[${at}].role`,
      };
    }
    if (open.size > 0) {
      return {
        message: `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
        param: `messages[${at}].role`,
      };
    }
    open = new Set(list(field(message, 'tool_calls')).map((call) => field(call, 'id')));
    return undefined;
  });
}
