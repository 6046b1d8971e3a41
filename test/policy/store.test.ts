import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openPolicyStore, sayFaults, type PolicyMemo, type PolicySource } from '../../src/policy/store.ts';
import { rejectionOf } from '../support/failure.ts';
import { mapSource } from '../support/ports.ts';
import { manualTimer } from '../support/timer.ts';

const schema = z.strictObject({ size: z.int() });
const minute = 60_000;
const day = 86_400_000;
const down: PolicySource = {
  get: () => Promise.reject(new Error('KV: 503')),
  list: () => Promise.reject(new Error('KV: 503')),
};
const silent: PolicySource = { get: () => new Promise(() => undefined), list: () => new Promise(() => undefined) };

/** A store over a map whose source can be exchanged, with everything that it does to the world kept. */
function open(entries: Record<string, string> = {}) {
  const texts = new Map(Object.entries(entries));
  const timer = manualTimer();
  const memo: PolicyMemo = new Map();
  const warnings: Record<string, string>[] = [];
  const reads: string[] = [];
  const world = { source: mapSource(texts) };
  const source: PolicySource = {
    get: (key) => {
      reads.push(key);
      return world.source.get(key);
    },
    list: (prefix) => world.source.list(prefix),
  };
  const store = openPolicyStore({ source, memo, timer, warn: (fields) => warnings.push(fields) });
  return Object.assign(world, {
    texts,
    timer,
    memo,
    warnings,
    reads,
    store,
    find: (key = 'k') => store.find(key, schema),
  });
}

describe('find', () => {
  it('gives the value, and undefined where there is none', async () => {
    const rig = open({ k: '{"size":1}' });
    await expect(rig.find()).resolves.toEqual({ size: 1 });
    await expect(rig.find('other')).resolves.toBeUndefined();
  });

  it('asks KV once in 30 seconds, for misses too', async () => {
    const rig = open({ k: '{"size":1}' });
    await rig.find();
    await rig.find('none');
    rig.timer.advance(29_999);
    await rig.find();
    await rig.find('none');
    expect(rig.reads).toEqual(['k', 'none']);
    rig.timer.advance(1);
    await rig.find();
    expect(rig.reads).toEqual(['k', 'none', 'k']);
  });

  it('sees a change, a deletion and a creation at the next read', async () => {
    const rig = open({ k: '{"size":1}' });
    await rig.find();
    await rig.find('new');
    rig.texts.set('k', '{"size":2}').set('new', '{"size":3}');
    rig.timer.advance(30_000);
    await expect(rig.find()).resolves.toEqual({ size: 2 });
    await expect(rig.find('new')).resolves.toEqual({ size: 3 });
    rig.texts.delete('k');
    rig.timer.advance(30_000);
    await expect(rig.find()).resolves.toBeUndefined();
  });

  it('parses once per change', async () => {
    const rig = open({ k: '{"size":1}' });
    const first = await rig.find();
    rig.timer.advance(minute);
    expect(await rig.find()).toBe(first);
    rig.texts.set('k', '{"size":2}');
    rig.timer.advance(minute);
    await expect(rig.find()).resolves.toEqual({ size: 2 });
  });

  it('shares its memo between requests', async () => {
    const first = open({ k: '{"size":1}' });
    await first.find();
    const next = openPolicyStore({ source: down, memo: first.memo, timer: first.timer, warn: () => undefined });
    await expect(next.find('k', schema)).resolves.toEqual({ size: 1 });
  });

  it.each(['__proto__', 'constructor', 'route:toString', 'list route:'])(
    'keeps the key %s like any other',
    async (key) => {
      const rig = open({ k: '{"size":1}' });
      await expect(rig.find(key)).resolves.toBeUndefined();
      rig.texts.set(key, '{"size":7}');
      rig.timer.advance(minute);
      await expect(rig.find(key)).resolves.toEqual({ size: 7 });
    },
  );

  it('leaves no timer behind', async () => {
    const rig = open({ k: '{"size":1}' });
    await rig.find();
    expect(rig.timer.pending).toBe(0);
  });
});

describe('find while KV fails', () => {
  it.each([
    ['throws', down, 0],
    ['does not answer within a second', silent, 1_000],
  ])('gives the last good value when KV %s, and says how old it is', async (_how, source, afterMs) => {
    const rig = open({ k: '{"size":1}' });
    await rig.find();
    rig.source = source;
    rig.timer.advance(minute);
    const found = rig.find();
    rig.timer.advance(afterMs);
    await expect(found).resolves.toEqual({ size: 1 });
    const ageSeconds = String((minute + afterMs) / 1_000);
    expect(rig.warnings).toEqual([{ event: 'policy-stale', key: 'k', ageSeconds }]);
  });

  it('asks a failing KV once in 30 seconds, not at every request', async () => {
    const rig = open({ k: '{"size":1}' });
    await rig.find();
    rig.source = down;
    rig.timer.advance(minute);
    await rig.find();
    rig.timer.advance(29_999);
    await rig.find();
    expect(rig.reads).toHaveLength(2);
    rig.timer.advance(1);
    await rig.find();
    expect(rig.reads).toHaveLength(3);
    expect(rig.warnings).toHaveLength(2);
  });

  it('serves the last good value for a day after KV last gave it, then refuses', async () => {
    const rig = open({ k: '{"size":1}' });
    await rig.find();
    rig.source = down;
    rig.timer.advance(day);
    await expect(rig.find()).resolves.toEqual({ size: 1 });
    rig.timer.advance(30_000);
    await expect(rejectionOf(rig.find())).resolves.toEqual({
      kind: 'broken-policy',
      name: 'k',
      message: 'KV cannot be read at the moment',
      passing: true,
    });
  });

  it('refuses where nothing was ever read, and works again with KV', async () => {
    const rig = open({ k: '{"size":1}' });
    rig.source = down;
    await expect(rejectionOf(rig.find())).resolves.toMatchObject({ kind: 'broken-policy', passing: true });
    rig.source = mapSource(rig.texts);
    await expect(rig.find()).resolves.toEqual({ size: 1 });
  });

  it('remembers that there was nothing', async () => {
    const rig = open();
    await rig.find();
    rig.source = down;
    rig.timer.advance(minute);
    await expect(rig.find()).resolves.toBeUndefined();
  });
});

