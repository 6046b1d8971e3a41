import { describe, expect, it } from 'vitest';
import { usualRules, type Ask, type LimitState, type Limits } from '../../src/core/limits.ts';
import { Book } from '../../src/ledger/book.ts';
import { closedMs, expiredMs, holdMs } from '../../src/ledger/hold.ts';
import { askOf, billOf, dollar, noonMs } from './asks.ts';

const limits = {
  requestsPerMinute: 10,
  tokensPerMinute: 1_000,
  concurrent: 4,
  usdPerDay: 5,
  usdPerMonth: 20,
} as const satisfies Limits;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What is left of each limit, by its name. */
function leftIn(book: Book, nowMs = noonMs, asked: Limits = limits): Record<string, number> {
  return Object.fromEntries(book.states({ limits: asked, nowMs }).map(({ limit, left }) => [limit, left]));
}

function stateIn(states: readonly LimitState[], limit: keyof Limits): LimitState | undefined {
  return states.find((state) => state.limit === limit);
}

/** A book that lived on in storage: everything written so far, read back. */
function reopen(book: Book): Book {
  const { holds, scopes } = structuredClone(book.takeChanges());
  return new Book({
    holds: [...holds.values()].flatMap((hold) => hold ?? []),
    scopes: [...scopes].flatMap(([key, scope]) => (scope === undefined ? [] : [[key, scope] as const])),
  });
}

describe('reserving', () => {
  it('holds the estimate against every limit and tells how they stand', () => {
    const book = new Book();
    expect(book.reserve(askOf('a', { limits }))).toEqual({
      kind: 'admitted',
      states: [
        { limit: 'requestsPerMinute', most: 10, left: 9, resetSeconds: 61 },
        { limit: 'tokensPerMinute', most: 1_000, left: 900, resetSeconds: 61 },
        { limit: 'concurrent', most: 4, left: 3, resetSeconds: 1 },
        { limit: 'usdPerDay', most: 5 * dollar, left: 4 * dollar, resetSeconds: 43_200 },
        { limit: 'usdPerMonth', most: 20 * dollar, left: 19 * dollar, resetSeconds: 10.5 * 86_400 },
      ],
    });
  });

  it('reserves once under one id', () => {
    const book = new Book();
    const first = book.reserve(askOf('a', { limits }));
    expect(book.reserve(askOf('a', { limits }))).toEqual(first);
    expect(leftIn(book)).toMatchObject({ requestsPerMinute: 9, concurrent: 3, usdPerDay: 4 * dollar });
  });

  it.each<[keyof Limits, number, Partial<Ask>, number]>([
    ['requestsPerMinute', 2, {}, 61],
    ['tokensPerMinute', 250, {}, 61],
    ['concurrent', 2, {}, 1],
    ['usdPerDay', 2.5, {}, 1],
    ['usdPerMonth', 2, {}, 1],
    ['usdPerDay', 2.5, { nanoUsd: 3 * dollar }, 43_200],
  ])('refuses what goes over %s %d, with the seconds until it fits', (limit, most, ask, resetSeconds) => {
    const book = new Book();
    const only = { [limit]: most };
    book.reserve(askOf('a', { limits: only }));
    book.reserve(askOf('b', { limits: only }));
    const refused = book.reserve(askOf('c', { limits: only, ...ask }));
    expect(refused).toMatchObject({ kind: 'refused', exceeded: { limit, resetSeconds } });
    // Nothing of it was counted.
    expect(book.reserve(askOf('c', { limits: { requestsPerMinute: 3 } }))).toMatchObject({ kind: 'admitted' });
  });

  it('names the limit that takes longest to have room', () => {
    const book = new Book();
    const tight = { requestsPerMinute: 1, usdPerDay: 1, concurrent: 1 };
    book.reserve(askOf('a', { limits: tight }));
    book.settle(billOf('a'));
    expect(book.reserve(askOf('b', { limits: tight }))).toMatchObject({
      exceeded: { limit: 'usdPerDay', most: dollar, left: 0, resetSeconds: 43_200 },
    });
  });

  it('lets an ask through that fits exactly', () => {
    expect(new Book().reserve(askOf('a', { limits: { tokensPerMinute: 100, usdPerDay: 1 } }))).toMatchObject({
      kind: 'admitted',
    });
  });

  it('counts what is no number as nothing, and never as a credit', () => {
    const book = new Book();
    book.reserve(askOf('a', { limits, tokens: Number.NaN, nanoUsd: -5 }));
    book.reserve(askOf('b', { limits, tokens: 1e300, nanoUsd: 0 }));
    expect(leftIn(book)).toMatchObject({ tokensPerMinute: 1_000, usdPerDay: 5 * dollar, concurrent: 3 });
  });

  it('has room again when the minute has passed, and not a second earlier', () => {
    const book = new Book();
    const one = { requestsPerMinute: 1 };
    book.reserve(askOf('a', { limits: one, nowMs: noonMs + 999 }));
    expect(book.reserve(askOf('b', { limits: one, nowMs: noonMs + 60_998 }))).toMatchObject({
      exceeded: { resetSeconds: 1 },
    });
    expect(book.reserve(askOf('b', { limits: one, nowMs: noonMs + 61_000 }))).toMatchObject({ kind: 'admitted' });
  });

  it('refuses a call without a price on a money limit by rule', () => {
    const ask = askOf('a', { limits, nanoUsd: undefined });
    expect(new Book().reserve(ask)).toEqual({ kind: 'unpriced' });
    expect(new Book().reserve({ ...ask, rules: { ...usualRules, unknownPrice: 'allow' } }).kind).toBe('admitted');
    expect(new Book().reserve({ ...ask, limits: { concurrent: 1 } }).kind).toBe('admitted');
    expect(new Book().reserve({ ...ask, limits: {}, routeLimits: { usdPerDay: 1 } }).kind).toBe('unpriced');
  });

  it('never lets time run backwards', () => {
    const book = new Book();
    book.reserve(askOf('a', { limits, nowMs: noonMs }));
    expect(leftIn(book, noonMs - 10 * dayMs)).toMatchObject({ usdPerDay: 4 * dollar, requestsPerMinute: 9 });
  });
});

