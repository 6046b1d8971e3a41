import type { Usage } from '../core/usage.ts';
import type { Price, UsdPrice } from './price.ts';
import { priceRows, type PriceRow } from './price-table.ts';
import { wholeOf } from './whole.ts';
import { workersAiPrices } from './workers-ai-prices.ts';

/** Overrides by model: `openai/gpt-5.1` for one provider's, `@cf/...` or a plain model name for any. */
export type UsdPrices = Readonly<Record<string, UsdPrice>>;

/**
 * The price of a provider's model: what the operator says, else what the tables know. `undefined` is unknown, never free.
 * A dated name (`-20250929`, `-2025-04-14`, `@20250929`) has the price of the name without the date unless the tables know
 * better; no other name is guessed from a similar one.
 */
export function priceOf(provider: string, model: string, overrides: UsdPrices = {}): Price | undefined {
  const given = findOwn(overrides, `${provider}/${model}`) ?? findOwn(overrides, model);
  if (given !== undefined) return priceFrom(given);
  if (provider === 'workers-ai') return known.get(`workers-ai/${model}`);
  return known.get(`${provider}/${model}`) ?? known.get(`${provider}/${undated(model)}`);
}

/**
 * What usage costs, in whole nano-USD, rounded up. Cached tokens are part of the input; where an upstream tells more of
 * them than there was input, the rest is not believed.
 */
export function costOf(usage: Usage, price: Price): number {
  const input = wholeOf(usage.input);
  if (price.above !== undefined && input > price.above.tokens) return costOf(usage, price.above.price);
  const cachedRead = Math.min(wholeOf(usage.cachedRead), input);
  const cachedWrite = Math.min(wholeOf(usage.cachedWrite), input - cachedRead);
  // Big integers: a hundred million tokens at a dear model's price are over 2^53 pico-USD.
  const picoUsd =
    BigInt(input - cachedRead - cachedWrite) * BigInt(price.input) +
    BigInt(cachedRead) * BigInt(price.cachedRead) +
    BigInt(cachedWrite) * BigInt(price.cachedWrite) +
    BigInt(wholeOf(usage.output)) * BigInt(price.output);
  return wholeOf(Number((picoUsd + 999n) / 1000n));
}

/** A price as it is counted, from one as it is written. */
function priceFrom({ input, output, cachedRead, cachedWrite }: UsdPrice): Price {
  return {
    input: picoOf(input),
    cachedRead: picoOf(cachedRead ?? input),
    cachedWrite: picoOf(cachedWrite ?? input),
    output: picoOf(output),
  };
}

function picoOf(usdPerMillion: number): number {
  return wholeOf(Math.round(usdPerMillion * 1e6));
}

const known: ReadonlyMap<string, Price> = new Map([
  ...Object.entries(workersAiPrices).map(([model, price]) => [`workers-ai/${model}`, priceFrom(price)] as const),
  ...Object.entries(priceRows).flatMap(([provider, rows]) =>
    rows.flatMap((row) => namesOf(row).map((name) => [`${provider}/${name}`, rowPrice(row)] as const)),
  ),
]);

function namesOf([names]: PriceRow): string[] {
  return names.split(' ');
}

function rowPrice([, input, output, cachedRead, cachedWrite, above]: PriceRow): Price {
  const price = priceFrom(usdOf(input, output, cachedRead, cachedWrite));
  if (above === undefined) return price;
  const [tokens, ...dearer] = above;
  return { ...price, above: { tokens, price: priceFrom(usdOf(...dearer)) } };
}

function usdOf(input: number, output: number, cachedRead?: number | null, cachedWrite?: number | null): UsdPrice {
  return { input, output, cachedRead: cachedRead ?? undefined, cachedWrite: cachedWrite ?? undefined };
}

function undated(model: string): string {
  return model.replace(/(?:-\d{4}-\d{2}-\d{2}|[-@]20\d{6})$/, '');
}

function findOwn(prices: UsdPrices, name: string): UsdPrice | undefined {
  return Object.hasOwn(prices, name) ? prices[name] : undefined;
}
