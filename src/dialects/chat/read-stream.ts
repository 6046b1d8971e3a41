import type { Failure, UpstreamCause } from '../../core/failure.ts';
import type { ReadContext } from '../../core/half.ts';
import { field, isObject, parseJson, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';
import type { ReplyEvent } from '../../core/reply.ts';
import type { Usage } from '../../core/usage.ts';
import { findChoice, readPieces } from './delta.ts';
import { readFailure } from './failures.ts';
import { PartSequence } from './parts.ts';
import { readFinish } from './stops.ts';
import { ToolSlots } from './tool-slots.ts';
import { readUsage } from './usage.ts';

/** Reads a stream of chat chunks, however its author deviates, into the neutral grammar. */
export function readStream(context: ReadContext): Machine<SseEvent, ReplyEvent> {
  return new ChatReader(context);
}

/** Reads a whole chat reply. A whole body cannot be cut, so a missing `finish_reason` is no failure here. */
export function readReply(body: JsonObject, context: ReadContext): ReplyEvent[] {
  const failure = readFailure(body);
  if (failure !== undefined) return [{ type: 'reply-failed', failure }];
  if (findChoice(body) === undefined) return [{ type: 'reply-failed', failure: garbage }];
  const reader = new ChatReader(context, 'stop');
  return [...reader.pushValue(body), ...reader.end()];
}

const garbage: Failure = { kind: 'upstream', cause: 'garbage' };

class ChatReader implements Machine<SseEvent, ReplyEvent> {
  readonly #slots: ToolSlots;
  readonly #parts = new PartSequence();
  readonly #assumedFinish: string | undefined;
  #started = false;
  #over = false;
  #finish: string | undefined;
  #usage: Usage | undefined;

  /** `assumedFinish` stands in for a finish reason that never came. */
  constructor(context: ReadContext, assumedFinish?: string) {
    this.#slots = new ToolSlots(context.mintId);
    this.#assumedFinish = assumedFinish;
  }

  push(event: SseEvent): ReplyEvent[] {
    if (this.#over) return [];
    const data = event.data.trim();
    if (data === '') return [];
    if (data === '[DONE]') return this.end();
    const value = parseJson(data);
    if (isObject(value)) return this.pushValue(value);
    // After the finish nothing can be lost any more, so nothing can break.
    return this.#finish === undefined ? this.#fail('garbage') : [];
  }

  /** One chunk, parsed; or a whole reply, whose `message` is read as one big delta. */
  pushValue(chunk: JsonObject): ReplyEvent[] {
    this.#usage = readUsage(field(chunk, 'usage')) ?? this.#usage;
    if (this.#finish !== undefined) return [];
    const failure = readFailure(chunk);
    if (failure !== undefined) return this.#failWith(failure);
    const start = this.#start(chunk);
    const choice = findChoice(chunk);
    if (choice === undefined) return start;
    const out = [...start, ...this.#readChoice(choice)];
    return this.#parts.broken && !this.#over ? [...out, ...this.#fail('garbage')] : out;
  }

  end(): ReplyEvent[] {
    if (this.#over) return [];
    this.#finish ??= this.#started ? this.#assumedFinish : undefined;
    if (this.#finish === undefined) return this.#fail('cut');
    const ends = this.#parts.finish();
    if (this.#parts.broken) return [...ends, ...this.#fail('garbage')];
    this.#over = true;
    const stop = readFinish(this.#finish, this.#parts.held);
    return [...ends, { type: 'reply-end', stop, ...(this.#usage !== undefined && { usage: this.#usage }) }];
  }

  /** Chunks without `choices` are no answer yet: pings and the like. */
  #start(chunk: JsonObject): ReplyEvent[] {
    if (this.#started || !Array.isArray(field(chunk, 'choices'))) return [];
    this.#started = true;
    const id = textOf(field(chunk, 'id'));
    const model = textOf(field(chunk, 'model'));
    return [
      {
        type: 'reply-start',
        ...(id !== undefined && { id }),
        ...(model !== undefined && { model }),
        ...(this.#usage !== undefined && { usage: this.#usage }),
      },
    ];
  }

  #readChoice(choice: JsonObject): ReplyEvent[] {
    const finish = textOf(field(choice, 'finish_reason'));
    const out = readPieces(choice).flatMap((piece): ReplyEvent[] => {
      if (piece.kind !== 'tool') return this.#parts.say(piece.kind, piece.text);
      const placed = this.#slots.place(piece.entry, piece.place);
      return placed === undefined ? [] : this.#parts.call(placed);
    });
    if (finish === 'error') return [...out, ...this.#fail('stream-error')];
    this.#finish = finish;
    return out;
  }

  #fail(cause: UpstreamCause): ReplyEvent[] {
    return this.#failWith({ kind: 'upstream', cause });
  }

  #failWith(failure: Failure): ReplyEvent[] {
    this.#over = true;
    return [{ type: 'reply-failed', failure, ...(this.#usage !== undefined && { usage: this.#usage }) }];
  }
}
