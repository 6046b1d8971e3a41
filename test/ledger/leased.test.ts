import { describe, expect, it } from 'vitest';
import { usualRules, type Ask, type Limits } from '../../src/core/limits.ts';
import { sliceCopies, sliceMs } from '../../src/ledger/leased.ts';
import { openLedger } from '../../src/ledger/port.ts';
import { askOf, billOf, dollar, noonMs } from './asks.ts';
import { ledgerRig, overloaded, type Rig } from './rig.ts';

const rules = { ...usualRules, counting: 'leased' } as const;
const limits = { requestsPerMinute: 60, tokensPerMinute: 100_000, usdPerDay: 50 } as const satisfies Limits;
const leased = (id: string, given: Partial<Ask> = {}): Ask => askOf(id, { rules, limits, ...given });

function usedIn({ book, timer }: Rig): Record<string, number> {
  const states = book.states({ limits, nowMs: timer.now() });
  return Object.fromEntries(states.map(({ limit, most, left }) => [limit, most - left]));
}

describe('leased counting', () => {
  it('asks the object once for ten requests', async () => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    for (let i = 0; i < sliceCopies; i += 1)
      expect(await port.admit('team', leased(`r${i}`))).toMatchObject({ kind: 'admitted' });
    expect(rig.calls).toEqual(['lease']);
    await port.admit('team', leased('one more'));
    expect(rig.calls).toEqual(['lease', 'lease', 'giveBack']);
  });

  it('settles within the slice, which gets back what was not used', async () => {
    const rig = ledgerRig();
    const isolate = rig.isolate();
    const port = openLedger(isolate);
    await port.admit('team', leased('a'));
    await port.settle('team', billOf('a', { tokens: 10, nanoUsd: dollar / 4 }));
    await port.admit('team', leased('b'));
    await port.settle('team', billOf('b', { outcome: 'refund' }));
    expect(rig.calls).toEqual(['lease']);
    expect([...isolate.slices.values()]).toMatchObject([
      {
        left: { requests: 8, tokens: 990, nanoUsd: 9.75 * dollar },
        settled: { requests: 2, tokens: 10, nanoUsd: dollar / 4 },
      },
    ]);
  });

  it('gives the slice back after five seconds, and running requests settle at the object', async () => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    await port.admit('team', leased('a'));
    await port.admit('team', leased('b'));
    await port.settle('team', billOf('a', { nanoUsd: dollar / 2 }));
    expect(usedIn(rig)).toEqual({ requestsPerMinute: 10, tokensPerMinute: 1_000, usdPerDay: 10 * dollar });
    rig.timer.advance(sliceMs);
    await rig.settled();
    expect(usedIn(rig)).toEqual({ requestsPerMinute: 2, tokensPerMinute: 200, usdPerDay: 1.5 * dollar });
    await port.settle('team', billOf('b', { nanoUsd: dollar / 2 }));
    expect(usedIn(rig)).toMatchObject({ usdPerDay: dollar });
    expect(rig.calls).toEqual(['lease', 'giveBack', 'settle']);
  });

  it('keeps slices of limited routes apart', async () => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    const routeLimits = { requestsPerMinute: 20 };
    await port.admit('team', leased('a', { routeLimits }));
    await port.admit('team', leased('b', { routeLimits, route: 'other' }));
    await port.settle('team', billOf('b', { route: 'other' }));
    expect(rig.calls).toEqual(['lease', 'lease']);
  });

  it('keeps callers apart', async () => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    await port.admit('team', leased('a'));
    await port.admit('other', leased('b'));
    await port.settle('other', billOf('a'));
    expect(rig.calls).toEqual(['lease', 'lease', 'settle']);
  });

  it.each<[string, Partial<Ask>]>([
    ['requests at once', { limits: { concurrent: 3 } }],
    ['requests at once on the route', { routeLimits: { concurrent: 3 } }],
    ['a call without a price', { nanoUsd: undefined }],
  ])('is strict about %s', async (_, ask) => {
    const rig = ledgerRig();
    await openLedger(rig.isolate()).admit('team', leased('a', ask));
    expect(rig.calls).toEqual(['reserve']);
  });

  it('follows the outage rules, and gives back a slice that may have been given', async () => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    rig.fates.push('lost');
    const admitting = port.admit('team', leased('a'));
    await rig.settled();
    rig.timer.advance(500);
    expect((await admitting).kind).toBe('unreachable');
    await rig.settled();
    expect(usedIn(rig)).toEqual({ requestsPerMinute: 0, tokensPerMinute: 0, usdPerDay: 0 });
    rig.fates.push(overloaded());
    expect((await port.admit('team', leased('b', { limits: { requestsPerMinute: 5 } }))).kind).toBe('admitted');
  });

  it('says in the log that a slice could not be given back', async () => {
    const rig = ledgerRig();
    await openLedger(rig.isolate()).admit('team', leased('a'));
    rig.fates.push(overloaded(), overloaded(), overloaded());
    for (const ms of [sliceMs, 100, 1_000]) {
      rig.timer.advance(ms);
      await rig.settled();
    }
    expect(rig.warnings).toEqual([{ event: 'ledger-slice-lost', caller: 'team', lease: 'lease id2' }]);
  });

  it('holds no more than a thousand slices', async () => {
    const rig = ledgerRig();
    const isolate = rig.isolate();
    const port = openLedger(isolate);
    for (let i = 0; i < 1_001; i += 1) await port.admit(`team${i}`, leased(`r${i}`, { limits: {} }));
    expect(isolate.slices.size).toBe(1_000);
    expect(rig.calls.filter((call) => call === 'giveBack')).toEqual(['giveBack']);
  });
});

