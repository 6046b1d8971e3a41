import { countOf, field, textOf } from '../core/json.ts';
import { list, readFormat } from './read.ts';
import type { Item, Prompt, Role, ToolChoice } from './prompt.ts';
import { mediaTypeOf } from './prompt.ts';

/** Reads an OpenAI Responses body. */
export function readResponses(body: unknown): Prompt {
  const tools = list(field(body, 'tools'));
  const maxTokens = countOf(field(body, 'max_output_tokens'));
  const output = readFormat(field(field(body, 'text'), 'format'));
  const affinity = textOf(field(body, 'prompt_cache_key'));
  const instructions = textOf(field(body, 'instructions'));
  const input = field(body, 'input');
  return {
    model: textOf(field(body, 'model')) ?? '',
    stream: field(body, 'stream') === true,
    includeUsage: true,
    items: [
      ...tools.map((tool): Item => ({ kind: 'text', role: 'tools', text: JSON.stringify(tool) })),
      ...(instructions === undefined ? [] : [{ kind: 'text', role: 'system', text: instructions } as const]),
      ...(typeof input === 'string'
        ? [{ kind: 'text', role: 'user', text: input } as const]
        : list(input).flatMap(readItem)),
    ],
    tools: tools.flatMap((tool) => {
      const name = field(tool, 'type') === 'function' ? textOf(field(tool, 'name')) : undefined;
      return name === undefined ? [] : [{ name, schema: field(tool, 'parameters') }];
    }),
    choice: readChoice(field(body, 'tool_choice')),
    parallel: field(body, 'parallel_tool_calls') !== false,
    ...(maxTokens !== undefined && { maxTokens }),
    stop: [],
    ...(output !== undefined && { output }),
    ...(affinity !== undefined && { affinity }),
  };
}

const roles: ReadonlyMap<unknown, Role> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['assistant', 'assistant'],
]);

function readItem(item: unknown): Item[] {
  const type = field(item, 'type') ?? 'message';
  if (type === 'function_call') {
    return [{ kind: 'call', id: textOf(field(item, 'call_id')) ?? '', name: textOf(field(item, 'name')) ?? '' }];
  }
  if (type === 'function_call_output') {
    return [{ kind: 'result', id: textOf(field(item, 'call_id')) ?? '', text: textOfOutput(field(item, 'output')) }];
  }
  if (type !== 'message') return [];
  const role = roles.get(field(item, 'role')) ?? 'user';
  const content = field(item, 'content');
  return typeof content === 'string' ? [{ kind: 'text', role, text: content }] : list(content).flatMap(partOf(role));
}

function textOfOutput(output: unknown): string {
  if (typeof output === 'string') return output;
  return list(output)
    .map((part) => textOf(field(part, 'text')) ?? `(${String(field(part, 'type'))})`)
    .join('');
}

function partOf(role: Role): (part: unknown) => Item[] {
  return (part) => {
    const text = field(part, 'text');
    if (typeof text === 'string') return [{ kind: 'text', role, text }];
    const type = field(part, 'type');
    if (type === 'input_image') return [{ kind: 'media', what: 'image', type: mediaTypeOf(field(part, 'image_url')) }];
    if (type === 'input_file') return [{ kind: 'media', what: 'file', type: mediaTypeOf(field(part, 'file_data')) }];
    return [];
  };
}

function readChoice(choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice;
  const name = textOf(field(choice, 'name'));
  return name === undefined ? 'auto' : { name };
}
