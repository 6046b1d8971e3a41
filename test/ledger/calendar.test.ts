import { describe, expect, it } from 'vitest';
import { dateOf, dayOf, monthOf, secondsUntilNextDay, secondsUntilNextMonth } from '../../src/ledger/calendar.ts';

const lastMoment = Date.UTC(2026, 11, 31, 23, 59, 59, 999);

describe('UTC days and months', () => {
  it('change at midnight', () => {
    expect([dayOf(lastMoment + 1) - dayOf(lastMoment), monthOf(lastMoment + 1) - monthOf(lastMoment)]).toEqual([1, 1]);
  });

  it.each([
    [lastMoment, 1, 1],
    [Date.UTC(2026, 11, 31), 86_400, 86_400],
    [Date.UTC(2026, 1, 27, 12), 43_200, 129_600],
  ])('of %i end in %i and %i seconds', (ms, day, month) => {
    expect([secondsUntilNextDay(ms), secondsUntilNextMonth(ms)]).toEqual([day, month]);
  });

  it('are written as dates', () => {
    expect([dateOf(lastMoment), dateOf(lastMoment, 365)]).toEqual(['2026-12-31', '2025-12-31']);
  });
});
