import { describe, expect, it } from 'vitest';
import type { Target } from '../../src/core/target.ts';
import { coolingSeconds, noteHealth, type HealthMemo } from '../../src/policy/health.ts';

const target: Target = {
  name: 'openai/gpt',
  provider: 'openai',
  model: 'gpt',
  carrier: 'gateway',
  dialect: 'chat',
  credentials: 'stored',
  gateway: {},
  options: {},
};
const rule = { failures: 3, seconds: 30 };

function after(fares: readonly { answered: boolean; retryAfterSeconds?: number }[], of: Target = target): HealthMemo {
  const memo: HealthMemo = new Map();
  for (const fared of fares) noteHealth(memo, { target: of, rule, nowMs: 0, ...fared });
  return memo;
}
const failed = { answered: false };

describe('a target', () => {
  it('is tried after fewer failures than the rule says', () => {
    expect(coolingSeconds(after([failed, failed]), target, 0)).toBeUndefined();
  });

  it('cools down after as many, for as long as the rule says', () => {
    const memo = after([failed, failed, failed]);
    expect(coolingSeconds(memo, target, 10_000)).toBe(20);
    expect(coolingSeconds(memo, target, 30_000)).toBeUndefined();
  });

  it('begins anew with an answer', () => {
    expect(coolingSeconds(after([failed, failed, { answered: true }, failed]), target, 0)).toBeUndefined();
  });

  it('cools down at once for the wait that it names, a minute at most', () => {
    expect(coolingSeconds(after([{ answered: false, retryAfterSeconds: 7 }]), target, 0)).toBe(7);
    expect(coolingSeconds(after([{ answered: false, retryAfterSeconds: 3600 }]), target, 0)).toBe(60);
  });

  it('is another one with another credential', () => {
    const memo = after([failed, failed, failed]);
    expect(coolingSeconds(memo, { ...target, credentials: 'unified' }, 0)).toBeUndefined();
  });
});

it('remembers a bounded number of targets', () => {
  const memo: HealthMemo = new Map();
  for (let i = 0; i < 600; i += 1)
    noteHealth(memo, { target: { ...target, name: `t${i}` }, rule, nowMs: 0, answered: false });
  expect(memo.size).toBe(500);
});
