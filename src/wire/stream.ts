import type { UpstreamFailure } from '../core/failure.ts';
import type { MeterState } from '../core/half.ts';

/** One attempt's crossing from upstream's bytes to the caller's: a machine, with no I/O inside. */
export interface Passage {
  /** Bytes for the caller, cut at event boundaries; may be none. */
  push(chunk: Uint8Array): Uint8Array[];
  /** Upstream ended cleanly. What a dialect may still supply (a missing `[DONE]`) comes out here. */
  end(): Uint8Array[];
  /** How far the stream has come. Once `ended`, everything for the caller has been given and nothing more is asked. */
  readonly state: MeterState;
  /**
   * The caller's dialect's error event, for a stream that broke off, ran out of time or whose transport failed. A reply that
   * was complete but for its end mark is completed instead: `state` is `ended` then.
   */
  fail(failure: UpstreamFailure): Uint8Array[];
  /** Why, once `state` is `failed`; what `push` or `end` gave then holds the error event already. */
  readonly failure: UpstreamFailure | undefined;
}

/** The clocks of one attempt, in milliseconds. */
export interface Clocks {
  /** From the start of the attempt to the first byte of the answer. */
  readonly firstByteMs: number;
  /** Between two chunks of upstream, not counting the time the caller takes to accept one. */
  readonly idleMs: number;
  /** From the start of the attempt to its end. */
  readonly totalMs: number;
}

/** Time, passed in. */
export interface Timer {
  /** Resolves after so many milliseconds. Where `signal` aborts it may reject, resolve or hang. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds since a fixed moment. */
  now(): number;
}

/** How a stream to a caller came to its end (threats.md R3). */
export type Outcome = 'complete' | 'upstream-cut' | 'timeout' | 'caller-left' | 'error';

/** An upstream stream whose answer has begun: what it gave so far is held, the rest is still to be read. */
export interface OpenedStream {
  readonly kind: 'ready';
  /** Output of the passage so far, not yet sent. */
  readonly held: readonly Uint8Array[];
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly passage: Passage;
  readonly clocks: Clocks;
  readonly timer: Timer;
  readonly signal?: AbortSignal;
  /** {@link Timer.now} at the start of the attempt. */
  readonly startedMs: number;
}

/** What came of opening a stream. `left`: the caller went away; nobody is there to answer. */
export type Opened =
  OpenedStream | { readonly kind: 'failed'; readonly failure: UpstreamFailure } | { readonly kind: 'left' };
