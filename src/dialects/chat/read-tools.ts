import type { OutputFormat, Tool, ToolChoice } from '../../core/conversation.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import {
  given,
  glimpse,
  optionalBoolean,
  optionalList,
  optionalText,
  refuseMissing,
  refuseValue,
  requireText,
} from './check.ts';
import type { Unread } from '../unread.ts';

/** What a function without `parameters` takes: OpenAI reads their absence as an empty list of parameters. */
const noParameters = { type: 'object', properties: {} };

/** Reads `tools`. Only functions are known everywhere; hosted and custom tools go by name into `unread`. */
export function readTools(value: unknown, unread: Unread): Tool[] {
  return optionalList(value, 'tools').flatMap((item, at) => readTool(item, `tools[${at}]`, unread));
}

function readTool(item: unknown, param: string, unread: Unread): Tool[] {
  const kind = requireText(field(item, 'type'), `${param}.type`);
  if (kind !== 'function') {
    unread.set(`tool of type "${glimpse(kind)}"`, 'offered');
    return [];
  }
  const called = field(item, 'function');
  const name = textOf(field(called, 'name')) ?? refuseMissing(`${param}.function.name`);
  const description = optionalText(field(called, 'description'), `${param}.function.description`);
  const strict = optionalBoolean(field(called, 'strict'), `${param}.function.strict`);
  const cacheControl = given(item, 'cache_control') ?? given(called, 'cache_control');
  return [
    {
      name,
      ...(description !== undefined && { description }),
      parameters: given(called, 'parameters') ?? noParameters,
      ...(strict !== undefined && { strict }),
      ...(isObject(cacheControl) && { cacheControl }),
    },
  ];
}

const plainChoices = new Map<unknown, ToolChoice>([
  ['auto', { type: 'auto' }],
  ['none', { type: 'none' }],
  ['required', { type: 'required' }],
  // Anthropic's and Mistral's word for the same thing; clients that serve both send it.
  ['any', { type: 'required' }],
]);

/** Reads `tool_choice`: a word, or one function by name. Allowed lists and custom tools go into `unread`. */
export function readToolChoice(value: unknown, unread: Unread): ToolChoice | undefined {
  if (value === undefined) return undefined;
  const plain = plainChoices.get(value) ?? plainChoices.get(onlyType(value));
  if (plain !== undefined) return plain;
  const kind = textOf(field(value, 'type'));
  const name = textOf(field(field(value, 'function'), 'name'));
  if (kind === 'function' && name !== undefined) return { type: 'named', name };
  if (kind === 'allowed_tools' || kind === 'custom') {
    unread.set(`tool_choice of type "${kind}"`, 'lost');
    return undefined;
  }
  return refuseValue('tool_choice', '"auto", "none", "required" or {"type":"function","function":{"name":...}}');
}

/** Some clients wrap the plain words: `{"type":"auto"}`. */
function onlyType(value: unknown): unknown {
  return isObject(value) && Object.keys(value).length === 1 ? field(value, 'type') : undefined;
}

/** Reads `response_format`. `text` is the default and says nothing. */
export function readOutput(value: unknown): OutputFormat | undefined {
  if (value === undefined) return undefined;
  switch (field(value, 'type')) {
    case 'text':
      return undefined;
    case 'json_object':
      return readJsonObject(value);
    case 'json_schema':
      return readJsonSchema(given(value, 'json_schema'));
    default:
      return refuseValue('response_format.type', '"text", "json_object" or "json_schema"');
  }
}

/** `json_object` with a bare `schema` beside it is how llama.cpp and its relatives spell a schema. */
function readJsonObject(value: unknown): OutputFormat {
  const schema = given(value, 'schema');
  return schema === undefined ? { type: 'json' } : { type: 'json-schema', schema };
}

function readJsonSchema(envelope: unknown): OutputFormat {
  const schema = given(envelope, 'schema');
  if (schema === undefined) return refuseMissing('response_format.json_schema.schema');
  const name = textOf(field(envelope, 'name'));
  const description = textOf(field(envelope, 'description'));
  const strict = optionalBoolean(field(envelope, 'strict'), 'response_format.json_schema.strict');
  return {
    type: 'json-schema',
    schema,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
}
