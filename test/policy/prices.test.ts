import { describe, expect, it } from 'vitest';
import { PriceOverrides } from '../../src/policy/prices.ts';

describe('the KV value `prices`', () => {
  it('takes prices by model', () => {
    const prices = {
      'openai/gpt-5.1': { input: 1.25, output: 10, cachedRead: 0.125, cachedWrite: 1.5 },
      '@cf/meta/llama-3.2-1b-instruct': { input: 0, output: 0 },
    };
    expect(PriceOverrides.parse(prices)).toEqual(prices);
  });

  it.each([
    ['no output', { m: { input: 1 } }],
    ['a negative price', { m: { input: -1, output: 1 } }],
    ['a price that is no number', { m: { input: '1', output: 1 } }],
    ['infinity', { m: { input: Number.POSITIVE_INFINITY, output: 1 } }],
    ['a price for a gold bar', { m: { input: 10_001, output: 1 } }],
    ['an unknown kind', { m: { input: 1, output: 1, cached: 1 } }],
    ['a model without a name', { '': { input: 1, output: 1 } }],
    [
      'too many models',
      Object.fromEntries(Array.from({ length: 2_001 }, (_, i) => [`m${i}`, { input: 1, output: 1 }])),
    ],
    ['a list', [{ input: 1, output: 1 }]],
  ])('refuses %s', (_, value) => {
    expect(PriceOverrides.safeParse(value).success).toBe(false);
  });
});
