import { countOf, field, textOf } from '../core/json.ts';
import { firstFault } from './check-chat.ts';
import type { Fault } from './errors.ts';
import { list, show } from './read.ts';

/** Finds what OpenAI would refuse in a Responses body. */
export function checkResponses(body: unknown): Fault | undefined {
  const input = field(body, 'input');
  if (textOf(field(body, 'model')) === undefined) return missing('model');
  if (input === undefined) return missing('input');
  if (typeof input !== 'string' && !Array.isArray(input)) {
    return {
      message: "Invalid type for 'input': expected one of a string or array of input items.",
      param: 'input',
      code: 'invalid_type',
    };
  }
  if (field(body, 'messages') !== undefined) {
    return {
      message: "Unsupported parameter: 'messages'. In the Responses API, this parameter has moved to 'input'.",
      param: 'messages',
      code: 'unsupported_parameter',
    };
  }
  const limit = countOf(field(body, 'max_output_tokens'));
  if (limit !== undefined && limit < 16) {
    return {
      message: "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.",
      param: 'max_output_tokens',
      code: 'integer_below_min_value',
    };
  }
  return (
    firstFault(list(field(body, 'tools')), checkTool) ??
    firstFault(list(input), (item, at) => checkItem(item, at)) ??
    checkOutputs(list(input))
  );
}

function missing(param: string): Fault {
  return { message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
}

function checkTool(tool: unknown, at: number): Fault | undefined {
  const type = field(tool, 'type');
  if (typeof type !== 'string') return missing(`tools[${at}].type`);
  return type === 'function' && textOf(field(tool, 'name')) === undefined ? missing(`tools[${at}].name`) : undefined;
}

const inputTypes = ['input_text', 'input_image', 'input_file', 'input_audio'];

function checkItem(item: unknown, at: number): Fault | undefined {
  const type = field(item, 'type') ?? 'message';
  if (type === 'function_call' && textOf(field(item, 'call_id')) === undefined) return missing(`input[${at}].call_id`);
  if (type !== 'message') return undefined;
  const role = field(item, 'role');
  const content = field(item, 'content');
  if (typeof role !== 'string') return missing(`input[${at}].role`);
  if (typeof content === 'string') return undefined;
  const types = role === 'assistant' ? ['output_text', 'refusal'] : inputTypes;
  return firstFault(list(content), (part, index) => {
    const kind = String(field(part, 'type'));
    if (types.includes(kind)) return undefined;
    const named = types.map((name) => `'${name}'`).join(', ');
    return {
      message: `Invalid value: '${kind}'. Supported values are: ${named}.`,
      param: `input[${at}].content[${index}]`,
      code: 'invalid_value',
    };
  });
}

/** Every output belongs to a call, and every call has its output. */
function checkOutputs(items: readonly unknown[]): Fault | undefined {
  const idsOf = (type: string): unknown[] =>
    items.filter((item) => field(item, 'type') === type).map((item) => field(item, 'call_id'));
  const calls = idsOf('function_call');
  const outputs = idsOf('function_call_output');
  const stray = outputs.find((id) => !calls.includes(id));
  if (stray !== undefined) {
    return { message: `No tool call found for function call output with call_id ${show(stray)}.`, param: 'input' };
  }
  const open = calls.find((id) => !outputs.includes(id));
  if (open === undefined) return undefined;
  return { message: `No tool output found for function call ${show(open)}.`, param: 'input' };
}
