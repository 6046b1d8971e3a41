import { countOf } from '../core/json.ts';

/** Any number as a whole one that adds exactly: NaN, infinities and negatives count as 0, what is too large as 2^53 - 1. */
export function wholeOf(value: unknown): number {
  return Math.min(countOf(value) ?? 0, Number.MAX_SAFE_INTEGER);
}

/** Adds two whole numbers and stays exact: a sum too large for a double stands still at 2^53 - 1, far above any limit. */
export function plus(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}

/** Takes away, but never below zero. */
export function minus(a: number, b: number): number {
  return Math.max(a - b, 0);
}
