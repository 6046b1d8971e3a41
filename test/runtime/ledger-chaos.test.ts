import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { usualRules, type Limits } from '../../src/core/limits.ts';
import type { Settlement } from '../../src/core/settlement.ts';
import { noUsage } from '../../src/core/usage.ts';
import { holdMs, type Hold } from '../../src/ledger/hold.ts';
import { openLedger, type LedgerPort } from '../../src/ledger/port.ts';
import { askOf, billOf } from '../ledger/asks.ts';
import { isolateOf, namespace, newCaller } from './ledger-rig.ts';

const noonMs = Date.UTC(2027, 4, 20, 12);
const open: Limits = { concurrent: 1_000_000, usdPerDay: 1_000_000 };
const ends = ['used', 'used', 'used', 'aborted', 'refund', 'crashed'] as const;

interface Request {
  readonly id: string;
  readonly estimate: number;
  readonly bill: number;
  readonly end: (typeof ends)[number];
}

/** Requests of all kinds, the same in every run. */
function requestsOf(count: number): Request[] {
  let seed = 12345;
  const next = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  return Array.from({ length: count }, (_, i) => ({
    id: `r${i}`,
    estimate: next(1_000_000),
    bill: next(1_000_000),
    end: ends[next(ends.length)] ?? 'used',
  }));
}

/** What each end owes: who was cut off pays for what came, a crash for its estimate. */
const owed = { used: 'bill', aborted: 'bill', refund: 'none', crashed: 'estimate' } as const;

function owedBy(requests: readonly Request[]): number {
  return requests.reduce((sum, { estimate, bill, end }) => sum + { estimate, bill, none: 0 }[owed[end]], 0);
}

/** One request's life, as the story leads it. */
async function live(ledger: LedgerPort, caller: string, request: Request): Promise<void> {
  const { id, estimate, bill, end } = request;
  const { kind } = await ledger.admit(caller, askOf(id, { limits: open, nanoUsd: estimate }));
  expect(kind).toBe('admitted');
  const settle = {
    used: async () => ledger.settle(caller, billOf(id, { nanoUsd: bill })),
    aborted: async () => ledger.settle(caller, billOf(id, { nanoUsd: bill, tokens: undefined })),
    refund: async () => ledger.settle(caller, billOf(id, { outcome: 'refund' })),
    crashed: async () => undefined,
  };
  await settle[end]();
  await ledger.record(settlementOf(caller, request), { estimate: undefined, bill, none: 0 }[owed[end]]);
}

function settlementOf(caller: string, { id }: Request): Settlement {
  return {
    requestId: id,
    caller,
    endpoint: 'chat',
    model: 'm',
    route: 'chat',
    outcome: 'complete',
    status: 200,
    attempts: [],
    usage: noUsage,
    durationMs: 1,
  };
}

async function usedBy(caller: string): Promise<Record<string, number>> {
  const states = await namespace.getByName(caller).states({ limits: open, nowMs: 0 });
  return Object.fromEntries(states.map(({ limit, most, left }) => [limit, most - left]));
}

/** Lets a quarter of an hour pass, and the alarm ring. */
async function passHoldTime(caller: string): Promise<void> {
  vi.setSystemTime(Date.now() + holdMs);
  await runDurableObjectAlarm(namespace.getByName(caller));
}

async function heldOnDisk(caller: string): Promise<Hold[]> {
  return runInDurableObject(namespace.getByName(caller), async (_, { storage }) => {
    const holds = await storage.list<Hold>({ prefix: 'hold ' });
    return [...holds.values()].filter(({ state }) => state === 'held');
  });
}

afterEach(() => {
  vi.useRealTimers();
});

describe('the ledger through bad days', () => {
  it('settles a thousand requests to the sum of their usage, with aborts, crashes and evictions in between', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: noonMs });
    const caller = newCaller();
    const requests = requestsOf(1_000);
    for (let i = 0; i < requests.length; i += 100) {
      const ledger = openLedger(isolateOf());
      await Promise.all(requests.slice(i, i + 100).map(async (request) => live(ledger, caller, request)));
      await evictDurableObject(namespace.getByName(caller));
    }
    const crashed = requests.filter(({ end }) => end === 'crashed');
    expect(await usedBy(caller)).toEqual({ concurrent: crashed.length, usdPerDay: owedBy(requests) });
    await passHoldTime(caller);
    expect(await usedBy(caller)).toEqual({ concurrent: 0, usdPerDay: owedBy(requests) });
    expect(await heldOnDisk(caller)).toEqual([]);
    const query = { from: '2027-05-20', to: '2027-05-20', by: [] };
    expect(await namespace.getByName(caller).usage(query)).toMatchObject([
      {
        requests: 1_000,
        unpriced: crashed.length,
        nanoUsd: owedBy(requests.filter(({ end }) => end !== 'crashed')),
      },
    ]);
  });

  it('charges every bill once when the object crashes under way', async () => {
    const caller = newCaller();
    const requests = requestsOf(12).filter(({ end }) => end !== 'crashed');
    const ledger = openLedger(isolateOf());
    for (const { id, estimate } of requests) await ledger.admit(caller, askOf(id, { limits: open, nanoUsd: estimate }));
    const settling = requests.map(async ({ id, bill, end }) =>
      ledger.settle(caller, billOf(id, { nanoUsd: bill, outcome: end === 'refund' ? 'refund' : 'used' })),
    );
    await crash(caller);
    await Promise.all(settling);
    expect(await usedBy(caller)).toEqual({ concurrent: 0, usdPerDay: owedBy(requests) });
  });

  it.each([
    ['unreachable', { limits: { usdPerDay: 5 } }],
    ['admitted', { limits: { requestsPerMinute: 5 } }],
    ['unreachable', { limits: { requestsPerMinute: 5, usdPerDay: 5 } }],
    ['admitted', { limits: { usdPerDay: 5 }, rules: { ...usualRules, moneyOutage: 'open' as const } }],
  ])('says %s when the object does not answer in time', async (kind, ask) => {
    const caller = newCaller();
    const answerAgain = Promise.withResolvers<void>();
    await namespace.getByName(caller).settle(billOf('before', { outcome: 'refund' }));
    const stuck = runInDurableObject(namespace.getByName(caller), async (_, state) =>
      state.blockConcurrencyWhile(async () => answerAgain.promise),
    );
    const after: Promise<unknown>[] = [];
    const admission = await openLedger(isolateOf(after)).admit(caller, askOf('a', ask));
    answerAgain.resolve();
    await stuck;
    await Promise.all(after);
    expect(admission.kind).toBe(kind);
  });
});

/** Ends the object as an exception in the runtime would: what was not written is lost. */
async function crash(caller: string): Promise<void> {
  await runInDurableObject(namespace.getByName(caller), (_, state) => state.abort('crash')).catch(() => undefined);
}
