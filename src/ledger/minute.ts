import { minus, plus } from './whole.ts';

/** What one second counted. */
export interface Counted {
  readonly requests: number;
  readonly tokens: number;
}

/**
 * The last minute, counted by second: a sliding window, since a fixed one lets twice the limit through around its edge. Keys
 * are seconds since 1970; at most 61 are kept.
 */
export type Minute = Map<number, Counted>;

/**
 * A second is kept until the last moment in it is a minute old, so that no sixty seconds ever hold more than the window
 * says; what happened early in a second counts up to a second too long.
 */
const keptSeconds = 61;

/** The second that a moment in milliseconds lies in. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}

/** Counts something in a second. */
export function countIn(minute: Minute, second: number, counted: Counted): void {
  const before = minute.get(second) ?? { requests: 0, tokens: 0 };
  minute.set(second, {
    requests: plus(before.requests, counted.requests),
    tokens: plus(before.tokens, counted.tokens),
  });
}

/** Takes something back from the second that it was counted in. A second that is over is over: nothing happens. */
export function takeBack(minute: Minute, second: number, counted: Counted): void {
  const before = minute.get(second);
  if (before === undefined) return;
  minute.set(second, {
    requests: minus(before.requests, counted.requests),
    tokens: minus(before.tokens, counted.tokens),
  });
}

/** Drops what is older than a minute. */
export function forgetSeconds(minute: Minute, nowSecond: number): void {
  for (const second of minute.keys()) if (second + keptSeconds <= nowSecond) minute.delete(second);
}

/** What the window holds. */
export function sumOf(minute: Minute, kind: keyof Counted): number {
  let sum = 0;
  for (const counted of minute.values()) sum = plus(sum, counted[kind]);
  return sum;
}

/**
 * Seconds until so much has left the window: the true `retry-after`. Where the window does not hold as much, until it is
 * empty.
 */
export function secondsUntilFree(
  minute: Minute,
  { kind, excess, nowSecond }: { kind: keyof Counted; excess: number; nowSecond: number },
): number {
  let freed = 0;
  let last = nowSecond;
  for (const second of [...minute.keys()].toSorted((a, b) => a - b)) {
    const counted = minute.get(second)?.[kind] ?? 0;
    if (counted > 0) last = second + keptSeconds;
    freed += counted;
    if (freed >= excess && counted > 0) break;
  }
  return last - nowSecond;
}
