import type { UpstreamFailure } from '../../src/core/failure.ts';
import type { MeterState } from '../../src/core/half.ts';
import type { Clocks, Opened, OpenedStream, Passage, Timer } from '../../src/wire/stream.ts';
import { flushMs } from '../../src/wire/caller.ts';
import { decode, encode } from './text.ts';

export const clocks: Clocks = { firstByteMs: 30_000, idleMs: 60_000, totalMs: 300_000 };

/** Lets everything run that is ready to run. */
export async function turn(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await scheduler.wait(0);
}

export interface HandTimer extends Timer {
  /** Lets time pass, and everything happen that is due in it. */
  advance(ms: number): Promise<void>;
  /** Waits that nobody has fired or stopped. */
  readonly pending: number;
}

/** A timer that moves only by hand, but for the moment in which last bytes get out: that is a turn of the real event loop. */
export function handTimer(): HandTimer {
  let nowMs = 1000;
  let waits: { dueMs: number; resolve: () => void }[] = [];
  return {
    now: () => nowMs,
    wait(ms, signal) {
      if (ms <= flushMs) return scheduler.wait(0);
      return new Promise((resolve, reject) => {
        const wait = { dueMs: nowMs + ms, resolve };
        waits.push(wait);
        signal?.addEventListener('abort', () => {
          waits = waits.filter((other) => other !== wait);
          reject(new Error('stopped'));
        });
      });
    },
    async advance(ms) {
      const targetMs = nowMs + ms;
      await turn();
      for (;;) {
        const [next] = waits.filter(({ dueMs }) => dueMs <= targetMs).toSorted((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        waits = waits.filter((wait) => wait !== next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.resolve();
        await turn();
      }
      nowMs = targetMs;
    },
    get pending() {
      return waits.length;
    },
  };
}

/** What the words of {@link wordPassage} do to its state. */
const words: [string, MeterState][] = [
  ['fail', 'failed'],
  ['end', 'ended'],
  ['more', 'content'],
];

export interface WordPassage extends Passage {
  state: MeterState;
  failure: UpstreamFailure | undefined;
}

/**
 * A passage for tests: gives each chunk in brackets, and takes its state from the last of the words `more`, `end` and `fail`
 * in it. A chunk `quiet` gives nothing, `throw` throws.
 */
export function wordPassage(overrides: Partial<Passage> = {}): WordPassage {
  const passage: WordPassage = {
    state: 'waiting',
    failure: undefined,
    push(chunk) {
      const text = decode(chunk);
      if (text === 'throw') throw new Error('a bug');
      passage.state = words.find(([word]) => text.includes(word))?.[1] ?? passage.state;
      if (passage.state === 'failed') passage.failure = { kind: 'upstream', cause: 'provider-error' };
      return text === 'quiet' ? [] : [encode('['), encode(text), encode(']')];
    },
    end: () => [],
    fail(failure) {
      passage.state = 'failed';
      passage.failure = failure;
      return [encode(`[error ${failure.cause}]`)];
    },
  };
  return Object.assign(passage, overrides);
}

export interface Upstream {
  readonly body: ReadableStream<Uint8Array>;
  /** Sends a chunk, whether or not somebody reads it by now. */
  send(text: string): void;
  end(): void;
  /** The transport breaks. */
  breakOff(): void;
  /** Whether it has been told to stop. The runtime's streams tell only a writer who writes: so this sends one more chunk. */
  wasCancelled(): Promise<boolean>;
}

const ignore = (): undefined => undefined;

/** An upstream on one of the runtime's own streams, as `fetch` gives them. */
export function upstream(): Upstream {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  return {
    body: readable,
    send: (text) => void writer.write(encode(text)).catch(ignore),
    end: () => void writer.close().catch(ignore),
    breakOff: () => void writer.abort(new Error('connection lost')).catch(ignore),
    wasCancelled: () => {
      const told = writer.write(encode('late')).then(
        () => false,
        () => true,
      );
      return Promise.race([told, turn().then(() => false)]);
    },
  };
}

export interface Caller {
  /** What the caller has received so far. */
  readonly text: string;
  readonly end: 'open' | 'closed' | 'broken';
  leave(): Promise<void>;
}

/** A caller who reads as fast as bytes come. */
export function caller(readable: ReadableStream<Uint8Array>): Caller {
  const reader = readable.getReader();
  let text = '';
  let end: Caller['end'] = 'open';
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decode(value);
    }
  };
  read().then(
    () => (end = 'closed'),
    () => (end = 'broken'),
  );
  return {
    get text() {
      return text;
    },
    get end() {
      return end;
    },
    leave: () => reader.cancel(),
  };
}

/** An opened stream, for tests about what comes after opening. */
export function requireReady(opened: Opened): OpenedStream {
  if (opened.kind !== 'ready') throw new Error(opened.kind);
  return opened;
}
