import type { PartStart, ReplyEvent } from '../../core/reply.ts';
import type { PlacedDelta, ToolSlot } from './tool-slots.ts';

type SpokenKind = 'text' | 'thinking' | 'refusal';

interface Part {
  readonly kind: SpokenKind | 'tool';
  readonly slot?: ToolSlot;
  /** Set once the part has been shown. */
  index?: number;
  /** Pieces that came before the part could be shown. */
  held: string[];
}

/**
 * Puts what a chat stream says at once into parts that follow one another. The first part that has not ended is shown as it
 * comes; a part begun meanwhile is held only while the shown one is a tool call whose arguments are not complete.
 */
export class PartSequence {
  readonly #waiting: Part[] = [];
  readonly #ended = new Set<ToolSlot>();
  readonly #calls = new Map<ToolSlot, Part>();
  #shown = 0;
  #tool = false;
  #refusal = false;
  #broken = false;

  /** Whether a tool call or a refusal was among the parts. */
  get held(): { readonly tool: boolean; readonly refusal: boolean } {
    return { tool: this.#tool, refusal: this.#refusal };
  }

  /** Arguments came for a call that had ended, or a call never got a name: the answer cannot be told truly. */
  get broken(): boolean {
    return this.#broken;
  }

  /** A piece of text, thinking or refusal. */
  say(kind: SpokenKind, text: string): ReplyEvent[] {
    if (text === '') return [];
    if (kind === 'refusal') this.#refusal = true;
    const last = this.#waiting.at(-1);
    return this.#add(last?.kind === kind ? last : this.#begin({ kind, held: [] }), text);
  }

  /** A piece of a tool call. */
  call({ slot, text }: PlacedDelta): ReplyEvent[] {
    if (this.#ended.has(slot)) {
      this.#broken ||= text.trim() !== '';
      return [];
    }
    this.#tool = true;
    const known = this.#calls.get(slot);
    if (known !== undefined) return this.#add(known, text);
    const part = this.#begin({ kind: 'tool', slot, held: [] });
    this.#calls.set(slot, part);
    return this.#add(part, text);
  }

  /** The answer is complete: ends every part. */
  finish(): ReplyEvent[] {
    return this.#advance(true);
  }

  #begin(part: Part): Part {
    this.#waiting.push(part);
    return part;
  }

  #add(part: Part, text: string): ReplyEvent[] {
    if (part.index !== undefined && text !== '') {
      return [{ type: 'part-delta', index: part.index, delta: { text } }, ...this.#advance(false)];
    }
    if (text !== '') part.held.push(text);
    return this.#advance(false);
  }

  /** Shows the first waiting part, and ends it when another waits behind it and no more can come for it. */
  #advance(all: boolean): ReplyEvent[] {
    const out: ReplyEvent[] = [];
    for (let part = this.#waiting[0]; part !== undefined; part = this.#waiting[0]) {
      out.push(...this.#show(part));
      if (part.index === undefined) {
        this.#broken ||= all;
        return out;
      }
      const over = all || (this.#waiting.length > 1 && part.slot?.complete !== false);
      if (!over) return out;
      out.push({ type: 'part-end', index: part.index });
      this.#waiting.shift();
      if (part.slot !== undefined) this.#ended.add(part.slot);
    }
    return out;
  }

  #show(part: Part): ReplyEvent[] {
    if (part.index !== undefined) return [];
    const start = startOf(part);
    if (start === undefined) return [];
    const index = this.#shown;
    part.index = index;
    this.#shown += 1;
    const pieces = part.held.map((text): ReplyEvent => ({ type: 'part-delta', index, delta: { text } }));
    part.held = [];
    return [{ type: 'part-start', index, ...start }, ...pieces];
  }
}

/** `undefined` while a tool call has no name yet. */
function startOf(part: Part): PartStart | undefined {
  if (part.kind !== 'tool') return { part: part.kind };
  const name = part.slot?.name;
  return part.slot === undefined || name === undefined ? undefined : { part: 'tool-call', id: part.slot.id(), name };
}
