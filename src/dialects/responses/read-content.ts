import type {
  AssistantPart,
  FilePart,
  ImagePart,
  Source,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../core/conversation.ts';
import { field, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { readUrl } from '../data-url.ts';
import { refuseType, refuseValue, requireObject, requireText } from './check.ts';
import { shownType } from './shown.ts';
import type { Unread } from '../unread.ts';

/** Where the content stands in the body, e.g. `input[3].content`, and where what it holds beyond the neutral form goes. */
export interface ContentPlace {
  readonly param: string;
  readonly unread: Unread;
}

type AnyPart = Exclude<UserPart, ToolResultPart> | AssistantPart;
type PartReader = (part: JsonObject, param: string) => AnyPart;

const readText: PartReader = (part, param) => ({
  type: 'text',
  text: requireText(field(part, 'text'), `${param}.text`),
});

const readers: ReadonlyMap<unknown, PartReader> = new Map<unknown, PartReader>([
  ['input_text', readText],
  ['output_text', readText],
  ['refusal', (part, param) => ({ type: 'refusal', text: requireText(field(part, 'refusal'), `${param}.refusal`) })],
  ['input_image', readImage],
  ['input_file', readFile],
  ['input_audio', readAudio],
]);

/** Fields of parts that say something to OpenAI's cache or to the reader of the first answer, and nothing to a model. */
const harmlessFields = ['prompt_cache_breakpoint', 'annotations'] as const;

/** The content of a user message. */
export function readUserParts(content: unknown, place: ContentPlace): UserPart[] {
  return keep(content, place, isUserPart);
}

/** The content of a system or developer message: text only. */
export function readTextParts(content: unknown, place: ContentPlace): TextPart[] {
  return keep(content, place, (part) => part.type === 'text');
}

/** The content of an assistant message: text and refusals. */
export function readAssistantParts(content: unknown, place: ContentPlace): AssistantPart[] {
  return keep(content, place, (part) => part.type === 'text' || part.type === 'refusal');
}

/** The output of a function: text, images and files. */
export function readResultParts(output: unknown, place: ContentPlace): ToolResultPart['content'] {
  return keep(output, place, (part) => part.type === 'text' || part.type === 'image' || part.type === 'file');
}

/** Reads all parts and keeps those that may stand here; the others go into `unread`. Empty text is no part. */
function keep<Kept extends AnyPart>(
  content: unknown,
  { param, unread }: ContentPlace,
  fits: (part: AnyPart) => part is Kept,
): Kept[] {
  if (typeof content === 'string') return keep([{ type: 'input_text', text: content }], { param, unread }, fits);
  if (!Array.isArray(content)) return refuseType(content, param, 'a string or an array');
  return content.flatMap((value: unknown, at) => {
    const wire = requireObject(value, `${param}[${at}]`);
    for (const name of harmlessFields)
      if (isTold(field(wire, name))) unread.set(`input[].content[].${name}`, 'harmless');
    const part = readers.get(field(wire, 'type'))?.(wire, `${param}[${at}]`);
    if (part?.type === 'text' && part.text === '') return [];
    if (part !== undefined && fits(part)) return [part];
    unread.set(`input[].content[].type ${shownType(field(wire, 'type'))}`, 'lost');
    return [];
  });
}

function isUserPart(part: AnyPart): part is Exclude<UserPart, ToolResultPart> {
  return part.type === 'text' || part.type === 'image' || part.type === 'file' || part.type === 'audio';
}

function isTold(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : (value ?? null) !== null;
}

function readImage(part: JsonObject, param: string): ImagePart {
  const detail = textOf(field(part, 'detail'));
  const source = readSource(part, 'image_url') ?? refuseValue(param, 'image_url or file_id');
  return { type: 'image', source, ...(detail !== undefined && { detail }) };
}

/** `file_data` is a data URL; clients also send it bare, and then the name's ending tells what it is. */
function readFile(part: JsonObject, param: string): FilePart {
  const name = textOf(field(part, 'filename'));
  const bytes = textOf(field(part, 'file_data'));
  const source = bytes === undefined ? readSource(part, 'file_url') : readBytes(bytes, name);
  return {
    type: 'file',
    source: source ?? refuseValue(param, 'file_data, file_url or file_id'),
    ...(name !== undefined && { name }),
  };
}

function readSource(part: JsonObject, urlField: string): Source | undefined {
  const url = textOf(field(part, urlField));
  if (url !== undefined) return readUrl(url);
  const id = textOf(field(part, 'file_id'));
  return id === undefined ? undefined : { kind: 'file', id };
}

function readBytes(bytes: string, name: string | undefined): Source {
  const source = readUrl(bytes);
  if (source.kind === 'data') return source;
  const mediaType = name?.toLowerCase().endsWith('.pdf') === true ? 'application/pdf' : 'application/octet-stream';
  return { kind: 'data', mediaType, data: bytes };
}

function readAudio(part: JsonObject, param: string): AnyPart {
  const audio = requireObject(field(part, 'input_audio'), `${param}.input_audio`);
  return {
    type: 'audio',
    data: requireText(field(audio, 'data'), `${param}.input_audio.data`),
    format: requireText(field(audio, 'format'), `${param}.input_audio.format`),
  };
}
