import type { Admission, Ask } from '../core/limits.ts';
import type { Amounts } from './scope.ts';

/** A slice of a caller's limits, asked for by an isolate that then decides by itself. */
export interface LeaseAsk {
  /** Leasing twice under one id leases once. */
  readonly leaseId: string;
  /** The request that made the isolate ask. */
  readonly ask: Ask;
  /** How many requests of this size the slice should be good for; where that has no room, it is one. */
  readonly copies: number;
}

export interface Leased {
  readonly admission: Admission;
  /** How often the ask fits into the slice: 0 where it was refused. */
  readonly copies: number;
}

/** The end of a slice: what was settled under it, and what is still running and goes on as holds of its own. */
export interface LeaseReturn {
  readonly leaseId: string;
  readonly route?: string;
  /** Everything that was admitted under the slice and has been settled. */
  readonly settled: Amounts;
  readonly open: readonly OpenRequest[];
  readonly nowMs: number;
}

export interface OpenRequest {
  readonly reservationId: string;
  readonly tokens: number;
  readonly nanoUsd: number;
}
