import { usualRules, type Ask, type Bill } from '../../src/core/limits.ts';

/** Noon of a day in the middle of a month, in milliseconds. */
export const noonMs = Date.UTC(2026, 10, 20, 12);

/** One dollar in nano-USD. */
export const dollar = 1_000_000_000;

/** An ask of 100 tokens and one dollar, without limits. */
export function askOf(id: string, given: Partial<Ask> = {}): Ask {
  return {
    reservationId: id,
    route: 'chat',
    tokens: 100,
    nanoUsd: dollar,
    limits: {},
    rules: usualRules,
    nowMs: noonMs,
    ...given,
  };
}

/** The bill of a request that used what was estimated. */
export function billOf(id: string, given: Partial<Bill> = {}): Bill {
  return { reservationId: id, route: 'chat', tokens: 100, nanoUsd: dollar, outcome: 'used', nowMs: noonMs, ...given };
}
