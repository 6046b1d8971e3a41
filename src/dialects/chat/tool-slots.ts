import { field, isObject, textOf } from '../../core/json.ts';
import { JsonEnd } from './json-end.ts';

/** Most tool calls of one answer that are told apart; an upstream that goes on belongs to no known model. */
const mostSlots = 256;

/** Ids that every dialect and provider takes (Anthropic's pattern is the narrowest); others are replaced. */
const portableId = /^[A-Za-z0-9_-]{1,64}$/;

/** One tool call of a streamed answer. */
export interface ToolSlot {
  /** Its place among the answer's tool calls: 0, 1, 2 ... whatever `index` the upstream sent. */
  readonly number: number;
  /** The upstream's id where it is usable and new, else minted. Asked for when the call is first shown. */
  id(): string;
  /** The function's name; `undefined` until it has come. */
  readonly name: string | undefined;
  /** Whether the arguments so far are one complete JSON object. */
  readonly complete: boolean;
}

/** Where an entry stands in the `tool_calls` of its chunk, and how many there are. */
export interface Place {
  readonly position: number;
  readonly count: number;
}

/** One entry of a `tool_calls` delta, put where it belongs. */
export interface PlacedDelta {
  readonly slot: ToolSlot;
  /** The new piece of the arguments: may be empty. */
  readonly text: string;
}

/** Whether an id may be shown to any client and sent back to any provider. */
export function isPortableId(id: unknown): id is string {
  return typeof id === 'string' && portableId.test(id);
}

/**
 * Tells the tool calls of one answer apart, from deltas that may lack `index`, `id` or both, repeat the name, reuse an
 * index or an id for the next call, or come whole (contract sheet 4.2, vercel/ai#4031).
 */
export class ToolSlots {
  readonly #mintId: () => string;
  readonly #taken: Set<string>;
  readonly #slots: Slot[] = [];

  /** `taken`: ids that earlier turns of the conversation use, which some upstreams give out again. */
  constructor(mintId: () => string, taken: Iterable<string> = []) {
    this.#mintId = mintId;
    this.#taken = new Set(taken);
  }

  /** Places one entry of `tool_calls`. `undefined` where it says nothing, or is one too many. */
  place(entry: unknown, place: Place): PlacedDelta | undefined {
    const delta = readDelta(entry);
    if (delta === undefined) return undefined;
    const found = this.#find(delta, place);
    if (found !== undefined && !startsAnother(found, delta, place.position)) return found.take(delta);
    if (this.#slots.length >= mostSlots || (delta.name === undefined && delta.id === undefined && delta.text === '')) {
      return undefined;
    }
    const slot = new Slot(this.#slots.length, delta, (id) => this.#claim(id));
    this.#slots.push(slot);
    return slot.take(delta);
  }

  #find(delta: Delta, { position, count }: Place): Slot | undefined {
    if (delta.index !== undefined) return this.#slots.findLast((slot) => slot.index === delta.index);
    const known = delta.id === undefined ? undefined : this.#slots.findLast((slot) => slot.wireId === delta.id);
    if (known !== undefined || (delta.id !== undefined && delta.name !== undefined)) return known;
    // Nothing to go by (an id that is new with each delta is nothing either): the same place in the chunk where several
    // calls run side by side, else the last call.
    return this.#slots.at(position - count) ?? this.#slots.at(-1);
  }

  #claim(id: string | undefined): string {
    const own = isPortableId(id) && !this.#taken.has(id) ? id : this.#mintId();
    this.#taken.add(own);
    return own;
  }
}

interface Delta {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly text: string;
}

/** Nulls, as in the chunk that some servers end a call with, count as absent. */
function readDelta(entry: unknown): Delta | undefined {
  if (!isObject(entry)) return undefined;
  const called = field(entry, 'function') ?? entry;
  const index = field(entry, 'index');
  const text = field(called, 'arguments');
  return {
    index: typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : undefined,
    id: textOf(field(entry, 'id')),
    name: textOf(field(called, 'name')),
    text: typeof text === 'string' ? text : isObject(text) ? JSON.stringify(text) : '',
  };
}

/** Whether a delta that points to a known call begins another one all the same. Only a name can begin a call. */
function startsAnother(slot: Slot, delta: Delta, position: number): boolean {
  if (delta.name === undefined || slot.name === undefined) return false;
  const sameId = delta.id !== undefined && delta.id === slot.wireId;
  if (delta.id !== undefined && slot.wireId !== undefined && !sameId) return true;
  if (delta.index === undefined && delta.id === undefined && (position > 0 || delta.name !== slot.name)) return true;
  // A whole call after a whole call: the same one again where id and arguments are the same, else the next.
  return slot.complete && delta.text !== '' && !(sameId && slot.repeats(delta.text));
}

class Slot implements ToolSlot {
  readonly number: number;
  readonly index: number | undefined;
  wireId: string | undefined;
  name: string | undefined;
  readonly #claim: (id: string | undefined) => string;
  readonly #end = new JsonEnd();
  #text = '';
  #id: string | undefined;

  constructor(number: number, delta: Delta, claim: (id: string | undefined) => string) {
    this.number = number;
    this.index = delta.index;
    this.#claim = claim;
  }

  get complete(): boolean {
    return this.#end.complete;
  }

  id(): string {
    this.#id ??= this.#claim(this.wireId);
    return this.#id;
  }

  repeats(text: string): boolean {
    return text === this.#text;
  }

  /** Takes what is new in a delta; the whole arguments said again after their end are not new. */
  take(delta: Delta): PlacedDelta {
    this.wireId ??= delta.id;
    this.name ??= delta.name;
    if (this.complete && (this.repeats(delta.text) || delta.text.trim() === '')) return { slot: this, text: '' };
    this.#text += delta.text;
    this.#end.push(delta.text);
    return { slot: this, text: delta.text };
  }
}
