import type { Timer } from './stream.ts';

interface Alarm {
  /** The moment, in {@link Timer.now} milliseconds, at which `ring` is due. Asked anew after every sleep. */
  readonly due: () => number;
  readonly ring: () => void;
}

/**
 * One timer for all deadlines of a stream. Nobody tells it when a deadline moves on: it sleeps until the one it knew, looks
 * again and sleeps on, so a chunk costs no timer. A deadline must not move closer than the one it sleeps for.
 * @returns what stops it.
 */
export function startAlarm(timer: Timer, { due, ring }: Alarm): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const watch = async (): Promise<void> => {
    for (;;) {
      // At least a millisecond: timers may fire a little early, and a ring need not move the deadline.
      await timer.wait(Math.max(due() - timer.now(), 1), signal);
      if (signal.aborted) return;
      if (timer.now() >= due()) ring();
    }
  };
  watch().catch(() => undefined); // a wait that rejects when it is stopped
  return () => stop.abort();
}
