import { describe, expect, it } from 'vitest';
import { usualRules, type Ask } from '../../src/core/limits.ts';
import type { Settlement } from '../../src/core/settlement.ts';
import { openLedger } from '../../src/ledger/port.ts';
import { tallyMs } from '../../src/ledger/tally.ts';
import { askOf, billOf, dollar } from './asks.ts';
import { ledgerRig, overloaded, retryable, type Fate, type Rig } from './rig.ts';

const money = { usdPerDay: 5 };
const rates = { requestsPerMinute: 5 };

/** How many dollars of the day are spoken for. */
function usedIn({ book, timer }: Rig): number {
  const [state] = book.states({ limits: money, nowMs: timer.now() });
  return ((state?.most ?? 0) - (state?.left ?? 0)) / dollar;
}

/** An admission after the object behaved in some way, all waits passed by hand. */
async function admitAfter(rig: Rig, fates: readonly Fate[], ask: Ask): Promise<string> {
  rig.fates.push(...fates);
  const admitting = openLedger(rig.isolate()).admit('team', ask);
  await rig.settled();
  rig.timer.advance(500);
  return (await admitting).kind;
}

describe('admitting', () => {
  it('asks the object once', async () => {
    const rig = ledgerRig();
    expect(await openLedger(rig.isolate()).admit('team', askOf('a', { limits: money }))).toMatchObject({
      kind: 'admitted',
      states: [{ limit: 'usdPerDay', left: 4 * dollar }],
    });
    expect([rig.calls, rig.timer.pending]).toEqual([['reserve'], 0]);
  });

  it('takes no request for a repeat of another one that carries the same id', async () => {
    const rig = ledgerRig();
    const ask = askOf('chosen-by-the-caller', { limits: { usdPerDay: 2 } });
    const admissions = [1, 2, 3].map(async () => openLedger(rig.isolate()).admit('team', ask));
    expect((await Promise.all(admissions)).map(({ kind }) => kind)).toEqual(['admitted', 'admitted', 'refused']);
  });

  it('tries a retryable error once more, with a new stub and the same reservation', async () => {
    const rig = ledgerRig();
    expect(await admitAfter(rig, [retryable()], askOf('a', { limits: money }))).toBe('admitted');
    expect([rig.calls, rig.stubs(), usedIn(rig)]).toEqual([['reserve', 'reserve'], 2, 1]);
  });

  it.each<[string, Fate[], string[]]>([
    ['two retryable errors', [retryable(), retryable()], ['reserve', 'reserve', 'settle']],
    ['any other error', [new Error('bug')], ['reserve', 'settle']],
    ['silence', ['silence'], ['reserve', 'settle']],
    ['an overloaded object, which is left in peace', [overloaded()], ['reserve']],
  ])('closes money after %s', async (_, fates, calls) => {
    const rig = ledgerRig();
    expect(await admitAfter(rig, fates, askOf('a', { limits: money }))).toBe('unreachable');
    await rig.settled();
    expect(rig.calls).toEqual(calls);
    expect(rig.warnings.map(({ event }) => event)).toEqual(['ledger-unreachable']);
  });

  it('gives back what was reserved by a call whose answer came too late', async () => {
    const rig = ledgerRig();
    expect(await admitAfter(rig, ['lost'], askOf('a', { limits: money }))).toBe('unreachable');
    await rig.settled();
    expect(usedIn(rig)).toBe(0);
  });

  it.each<[string, Partial<Ask>, string]>([
    ['open for rates', { limits: rates }, 'admitted'],
    ['closed for rates and money together', { limits: { ...rates, ...money } }, 'unreachable'],
    ['closed for money on the route', { limits: rates, routeLimits: money }, 'unreachable'],
    ['closed for rates by rule', { limits: rates, rules: { ...usualRules, rateOutage: 'closed' } }, 'unreachable'],
    ['open for money by rule', { limits: money, rules: { ...usualRules, moneyOutage: 'open' } }, 'admitted'],
  ])('is %s when the object cannot be reached', async (_, ask, kind) => {
    expect(await admitAfter(ledgerRig(), [overloaded()], askOf('a', ask))).toBe(kind);
  });
});

