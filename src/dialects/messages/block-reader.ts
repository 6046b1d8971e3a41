import type { AssistantPart, TextPart, ThinkingPart, ToolCallPart } from '../../core/conversation.ts';
import type { ToolResultPart, UserPart } from '../../core/conversation.ts';
import { field, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { argumentsOf } from './input.ts';
import { optional, readCacheControl, refuseAt, requireObject, requireText, typeOf, within } from './place.ts';
import type { Place } from './place.ts';
import { readSignature } from './seal.ts';
import { readDocument, readImage } from './source-reader.ts';

type BlockReader<Part> = (block: JsonObject, place: Place) => Part | undefined;
type ResultPart = ToolResultPart['content'][number];

const resultBlocks: ReadonlyMap<string, BlockReader<ResultPart>> = new Map<string, BlockReader<ResultPart>>([
  ['text', readText],
  ['image', readImage],
  ['document', readDocument],
]);

const userBlocks: ReadonlyMap<string, BlockReader<UserPart>> = new Map<string, BlockReader<UserPart>>([
  ...resultBlocks,
  ['tool_result', readToolResult],
  ['tool_use', misplaced('assistant')],
]);

const assistantBlocks: ReadonlyMap<string, BlockReader<AssistantPart>> = new Map<string, BlockReader<AssistantPart>>([
  ['text', readText],
  ['thinking', readThinking],
  ['redacted_thinking', readRedacted],
  ['tool_use', readToolUse],
  ['tool_result', misplaced('user')],
]);

const textBlocks: ReadonlyMap<string, BlockReader<TextPart>> = new Map([['text', readText]]);

/** Reads the content of a user message. Blocks of other types go to `unread` by their type. */
export function readUserContent(content: unknown, place: Place): UserPart[] {
  return readBlocks(content, place, userBlocks);
}

/** Reads the content of an assistant message. Server tool blocks and the like go to `unread`. */
export function readAssistantContent(content: unknown, place: Place): AssistantPart[] {
  return readBlocks(content, place, assistantBlocks);
}

/** Reads `system`, or the content of a system message: text alone. */
export function readSystemContent(content: unknown, place: Place): TextPart[] {
  return readBlocks(content, place, textBlocks);
}

/** A string is one text block; empty texts say nothing and are left out. */
function readBlocks<Part>(
  content: unknown,
  place: Place,
  readers: ReadonlyMap<string, BlockReader<Part>>,
): (Part | TextPart)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return refuseAt(place, 'must be a string or an array of content blocks');
  const parts: Part[] = [];
  for (const [index, element] of content.entries()) {
    const at = within(place, index);
    const block = requireObject(element, at);
    const type = typeOf(block);
    const reader = readers.get(type);
    if (reader === undefined) place.unread.add(`${type} block`);
    const part = reader?.(block, at);
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

function misplaced(role: string): BlockReader<never> {
  return (block, place) => refuseAt(place, `${typeOf(block)} blocks belong in ${role} messages`);
}

function readText(block: JsonObject, place: Place): TextPart | undefined {
  const text = field(block, 'text');
  if (typeof text !== 'string') return refuseAt(within(place, 'text'), 'must be a string');
  const citations = field(block, 'citations');
  if (Array.isArray(citations) && citations.length > 0) place.unread.add('citations on a text block');
  return text === '' ? undefined : { type: 'text', text, ...readCacheControl(block) };
}

function readThinking(block: JsonObject): ThinkingPart {
  const text = field(block, 'thinking');
  const signature = field(block, 'signature');
  return {
    type: 'thinking',
    text: typeof text === 'string' ? text : '',
    ...(typeof signature === 'string' && signature !== '' && readSignature(signature)),
  };
}

function readRedacted(block: JsonObject, place: Place): ThinkingPart {
  return { type: 'thinking', text: '', redacted: requireText(block, 'data', place) };
}

function readToolUse(block: JsonObject, place: Place): ToolCallPart {
  const input = optional(block, 'input') ?? {};
  if (!isObject(input)) return refuseAt(within(place, 'input'), 'must be an object');
  if (optional(block, 'toolset_name') !== undefined) place.unread.add('toolset_name on a tool_use block');
  return {
    type: 'tool-call',
    id: requireText(block, 'id', place),
    name: requireText(block, 'name', place),
    arguments: argumentsOf(input),
    ...readCacheControl(block),
  };
}

function readToolResult(block: JsonObject, place: Place): ToolResultPart {
  const content = optional(block, 'content') ?? [];
  const isError = optional(block, 'is_error');
  return {
    type: 'tool-result',
    callId: requireText(block, 'tool_use_id', place),
    content: readBlocks(content, within(place, 'content'), resultBlocks),
    ...(typeof isError === 'boolean' && { isError }),
    ...readCacheControl(block),
  };
}
