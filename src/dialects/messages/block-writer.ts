import type { AssistantPart, FilePart, ImagePart, Source, TextPart, ThinkingPart } from '../../core/conversation.ts';
import type { ToolCallPart, ToolResultPart, UserPart } from '../../core/conversation.ts';
import { asJson } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { inputOf } from './input.ts';
import { lossRows } from './losses.ts';
import type { LossTally } from './losses.ts';
import type { ToolIds } from './tool-ids.ts';

/** What the writers of one request share. */
export interface Writing {
  readonly losses: LossTally;
  readonly ids: ToolIds;
}

/** Writes a part of a user's turn; nothing for what Anthropic refuses: blank texts, audio, other files. */
export function writeUserPart(part: UserPart, writing: Writing): JsonObject[] {
  switch (part.type) {
    case 'text':
      return writeText(part);
    case 'image':
      return [writeImage(part, writing)];
    case 'file':
      return writeFile(part, writing);
    case 'audio':
      writing.losses.add(lossRows.audio);
      return [];
    case 'tool-result':
      return [writeToolResult(part, writing)];
  }
}

/** Writes a part of an assistant's turn. Thinking goes back only where Anthropic has signed it. */
export function writeAssistantPart(part: AssistantPart, writing: Writing): JsonObject[] {
  switch (part.type) {
    case 'text':
      return writeText(part);
    case 'refusal':
      return writeText({ type: 'text', text: part.text });
    case 'thinking':
      return writeThinking(part, writing);
    case 'tool-call':
      return [writeToolCall(part, writing)];
  }
}

/** Anthropic refuses text blocks without a letter in them. */
export function writeText(part: TextPart): JsonObject[] {
  return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text, ...cacheMark(part) }];
}

/** `cache_control` as it came. */
export function cacheMark(part: { readonly cacheControl?: unknown }): JsonObject {
  return part.cacheControl === undefined ? {} : { cache_control: asJson(part.cacheControl) };
}

function writeThinking(part: ThinkingPart, { losses }: Writing): JsonObject[] {
  if (part.redacted !== undefined) return [{ type: 'redacted_thinking', data: part.redacted }];
  if (part.signature !== undefined) return [{ type: 'thinking', thinking: part.text, signature: part.signature }];
  losses.add(lossRows.earlierThinking);
  return [];
}

function writeToolCall(part: ToolCallPart, { ids }: Writing): JsonObject {
  return {
    type: 'tool_use',
    id: ids.call(part.id),
    name: part.name,
    input: inputOf(part.arguments),
    ...cacheMark(part),
  };
}

function writeToolResult(part: ToolResultPart, writing: Writing): JsonObject {
  const content = part.content.flatMap((element) => writeUserPart(element, writing));
  return {
    type: 'tool_result',
    tool_use_id: writing.ids.result(part.callId),
    ...(content.length > 0 && { content: shorten(content) }),
    ...(part.isError !== undefined && { is_error: part.isError }),
    ...cacheMark(part),
  };
}

/** One plain text is written as a string, which every copy of the API understands. */
export function shorten(blocks: readonly JsonObject[]): Json {
  const [only] = blocks;
  const text = blocks.length === 1 && only?.['cache_control'] === undefined ? only?.['text'] : undefined;
  return typeof text === 'string' ? text : blocks;
}

function writeImage(part: ImagePart, { losses }: Writing): JsonObject {
  if (part.detail !== undefined && part.detail !== 'auto') losses.add(lossRows.imageDetail);
  return { type: 'image', source: writeSource(part.source), ...cacheMark(part) };
}

/** PDF and text become documents. A file by address or id is taken for a document, too: Anthropic looks for itself. */
function writeFile(part: FilePart, { losses }: Writing): JsonObject[] {
  const { source } = part;
  const title = part.name === undefined ? {} : { title: part.name };
  if (source.kind === 'data' && source.mediaType.startsWith('image/')) {
    return [{ type: 'image', source: writeSource(source), ...cacheMark(part) }];
  }
  if (source.kind === 'data' && source.mediaType !== 'application/pdf') {
    losses.add(lossRows.file);
    return [];
  }
  const written =
    source.kind === 'text' ? { type: 'text', media_type: 'text/plain', data: source.text } : writeSource(source);
  return [{ type: 'document', source: written, ...title, ...cacheMark(part) }];
}

function writeSource(source: Source): JsonObject {
  switch (source.kind) {
    case 'url':
      return { type: 'url', url: source.url };
    case 'data':
      return { type: 'base64', media_type: source.mediaType, data: source.data };
    case 'file':
      return { type: 'file', file_id: source.id };
  }
}
