import type { Timer } from '../../src/wire/stream.ts';

export interface ManualTimer extends Timer {
  /** Lets time pass and fires every wait that is due by then. */
  advance(ms: number): void;
  /** Waits that nobody has fired or stopped. */
  readonly pending: number;
}

/** A timer that moves only by hand; it needs no runtime. A wait that is stopped resolves, as {@link Timer} allows. */
export function manualTimer(startMs = 0): ManualTimer {
  let nowMs = startMs;
  const waits = new Set<{ readonly dueMs: number; readonly fire: () => void }>();
  return {
    now: () => nowMs,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const wait = { dueMs: nowMs + ms, fire: resolve };
        waits.add(wait);
        signal?.addEventListener('abort', () => {
          waits.delete(wait);
          resolve();
        });
      }),
    advance(ms) {
      nowMs += ms;
      for (const wait of [...waits].filter(({ dueMs }) => dueMs <= nowMs)) {
        waits.delete(wait);
        wait.fire();
      }
    },
    get pending() {
      return waits.size;
    },
  };
}