describe('limits of a route', () => {
  const onRoute = { limits: { concurrent: 3 }, routeLimits: { concurrent: 1 } };

  it('hold beside the caller’s own', () => {
    const book = new Book();
    book.reserve(askOf('a', onRoute));
    expect(book.reserve(askOf('b', onRoute))).toMatchObject({
      kind: 'refused',
      exceeded: { limit: 'concurrent', route: 'chat', most: 1, left: 0 },
    });
    expect(book.reserve(askOf('c', { ...onRoute, route: 'other' }))).toMatchObject({
      kind: 'admitted',
      states: [{ left: 1 }, { route: 'other', left: 0 }],
    });
  });

  it('are settled with the caller’s own', () => {
    const book = new Book();
    const money = { limits: { usdPerDay: 9 }, routeLimits: { usdPerDay: 3 } };
    book.reserve(askOf('a', money));
    book.settle(billOf('a', { nanoUsd: 2 * dollar }));
    expect(book.states({ ...money, route: 'chat', nowMs: noonMs }).map(({ left }) => left)).toEqual([
      7 * dollar,
      dollar,
    ]);
  });

  it('are charged by a bill without a reservation', () => {
    const book = new Book();
    const money = { limits: { usdPerDay: 9 }, routeLimits: { usdPerDay: 3 } };
    book.reserve(askOf('a', money));
    book.settle(billOf('lost'));
    expect(book.states({ ...money, route: 'chat', nowMs: noonMs }).map(({ left }) => left)).toEqual([
      7 * dollar,
      dollar,
    ]);
  });
});

