import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countIn,
  forgetSeconds,
  secondsUntilFree,
  sumOf,
  takeBack,
  type Counted,
  type Minute,
} from '../../src/ledger/minute.ts';

const minuteOf = (counts: Readonly<Record<number, number>>): Minute =>
  new Map(Object.entries(counts).map(([second, tokens]) => [Number(second), { requests: 1, tokens }]));

describe('the sliding minute', () => {
  it('adds up what one second counts', () => {
    const minute: Minute = new Map();
    countIn(minute, 100, { requests: 1, tokens: 5 });
    countIn(minute, 100, { requests: 1, tokens: 7 });
    expect([...minute]).toEqual([[100, { requests: 2, tokens: 12 }]]);
  });

  it.each([
    [160, 5],
    [161, 0],
  ])('at second %i still holds %i tokens of second 100', (now, left) => {
    const minute = minuteOf({ 100: 5 });
    forgetSeconds(minute, now);
    expect(sumOf(minute, 'tokens')).toBe(left);
  });

  it('takes back from the second that counted, and never below zero', () => {
    const minute = minuteOf({ 100: 5, 101: 7 });
    takeBack(minute, 101, { requests: 0, tokens: 9 });
    takeBack(minute, 99, { requests: 1, tokens: 9 });
    expect([...minute]).toEqual([
      [100, { requests: 1, tokens: 5 }],
      [101, { requests: 1, tokens: 0 }],
    ]);
  });

  it.each([
    [1, 51],
    [5, 51],
    [6, 71],
    [12, 71],
    [99, 71],
  ])('has %i tokens free again after %i seconds', (excess, seconds) => {
    const minute = minuteOf({ 120: 7, 100: 5 });
    expect(secondsUntilFree(minute, { kind: 'tokens', excess, nowSecond: 110 })).toBe(seconds);
  });

  it('is free at once where it holds nothing', () => {
    expect(secondsUntilFree(new Map(), { kind: 'requests', excess: 1, nowSecond: 110 })).toBe(0);
  });

  it('tells the true wait: one second less is not enough', () => {
    const events = fc.array(
      fc.record({ second: fc.integer({ min: 0, max: 59 }), tokens: fc.integer({ min: 1, max: 9 }) }),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 20 }), (counted, excess) => {
        const minute: Minute = new Map();
        for (const { second, tokens } of counted) countIn(minute, second, { requests: 1, tokens });
        const held = sumOf(minute, 'tokens');
        fc.pre(excess <= held);
        const wait = secondsUntilFree(minute, { kind: 'tokens', excess, nowSecond: 59 });
        const heldAfter = (seconds: number): number => {
          const later: Minute = new Map<number, Counted>(minute);
          forgetSeconds(later, 59 + seconds);
          return sumOf(later, 'tokens');
        };
        expect(heldAfter(wait)).toBeLessThanOrEqual(held - excess);
        expect(heldAfter(wait - 1)).toBeGreaterThan(held - excess);
      }),
    );
  });
});
