import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workersAiModels } from '../../src/core/catalogue.ts';
import { providers } from '../../src/core/providers.ts';
import { noUsage, type Usage } from '../../src/core/usage.ts';
import type { Price } from '../../src/ledger/price.ts';
import { priceRows } from '../../src/ledger/price-table.ts';
import { costOf, priceOf } from '../../src/ledger/prices.ts';

const price: Price = { input: 3_000_000, cachedRead: 300_000, cachedWrite: 3_750_000, output: 15_000_000 };

describe('the price of a model', () => {
  it.each([
    ['anthropic', 'claude-sonnet-4-6', 3_000_000, 15_000_000],
    ['anthropic', 'claude-haiku-4-5-20251001', 1_000_000, 5_000_000],
    ['openai', 'gpt-5.1-2025-11-13', 1_250_000, 10_000_000],
    ['openai', 'gpt-4o-2024-05-13', 5_000_000, 15_000_000],
    ['openai', 'text-embedding-3-small', 20_000, 0],
    ['workers-ai', '@cf/openai/gpt-oss-120b', 350_000, 750_000],
    ['workers-ai', '@cf/baai/bge-m3', 12_000, 0],
  ])('of %s %s is known', (provider, model, input, output) => {
    expect(priceOf(provider, model)).toMatchObject({ input, output });
  });

  it.each([
    ['openai', 'gpt-99'],
    ['openai', 'gpt-5.1-preview'],
    ['openai', 'claude-sonnet-4-6'],
    ['anthropic', 'claude-sonnet-4-6-fast'],
    ['workers-ai', '@cf/openai/whisper'],
    ['workers-ai', '@cf/openai/gpt-oss-120b-20250101'],
    ['custom-acme', 'gpt-5.1'],
    ['dynamic', 'support'],
    ['openai', '__proto__'],
    ['openai', 'constructor'],
    ['', ''],
  ])('of %s %s is unknown rather than guessed or free', (provider, model) => {
    expect(priceOf(provider, model)).toBeUndefined();
  });

  it.each([
    ['of one provider', { 'openai/gpt-5.1': { input: 1, output: 2 } }],
    ['whatever the provider', { 'gpt-5.1': { input: 1, output: 2 } }],
    ['of one provider first', { 'openai/gpt-5.1': { input: 1, output: 2 }, 'gpt-5.1': { input: 9, output: 9 } }],
  ])('is what the operator says, %s', (_, overrides) => {
    expect(priceOf('openai', 'gpt-5.1', overrides)).toEqual({
      input: 1_000_000,
      cachedRead: 1_000_000,
      cachedWrite: 1_000_000,
      output: 2_000_000,
    });
  });

  it('of the operator may be nothing at all, which is not unknown', () => {
    expect(priceOf('custom-acme', 'm', { 'custom-acme/m': { input: 0, output: 0 } })).toEqual({
      input: 0,
      cachedRead: 0,
      cachedWrite: 0,
      output: 0,
    });
  });

  it('does not find what overrides inherit', () => {
    expect(priceOf('openai', 'constructor', {})).toBeUndefined();
  });

  it('is higher above a length where the provider says so', () => {
    const long = priceOf('anthropic', 'claude-sonnet-4-5');
    expect(long?.above).toEqual({
      tokens: 200_000,
      price: { input: 6_000_000, cachedRead: 600_000, cachedWrite: 7_500_000, output: 22_500_000 },
    });
  });

  it('is known of every chat model of Workers AI that the router lists, but one', () => {
    const unknown = workersAiModels.filter((model) => priceOf('workers-ai', model) === undefined);
    expect(unknown).toEqual(['@cf/google/embeddinggemma-300m']);
  });
});

describe('the table', () => {
  const rows = Object.entries(priceRows).flatMap(([provider, list]) => list.map((row) => [provider, row] as const));

  it('knows only providers that the router has', () => {
    expect(Object.keys(priceRows).filter((slug) => !providers.has(slug))).toEqual([]);
  });

  it('has each name once, and a price for everything', () => {
    const names = rows.flatMap(([provider, [list]]) => list.split(' ').map((name) => `${provider}/${name}`));
    expect(new Set(names).size).toBe(names.length);
    expect(rows.filter(([, [, input, output]]) => !(input > 0) || !(output >= 0))).toEqual([]);
  });

  it('has nothing that gets cheaper with length', () => {
    const cheaper = rows.filter(
      ([, [, input, output, , , above]]) => above !== undefined && !(above[1] >= input && above[2] >= output),
    );
    expect(cheaper).toEqual([]);
  });
});

const usageOf = (given: Partial<Usage>): Usage => ({ ...noUsage, ...given });

describe('the cost', () => {
  it.each([
    ['nothing', {}, 0],
    ['fresh input', { input: 1_000 }, 3_000_000],
    ['output, reasoning included', { output: 100, reasoning: 60 }, 1_500_000],
    ['cached input apart', { input: 1_000, cachedRead: 600, cachedWrite: 300 }, 300_000 + 180_000 + 1_125_000],
    ['no more cached input than there is input', { input: 100, cachedRead: 500, cachedWrite: 500 }, 30_000],
    ['what is no number as nothing', { input: Number.NaN, output: -5 }, 0],
  ])('counts %s', (_, usage, nanoUsd) => {
    expect(costOf(usageOf(usage), price)).toBe(nanoUsd);
  });

  it('is rounded up, so that many small calls are not free', () => {
    expect(costOf(usageOf({ input: 1 }), { ...price, input: 1 })).toBe(1);
  });

  it('takes the price of the length for all tokens', () => {
    const above = { tokens: 100, price: { ...price, input: 6_000_000 } };
    const cost = (input: number): number => costOf(usageOf({ input }), { ...price, above });
    expect([cost(100), cost(101)]).toEqual([300_000, 606_000]);
  });

  /* Z18 */
  const count = fc.oneof(fc.nat(1e6), fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.double());
  const anyUsage = fc.record({ input: count, cachedRead: count, cachedWrite: count, output: count, reasoning: count });
  const perToken = fc.nat(200_000_000);
  const anyPrice = fc.record({ input: perToken, cachedRead: perToken, cachedWrite: perToken, output: perToken });

  it('is a whole number that adds exactly, whatever an upstream tells', () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, (usage, price) => {
        const cost = costOf(usage, price);
        expect(Number.isSafeInteger(cost)).toBe(true);
        expect(cost).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('never falls when input or output grows', () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, fc.nat(1e6), fc.nat(1e6), (usage, price, moreInput, moreOutput) => {
        const more = { ...usage, input: usage.input + moreInput, output: usage.output + moreOutput };
        fc.pre(usage.input >= 0 && usage.output >= 0);
        expect(costOf(more, price)).toBeGreaterThanOrEqual(costOf(usage, price));
      }),
    );
  });

  it('is the sum of its parts, to the nano-dollar', () => {
    const small = fc.nat(2_000_000);
    fc.assert(
      fc.property(small, small, anyPrice, (input, output, price) => {
        const parts = costOf(usageOf({ input }), price) + costOf(usageOf({ output }), price);
        expect(parts - costOf(usageOf({ input, output }), price)).toBeOneOf([0, 1]);
      }),
    );
  });
});