describe('settling', () => {
  it('charges once, however often the answer is lost', async () => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    await port.admit('team', askOf('a', { limits: money }));
    rig.fates.push('lost', retryable());
    const settling = port.settle('team', billOf('a', { nanoUsd: 2 * dollar }));
    await rig.settled();
    rig.timer.advance(5_000);
    await rig.settled();
    rig.timer.advance(100);
    await settling;
    expect([usedIn(rig), rig.warnings]).toEqual([2, []]);
  });

  it('gives up after three tries, with a line in the log, and never throws', async () => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    rig.fates.push(overloaded(), overloaded(), overloaded());
    const settling = port.settle('team', billOf('a'));
    for (const ms of [tallyMs, 100, 1_000]) {
      await rig.settled();
      rig.timer.advance(ms);
    }
    await settling;
    expect(rig.calls).toEqual(['settle', 'settle', 'settle']);
    expect(rig.warnings).toEqual([{ event: 'ledger-unsettled', caller: 'team', reservation: 'a', outcome: 'used' }]);
  });
});

describe('what else there is', () => {
  const settlement: Settlement = {
    requestId: 'r1',
    caller: 'team',
    endpoint: 'chat',
    model: 'm',
    route: 'chat',
    outcome: 'complete',
    status: 200,
    attempts: [],
    durationMs: 1,
  };
  const first = { key: 'k', requestId: 'r1' };
  const answer = { status: 200, headers: {}, body: new Uint8Array() };

  it('reaches the object', async () => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    const recording = port.record(settlement, 5);
    rig.timer.advance(tallyMs);
    await recording;
    expect(await port.usage('team', { from: '2026-11-20', to: '2026-11-20', by: [] })).toEqual([]);
    expect(await port.states('team', { limits: rates, nowMs: 0 })).toMatchObject([{ left: 5 }]);
    expect(await port.begin('team', { ...first, digest: 'd' })).toEqual({ kind: 'fresh' });
    await port.finish('team', { ...first, answer });
    await port.abandon('team', first);
    expect(rig.calls).toEqual(['record id1 r1', 'usage', 'states', 'begin', 'finish', 'abandon']);
  });

  it('says so when the object cannot be reached', async () => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    rig.fates.push(overloaded(), overloaded(), overloaded());
    expect(await port.usage('team', { from: '2026-11-20', to: '2026-11-20', by: [] })).toBeUndefined();
    expect(await port.states('team', { limits: rates, nowMs: 0 })).toBeUndefined();
    expect(await port.begin('team', { ...first, digest: 'd' })).toEqual({ kind: 'unreachable' });
  });

  it('sends the rows of requests that end together in one call', async () => {
    const rig = ledgerRig();
    const isolate = rig.isolate();
    const [one, two] = [openLedger(isolate), openLedger(isolate)];
    const recording = [one.record(settlement, 5), two.record({ ...settlement, requestId: 'r2' }, 5)];
    rig.timer.advance(tallyMs);
    await Promise.all(recording);
    expect(rig.calls).toEqual(['record id1 r1,id2 r2']);
    const later = one.record({ ...settlement, requestId: 'r3' }, 5);
    rig.timer.advance(tallyMs);
    await later;
    expect(rig.calls).toHaveLength(2);
  });

  it.each([
    ['record', { event: 'ledger-unrecorded', requests: '1' }],
    ['finish', { event: 'ledger-unfinished', requestId: 'r1' }],
  ] as const)('logs a %s that was never confirmed', async (call, warning) => {
    const rig = ledgerRig();
    const port = openLedger(rig.isolate());
    rig.fates.push(new Error('a'), new Error('b'), new Error('c'));
    const calls = {
      record: async () => port.record(settlement, undefined),
      finish: async () => port.finish('team', { ...first, answer }),
    };
    const going = calls[call]();
    for (const ms of [tallyMs, 100, 1_000]) {
      await rig.settled();
      rig.timer.advance(ms);
    }
    await going;
    expect(rig.warnings).toEqual([{ ...warning, caller: 'team' }]);
  });
});
