import type {
  AudioPart,
  CacheControl,
  FilePart,
  ImagePart,
  RefusalPart,
  TextPart,
  UserPart,
} from '../../core/conversation.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import { readUrl } from '../data-url.ts';
import { given, glimpse, refuseMissing, refuseType, refuseValue, requireText } from './check.ts';
import type { Unread } from '../unread.ts';

type Part = UserPart | RefusalPart;

/** Fields that each kind of part may hold; others go into `unread`. */
const partFields: Readonly<Record<string, ReadonlySet<string>>> = {
  text: new Set(['type', 'text', 'cache_control', 'prompt_cache_breakpoint']),
  image_url: new Set(['type', 'image_url', 'cache_control', 'prompt_cache_breakpoint']),
  input_audio: new Set(['type', 'input_audio']),
  file: new Set(['type', 'file', 'cache_control', 'prompt_cache_breakpoint']),
  refusal: new Set(['type', 'refusal']),
};

/** The content of a user message: text, images, audio, files. Empty text makes no part. */
export function readUserParts(content: unknown, param: string, unread: Unread): UserPart[] {
  return readParts(content, param, unread).filter((part) => part.type !== 'refusal' || lose(part, 'user', unread));
}

/** The content of a system or developer message: text alone. */
export function readTextParts(content: unknown, param: string, unread: Unread): TextPart[] {
  return readParts(content, param, unread).filter((part) => part.type === 'text' || lose(part, 'system', unread));
}

/** The content of an assistant message: text and refusals. */
export function readAssistantParts(content: unknown, param: string, unread: Unread): (TextPart | RefusalPart)[] {
  return readParts(content, param, unread).filter(
    (part) => part.type === 'text' || part.type === 'refusal' || lose(part, 'assistant', unread),
  );
}

/** The content of a tool message. OpenAI allows text alone; images and files are sent by some clients all the same. */
export function readResultParts(content: unknown, param: string, unread: Unread): (TextPart | ImagePart | FilePart)[] {
  return readParts(content, param, unread).filter(
    (part) => part.type === 'text' || part.type === 'image' || part.type === 'file' || lose(part, 'tool', unread),
  );
}

/** Names a part that its message cannot hold. Always false, for use in a filter; the type says what is left. */
function lose(part: Part, role: string, unread: Unread): part is never {
  unread.set(`${part.type} part in a message of role ${role}`, 'lost');
  return false;
}

function readParts(content: unknown, param: string, unread: Unread): Part[] {
  if (content === undefined || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return refuseType(param, 'a string or an array of parts');
  return content.flatMap((part: unknown, at) => readPart(part, `${param}[${at}]`, unread));
}

function readPart(part: unknown, param: string, unread: Unread): Part[] {
  if (typeof part === 'string') return part === '' ? [] : [{ type: 'text', text: part }];
  const kind = requireText(field(part, 'type'), `${param}.type`);
  nameUnknown(part, kind, unread);
  switch (kind) {
    case 'text':
      return readText(part, param);
    case 'refusal': {
      const text = textOf(field(part, 'refusal'));
      return text === undefined ? [] : [{ type: 'refusal', text }];
    }
    case 'image_url':
      return [readImage(part, param)];
    case 'input_audio':
      return [readAudio(field(part, 'input_audio'), `${param}.input_audio`)];
    case 'file':
      return [readFile(part, `${param}.file`)];
    default:
      unread.set(`content part of type "${glimpse(kind)}"`, 'lost');
      return [];
  }
}

function nameUnknown(part: unknown, kind: string, unread: Unread): void {
  const fields = Object.hasOwn(partFields, kind) ? partFields[kind] : undefined;
  if (fields === undefined || !isObject(part)) return;
  for (const [key, value] of Object.entries(part)) {
    if (value !== null && !fields.has(key)) unread.set(`${glimpse(key)} on a part of type ${kind}`, 'lost');
  }
}

function readText(part: unknown, param: string): TextPart[] {
  const text = requireText(field(part, 'text'), `${param}.text`);
  return text === '' ? [] : [{ type: 'text', text, ...cacheMark(part) }];
}

function readImage(part: unknown, param: string): ImagePart {
  const image = field(part, 'image_url');
  // The bare string is not in OpenAI's schema; several clients send it.
  const url = textOf(image) ?? textOf(field(image, 'url')) ?? refuseMissing(`${param}.image_url.url`);
  const detail = textOf(field(image, 'detail'));
  return {
    type: 'image',
    source: readUrl(url),
    ...(detail !== undefined && { detail }),
    ...cacheMark(part),
  };
}

function readAudio(audio: unknown, param: string): AudioPart {
  return {
    type: 'audio',
    data: textOf(field(audio, 'data')) ?? refuseMissing(`${param}.data`),
    format: textOf(field(audio, 'format')) ?? refuseMissing(`${param}.format`),
  };
}

function readFile(part: unknown, param: string): FilePart {
  const file = field(part, 'file');
  const name = textOf(field(file, 'filename'));
  return {
    type: 'file',
    source: readFileSource(file, param),
    ...(name !== undefined && { name }),
    ...cacheMark(part),
  };
}

function readFileSource(file: unknown, param: string): FilePart['source'] {
  const id = textOf(field(file, 'file_id'));
  if (id !== undefined) return { kind: 'file', id };
  const data = textOf(field(file, 'file_data')) ?? refuseMissing(`${param}.file_data`);
  const source = readUrl(data);
  // OpenAI's own answer to a plain URL here is a 400 with these words.
  return source.kind === 'data' ? source : refuseValue(`${param}.file_data`, 'a base64 data URL');
}

/**
 * Anthropic's `cache_control`, which chat clients send for Anthropic models; and OpenAI's own `prompt_cache_breakpoint`
 * (seen on the wire as `{"mode":"explicit"}`), which asks for the same thing in other words.
 */
function cacheMark(part: unknown): { cacheControl?: CacheControl } {
  const mark = given(part, 'cache_control');
  if (isObject(mark)) return { cacheControl: mark };
  return given(part, 'prompt_cache_breakpoint') === undefined ? {} : { cacheControl: { type: 'ephemeral' } };
}
