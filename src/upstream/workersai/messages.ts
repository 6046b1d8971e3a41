import { refuse } from '../../core/failure.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';

/** Where the walk over the messages leaves what it saw and did. */
export interface MessageNotes {
  /** Ids of the tool calls. */
  readonly ids: Set<string>;
  /** Gains `messages` once something had to be changed. */
  readonly changed: string[];
}

/**
 * Makes chat messages such as Workers AI's strict models take (contract sheet 4.2): content is a string, or parts where images
 * need them; never null; reasoning comes back as `reasoning`; the role `developer` is `system`; echoed null fields are gone.
 */
export function writeMessages(messages: Json, notes: MessageNotes): Json {
  if (!Array.isArray(messages)) return messages;
  // `Array.isArray` forgets what a readonly array holds.
  const list = messages as readonly Json[];
  const written = list.map((message, at): Json => {
    if (!isObject(message)) return message;
    noteIds(message, notes.ids);
    return writeMessage(message, `messages[${at}]`);
  });
  if (written.some((message, at) => message !== list[at])) notes.changed.push('messages');
  return written;
}

function noteIds(message: JsonObject, ids: Set<string>): void {
  const calls = field(message, 'tool_calls');
  for (const call of Array.isArray(calls) ? calls : []) {
    const id = textOf(field(call, 'id'));
    if (id !== undefined) ids.add(id);
  }
}

/** Gives the message itself back where nothing has to be changed. */
function writeMessage(message: JsonObject, param: string): JsonObject {
  const { content, reasoning_content: theirs, role, ...rest } = message;
  const text = writeContent(content ?? '', `${param}.content`);
  const said = Object.entries(rest).filter(([, value]) => value !== null);
  const whole = said.length === Object.keys(rest).length && theirs === undefined;
  if (whole && text === content && role !== 'developer') return message;
  const kept: JsonObject = Object.fromEntries(said);
  const reasoning = textOf(field(kept, 'reasoning')) ?? textOf(theirs);
  return {
    ...(role !== undefined && { role: role === 'developer' ? 'system' : role }),
    content: text,
    ...kept,
    ...(reasoning !== undefined && { reasoning }),
  };
}

/** Text parts become one string, a line each; with anything else among them the parts stay parts. */
function writeContent(content: Json, param: string): Json {
  if (!Array.isArray(content)) return content;
  // `Array.isArray` forgets what a readonly array holds.
  const parts = content as readonly Json[];
  for (const [at, part] of parts.entries()) requireInlineImage(part, `${param}[${at}].image_url`);
  const texts = parts.map((part) => textInPart(part));
  return texts.every((text) => text !== undefined) ? texts.join('\n') : parts;
}

function textInPart(part: Json): string | undefined {
  if (typeof part === 'string') return part;
  const text = field(part, 'type') === 'text' ? field(part, 'text') : undefined;
  return typeof text === 'string' ? text : undefined;
}

/** Workers AI takes images as data URLs alone, and the router fetches nothing for anybody (threats.md T37). */
function requireInlineImage(part: Json, param: string): void {
  const image = field(part, 'image_url');
  if (image === undefined) return;
  const url = textOf(image) ?? textOf(field(image, 'url'));
  if (url?.slice(0, 5).toLowerCase() === 'data:') return;
  refuse(
    'Cannot send the image to Workers AI: it is given by URL. Send it in place, as a data URL (data:image/png;base64,...).',
    'unsupported_value',
    param,
  );
}
