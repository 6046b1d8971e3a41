/**
 * What a model's tokens cost, by kind, in whole pico-USD (1e-12 USD) a token: dollars per million tokens times a million.
 * In nano-USD a token at 0.0375 USD per million would not be whole. Reasoning tokens are output.
 */
export interface Price {
  readonly input: number;
  readonly cachedRead: number;
  readonly cachedWrite: number;
  readonly output: number;
  /** Prices of a request with more input tokens than `input` says: for all of its tokens. */
  readonly above?: { readonly tokens: number; readonly price: Price };
}

/** Prices as people write them, in US dollars per million tokens: in the KV value `prices` and in the tables. */
export interface UsdPrice {
  readonly input: number;
  readonly output: number;
  /** Absent: as `input`. */
  readonly cachedRead?: number | undefined;
  readonly cachedWrite?: number | undefined;
}
