import type { UpstreamCause, UpstreamFailure } from '../core/failure.ts';
import { startAlarm } from './alarm.ts';
import type { Clocks, Opened, Passage, Timer } from './stream.ts';

/** Most output held back before the first real content. Lifecycle frames are small: more of them is no answer. */
export const heldLimitBytes = 1_048_576;

interface Opening {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly passage: Passage;
  readonly clocks: Clocks;
  readonly timer: Timer;
  /** Aborts when the caller leaves. */
  readonly signal?: AbortSignal | undefined;
  /** {@link Timer.now} when the attempt began, for its clocks; absent: now. */
  readonly startedMs?: number;
}

/**
 * Reads upstream until its answer has really begun: the commit rule. Until then nothing has reached the caller, so a failure
 * of any kind (error event, cut, silence, transport, too much without content) is a value, and another target may be tried.
 * Whatever is not `ready` has its upstream cancelled. Rejects only with a fault of the passage itself.
 */
export async function openStream(opening: Opening): Promise<Opened> {
  const { body, passage, clocks, timer, signal, startedMs = timer.now() } = opening;
  if (body === null) return failed('garbage');
  const reader = body.getReader();
  const watch = watchOpening({ clocks, timer, startedMs, signal, stop: () => cancel(reader) });
  const held: Uint8Array[] = [];
  try {
    const ending = await readUntilContent(reader, { passage, watch, held });
    const opened =
      ending === undefined
        ? ({ kind: 'ready', held, reader, passage, clocks, timer, startedMs, ...(signal && { signal }) } as const)
        : ending;
    if (opened.kind !== 'ready') cancel(reader);
    return opened;
  } catch (fault) {
    cancel(reader);
    throw fault;
  } finally {
    watch.stop();
  }
}

interface Watch {
  /** A chunk has arrived. */
  heard(): void;
  /** What ended the wait, once the upstream has been cancelled for it. */
  readonly ended: 'caller-left' | 'first-byte-timeout' | 'idle-timeout' | 'total-timeout' | undefined;
  readonly hasHeard: boolean;
  stop(): void;
}

interface Watching {
  readonly clocks: Clocks;
  readonly timer: Timer;
  readonly startedMs: number;
  readonly signal: AbortSignal | undefined;
  /** Cancels the upstream, which also ends the read that waits for it. */
  readonly stop: () => void;
}

function watchOpening({ clocks, timer, startedMs, signal, stop }: Watching): Watch {
  let ended: Watch['ended'];
  let heardMs: number | undefined;
  const endBy = (cause: NonNullable<Watch['ended']>): void => {
    ended ??= cause;
    stop();
  };
  const totalDue = startedMs + clocks.totalMs;
  // Before the first byte the alarm looks up once per idle span, because a first byte moves the deadline closer.
  const silenceDue = (): number =>
    heardMs === undefined
      ? Math.min(startedMs + clocks.firstByteMs, timer.now() + clocks.idleMs)
      : heardMs + clocks.idleMs;
  const leave = (): void => endBy('caller-left');
  if (signal?.aborted === true) leave();
  signal?.addEventListener('abort', leave);
  const stopAlarm = startAlarm(timer, {
    due: () => Math.min(totalDue, silenceDue()),
    ring: () => {
      if (timer.now() >= totalDue) return endBy('total-timeout');
      return endBy(heardMs === undefined ? 'first-byte-timeout' : 'idle-timeout');
    },
  });
  return {
    heard: () => {
      heardMs = timer.now();
    },
    get ended() {
      return ended;
    },
    get hasHeard() {
      return heardMs !== undefined;
    },
    stop: () => {
      stopAlarm();
      signal?.removeEventListener('abort', leave);
    },
  };
}

interface Reading {
  readonly passage: Passage;
  readonly watch: Watch;
  /** Filled with what the passage gives. */
  readonly held: Uint8Array[];
}

/** Gives what ended the wait for content, or `undefined` when content has come. */
async function readUntilContent(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { passage, watch, held }: Reading,
): Promise<Exclude<Opened, { kind: 'ready' }> | undefined> {
  let heldBytes = 0;
  while (passage.state === 'waiting') {
    if (heldBytes > heldLimitBytes) return failed('garbage');
    const chunk = await readChunk(reader);
    if (watch.ended === 'caller-left') return { kind: 'left' };
    if (watch.ended !== undefined) return failed(watch.ended);
    if (chunk === 'broken') return failed(watch.hasHeard ? 'cut' : 'connection');
    if (chunk !== 'ended') watch.heard();
    const given = chunk === 'ended' ? passage.end() : passage.push(chunk);
    held.push(...given);
    heldBytes += given.reduce((sum, bytes) => sum + bytes.length, 0);
    if (stateOf(passage) === 'failed') return { kind: 'failed', failure: passage.failure ?? failureOf('garbage') };
    if (chunk === 'ended' && stateOf(passage) !== 'ended') return failed(watch.hasHeard ? 'cut' : 'garbage');
  }
  return undefined;
}

/** `state` is read through a call, because it changes under the compiler's eyes. */
export function stateOf(passage: Passage): Passage['state'] {
  return passage.state;
}

/** Reads one chunk. A transport that breaks is an answer here, not an exception. */
export async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | 'ended' | 'broken'> {
  try {
    const { done, value } = await reader.read();
    return done ? 'ended' : value;
  } catch {
    return 'broken';
  }
}

/** Tells upstream to stop. Not awaited: nothing depends on how long it takes, or on whether it was gone already. */
export function cancel(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  reader.cancel().catch(() => undefined);
}

function failed(cause: UpstreamCause): { kind: 'failed'; failure: UpstreamFailure } {
  return { kind: 'failed', failure: failureOf(cause) };
}

function failureOf(cause: UpstreamCause): UpstreamFailure {
  return { kind: 'upstream', cause };
}