describe('settling', () => {
  it.each([
    ['what was used', {}, { tokensPerMinute: 900, usdPerDay: 4 * dollar }],
    ['less than the estimate', { tokens: 30, nanoUsd: 1 }, { tokensPerMinute: 970, usdPerDay: 5 * dollar - 1 }],
    ['more than the estimate', { tokens: 300, nanoUsd: 2 * dollar }, { tokensPerMinute: 700, usdPerDay: 3 * dollar }],
    [
      'the estimate where nothing is known',
      { tokens: undefined, nanoUsd: undefined },
      { tokensPerMinute: 900, usdPerDay: 4 * dollar },
    ],
    ['nothing but the request on a refund', { outcome: 'refund' }, { tokensPerMinute: 1_000, usdPerDay: 5 * dollar }],
  ] as const)('charges %s', (_, bill, left) => {
    const book = new Book();
    book.reserve(askOf('a', { limits }));
    book.settle(billOf('a', bill));
    expect(leftIn(book)).toMatchObject({ requestsPerMinute: 9, concurrent: 4, ...left });
  });

  it('settles once under one id', () => {
    const book = new Book();
    book.reserve(askOf('a', { limits }));
    book.settle(billOf('a'));
    book.settle(billOf('a', { nanoUsd: 3 * dollar }));
    book.settle(billOf('a', { outcome: 'refund' }));
    expect(leftIn(book)).toMatchObject({ usdPerDay: 4 * dollar, tokensPerMinute: 900, concurrent: 4 });
  });

  it('charges a bill whose reservation was lost, once', () => {
    const book = new Book();
    book.settle(billOf('lost'));
    book.settle(billOf('lost'));
    expect(leftIn(book)).toEqual({
      requestsPerMinute: 10,
      tokensPerMinute: 900,
      concurrent: 4,
      usdPerDay: 4 * dollar,
      usdPerMonth: 19 * dollar,
    });
  });

  it('holds nothing for a reservation that comes after its refund', () => {
    const book = new Book();
    book.settle(billOf('a', { outcome: 'refund' }));
    book.reserve(askOf('a', { limits }));
    expect(leftIn(book)).toMatchObject({ concurrent: 4, usdPerDay: 5 * dollar });
  });

  it('charges the day in which it settles', () => {
    const book = new Book();
    book.reserve(askOf('a', { limits, nowMs: noonMs + dayMs / 2 - 1 }));
    expect(leftIn(book, noonMs + dayMs / 2)).toMatchObject({ usdPerDay: 4 * dollar });
    book.settle(billOf('a', { nowMs: noonMs + dayMs / 2 + 1 }));
    expect(leftIn(book, noonMs + dayMs)).toMatchObject({ usdPerDay: 4 * dollar, usdPerMonth: 19 * dollar });
    expect(leftIn(book, noonMs + 2 * dayMs)).toMatchObject({ usdPerDay: 5 * dollar, usdPerMonth: 19 * dollar });
    expect(leftIn(book, Date.UTC(2026, 11, 1))).toMatchObject({ usdPerMonth: 20 * dollar });
  });
});

describe('a reservation that nobody settles', () => {
  it('expires with its estimate charged', () => {
    const book = new Book();
    book.reserve(askOf('a', { limits }));
    expect(book.dueMs).toBe(noonMs + holdMs);
    expect(leftIn(book, noonMs + holdMs - 1)).toMatchObject({ concurrent: 3 });
    book.expire(noonMs + holdMs);
    expect(leftIn(book, noonMs + holdMs)).toMatchObject({ concurrent: 4, usdPerDay: 4 * dollar });
  });

  it.each([
    ['less', { nanoUsd: 1, nowMs: noonMs + holdMs + minuteMs }, 5 * dollar - 1],
    ['more', { nanoUsd: 3 * dollar, nowMs: noonMs + holdMs + minuteMs }, 2 * dollar],
    ['nothing', { outcome: 'refund', nowMs: noonMs + holdMs + minuteMs }, 5 * dollar],
    ['what it knows', { nanoUsd: undefined, nowMs: noonMs + holdMs + minuteMs }, 4 * dollar],
  ] as const)('is corrected by a late bill of %s', (_, bill, left) => {
    const book = new Book();
    book.reserve(askOf('a', { limits }));
    book.expire(noonMs + holdMs);
    book.settle(billOf('a', bill));
    expect(leftIn(book, bill.nowMs)).toMatchObject({ usdPerDay: left, concurrent: 4 });
  });

  it('gives nothing back to a day that did not pay', () => {
    const book = new Book();
    const beforeMidnight = noonMs + dayMs / 2 - holdMs - 1;
    book.reserve(askOf('a', { limits, nowMs: beforeMidnight }));
    book.expire(beforeMidnight + holdMs);
    book.settle(billOf('other', { nowMs: noonMs + dayMs }));
    book.settle(billOf('a', { nanoUsd: 0, nowMs: noonMs + dayMs }));
    expect(leftIn(book, noonMs + dayMs)).toMatchObject({ usdPerDay: 4 * dollar, usdPerMonth: 19 * dollar });
  });

  it('is forgotten in the end, like one that was settled', () => {
    const book = new Book();
    book.reserve(askOf('a', { limits, routeLimits: {} }));
    book.reserve(askOf('b', { limits }));
    book.settle(billOf('b'));
    book.takeChanges();
    book.expire(noonMs + closedMs);
    expect(book.takeChanges().holds).toEqual(new Map([['b', undefined]]));
    book.expire(noonMs + holdMs);
    book.takeChanges();
    book.expire(noonMs + holdMs + expiredMs);
    expect(book.takeChanges().holds).toEqual(new Map([['a', undefined]]));
    expect(book.dueMs).toBeUndefined();
  });
});

