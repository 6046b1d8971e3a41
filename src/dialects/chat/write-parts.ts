import type { FilePart, ImagePart, TextPart, ToolResultPart, UserPart } from '../../core/conversation.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { writeDataUrl } from '../data-url.ts';
import type { LossList } from './losses.ts';

/** Writes one part of a user message; none where chat has no form for it, which is then named as lost. */
export function writeUserPart(part: Exclude<UserPart, ToolResultPart>, losses: LossList): JsonObject[] {
  if ('cacheControl' in part && part.cacheControl !== undefined) losses.name('cacheControl');
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }];
    case 'image':
      return writeImage(part, losses);
    case 'audio':
      return [{ type: 'input_audio', input_audio: { data: part.data, format: part.format } }];
    case 'file':
      return writeFile(part, losses);
  }
}

/** Writes one tool result as a `tool` message, which holds text alone. */
export function writeResult(part: ToolResultPart, losses: LossList): JsonObject {
  if (part.cacheControl !== undefined) losses.name('cacheControl');
  if (part.isError === true) losses.name('isError');
  const texts = part.content.flatMap((piece) => textIn(piece, losses));
  return { role: 'tool', tool_call_id: part.callId, content: writeTexts(texts) };
}

function textIn(piece: TextPart | ImagePart | FilePart, losses: LossList): string[] {
  if (piece.cacheControl !== undefined) losses.name('cacheControl');
  if (piece.type === 'text') return [piece.text];
  if (piece.type === 'file' && piece.source.kind === 'text') return [writeTextFile(piece, piece.source.text, losses)];
  losses.name(piece.type === 'image' ? 'resultImage' : 'resultFile');
  return [];
}

/** One text is written as a string: it is what every server takes. */
function writeTexts(texts: readonly string[]): Json {
  return texts.length <= 1 ? (texts[0] ?? '') : texts.map((text) => ({ type: 'text', text }));
}

function writeImage({ source, detail }: ImagePart, losses: LossList): JsonObject[] {
  if (source.kind === 'file') {
    losses.name('imageId');
    return [];
  }
  const url = source.kind === 'url' ? source.url : writeDataUrl(source.mediaType, source.data);
  return [{ type: 'image_url', image_url: { url, ...(detail !== undefined && { detail }) } }];
}

function writeFile(part: FilePart, losses: LossList): JsonObject[] {
  const { source, name } = part;
  switch (source.kind) {
    case 'text':
      return [{ type: 'text', text: writeTextFile(part, source.text, losses) }];
    case 'url':
      losses.name('fileUrl');
      return [];
    case 'file':
      return [{ type: 'file', file: { file_id: source.id } }];
    case 'data': {
      // OpenAI refuses file_data without a name.
      const file = { filename: name ?? 'file', file_data: writeDataUrl(source.mediaType, source.data) };
      return [{ type: 'file', file }];
    }
  }
}

function writeTextFile(part: FilePart, text: string, losses: LossList): string {
  if (part.name !== undefined) losses.name('fileName');
  return text;
}