describe('find where the value is broken', () => {
  it.each([
    ['no JSON', '{"size":', 'is not valid JSON'],
    ['empty', '', 'is not valid JSON'],
    ['JSON behind a byte order mark', '\ufeff{"size":1}', 'is not valid JSON'],
    ['of the wrong type', '{"size":"1"}', 'size: Invalid input: expected number, received string'],
    ['no object', '[]', 'Invalid input: expected object, received array'],
    ['with a field too many', '{"size":1,"sice":2}', 'Unrecognized key: "sice"'],
    ['with __proto__', '{"size":1,"__proto__":{"size":2}}', 'Unrecognized key: "__proto__"'],
  ])('refuses one that is %s and names the fault', async (_what, text, message) => {
    const rig = open({ k: text });
    await expect(rejectionOf(rig.find())).resolves.toEqual({ kind: 'broken-policy', name: 'k', message });
    expect(rig.warnings).toEqual([{ event: 'policy-broken', key: 'k', fault: message }]);
  });

  it('keeps the last good one in force, and says so once a read', async () => {
    const rig = open({ k: '{"size":1}' });
    await rig.find();
    rig.texts.set('k', 'broken');
    rig.timer.advance(minute);
    await expect(rig.find()).resolves.toEqual({ size: 1 });
    await expect(rig.find()).resolves.toEqual({ size: 1 });
    expect(rig.warnings).toEqual([{ event: 'policy-broken', key: 'k', fault: 'is not valid JSON' }]);
    rig.texts.set('k', '{"size":"two"}');
    rig.timer.advance(minute);
    await expect(rig.find()).resolves.toEqual({ size: 1 });
  });

  it('takes the corrected one at the next read', async () => {
    const rig = open({ k: 'broken' });
    await rejectionOf(rig.find());
    rig.texts.set('k', '{"size":2}');
    rig.timer.advance(minute);
    await expect(rig.find()).resolves.toEqual({ size: 2 });
  });

  it('has no last good one once it was deleted', async () => {
    const rig = open({ k: '{"size":1}' });
    await rig.find();
    rig.texts.delete('k');
    rig.timer.advance(minute);
    await rig.find();
    rig.texts.set('k', 'broken');
    rig.timer.advance(minute);
    await expect(rejectionOf(rig.find())).resolves.toMatchObject({ kind: 'broken-policy', name: 'k' });
  });
});

describe('the memo', () => {
  it('is bounded, and names asked for in vain go first', async () => {
    const rig = open({ k: '{"size":1}' });
    await rig.find();
    for (let i = 0; i < 1_500; i += 1) await rig.find(`none-${i}`);
    expect(rig.memo.size).toBe(1_000);
    expect(rig.memo.has('k')).toBe(true);
    expect(rig.memo.has('none-1499')).toBe(true);
    expect(rig.memo.has('none-0')).toBe(false);
  });

  it('gives up the value read longest ago where all are values', async () => {
    const rig = open(Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`k${i}`, '{"size":1}'])));
    for (let i = 0; i <= 1_000; i += 1) await rig.find(`k${i}`);
    expect(rig.memo.size).toBe(1_000);
    expect(rig.memo.has('k0')).toBe(false);
    expect(rig.memo.has('k1')).toBe(true);
  });
});

describe('list', () => {
  it('gives the keys under a prefix, without it, sorted', async () => {
    const rig = open({ 'route:b': '{}', 'route:a': '{}', patterns: '[]' });
    await expect(rig.store.list('route:')).resolves.toEqual(['a', 'b']);
  });

  it('asks KV once in 30 seconds', async () => {
    const rig = open({ 'route:a': '{}' });
    await rig.store.list('route:');
    rig.texts.set('route:b', '{}');
    rig.timer.advance(29_999);
    await expect(rig.store.list('route:')).resolves.toEqual(['a']);
    rig.timer.advance(1);
    await expect(rig.store.list('route:')).resolves.toEqual(['a', 'b']);
  });

  it('gives the last list while KV fails, and refuses where there is none', async () => {
    const rig = open({ 'route:a': '{}' });
    await rig.store.list('route:');
    rig.source = down;
    rig.timer.advance(minute);
    await expect(rig.store.list('route:')).resolves.toEqual(['a']);
    await expect(rejectionOf(rig.store.list('other:'))).resolves.toMatchObject({ kind: 'broken-policy' });
  });
});

describe('sayFaults', () => {
  it('says where each fault is, three at most', () => {
    const nested = z.strictObject({ targets: z.array(schema), a: z.string(), b: z.string(), c: z.string() });
    const parsed = nested.safeParse({ targets: [{ size: 1 }, { size: 'x' }] });
    expect(sayFaults(parsed.error ?? new z.ZodError([]))).toBe(
      'targets[1].size: Invalid input: expected number, received string; ' +
        'a: Invalid input: expected string, received undefined; b: Invalid input: expected string, received undefined',
    );
  });
});
