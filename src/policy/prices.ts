import * as z from 'zod/mini';
import { number } from './field.ts';

/** The KV key of the price overrides. */
export const pricesKey = 'prices';

/** US dollars per million tokens. */
const usd = number(0, 10_000);

const ModelPrice = z.strictObject({
  input: usd,
  output: usd,
  /** Input tokens that came from a prompt cache, and those that were written to one; absent: as `input`. */
  cachedRead: z.exactOptional(usd),
  cachedWrite: z.exactOptional(usd),
});

/**
 * The KV value `prices`: what models cost, in place of what the router knows. By the name of a direct model
 * (`openai/gpt-5.1`, `@cf/meta/...`, `custom-acme/large`) or by a model name whatever the provider. 0 is free.
 */
export const PriceOverrides = z
  .record(z.string().check(z.minLength(1), z.maxLength(256)), ModelPrice)
  .check(z.refine((prices) => Object.keys(prices).length <= 2_000, 'takes at most 2,000 models'));
export type PriceOverrides = z.infer<typeof PriceOverrides>;
