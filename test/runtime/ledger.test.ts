import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { usualRules, type Limits } from '../../src/core/limits.ts';
import { closedMs, expiredMs, holdMs } from '../../src/ledger/hold.ts';
import { openLedger } from '../../src/ledger/port.ts';
import { askOf, billOf, dollar } from '../ledger/asks.ts';
import { isolateOf, namespace, newCaller } from './ledger-rig.ts';

const money = { usdPerDay: 5 } as const satisfies Limits;
const open: Limits = { concurrent: 1_000_000, usdPerDay: 1_000_000 };

/** The object's clock. Its day does not end while a test runs. */
function setClock(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: ms });
}
const noonMs = Date.UTC(2027, 4, 20, 12);

afterEach(() => {
  vi.useRealTimers();
});

/** Requests that are held and dollars that are spoken for. */
async function usedBy(caller: string): Promise<{ held: number; dollars: number }> {
  const states = await namespace.getByName(caller).states({ limits: open, nowMs: 0 });
  const [held = 0, nanoUsd = 0] = states.map(({ most, left }) => most - left);
  return { held, dollars: nanoUsd / dollar };
}

/** Everything that the object has on disk, by the first word of its keys. */
async function keptBy(caller: string): Promise<Record<string, number>> {
  const keys = await runInDurableObject(namespace.getByName(caller), async (_, { storage }) => [
    ...(await storage.list()).keys(),
  ]);
  const words = keys.map((key) => key.split(' ')[0] ?? '');
  return Object.fromEntries(
    Map.groupBy(words, (word) => word)
      .entries()
      .map(([word, all]) => [word, all.length]),
  );
}

describe('the ledger of one caller', () => {
  it('lets 5 of 40 parallel requests through on a budget for 5', async () => {
    const caller = newCaller();
    const admissions = await Promise.all(
      Array.from({ length: 40 }, async (_, i) =>
        openLedger(isolateOf()).admit(caller, askOf(`r${i}`, { limits: money })),
      ),
    );
    expect(Object.groupBy(admissions, ({ kind }) => kind)).toMatchObject({
      admitted: { length: 5 },
      refused: { length: 35 },
    });
  });

  it('lets 5 of 40 through by slices too', async () => {
    const caller = newCaller();
    const after: Promise<unknown>[] = [];
    const isolates = Array.from({ length: 4 }, () => openLedger(isolateOf(after)));
    const admissions = await Promise.all(
      isolates.flatMap((ledger, i) =>
        Array.from({ length: 10 }, async (_, j) =>
          ledger.admit(caller, askOf(`${i}-${j}`, { limits: money, rules: { ...usualRules, counting: 'leased' } })),
        ),
      ),
    );
    expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(5);
  });

  it('keeps callers apart', async () => {
    const [one, other] = [newCaller(), newCaller()];
    await namespace.getByName(one).reserve(askOf('a', { limits: money }));
    expect([await usedBy(one), await usedBy(other)]).toEqual([
      { held: 1, dollars: 1 },
      { held: 0, dollars: 0 },
    ]);
  });

  it('goes by its own clock', async () => {
    setClock(noonMs);
    const caller = newCaller();
    const stub = namespace.getByName(caller);
    await stub.reserve(askOf('a', { limits: money, nowMs: noonMs + 100 * holdMs }));
    await stub.settle(billOf('b', { nowMs: 0 }));
    expect(await usedBy(caller)).toEqual({ held: 1, dollars: 2 });
  });

  it('keeps holds and charges over an eviction', async () => {
    const caller = newCaller();
    const stub = namespace.getByName(caller);
    await stub.reserve(askOf('held', { limits: money }));
    await stub.reserve(askOf('settled', { limits: money }));
    await stub.settle(billOf('settled', { nanoUsd: 2 * dollar }));
    await evictDurableObject(stub);
    expect(await usedBy(caller)).toEqual({ held: 1, dollars: 3 });
    await evictDurableObject(namespace.getByName(caller));
    // A bill that comes twice, with the object gone in between, is charged once.
    await namespace.getByName(caller).settle(billOf('settled', { nanoUsd: 2 * dollar }));
    await namespace.getByName(caller).settle(billOf('held', { nanoUsd: dollar / 2 }));
    expect(await usedBy(caller)).toEqual({ held: 0, dollars: 2.5 });
  });

  it('has written a reservation a moment after its answer', async () => {
    const caller = newCaller();
    await namespace.getByName(caller).reserve(askOf('a', { limits: money }));
    await vi.waitFor(async () => expect(await keptBy(caller)).toMatchObject({ hold: 1, scope: 1 }));
  });

  it('confirms a charge only when it is on disk', async () => {
    const caller = newCaller();
    await namespace.getByName(caller).settle(billOf('a'));
    expect(await keptBy(caller)).toMatchObject({ hold: 1, scope: 1 });
  });

  it('expires a reservation by its alarm, charges its estimate and forgets it in the end', async () => {
    setClock(noonMs);
    const caller = newCaller();
    const stub = namespace.getByName(caller);
    await stub.reserve(askOf('crashed', { limits: money }));
    await stub.settle(billOf('settled'));
    setClock(noonMs + closedMs);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await keptBy(caller)).toEqual({ hold: 1, scope: 1 });
    setClock(noonMs + holdMs);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    const kept = await runInDurableObject(stub, async (_, { storage }) => storage.get<object>('hold crashed'));
    expect(kept).toMatchObject({ state: 'expired', nanoUsd: dollar });
    expect(await usedBy(caller)).toEqual({ held: 0, dollars: 2 });
    setClock(noonMs + holdMs + expiredMs);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await keptBy(caller)).toEqual({ scope: 1 });
    // Nothing is left to wake up for.
    expect(await runDurableObjectAlarm(stub)).toBe(false);
  });
});
