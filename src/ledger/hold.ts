import type { Bill } from '../core/limits.ts';
import type { Amounts } from './scope.ts';
import { wholeOf } from './whole.ts';

/**
 * A reservation, from the moment it is made until it is forgotten. Plain, for structured clone.
 *
 * `held` counts against the limits. `expired` was never settled in time and is charged with its estimate, until a late
 * bill corrects it. `closed` is only remembered, so that what comes twice counts once.
 */
export interface Hold extends Amounts {
  readonly id: string;
  /** Present where the route has limits of its own for this caller. */
  readonly route?: string;
  readonly state: 'held' | 'expired' | 'closed';
  readonly madeMs: number;
  /** When `expired` was charged. */
  readonly chargedMs: number;
  /** When a held one expires and any other is forgotten. */
  readonly dueMs: number;
}

/** A request that is not settled after this long has crashed: its estimate is charged (threats.md F31). */
export const holdMs = 15 * 60_000;
/** A slice lives for seconds; one that is not given back by then belonged to an isolate that is gone. */
export const leaseHoldMs = 60_000;
/** Streams may run for two hours, and their late bills still correct the charge. */
export const expiredMs = 24 * 3_600_000;
/** Repeats of a bill come within seconds. */
export const closedMs = 60_000;

/** Something that was never reserved, or whose reservation is lost: it holds nothing, and a bill charges it whole. */
export function noHold(id: string, route: string | undefined, nowMs: number): Hold {
  return {
    id,
    ...(route !== undefined && { route }),
    state: 'held',
    requests: 0,
    tokens: 0,
    nanoUsd: 0,
    madeMs: nowMs,
    chargedMs: nowMs,
    dueMs: nowMs,
  };
}

/**
 * What a bill says of a hold. What it does not know stands as estimated. A refund gives tokens and money back but not the
 * request: otherwise failing requests would be free of the rate limit.
 */
export function billedAmounts(hold: Hold, bill: Bill): Amounts {
  const { requests } = hold;
  if (bill.outcome === 'refund') return { requests, tokens: 0, nanoUsd: 0 };
  return {
    requests,
    tokens: billed(bill, bill.tokens, hold.tokens),
    nanoUsd: billed(bill, bill.nanoUsd, hold.nanoUsd),
  };
}

/** One amount of a bill, against what was held for it. */
export function billed({ isPartial }: Bill, told: number | undefined, held: number): number {
  if (told === undefined) return held;
  return isPartial === true ? Math.max(wholeOf(told), held) : wholeOf(told);
}
