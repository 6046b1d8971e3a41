import type { Ask, Bill, LimitState } from '../core/limits.ts';
import { billed } from './hold.ts';
import type { LeaseReturn } from './lease.ts';
import type { Amounts } from './scope.ts';
import { minus, plus, wholeOf } from './whole.ts';

/** A piece of a caller's limits that this isolate was given and decides about by itself. */
export interface Slice {
  readonly leaseId: string;
  readonly caller: string;
  /** Present where the route has limits of its own: slices are then apart by route. */
  readonly route?: string;
  /** Not used past this moment. */
  readonly untilMs: number;
  /** How the limits stood when it was given. */
  readonly states: readonly LimitState[];
  left: Amounts;
  /** What came of the requests that are over. */
  settled: Amounts;
  /** Requests that are running, with their estimates. */
  readonly open: Map<string, { readonly tokens: number; readonly nanoUsd: number }>;
}

/** This isolate's slices: at most 1,000, none older than five seconds. */
export type SliceMemo = Map<string, Slice>;

/** The key of a caller's slice. Names hold no line break. */
export function sliceKey(caller: string, route: string | undefined): string {
  return route === undefined ? caller : `${caller}\n${route}`;
}

/** Takes a request out of a slice; `false` where it is over or too small. */
export function takeFrom(slice: Slice, ask: Ask, nowMs: number): boolean {
  if (slice.open.has(ask.reservationId)) return true;
  const tokens = wholeOf(ask.tokens);
  const nanoUsd = wholeOf(ask.nanoUsd);
  const { left } = slice;
  if (nowMs >= slice.untilMs || left.requests < 1 || left.tokens < tokens || left.nanoUsd < nanoUsd) return false;
  slice.left = { requests: left.requests - 1, tokens: left.tokens - tokens, nanoUsd: left.nanoUsd - nanoUsd };
  slice.open.set(ask.reservationId, { tokens, nanoUsd });
  return true;
}

/** Settles a request within its slice, which gets back what was not used; `false` where it is not one of its own. */
export function settleIn(slice: Slice, bill: Bill): boolean {
  const open = slice.open.get(bill.reservationId);
  if (open === undefined) return false;
  slice.open.delete(bill.reservationId);
  const { left, settled } = slice;
  const used =
    bill.outcome === 'refund'
      ? { tokens: 0, nanoUsd: 0 }
      : {
          tokens: billed(bill, bill.tokens, open.tokens),
          nanoUsd: billed(bill, bill.nanoUsd, open.nanoUsd),
        };
  slice.settled = {
    requests: settled.requests + 1,
    tokens: plus(settled.tokens, used.tokens),
    nanoUsd: plus(settled.nanoUsd, used.nanoUsd),
  };
  slice.left = {
    requests: left.requests,
    tokens: minus(plus(left.tokens, open.tokens), used.tokens),
    nanoUsd: minus(plus(left.nanoUsd, open.nanoUsd), used.nanoUsd),
  };
  return true;
}

/** A slice as it is given back. */
export function endOf(slice: Slice, nowMs: number): LeaseReturn {
  return {
    leaseId: slice.leaseId,
    ...(slice.route !== undefined && { route: slice.route }),
    settled: slice.settled,
    open: [...slice.open].map(([reservationId, amounts]) => ({ reservationId, ...amounts })),
    nowMs,
  };
}
