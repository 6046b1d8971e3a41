/**
 * What a caller may spend and how fast. Amounts of money in policies are US dollars; everywhere else they are whole nano-USD
 * (1e-9 USD), which fit a double exactly up to 9 million dollars.
 */
export interface Limits {
  readonly requestsPerMinute?: number;
  /** Input and output tokens together. */
  readonly tokensPerMinute?: number;
  readonly concurrent?: number;
  readonly usdPerDay?: number;
  readonly usdPerMonth?: number;
}

/** How limits are counted and what happens when they cannot be. */
export interface LimitRules {
  /**
   * `strict`: one serial point decides each request. `leased`: an isolate holds a slice of the limit and decides by itself;
   * faster, and at most one slice an isolate over the limit.
   */
  readonly counting: 'strict' | 'leased';
  /** A call whose price is not known, on a caller with a money limit. */
  readonly unknownPrice: 'allow' | 'refuse';
  /** What happens when the ledger cannot be reached. */
  readonly moneyOutage: 'closed' | 'open';
  readonly rateOutage: 'closed' | 'open';
}

export const usualRules: LimitRules = {
  counting: 'strict',
  unknownPrice: 'refuse',
  moneyOutage: 'closed',
  rateOutage: 'open',
};

/** What a request asks of the ledger before it is made. */
export interface Ask {
  /** The request's id: reserving twice under one id reserves once. */
  readonly reservationId: string;
  readonly route: string;
  /** Estimated input plus the most output that the request allows. */
  readonly tokens: number;
  /** The same in money; `undefined`: the price is not known. */
  readonly nanoUsd: number | undefined;
  readonly limits: Limits;
  /** Limits of this caller on this route alone, beside the caller's own. */
  readonly routeLimits?: Limits;
  readonly rules: LimitRules;
  readonly nowMs: number;
}

/** One limit's state, for rate headers and messages. */
export interface LimitState {
  readonly limit: keyof Limits;
  /** Absent for the caller's own limit. */
  readonly route?: string;
  /** In the limit's own unit; money in nano-USD. */
  readonly most: number;
  readonly left: number;
  /** Seconds until the window has room again or begins anew. */
  readonly resetSeconds: number;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly states: readonly LimitState[] }
  | { readonly kind: 'refused'; readonly exceeded: LimitState; readonly states: readonly LimitState[] }
  /** A money limit and no price: refused by `unknownPrice`. */
  | { readonly kind: 'unpriced' }
  /** The ledger did not answer and the rules say closed. */
  | { readonly kind: 'unreachable' };

/** What a request came to. Settling twice under one id settles once; one that is never settled expires with its estimate charged. */
export interface Bill {
  readonly reservationId: string;
  readonly route: string;
  /** Tokens really used; `undefined`: unknown, the estimate stands. */
  readonly tokens: number | undefined;
  /** `undefined`: the price is not known. */
  readonly nanoUsd: number | undefined;
  /** The answer was not whole, so both are the least that was used: the estimate stands where it is more. */
  readonly isPartial?: true;
  /** `refund`: nothing was used upstream, the reservation is given back. */
  readonly outcome: 'used' | 'refund';
  readonly nowMs: number;
}
