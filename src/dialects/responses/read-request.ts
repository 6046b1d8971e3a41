import type { Conversation, OutputFormat, Reasoning, Sampling } from '../../core/conversation.ts';
import type { JsonObject } from '../../core/json.ts';
import { field } from '../../core/json.ts';
import { readCarried } from './carried.ts';
import {
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTokens,
  refuseMissing,
  refuseValue,
  requireText,
} from './check.ts';
import { readInput } from './read-items.ts';
import { readTools } from './read-tools.ts';
import { unreadFields, type Unread } from '../unread.ts';

/** Reads a `POST /v1/responses` body. Throws `RouterError` (`bad-request` with `param`) where it breaks the dialect. */
export function readRequest(body: JsonObject): Conversation {
  const unread: Unread = new Map();
  const { tools, toolChoice, names } = readTools(body, unread);
  const instructions = optionalText(field(body, 'instructions'), 'instructions') ?? '';
  const turns = readInput(requireInput(body), names, unread);
  const parallelTools = optionalBoolean(field(body, 'parallel_tool_calls'), 'parallel_tool_calls');
  const maxOutputTokens = optionalTokens(field(body, 'max_output_tokens'), 'max_output_tokens');
  const output = readOutput(body);
  const reasoning = readReasoning(body);
  return {
    turns: instructions === '' ? turns : [{ role: 'system', parts: [{ type: 'text', text: instructions }] }, ...turns],
    tools,
    ...(toolChoice !== undefined && { toolChoice }),
    ...(parallelTools !== undefined && { parallelTools }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    sampling: readSampling(body),
    ...(output !== undefined && { output }),
    ...(reasoning !== undefined && { reasoning }),
    stream: optionalBoolean(field(body, 'stream'), 'stream') ?? false,
    carried: readCarried(body),
    ...unreadFields(unread),
  };
}

/** Without `input` something else must bring the conversation; those fields are carried and judged by the target. */
function requireInput(body: JsonObject): unknown {
  const input = field(body, 'input') ?? undefined;
  const elsewhere = ['prompt', 'previous_response_id', 'conversation'].some(
    (key) => (field(body, key) ?? null) !== null,
  );
  return input === undefined && !elsewhere ? refuseMissing('input') : (input ?? []);
}

function readSampling(body: JsonObject): Sampling {
  const temperature = optionalNumber(field(body, 'temperature'), 'temperature', 2);
  const topP = optionalNumber(field(body, 'top_p'), 'top_p', 1);
  return { ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }) };
}

function readOutput(body: JsonObject): OutputFormat | undefined {
  const text = optionalObject(field(body, 'text'), 'text');
  const format = optionalObject(field(text, 'format'), 'text.format');
  if (format === undefined) return undefined;
  switch (field(format, 'type')) {
    case 'text':
      return undefined;
    case 'json_object':
      return { type: 'json' };
    case 'json_schema':
      return readSchema(format);
    default:
      return refuseValue('text.format.type', 'text, json_schema or json_object');
  }
}

function readSchema(format: JsonObject): OutputFormat {
  const schema = optionalObject(field(format, 'schema'), 'text.format.schema') ?? refuseMissing('text.format.schema');
  const description = optionalText(field(format, 'description'), 'text.format.description');
  const strict = optionalBoolean(field(format, 'strict'), 'text.format.strict');
  return {
    type: 'json-schema',
    schema,
    name: requireText(field(format, 'name'), 'text.format.name'),
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
}

/** `generate_summary` is the older name of `summary`. */
function readReasoning(body: JsonObject): Reasoning | undefined {
  const reasoning = optionalObject(field(body, 'reasoning'), 'reasoning');
  const effort = optionalText(field(reasoning, 'effort'), 'reasoning.effort');
  const summary =
    optionalText(field(reasoning, 'summary'), 'reasoning.summary') ??
    optionalText(field(reasoning, 'generate_summary'), 'reasoning.generate_summary');
  if (effort === undefined && summary === undefined) return undefined;
  return { ...(effort !== undefined && { effort }), ...(summary !== undefined && { summary }) };
}
