import type { Source } from '../core/conversation.ts';

/** Only the head of a data URL is searched, in characters: its body may be many megabytes. */
const longestHead = 200;

/** Splits a base64 `data:` URL into media type and data; any other URL stays a URL. Nothing is fetched or decoded. */
export function readUrl(url: string): Source {
  const comma = url.slice(0, longestHead).indexOf(',');
  if (url.slice(0, 5).toLowerCase() !== 'data:' || comma === -1) return { kind: 'url', url };
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma).split(';');
  if (!parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64')) return { kind: 'url', url };
  // RFC 2397: a data URL that names no type is plain text.
  return { kind: 'data', mediaType: mediaType === '' ? 'text/plain' : mediaType, data: url.slice(comma + 1) };
}

/** Writes bytes in place as a base64 `data:` URL. */
export function writeDataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}
