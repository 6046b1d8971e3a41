import * as z from 'zod';

/** The KV key of the price overrides. */
export const pricesKey = 'prices';

/** US dollars per million tokens. */
const usd = z.number().min(0).max(10_000);

const ModelPrice = z.strictObject({
  input: usd,
  output: usd,
  /** Input tokens that came from a prompt cache, and those that were written to one; absent: as `input`. */
  cachedRead: usd.exactOptional(),
  cachedWrite: usd.exactOptional(),
});

/**
 * The KV value `prices`: what models cost, in place of what the router knows. By the name of a direct model
 * (`openai/gpt-5.1`, `@cf/meta/...`, `custom-acme/large`) or by a model name whatever the provider. 0 is free.
 */
export const PriceOverrides = z
  .record(z.string().min(1).max(256), ModelPrice)
  .refine((prices) => Object.keys(prices).length <= 2_000, 'takes at most 2,000 models');
export type PriceOverrides = z.infer<typeof PriceOverrides>;
