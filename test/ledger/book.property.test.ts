import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Book } from '../../src/ledger/book.ts';
import { closedMs, holdMs } from '../../src/ledger/hold.ts';
import { askOf, billOf, dollar, noonMs } from './asks.ts';
import { commands, endless, Model } from './interleavings.ts';

/* Z15 to Z17: any interleaving of reserving, settling, crashing, repeating and waiting keeps the book true. */

describe('a book under any interleaving', () => {
  it('admits nothing beyond a limit, and what it spent and holds is what was used', () => {
    const interleaved = fc.property(fc.commands(commands, { maxCommands: 40, size: 'max' }), (sequence) => {
      const real = { book: new Book(), holds: new Map(), scopes: new Map() };
      fc.modelRun(() => ({ model: new Model(), real }), sequence);
    });
    expect(fc.check(interleaved, { numRuns: 400 })).toMatchObject({ failed: false, numRuns: 400 });
  });

  it('charges the sum of the bills, whatever order they come in, and holds nothing afterwards', () => {
    const request = fc.record({
      estimate: fc.nat(5 * dollar),
      bill: fc.nat(5 * dollar),
      end: fc.constantFrom('used', 'refund', 'crash', 'late'),
      reservedMs: fc.nat(3_600_000),
      tookMs: fc.nat(2 * holdMs),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
        const book = new Book();
        const events = requests.flatMap(({ estimate, bill, end, reservedMs, tookMs }, i) => {
          const id = `r${i}`;
          const madeMs = noonMs + reservedMs;
          const doneMs = madeMs + (end === 'late' ? holdMs + tookMs : tookMs);
          const reserve = (): void => void book.reserve(askOf(id, { nanoUsd: estimate, nowMs: madeMs }));
          const settle = (): void =>
            book.settle(billOf(id, { nanoUsd: bill, outcome: end === 'refund' ? 'refund' : 'used', nowMs: doneMs }));
          const last = end === 'crash' ? [] : [{ ms: doneMs, run: settle }];
          return [{ ms: madeMs, run: reserve }, ...last];
        });
        for (const { run } of events.toSorted((a, b) => a.ms - b.ms)) run();
        const endMs = noonMs + 3_600_000 + 4 * holdMs;
        book.expire(endMs);
        const due = { used: 'bill', late: 'bill', crash: 'estimate', refund: 'none' } as const;
        const owed = requests.reduce((sum, { estimate, bill, end }) => sum + { bill, estimate, none: 0 }[due[end]], 0);
        const used = book
          .states({ limits: endless, nowMs: endMs })
          .map(({ limit, most, left }) => [limit, most - left]);
        expect(Object.fromEntries(used)).toEqual({ tokensPerMinute: 0, concurrent: 0, usdPerDay: owed });
      }),
      { numRuns: 500 },
    );
  });

  it('forgets in time: holds nothing but what is open, late or a minute old', () => {
    const book = new Book();
    for (let i = 0; i < 5_000; i += 1) {
      const nowMs = noonMs + i * 100;
      book.reserve(askOf(`r${i}`, { nowMs }));
      book.settle(billOf(`r${i}`, { nowMs }));
    }
    const kept = [...book.takeChanges().holds.values()].filter((hold) => hold !== undefined);
    expect(kept.length).toBeLessThanOrEqual((closedMs + 10_000) / 100 + 1);
  });
});
