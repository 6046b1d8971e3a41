import type { FilePart, ImagePart, Source } from '../../core/conversation.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { optional, readCacheControl, refuseAt, requireObject, requireText, typeOf, within } from './place.ts';
import type { Place } from './place.ts';

/** Reads an `image` block: `base64`, `url` or `file`. */
export function readImage(block: JsonObject, place: Place): ImagePart {
  const at = within(place, 'source');
  const source = requireObject(field(block, 'source'), at);
  if (optional(block, 'transformations') !== undefined) place.unread.add('transformations on an image');
  return {
    type: 'image',
    source: readBytes(source, at) ?? refuseAt(within(at, 'type'), 'must be "base64", "url" or "file"'),
    ...readCacheControl(block),
  };
}

/** Reads a `document` block: bytes as in an image, or `text`, or `content`, whose texts are joined. */
export function readDocument(block: JsonObject, place: Place): FilePart {
  const at = within(place, 'source');
  const source = requireObject(field(block, 'source'), at);
  const name = textOf(field(block, 'title'));
  if (field(field(block, 'citations'), 'enabled') === true) place.unread.add('citations on a document');
  if (textOf(field(block, 'context')) !== undefined) place.unread.add('context on a document');
  return {
    type: 'file',
    source: readBytes(source, at) ?? readWritten(source, at),
    ...(name !== undefined && { name }),
    ...readCacheControl(block),
  };
}

function readBytes(source: JsonObject, place: Place): Source | undefined {
  switch (field(source, 'type')) {
    case 'base64':
      return {
        kind: 'data',
        mediaType: requireText(source, 'media_type', place),
        data: requireText(source, 'data', place),
      };
    case 'url':
      return { kind: 'url', url: requireText(source, 'url', place) };
    case 'file':
      return { kind: 'file', id: requireText(source, 'file_id', place) };
    default:
      return undefined;
  }
}

function readWritten(source: JsonObject, place: Place): FilePart['source'] {
  const mediaType = textOf(field(source, 'media_type')) ?? 'text/plain';
  switch (field(source, 'type')) {
    case 'text':
      return { kind: 'text', mediaType, text: requireText(source, 'data', place) };
    case 'content':
      return { kind: 'text', mediaType, text: joinTexts(field(source, 'content'), place) };
    default:
      return refuseAt(within(place, 'type'), 'must be "base64", "url", "file", "text" or "content"');
  }
}

function joinTexts(content: unknown, place: Place): string {
  if (typeof content === 'string') return content;
  const texts: string[] = [];
  for (const block of Array.isArray(content) ? content : []) {
    const text = textOf(field(block, 'text'));
    if (text !== undefined) texts.push(text);
    else place.unread.add(`${isObject(block) ? typeOf(block) : 'unknown'} block in a document`);
  }
  return texts.join('\n');
}
