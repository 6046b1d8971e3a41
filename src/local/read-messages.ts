import { countOf, field, textOf } from '../core/json.ts';
import { list, readFormat, stopsOf } from './read.ts';
import type { Item, Prompt, Role, ToolChoice } from './prompt.ts';

/** Reads an Anthropic Messages body. */
export function readMessages(body: unknown): Prompt {
  const tools = list(field(body, 'tools'));
  const maxTokens = countOf(field(body, 'max_tokens'));
  const output = readFormat(field(field(body, 'output_config'), 'format'));
  const choice = field(body, 'tool_choice');
  const marked: Marked[] = [
    ...tools.map((tool): Marked => [{ kind: 'text', role: 'tools', text: JSON.stringify(tool) }, isMarked(tool)]),
    ...readContent(field(body, 'system'), 'system'),
    ...list(field(body, 'messages')).flatMap(readMessage),
  ];
  const mark = isMarked(body) ? marked.length - 1 : marked.findLastIndex(([, cached]) => cached);
  return {
    model: textOf(field(body, 'model')) ?? '',
    stream: field(body, 'stream') === true,
    includeUsage: true,
    items: marked.map(([item]) => item),
    tools: tools.flatMap((tool) => {
      const name = textOf(field(tool, 'name'));
      return name === undefined ? [] : [{ name, schema: field(tool, 'input_schema') }];
    }),
    choice: readChoice(choice),
    parallel: field(choice, 'disable_parallel_tool_use') !== true,
    ...(maxTokens !== undefined && { maxTokens }),
    stop: stopsOf(field(body, 'stop_sequences')),
    ...(output !== undefined && { output }),
    ...(mark >= 0 && { cacheUpTo: mark }),
  };
}

/** An item, and whether `cache_control` stands on its block. */
type Marked = readonly [item: Item, cached: boolean];

function isMarked(block: unknown): boolean {
  return field(field(block, 'cache_control'), 'type') === 'ephemeral';
}

const roles: ReadonlyMap<unknown, Role> = new Map([
  ['system', 'system'],
  ['assistant', 'assistant'],
]);

function readMessage(message: unknown): Marked[] {
  return readContent(field(message, 'content'), roles.get(field(message, 'role')) ?? 'user');
}

function readContent(content: unknown, role: Role): Marked[] {
  if (typeof content === 'string') return [[{ kind: 'text', role, text: content }, false]];
  return list(content).flatMap((block) => readBlock(block, role).map((item): Marked => [item, isMarked(block)]));
}

function readBlock(block: unknown, role: Role): Item[] {
  const type = field(block, 'type');
  if (type === 'text') return [{ kind: 'text', role, text: String(field(block, 'text')) }];
  if (type === 'image') return [{ kind: 'media', what: 'image', type: sourceType(block) }];
  if (type === 'document') return [{ kind: 'media', what: 'file', type: sourceType(block) }];
  if (type === 'tool_use') {
    return [{ kind: 'call', id: textOf(field(block, 'id')) ?? '', name: textOf(field(block, 'name')) ?? '' }];
  }
  if (type !== 'tool_result') return [];
  return [
    { kind: 'result', id: textOf(field(block, 'tool_use_id')) ?? '', text: textOfResult(field(block, 'content')) },
  ];
}

function sourceType(block: unknown): string {
  const source = field(block, 'source');
  return textOf(field(source, 'media_type')) ?? textOf(field(source, 'type')) ?? '';
}

function textOfResult(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map((block) => textOf(field(block, 'text')) ?? `(${String(field(block, 'type'))})`)
    .join('');
}

function readChoice(choice: unknown): ToolChoice {
  const type = field(choice, 'type');
  if (type === 'none') return 'none';
  if (type === 'any') return 'required';
  const name = type === 'tool' ? textOf(field(choice, 'name')) : undefined;
  return name === undefined ? 'auto' : { name };
}
