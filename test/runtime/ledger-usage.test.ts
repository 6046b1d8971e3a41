import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UsageRow } from '../../src/ledger/usage.ts';
import { namespace, newCaller } from './ledger-rig.ts';

const dayMs = 86_400_000;
const noonMs = Date.UTC(2027, 4, 20, 12);
const usage = { input: 100, cachedRead: 40, cachedWrite: 10, output: 20, reasoning: 5 };
const whole = { from: '0000-01-01', to: '9999-12-31' };

let ids = 0;
function rowOf(given: Partial<UsageRow> = {}): UsageRow {
  ids += 1;
  const base = {
    route: 'chat',
    model: 'fast',
    target: 'openai/gpt-5.1',
    outcome: 'complete',
    usage,
    nanoUsd: 7,
  } as const;
  return { requestId: `r${ids}`, ...base, ...given };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: noonMs });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A caller's object with rows in it. */
async function filled(...rows: readonly Partial<UsageRow>[]) {
  const stub = namespace.getByName(newCaller());
  await Promise.all(rows.map(async (row) => stub.record([rowOf(row)])));
  return stub;
}

describe('usage', () => {
  it('is summed by day, route, model and target', async () => {
    const stub = await filled({}, {}, { model: 'slow' });
    await evictDurableObject(stub);
    const line = { day: '2027-05-20', route: 'chat', target: 'openai/gpt-5.1' };
    const twice = { input: 200, cachedRead: 80, cachedWrite: 20, output: 40, reasoning: 10 };
    expect(await stub.usage({ ...whole, by: ['target', 'day', 'model', 'route'] })).toEqual([
      { ...line, model: 'fast', requests: 2, errors: 0, unpriced: 0, nanoUsd: 14, ...twice },
      { ...line, model: 'slow', requests: 1, errors: 0, unpriced: 0, nanoUsd: 7, ...usage },
    ]);
  });

  it('is told by any of them, or by none', async () => {
    const stub = await filled({}, { route: 'other' });
    expect(await stub.usage({ ...whole, by: ['route'] })).toMatchObject([
      { route: 'chat', requests: 1 },
      { route: 'other', requests: 1 },
    ]);
    expect(await stub.usage({ ...whole, by: [] })).toMatchObject([{ requests: 2, nanoUsd: 14 }]);
  });

  it('of a caller without any is nothing', async () => {
    expect(await (await filled()).usage({ ...whole, by: [] })).toEqual([]);
  });

  it.each([
    ['complete', 0],
    ['caller-left', 0],
    ['upstream-cut', 1],
    ['timeout', 1],
    ['refused', 1],
    ['error', 1],
  ] as const)('counts %s as %i errors', async (outcome, errors) => {
    expect(await (await filled({ outcome })).usage({ ...whole, by: [] })).toMatchObject([{ requests: 1, errors }]);
  });

  it('counts a call without a price as such and never as free, and one without usage as neither', async () => {
    const { usage: _, target: __, ...unused } = rowOf({ outcome: 'refused', nanoUsd: undefined });
    const stub = await filled({ nanoUsd: undefined });
    await stub.record([unused]);
    expect(await stub.usage({ ...whole, by: ['target'] })).toMatchObject([
      { target: '', requests: 1, unpriced: 0, input: 0 },
      { target: 'openai/gpt-5.1', requests: 1, unpriced: 1, nanoUsd: 0, input: 100 },
    ]);
  });

  it('counts a record that comes twice once', async () => {
    const stub = await filled();
    const row = rowOf();
    await Promise.all([stub.record([row]), stub.record([row])]);
    await stub.record([row]);
    expect(await stub.usage({ ...whole, by: [] })).toMatchObject([{ requests: 1 }]);
  });

  it('keeps days apart and forgets them after 400', async () => {
    const stub = await filled({});
    vi.setSystemTime(noonMs + dayMs);
    await stub.record([rowOf()]);
    expect(await stub.usage({ from: '2027-05-21', to: '2027-05-21', by: ['day'] })).toMatchObject([
      { day: '2027-05-21', requests: 1 },
    ]);
    vi.setSystemTime(noonMs + 401 * dayMs);
    await runDurableObjectAlarm(stub);
    expect(await stub.usage({ ...whole, by: ['day'] })).toMatchObject([{ day: '2027-05-21' }]);
    vi.setSystemTime(noonMs + 402 * dayMs);
    await runDurableObjectAlarm(stub);
    expect(await stub.usage({ ...whole, by: ['day'] })).toEqual([]);
    expect(await runDurableObjectAlarm(stub)).toBe(false);
  });

  it('holds a bounded number of rows a day, since callers make names up', async () => {
    const stub = await filled(...Array.from({ length: 2_100 }, (_, i) => ({ model: `m${i}` })));
    const lines = await stub.usage({ ...whole, by: ['model'] });
    expect(lines).toHaveLength(2_001);
    expect(lines.find(({ model }) => model === '(other)')).toMatchObject({ requests: 100 });
  });

  it('takes any text for a name', async () => {
    const model = `'; DROP TABLE usage; --${'x'.repeat(500)}`;
    const stub = await filled({ model, route: '__proto__' });
    expect(await stub.usage({ ...whole, by: ['route', 'model'] })).toMatchObject([
      { route: '__proto__', model: model.slice(0, 200), requests: 1 },
    ]);
  });
});
