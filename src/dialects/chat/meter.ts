import type { UpstreamFailure } from '../../core/failure.ts';
import type { Meter, MeterState } from '../../core/half.ts';
import { field, isObject, parseJson, textOf } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { SseEvent } from '../../core/machine.ts';
import type { Usage } from '../../core/usage.ts';
import { readPieces } from './delta.ts';
import { readFailure } from './failures.ts';
import { readUsage } from './usage.ts';

/** Watches a relayed chat stream. */
export function meter(): Meter {
  return new ChatMeter();
}

class ChatMeter implements Meter {
  #state: MeterState = 'waiting';
  #failure: UpstreamFailure | undefined;
  #usage: Usage | undefined;
  #choices = 0;
  #isOver = false;
  readonly #finished = new Set<number>();

  get state(): MeterState {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get failure(): UpstreamFailure | undefined {
    return this.#failure;
  }

  get usage(): Usage | undefined {
    return this.#usage;
  }

  push(event: SseEvent): void {
    if (this.#state === 'failed' || (this.#state === 'content' && saysNothingNew(event.data))) return;
    const data = event.data.trim();
    if (data === '') return;
    if (data === '[DONE]') {
      this.#isOver = true;
      // The marker alone is no end: without a finish reason clients send the turn again, without limit (clients.md 1.2).
      if (this.#state !== 'ended') this.#fail({ kind: 'upstream', cause: 'cut' });
      return;
    }
    const chunk = parseJson(data);
    if (event.event === 'error' && this.#state !== 'ended')
      return this.#fail(readFailure({ error: chunk as Json }) ?? { kind: 'upstream', cause: 'stream-error' });
    if (isObject(chunk)) this.#look(chunk);
    else if (this.#state !== 'ended') this.#fail({ kind: 'upstream', cause: 'garbage' });
  }

  #look(chunk: JsonObject): void {
    this.#usage = readUsage(field(chunk, 'usage')) ?? this.#usage;
    if (this.#state === 'ended') return;
    const failure = readFailure(chunk);
    if (failure !== undefined) return this.#fail(failure);
    const choices = field(chunk, 'choices');
    for (const choice of Array.isArray(choices) ? choices.filter(isObject) : []) this.#lookAtChoice(choice);
  }

  #lookAtChoice(choice: JsonObject): void {
    const index = field(choice, 'index');
    const number = typeof index === 'number' ? index : 0;
    this.#choices = Math.max(this.#choices, number + 1);
    if (this.#state === 'waiting' && saysSomething(choice)) this.#state = 'content';
    const finish = textOf(field(choice, 'finish_reason'));
    if (finish === 'error') return this.#fail({ kind: 'upstream', cause: 'stream-error' });
    if (finish === undefined || this.#state === 'failed') return;
    this.#finished.add(number);
    // With `n` above 1 each choice finishes for itself.
    if (this.#finished.size >= this.#choices) this.#state = 'ended';
  }

  #fail(failure: UpstreamFailure): void {
    this.#state = 'failed';
    this.#failure = failure;
  }
}

/** A legacy completion has its `text` in the choice itself. */
function saysSomething(choice: JsonObject): boolean {
  const text = textOf(field(choice, 'text')) ?? '';
  return text !== '' || readPieces(choice).some((piece) => piece.kind === 'tool' || piece.text !== '');
}

/**
 * Spares the parsing of most chunks. Within a JSON string a quote always has a backslash before it, so these marks can only be
 * keys; a server that writes its JSON with blanks is parsed chunk by chunk, which is slower and as right.
 */
function saysNothingNew(data: string): boolean {
  if (!data.includes('"finish_reason":null') || data.includes('"error"')) return false;
  // Other choices than the first have to be counted.
  if (!data.includes('"choices":[{"index":0,') || data.includes('},{"index":')) return false;
  return !data.includes('"usage"') || data.includes('"usage":null');
}
