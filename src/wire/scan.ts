import { refuse } from '../core/failure.ts';
import { parseJson } from '../core/json.ts';

/** Byte offsets in the scanned body; `end` is just behind the last byte. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A top-level value: where it stands and, unless it is an object or an array, what it is. */
export interface Field extends Span {
  /** Where its key stands, quotes included. */
  readonly key: Span;
  readonly value: string | number | boolean | null | undefined;
}

/** What the router must know of a request body without parsing it. */
export interface Envelope {
  /** The asked keys that the body has. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Where a further member is inserted: behind the last one, or behind the opening brace. */
  readonly tail: number;
  /** The object has no members. */
  readonly isEmpty: boolean;
}

/** Deepest nesting taken, the body itself included. No known client comes near it (threats.md T49). */
export const maxDepth = 64;
/**
 * Most values taken, nested ones included. Ten million empty objects fit into 30 MB, and cost whoever parses them seconds and
 * a gigabyte; the longest known request is a list of 300,000 tokens to embed.
 */
export const maxValues = 500_000;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
/** In a string, this many bytes are looked at one by one before a native search leaps on: prose is short, images are long. */
const leapBytes = 128;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Finds top-level members of a JSON object in its bytes: one pass, no recursion, nothing parsed but the asked scalars.
 * A plain loop over bytes beat both a string view and a native search per string where it was measured, inside workerd.
 *
 * Throws `RouterError` (`bad-request`): `invalid_json` for what is no single complete JSON object, `repeated_field` where an
 * asked key stands twice, however it is spelt (parsers disagree on which one counts), `nested_too_deeply` over
 * {@link maxDepth}, `too_many_values` over {@link maxValues}. Tokens inside nested values are not judged: the upstream does that. A BOM is skipped.
 * @param keys the asked keys, ASCII.
 */
export function scanEnvelope(body: Uint8Array, keys: readonly string[]): Envelope {
  const open = skipSpace(body, bomLength(body));
  if (open === body.length) refuse('Cannot read the body: it is empty. Send a JSON object.', 'invalid_json');
  if (body[open] !== openBrace) refuse('Cannot read the body: it is not a JSON object.', 'invalid_json');
  const first = skipSpace(body, open + 1);
  const isEmpty = body[first] === closeBrace;
  const fields = new Map<string, Field>();
  const tail = isEmpty ? open + 1 : readMembers(body, first, { keys, fields });
  const rest = skipSpace(body, skipSpace(body, tail) + 1);
  if (rest < body.length) malformed(body, rest);
  return { fields, tail, isEmpty };
}

interface Search {
  readonly keys: readonly string[];
  /** Filled with what is found. */
  readonly fields: Map<string, Field>;
}

/** Reads the members of the body's object, the first key at `from`; gives the offset behind the last value. */
function readMembers(body: Uint8Array, from: number, { keys, fields }: Search): number {
  const asked = keys.map((name) => ({ name, bytes: encoder.encode(name) }));
  const allowance: Allowance = { values: maxValues };
  let at = from;
  for (;;) {
    if (body[at] !== quote) malformed(body, at);
    const key = { start: at, end: stringEnd(body, at) };
    const name = askedName(body, { start: key.start + 1, end: key.end - 1 }, asked);
    at = skipSpace(body, key.end);
    if (body[at] !== colon) malformed(body, at);
    const start = skipSpace(body, at + 1);
    const end = valueEnd(body, start, allowance);
    if (name !== undefined) addField(fields, name, { ...readValue(body, { start, end }, name), key });
    at = skipSpace(body, end);
    if (body[at] === closeBrace) return end;
    if (body[at] !== comma) malformed(body, at);
    at = skipSpace(body, at + 1);
  }
}

/** Takes off a UTF-8 byte order mark: `JSON.parse` and most upstreams choke on it (threats.md T51). No copy. */
export function withoutBom(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bomLength(bytes));
}

