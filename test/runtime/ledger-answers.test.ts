import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { largestAnswerBytes, type BeginAsk, type KeptAnswer } from '../../src/ledger/answers.ts';
import { openLedger } from '../../src/ledger/port.ts';
import { isolateOf, namespace, newCaller } from './ledger-rig.ts';

const noonMs = Date.UTC(2027, 4, 20, 12);
const minuteMs = 60_000;
const dayMs = 86_400_000;

const first: BeginAsk = { key: 'k', requestId: 'r1', digest: 'd' };
const repeat: BeginAsk = { ...first, requestId: 'r2' };
const answer: KeptAnswer = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: new TextEncoder().encode('{"naïve":true}'),
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: noonMs });
});

afterEach(() => {
  vi.useRealTimers();
});

const fresh = () => namespace.getByName(newCaller());

describe('an idempotency key', () => {
  it('lets the first request go on and holds a concurrent one', async () => {
    const stub = fresh();
    const begun = await Promise.all([stub.begin(first), stub.begin(repeat)]);
    expect(begun).toEqual([{ kind: 'fresh' }, { kind: 'running' }]);
  });

  it('lets the first request go on again when it did not hear back', async () => {
    const stub = fresh();
    await stub.begin(first);
    expect(await stub.begin(first)).toEqual({ kind: 'fresh' });
  });

  it('holds a concurrent request even under the first one’s request id, which callers choose', async () => {
    const caller = newCaller();
    const ports = [openLedger(isolateOf()), openLedger(isolateOf())];
    const begun = await Promise.all(ports.map(async (port) => port.begin(caller, first)));
    expect(begun).toEqual([{ kind: 'fresh' }, { kind: 'running' }]);
  });

  it('gives the first answer again for a day, errors too', async () => {
    const stub = fresh();
    await stub.begin(first);
    await stub.finish({ ...first, answer });
    await evictDurableObject(stub);
    vi.setSystemTime(noonMs + dayMs - 1);
    expect(await stub.begin(repeat)).toEqual({ kind: 'done', answer });
    vi.setSystemTime(noonMs + dayMs);
    expect(await stub.begin(repeat)).toEqual({ kind: 'fresh' });
  });

  it('is refused for another body, whether the first is still running or not', async () => {
    const stub = fresh();
    await stub.begin(first);
    expect(await stub.begin({ ...repeat, digest: 'other' })).toEqual({ kind: 'conflict' });
    await stub.finish({ ...first, answer });
    expect(await stub.begin({ ...repeat, digest: 'other' })).toEqual({ kind: 'conflict' });
  });

  it('belongs to one caller', async () => {
    await fresh().begin(first);
    expect(await fresh().begin(repeat)).toEqual({ kind: 'fresh' });
  });

  it('is free again when nothing was executed', async () => {
    const stub = fresh();
    await stub.begin(first);
    await stub.abandon(repeat);
    expect(await stub.begin(repeat)).toEqual({ kind: 'running' });
    await stub.abandon(first);
    expect(await stub.begin(repeat)).toEqual({ kind: 'fresh' });
  });

  it('keeps an answer that is abandoned too late', async () => {
    const stub = fresh();
    await stub.begin(first);
    await stub.finish({ ...first, answer });
    await stub.abandon(first);
    expect(await stub.begin(repeat)).toEqual({ kind: 'done', answer });
  });

  it('is free again when the first request has crashed, whose late answer then changes nothing', async () => {
    const stub = fresh();
    await stub.begin(first);
    vi.setSystemTime(noonMs + 15 * minuteMs - 1);
    expect(await stub.begin(repeat)).toEqual({ kind: 'running' });
    vi.setSystemTime(noonMs + 15 * minuteMs);
    expect(await stub.begin(repeat)).toEqual({ kind: 'fresh' });
    await stub.finish({ ...first, answer });
    expect(await stub.begin({ ...first, requestId: 'r3' })).toEqual({ kind: 'running' });
  });

  it.each([
    [0, 'done'],
    [1, 'unkept'],
  ])('keeps answers of up to a mebibyte: %i bytes more are %s', async (more, kind) => {
    const stub = fresh();
    await stub.begin(first);
    await stub.finish({ ...first, answer: { ...answer, body: new Uint8Array(largestAnswerBytes + more) } });
    expect(await stub.begin(repeat)).toMatchObject({ kind });
  });

  it('takes any text', async () => {
    const stub = fresh();
    const ask = { key: "'; DROP TABLE answers; --", requestId: '__proto__', digest: '' };
    await stub.begin(ask);
    await stub.finish({ ...ask, answer });
    expect(await stub.begin(repeat)).toEqual({ kind: 'fresh' });
    expect(await stub.begin({ ...ask, requestId: 'r2' })).toEqual({ kind: 'done', answer });
  });

  it('makes room by the oldest answers, and leaves nothing behind after a day', async () => {
    const stub = fresh();
    for (let i = 0; i < 1_001; i += 1) {
      vi.setSystemTime(noonMs + i);
      const ask = { ...first, key: `k${i}` };
      await stub.begin(ask);
      await stub.finish({ ...ask, answer });
    }
    expect(await stub.begin({ ...repeat, key: 'k1' })).toMatchObject({ kind: 'done' });
    expect(await stub.begin({ ...repeat, key: 'k0' })).toEqual({ kind: 'fresh' });
    vi.setSystemTime(noonMs + 2 * dayMs);
    await vi.waitFor(async () => expect(await runDurableObjectAlarm(stub)).toBe(true));
    expect(await runDurableObjectAlarm(stub)).toBe(false);
  });
});