describe('a slice', () => {
  const ask = askOf('first', { limits });

  it('holds as many copies as asked for, or one near the limit', () => {
    const book = new Book();
    expect(book.lease({ leaseId: 'l', ask, copies: 3 })).toMatchObject({ copies: 3, admission: { kind: 'admitted' } });
    expect(leftIn(book)).toMatchObject({ requestsPerMinute: 7, tokensPerMinute: 700, usdPerDay: 2 * dollar });
    expect(book.lease({ leaseId: 'm', ask, copies: 3 })).toMatchObject({ copies: 1 });
    book.lease({ leaseId: 'n', ask: { ...ask, limits: {} }, copies: 1 });
    expect(book.lease({ leaseId: 'o', ask, copies: 3 })).toMatchObject({ copies: 0, admission: { kind: 'refused' } });
  });

  it('is given once under one id', () => {
    const book = new Book();
    book.lease({ leaseId: 'l', ask, copies: 3 });
    expect(book.lease({ leaseId: 'l', ask, copies: 5 })).toMatchObject({ copies: 3 });
    expect(leftIn(book)).toMatchObject({ usdPerDay: 2 * dollar });
  });

  it('given back charges what was settled, holds what is running and frees the rest', () => {
    const book = new Book();
    book.lease({ leaseId: 'l', ask, copies: 4 });
    const back = {
      leaseId: 'l',
      settled: { requests: 2, tokens: 150, nanoUsd: dollar / 2 },
      open: [{ reservationId: 'running', tokens: 100, nanoUsd: dollar }],
      nowMs: noonMs + 5_000,
    };
    book.giveBack(back);
    book.giveBack(back);
    const left = { requestsPerMinute: 7, tokensPerMinute: 750, concurrent: 3, usdPerDay: 3.5 * dollar };
    expect(leftIn(book, noonMs + 5_000)).toMatchObject(left);
    book.settle(billOf('running', { nanoUsd: dollar / 2, nowMs: noonMs + 9_000 }));
    expect(leftIn(book, noonMs + 9_000)).toMatchObject({ concurrent: 4, usdPerDay: 4 * dollar });
  });

  it('does not hold a running request that was settled on its own before', () => {
    const book = new Book();
    book.lease({ leaseId: 'l', ask, copies: 2 });
    book.settle(billOf('running'));
    book.giveBack({
      leaseId: 'l',
      settled: { requests: 0, tokens: 0, nanoUsd: 0 },
      open: [{ reservationId: 'running', tokens: 100, nanoUsd: dollar }],
      nowMs: noonMs,
    });
    expect(leftIn(book)).toMatchObject({ concurrent: 4, usdPerDay: 4 * dollar });
  });

  it('that is never given back is charged whole after a minute', () => {
    const book = new Book();
    book.lease({ leaseId: 'l', ask, copies: 3 });
    expect(leftIn(book, noonMs + minuteMs)).toMatchObject({ usdPerDay: 2 * dollar, concurrent: 4 });
  });
});

describe('a bill of an answer that was cut short', () => {
  it.each([
    ['less than was held, which stands', { tokens: 1, nanoUsd: 1 }, 4 * dollar],
    ['more than was held', { tokens: 900, nanoUsd: 2 * dollar }, 3 * dollar],
  ])('says %s', (_, told, usdPerDay) => {
    const book = new Book();
    book.reserve(askOf('cut', { limits, nanoUsd: dollar }));
    book.settle(billOf('cut', { ...told, isPartial: true }));
    expect(leftIn(book)).toMatchObject({ usdPerDay });
  });
});

describe('keeping', () => {
  it('gives back the same book', () => {
    const book = new Book();
    const asked = { limits, routeLimits: { usdPerDay: 4 } };
    book.reserve(askOf('held', asked));
    book.reserve(askOf('settled', asked));
    book.settle(billOf('settled'));
    const question = { ...asked, route: 'chat', nowMs: noonMs };
    const reopened = reopen(book);
    expect(reopened.states(question)).toEqual(book.states(question));
    reopened.settle(billOf('settled'));
    reopened.settle(billOf('held', { nanoUsd: 0 }));
    expect(stateIn(reopened.states(question), 'usdPerDay')).toMatchObject({ left: 4 * dollar });
    expect(reopened.dueMs).toBe(noonMs + closedMs);
  });

  it('gives each change once', () => {
    const book = new Book();
    book.reserve(askOf('a', { limits }));
    expect(book.isChanged).toBe(true);
    expect([...book.takeChanges().holds.keys()]).toEqual(['a']);
    expect(book.isChanged).toBe(false);
    expect(book.takeChanges()).toEqual({ holds: new Map(), scopes: new Map() });
  });

  it('writes nothing for what was refused', () => {
    const book = new Book();
    book.reserve(askOf('a', { limits: { concurrent: 0 } }));
    expect(book.isChanged).toBe(false);
  });
});