function bomLength(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function malformed(body: Uint8Array, at: number): never {
  if (at >= body.length) refuse('Cannot read the body: its JSON is cut short.', 'invalid_json');
  refuse(`Cannot read the body: its JSON is malformed at byte ${at}.`, 'invalid_json');
}

function skipSpace(body: Uint8Array, from: number): number {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at += 1;
  return at;
}

/** The offset behind the string that opens at `open`. */
function stringEnd(body: Uint8Array, open: number): number {
  let at = open + 1;
  while (at < body.length) {
    for (const near = at + leapBytes; at < near && at < body.length; at += 1) {
      if (body[at] === quote) return at + 1;
      if (body[at] === backslash) at += 1;
    }
    const found = body.indexOf(quote, at);
    if (found === -1) break;
    if (!isEscaped(body, found, at)) return found + 1;
    at = found + 1;
  }
  return malformed(body, body.length);
}

/** Whether an odd run of backslashes stands before an offset, none of them before `from`. */
function isEscaped(body: Uint8Array, at: number, from: number): boolean {
  let run = 0;
  while (at - run > from && body[at - run - 1] === backslash) run += 1;
  return run % 2 === 1;
}

interface AskedKey {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The asked key that a span spells, escapes decoded: `mod\u0065l` is `model` to every parser (threats.md T40). */
function askedName(body: Uint8Array, span: Span, asked: readonly AskedKey[]): string | undefined {
  const length = span.end - span.start;
  const plain = asked.find(
    ({ bytes }) => bytes.length === length && bytes.every((byte, index) => body[span.start + index] === byte),
  );
  if (plain !== undefined) return plain.name;
  const isEscapeFree = body.subarray(span.start, span.end).indexOf(backslash) === -1;
  if (isEscapeFree) return undefined;
  const key = parseJson(decoder.decode(body.subarray(span.start - 1, span.end + 1)));
  if (typeof key !== 'string') malformed(body, span.start);
  return asked.find(({ name }) => name === key)?.name;
}

function addField(fields: Map<string, Field>, name: string, field: Field): void {
  if (fields.has(name)) {
    refuse(`Cannot read the body: "${name}" stands in it more than once. Send it once.`, 'repeated_field', name);
  }
  fields.set(name, field);
}

function readValue(body: Uint8Array, span: Span, name: string): Omit<Field, 'key'> {
  const first = body[span.start];
  if (first === openBrace || first === openBracket) return { ...span, value: undefined };
  const value = parseJson(decoder.decode(body.subarray(span.start, span.end)));
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) {
    return { ...span, value };
  }
  return refuse(`Cannot read the body: the value of "${name}" is not JSON.`, 'invalid_json', name);
}

/** How many more values a body may have. */
interface Allowance {
  values: number;
}

/** The offset behind the value that begins at `start`. */
function valueEnd(body: Uint8Array, start: number, allowance: Allowance): number {
  const first = body[start];
  if ((allowance.values -= 1) < 0) tooMany();
  if (first === quote) return stringEnd(body, start);
  if (first === openBrace || first === openBracket) return nestedEnd(body, start, allowance);
  let at = start;
  while (isLiteral(body[at])) at += 1;
  return at === start ? malformed(body, at) : at;
}

/** Bytes of a number, `true`, `false` or `null`. */
function isLiteral(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isDigit || isLetter || byte === 0x2b || byte === 0x2d || byte === 0x2e;
}

/** The offset behind the object or array that opens at `start`. */
function nestedEnd(body: Uint8Array, start: number, allowance: Allowance): number {
  const closers: number[] = [];
  let at = start;
  while (at < body.length) {
    const byte = body[at];
    if (byte === quote) {
      at = stringEnd(body, at);
      continue;
    }
    if (byte === openBrace || byte === openBracket) {
      if (closers.length === maxDepth - 1) tooDeep();
      if ((allowance.values -= 1) < 0) tooMany();
      closers.push(byte === openBrace ? closeBrace : closeBracket);
    } else if (byte === closeBrace || byte === closeBracket) {
      if (closers.pop() !== byte) malformed(body, at);
      if (closers.length === 0) return at + 1;
    } else if (byte === comma && (allowance.values -= 1) < 0) tooMany();
    at += 1;
  }
  return malformed(body, at);
}

function tooMany(): never {
  refuse(`Cannot read the body: its JSON has more than ${maxValues} values. Send fewer.`, 'too_many_values');
}

function tooDeep(): never {
  refuse(
    `Cannot read the body: its JSON is nested more than ${maxDepth} levels deep. Send flatter values.`,
    'nested_too_deeply',
  );
}
