import { countOf, field, isObject, textOf } from '../core/json.ts';
import { list, readFormat, stopsOf } from './read.ts';
import type { Item, Prompt, Role, ToolChoice, ToolSpec } from './prompt.ts';
import { mediaTypeOf } from './prompt.ts';

/** Reads a Chat Completions body; also the native body of Workers AI, which may hold `prompt` in place of `messages`. */
export function readChat(body: unknown): Prompt {
  const maxTokens = countOf(field(body, 'max_completion_tokens')) ?? countOf(field(body, 'max_tokens'));
  const output = readFormat(field(body, 'response_format'));
  const affinity = textOf(field(body, 'prompt_cache_key'));
  const tools = list(field(body, 'tools'));
  const prompt = textOf(field(body, 'prompt'));
  return {
    model: textOf(field(body, 'model')) ?? '',
    stream: field(body, 'stream') === true,
    includeUsage: field(field(body, 'stream_options'), 'include_usage') === true,
    items: [
      ...tools.map((tool): Item => ({ kind: 'text', role: 'tools', text: JSON.stringify(tool) })),
      ...list(field(body, 'messages')).flatMap(readMessage),
      ...(prompt === undefined ? [] : [{ kind: 'text', role: 'user', text: prompt } as const]),
    ],
    tools: tools.flatMap(readTool),
    choice: readChoice(field(body, 'tool_choice')),
    parallel: field(body, 'parallel_tool_calls') !== false,
    ...(maxTokens !== undefined && { maxTokens }),
    stop: stopsOf(field(body, 'stop')),
    ...(output !== undefined && { output }),
    ...(affinity !== undefined && { affinity }),
  };
}

const roles: ReadonlyMap<unknown, Role> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
]);

function readMessage(message: unknown): Item[] {
  const content = field(message, 'content');
  if (field(message, 'role') === 'tool') {
    const text = readContent(content, 'user').flatMap((item) => (item.kind === 'text' ? [item.text] : []));
    return [{ kind: 'result', id: textOf(field(message, 'tool_call_id')) ?? '', text: text.join('') }];
  }
  const calls = list(field(message, 'tool_calls')).map((call): Item => {
    const called = field(call, 'function') ?? call;
    return { kind: 'call', id: textOf(field(call, 'id')) ?? '', name: textOf(field(called, 'name')) ?? '' };
  });
  return [...readContent(content, roles.get(field(message, 'role')) ?? 'user'), ...calls];
}

function readContent(content: unknown, role: Role): Item[] {
  if (typeof content === 'string') return [{ kind: 'text', role, text: content }];
  return list(content).flatMap((part): Item[] => {
    const text = field(part, 'text');
    if (typeof text === 'string') return [{ kind: 'text', role, text }];
    const image = field(part, 'image_url');
    if (image !== undefined) return [{ kind: 'media', what: 'image', type: mediaTypeOf(field(image, 'url') ?? image) }];
    const audio = field(part, 'input_audio');
    if (audio !== undefined) return [{ kind: 'media', what: 'audio', type: textOf(field(audio, 'format')) ?? '' }];
    const file = field(part, 'file');
    if (file === undefined) return [];
    return [{ kind: 'media', what: 'file', type: mediaTypeOf(field(file, 'file_data')) }];
  });
}

function readTool(tool: unknown): ToolSpec[] {
  // Workers AI's old family also takes tools without the wrapping `function`.
  const declared = field(tool, 'function') ?? tool;
  const name = textOf(field(declared, 'name'));
  return name === undefined ? [] : [{ name, schema: field(declared, 'parameters') }];
}

function readChoice(choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice;
  const name = isObject(choice) ? textOf(field(field(choice, 'function'), 'name')) : undefined;
  return name === undefined ? 'auto' : { name };
}
