import type {
  AssistantPart,
  CacheControl,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
  UserPart,
} from '../../core/conversation.ts';
import { refuse } from '../../core/failure.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import { given, glimpse, optionalList, refuseMissing, refuseValue } from './check.ts';
import { readAssistantParts, readResultParts, readTextParts, readUserParts } from './read-parts.ts';
import type { Unread } from '../unread.ts';

/** What each role's message may hold; the rest is named in `unread`. `name` on a tool message only repeats its call's. */
const knownFields: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(['role', 'content', 'cache_control']),
  developer: new Set(['role', 'content', 'cache_control']),
  user: new Set(['role', 'content', 'cache_control']),
  assistant: new Set([
    'role',
    'content',
    'refusal',
    'reasoning_content',
    'reasoning',
    'tool_calls',
    'function_call',
    'cache_control',
  ]),
  tool: new Set(['role', 'content', 'tool_call_id', 'name', 'cache_control']),
};

/** What clients echo of an answer: it was made from the text that stays, or only its author can read it. */
const echoes: ReadonlySet<string> = new Set([
  'annotations',
  'id',
  'provider_specific_fields',
  'reasoning_details',
  'reasoning_signature',
  'thinking_blocks',
]);

/**
 * Reads `messages` into turns. Tool messages that follow one another answer one assistant turn and become one user turn;
 * a user message after them stays a turn of its own.
 */
export function readMessages(value: unknown, unread: Unread): Turn[] {
  if (!Array.isArray(value) || value.length === 0) return refuseValue('messages', 'an array with at least one message');
  const turns: Turn[] = [];
  let results: ToolResultPart[] | undefined;
  for (const [at, message] of value.entries()) {
    const param = `messages[${at}]`;
    const role = readRole(message, param, unread);
    if (role !== 'tool') {
      results = undefined;
      turns.push(...readTurn(role, message, param, unread));
      continue;
    }
    if (results === undefined) {
      results = [];
      turns.push({ role: 'user', parts: results });
    }
    results.push(readToolResult(message, param, unread));
  }
  return turns;
}

type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

function readRole(message: unknown, param: string, unread: Unread): Role {
  const role = field(message, 'role');
  switch (role) {
    case 'system':
    case 'developer':
    case 'user':
    case 'assistant':
    case 'tool':
      nameUnknown(message, role, unread);
      return role;
    case 'function':
      return refuse(
        `Cannot translate '${param}': the role "function" is deprecated. Use the role "tool" with a tool_call_id.`,
        'unsupported_value',
        `${param}.role`,
      );
    default:
      return refuseValue(`${param}.role`, '"system", "developer", "user", "assistant" or "tool"');
  }
}

/** Echoed answers carry `annotations: []` and `audio: null`: fields that say nothing are nothing lost. */
function nameUnknown(message: unknown, role: Role, unread: Unread): void {
  if (!isObject(message)) return;
  for (const [key, value] of Object.entries(message)) {
    const empty = value === null || (Array.isArray(value) && value.length === 0);
    if (empty || knownFields[role]?.has(key) === true) continue;
    unread.set(`${glimpse(key)} on a message of role ${role}`, echoes.has(key) ? 'harmless' : 'lost');
  }
}

function readTurn(role: Exclude<Role, 'tool'>, message: unknown, param: string, unread: Unread): Turn[] {
  const content = given(message, 'content');
  switch (role) {
    case 'system':
    case 'developer': {
      const parts: TextPart[] = readTextParts(content, `${param}.content`, unread);
      return parts.length === 0 ? [] : [{ role, parts: markedLast(parts, message) }];
    }
    case 'user': {
      const parts: UserPart[] = readUserParts(content, `${param}.content`, unread);
      return [{ role, parts: markedLast(parts, message) }];
    }
    case 'assistant':
      return [{ role, parts: markedLast(readAssistant(message, param, unread), message) }];
  }
}

/** What may carry a prompt-cache mark. */
type Part = UserPart | AssistantPart;
const markable: ReadonlySet<Part['type']> = new Set(['text', 'image', 'file', 'tool-call', 'tool-result']);

/**
 * Clients of the AI SDK, opencode among them, write Anthropic's `cache_control` on the whole message: it means the message's end,
 * so its last part gets it. Where no part can hold one nothing changes but the price.
 */
function markedLast<P extends Part>(parts: readonly P[], message: unknown): P[] {
  const mark = given(message, 'cache_control');
  const last = parts.findLastIndex(({ type }) => markable.has(type));
  if (!isObject(mark)) return [...parts];
  return parts.map((part, at) => (at === last && !hasMark(part) ? { ...part, cacheControl: mark } : part));
}

function hasMark(part: Part): part is Part & { readonly cacheControl: CacheControl } {
  return 'cacheControl' in part && part.cacheControl !== undefined;
}

/** In the order that a model makes them: thinking, text, refusal, tool calls. */
function readAssistant(message: unknown, param: string, unread: Unread): AssistantPart[] {
  if (given(message, 'function_call') !== undefined) {
    refuse(
      `Cannot translate '${param}.function_call': it is deprecated. Use tool_calls.`,
      'unsupported_parameter',
      `${param}.function_call`,
    );
  }
  const thinking = textOf(field(message, 'reasoning_content')) ?? textOf(field(message, 'reasoning'));
  const refusal = textOf(field(message, 'refusal'));
  return [
    ...(thinking === undefined ? [] : [{ type: 'thinking', text: thinking } as const]),
    ...readAssistantParts(given(message, 'content'), `${param}.content`, unread),
    ...(refusal === undefined ? [] : [{ type: 'refusal', text: refusal } as const]),
    ...readToolCalls(given(message, 'tool_calls'), `${param}.tool_calls`, unread),
  ];
}

function readToolCalls(value: unknown, param: string, unread: Unread): ToolCallPart[] {
  return optionalList(value, param).flatMap((call, at) => readToolCall(call, `${param}[${at}]`, unread));
}

function readToolCall(call: unknown, param: string, unread: Unread): ToolCallPart[] {
  const kind = given(call, 'type') ?? 'function';
  if (kind !== 'function') {
    unread.set(`tool call of type "${glimpse(kind)}"`, 'lost');
    return [];
  }
  const called = field(call, 'function');
  const text = given(called, 'arguments') ?? '';
  return [
    {
      type: 'tool-call',
      id: textOf(field(call, 'id')) ?? refuseMissing(`${param}.id`),
      name: textOf(field(called, 'name')) ?? refuseMissing(`${param}.function.name`),
      // Workers AI's older clients send the arguments parsed.
      arguments: typeof text === 'string' ? text : JSON.stringify(text),
    },
  ];
}

function readToolResult(message: unknown, param: string, unread: Unread): ToolResultPart {
  const mark = given(message, 'cache_control');
  return {
    type: 'tool-result',
    callId: textOf(field(message, 'tool_call_id')) ?? refuseMissing(`${param}.tool_call_id`),
    content: readResultParts(given(message, 'content'), `${param}.content`, unread),
    ...(isObject(mark) && { cacheControl: mark }),
  };
}