describe('the overspend of leased counting', () => {
  const isolateCount = 4;

  /** Isolates that ask as fast as they can for minutes; the moments at which they were let through. */
  async function hammer(rig: Rig, given: { limits: Limits; nanoUsd: number; settles: boolean }): Promise<number[]> {
    const ports = Array.from({ length: isolateCount }, () => openLedger(rig.isolate()));
    const admittedMs: number[] = [];
    for (let step = 0; step < 150; step += 1) {
      for (const [i, port] of ports.entries()) {
        const id = `${step}-${i}`;
        const { kind } = await port.admit('team', leased(id, { limits: given.limits, nanoUsd: given.nanoUsd }));
        admittedMs.push(...(kind === 'admitted' ? [rig.timer.now()] : []));
        if (given.settles) await port.settle('team', billOf(id, { nanoUsd: given.nanoUsd, outcome: outcomes[kind] }));
      }
      rig.timer.advance(1_000);
      await rig.settled();
    }
    return admittedMs;
  }
  const outcomes = { admitted: 'used', refused: 'refund', unpriced: 'refund', unreachable: 'refund' } as const;

  it('in rates is at most one slice an isolate in any minute', async () => {
    const most = 60;
    const admittedMs = await hammer(ledgerRig(), { limits: { requestsPerMinute: most }, nanoUsd: 0, settles: true });
    const inMinute = admittedMs.map((end) => admittedMs.filter((ms) => ms > end - 60_000 && ms <= end).length);
    expect(Math.max(...inMinute)).toBeLessThanOrEqual(most + isolateCount * sliceCopies);
    // Nor is the limit wasted: a second minute begins where the first one ended.
    expect(admittedMs.length).toBeGreaterThan(most * 1.5);
  });

  it('in money is none', async () => {
    const rig = ledgerRig();
    const given = { limits: { usdPerDay: 50 }, nanoUsd: dollar, settles: true };
    expect(await hammer(rig, given)).toHaveLength(50);
    rig.timer.advance(sliceMs);
    await rig.settled();
    expect(rig.book.states({ limits: { usdPerDay: 50 }, nowMs: noonMs })).toMatchObject([{ left: 0 }]);
  });

  it('in money is none while nothing settles either', async () => {
    const given = { limits: { usdPerDay: 50 }, nanoUsd: dollar, settles: false };
    expect(await hammer(ledgerRig(), given)).toHaveLength(50);
  });
});
