import type { FilePart, ImagePart, Source, ToolResultPart, UserPart } from '../../core/conversation.ts';
import type { JsonObject } from '../../core/json.ts';
import { writeDataUrl } from '../data-url.ts';
import type { Losses } from './losses.ts';

/** Writes a part of a message or of a tool result; none where it is empty or has no counterpart. */
export function writePart(part: Exclude<UserPart, ToolResultPart>, losses: Losses): JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'input_text', text: part.text }];
    case 'image':
      return [writeImage(part)];
    case 'file':
      return [writeFile(part, losses)];
    case 'audio':
      losses.add('audio');
      return [];
  }
}

function writeImage({ source, detail }: ImagePart): JsonObject {
  return { type: 'input_image', ...writeSource(source, 'image_url'), detail: detail ?? 'auto' };
}

function writeFile({ source, name }: FilePart, losses: Losses): JsonObject {
  if (source.kind === 'text') {
    losses.add('textFile');
    return { type: 'input_text', text: name === undefined ? source.text : `${name}\n\n${source.text}` };
  }
  if (source.kind !== 'data') {
    return { type: 'input_file', ...(name !== undefined && { filename: name }), ...writeSource(source, 'file_url') };
  }
  // OpenAI wants a name beside bytes, and reads the kind of the file from its ending.
  const filename = name ?? (source.mediaType === 'application/pdf' ? 'document.pdf' : 'document');
  return { type: 'input_file', filename, file_data: writeDataUrl(source.mediaType, source.data) };
}

function writeSource(source: Source, urlField: 'image_url' | 'file_url'): JsonObject {
  switch (source.kind) {
    case 'url':
      return { [urlField]: source.url };
    case 'data':
      return { [urlField]: writeDataUrl(source.mediaType, source.data) };
    case 'file':
      return { file_id: source.id };
  }
}
