import { refuse } from '../core/failure.ts';
import { joinBytes } from './bytes.ts';
import type { Span } from './scan.ts';

/** Longest head of a part, and longest value of the part `model`, in bytes. */
const headAtMostBytes = 16_384;
const valueAtMostBytes = 1024;

/** The value of the part `model`, and where it stands in the body. */
export interface ModelPart extends Span {
  readonly value: string;
}

/** The boundary in a `content-type`; `undefined` where it is no multipart form. */
export function boundaryIn(contentType: string): string | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70})(?=[\s;]|$))/i.exec(contentType) ??
    [];
  return quoted ?? plain;
}

const crlf = new Uint8Array([0x0d, 0x0a]);
const headEnd = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a]);
const dash = 0x2d;
const decoder = new TextDecoder();

/**
 * Finds the part `model` of a multipart body as its bytes go by, in any partition. Nothing of the other parts is kept. A second part of
 * that name is refused: the upstream might take the other one (threats.md T39).
 */
export class PartScanner {
  readonly #delimiter: Uint8Array;
  // The first delimiter may open the body: as if a line had ended before it.
  #pending: Uint8Array = crlf;
  #offset = -crlf.length;
  #state: 'body' | 'delimiter' | 'head' | 'over' = 'body';
  #model: { readonly start: number; readonly bytes: number[] } | undefined;
  #found: ModelPart | undefined;
  #hasModel = false;

  constructor(boundary: string) {
    this.#delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  }

  /** The closing delimiter has gone by. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** Looks at the next bytes; gives the part where they complete it. Throws `RouterError` (`bad-request`). */
  push(chunk: Uint8Array): ModelPart | undefined {
    this.#found = undefined;
    this.#pending = this.#pending.length === 0 ? chunk : joinBytes([this.#pending, chunk]);
    while (this.#step());
    return this.#found;
  }

  /** Gets as far as the pending bytes allow: `false` where more are needed. */
  #step(): boolean {
    switch (this.#state) {
      case 'body':
        return this.#readBody();
      case 'delimiter':
        return this.#readDelimiter();
      case 'head':
        return this.#readHead();
      case 'over':
        this.#consume(this.#pending.length);
        return false;
    }
  }

  #readBody(): boolean {
    const at = indexOf(this.#pending, this.#delimiter);
    if (at === -1) {
      // The last bytes may be the beginning of a delimiter.
      const sure = Math.max(this.#pending.length - this.#delimiter.length + 1, 0);
      this.#keep(sure);
      this.#consume(sure);
      return false;
    }
    this.#keep(at);
    if (this.#model !== undefined) {
      const { start, bytes } = this.#model;
      this.#found = { start, end: this.#offset + at, value: decoder.decode(new Uint8Array(bytes)) };
      this.#model = undefined;
    }
    this.#consume(at + this.#delimiter.length);
    this.#state = 'delimiter';
    return true;
  }

  #readDelimiter(): boolean {
    const [first, second] = this.#pending;
    if (second === undefined) return false;
    if (first === dash && second === dash) {
      this.#state = 'over';
      return true;
    }
    const end = indexOf(this.#pending, crlf);
    if (end === -1 && this.#pending.length < valueAtMostBytes) return false;
    const isPadded = this.#pending.subarray(0, end).every((byte) => byte === 0x20 || byte === 0x09);
    if (end === -1 || !isPadded) malformed();
    // The line's end stays: a part without a head begins with a blank line.
    this.#consume(end);
    this.#state = 'head';
    return true;
  }

  #readHead(): boolean {
    const end = indexOf(this.#pending, headEnd);
    if (end === -1 && this.#pending.length > headAtMostBytes) malformed();
    if (end === -1) return false;
    const name = partName(decoder.decode(this.#pending.subarray(0, end)));
    this.#consume(end + headEnd.length);
    if (name === 'model') this.#openModel();
    this.#state = 'body';
    return true;
  }

  #openModel(): void {
    if (this.#hasModel)
      refuse('Cannot read the body: "model" stands in it more than once. Send it once.', 'repeated_field', 'model');
    this.#hasModel = true;
    this.#model = { start: this.#offset, bytes: [] };
  }

  #keep(count: number): void {
    if (this.#model === undefined) return;
    if (this.#model.bytes.length + count > valueAtMostBytes)
      refuse('Cannot choose a model: the part "model" is too long.', 'invalid_model', 'model');
    this.#model.bytes.push(...this.#pending.subarray(0, count));
  }

  #consume(count: number): void {
    this.#pending = this.#pending.subarray(count);
    this.#offset += count;
  }
}

/**
 * The `name` of a part, from its head. Walked parameter by parameter: a file's name may hold `; name="model"`. What parsers read
 * differently is refused, since the upstream might find another model in it (threats.md T39): two dispositions or names, a folded
 * line, `name*`, an escape in the name.
 */
function partName(head: string): string | undefined {
  const dispositions = [...head.matchAll(/^content-disposition[ \t]*:[^;\r\n]*(.*)$/gim)];
  if (dispositions.length > 1 || /^[ \t]/m.test(head)) malformed();
  const parameters = /;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;
  const names = [...(dispositions[0]?.[1] ?? '').matchAll(parameters)].filter(([, key = '']) => /^name\*?/i.test(key));
  const [first] = names;
  const name = first?.[2] ?? first?.[3];
  if (names.length > 1 || first?.[1]?.includes('*') === true || name?.includes('\\') === true) malformed();
  return name;
}

function malformed(): never {
  return refuse('Cannot read the body: it is no well-formed multipart form.', 'invalid_multipart');
}

/** Where a short sequence begins; `-1` where it is not. */
function indexOf(bytes: Uint8Array, sought: Uint8Array): number {
  const [first = 0] = sought;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (at + sought.length > bytes.length) return -1;
    if (sought.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
