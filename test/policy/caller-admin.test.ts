import { describe, expect, it } from 'vitest';
import { createCaller, deleteCaller, getCaller, listCallers, updateCaller } from '../../src/policy/caller-admin.ts';
import { createKey } from '../../src/policy/key-admin.ts';
import { adminRig, type AdminRig } from './admin-rig.ts';

const fault = (kind: string, message: RegExp) => ({
  ok: false,
  fault: { kind, message: expect.stringMatching(message) as string },
});
const policy = { group: 'finance', models: ['@cf/*'], limits: { usdPerDay: 5 } };

describe('createCaller', () => {
  it('writes a caller down, without a key', async () => {
    const rig = adminRig();
    expect(await createCaller({ name: 'billing', policy }, rig)).toEqual({
      ok: true,
      value: { name: 'billing', policy, keys: [] },
    });
    expect([...rig.texts]).toEqual([['caller:billing', JSON.stringify(policy)]]);
  });

  it('never overwrites one, not even one that cannot be used', async () => {
    const rig = adminRig({ 'caller:billing': 'broken' });
    expect(await createCaller({ name: 'billing', policy }, rig)).toEqual(fault('conflict', /one of that name/));
    expect(rig.changes).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /^Cannot take the input: /],
    ['no policy', { name: 'a' }, /policy: /],
    ['the bootstrap’s name', { name: 'router', policy: {} }, /name: "router" is the holder of ROUTER_KEY/],
    ['a name that climbs', { name: 'a/../b', policy: {} }, /name: must be 1 to 64/],
    ['__proto__', { name: '__proto__', policy: {} }, /name: must be 1 to 64/],
    ['a policy with a typo', { name: 'a', policy: { limits: { usdPerDy: 5 } } }, /policy\.limits: .*usdPerDy/],
  ])('refuses %s in words and writes nothing', async (_what, input, message) => {
    const rig = adminRig();
    expect(await createCaller(input, rig)).toEqual(fault('invalid', message));
    expect(rig.changes).toEqual([]);
  });
});

describe('getCaller', () => {
  it('gives a caller with its keys, and nothing that opens the router', async () => {
    const rig = adminRig({ 'caller:billing': policy });
    const made = await createKey({ caller: 'billing' }, rig);
    const got = await getCaller({ name: 'billing' }, rig);
    expect(got).toMatchObject({ ok: true, value: { name: 'billing', policy, keys: [{ slot: 1, state: 'live' }] } });
    expect(made).toMatchObject({ value: { key: expect.stringMatching(/^sk-router-/) as string } });
    expect(JSON.stringify(got)).not.toContain('sk-router-');
  });

  it.each<[unknown, string, RegExp]>([
    [{ name: 'nobody' }, 'missing', /Cannot find the caller "nobody"/],
    [{ name: 'odd' }, 'broken', /stored under "caller:odd": group: /],
    [{}, 'invalid', /name: /],
  ])('of %j is a fault', async (input, kind, message) => {
    expect(await getCaller(input, adminRig({ 'caller:odd': { group: 7 } }))).toEqual(fault(kind, message));
  });

  it('says so where what is stored is no JSON', async () => {
    const rig = adminRig();
    rig.texts.set('caller:odd', '{');
    expect(await getCaller({ name: 'odd' }, rig)).toEqual(fault('broken', /stored under "caller:odd"/));
  });
});

describe('listCallers', () => {
  it('gives page after page by name, broken ones named', async () => {
    const rig = adminRig({ 'caller:b': {}, 'caller:c': { group: 7 }, 'caller:a': policy, 'route:x': {} });
    await createKey({ caller: 'b' }, rig);
    expect(await listCallers({ limit: 2 }, rig)).toMatchObject({
      ok: true,
      value: {
        callers: [
          { name: 'a', policy, keys: [] },
          { name: 'b', policy: {}, keys: [{ caller: 'b' }] },
        ],
        next: 'b',
      },
    });
    expect(await listCallers({ limit: 2, after: 'b' }, rig)).toEqual({
      ok: true,
      value: { callers: [{ name: 'c', fault: expect.stringContaining('caller:c') as string, keys: [] }] },
    });
  });

  it('reads no more callers than the page shows', async () => {
    const rig = adminRig(Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`caller:c${1_000 + i}`, {}])));
    expect(await listCallers({}, rig)).toMatchObject({ ok: true, value: { next: 'c1099' } });
    expect(rig.reads).toHaveLength(100);
  });

  it.each([[{ limit: 0 }], [{ limit: 201 }], [{ page: 1 }], [null]])('refuses %j', async (input) => {
    expect(await listCallers(input, adminRig())).toEqual(fault('invalid', /^Cannot take the input/));
  });
});

const change = async (changes: unknown, rig: AdminRig) => updateCaller({ name: 'billing', changes }, rig);

describe('updateCaller', () => {
  it('replaces what is given, takes away what is null, keeps the rest', async () => {
    const rig = adminRig({ 'caller:billing': policy });
    const changed = { group: 'finance', limits: { concurrent: 2 }, disabled: true };
    expect(await change({ limits: { concurrent: 2 }, models: null, disabled: true }, rig)).toEqual({
      ok: true,
      value: { name: 'billing', policy: changed, keys: [] },
    });
    expect(JSON.parse(rig.texts.get('caller:billing') ?? '')).toEqual(changed);
  });

  it.each<[string, unknown, RegExp]>([
    ['a field with a typo', { modles: [] }, /modles/],
    ['a limit of nothing', { limits: { concurrent: 0 } }, /limits\.concurrent: /],
    ['a list', [], /changes: must be an object/],
    ['null', null, /changes: must be an object/],
  ])('refuses %s and writes nothing', async (_what, changes, message) => {
    const rig = adminRig({ 'caller:billing': policy });
    expect(await change(changes, rig)).toEqual(fault('invalid', message));
    expect(rig.changes).toEqual([]);
  });

  it('takes no prototype from a caller of it', async () => {
    const rig = adminRig({ 'caller:billing': policy });
    await change(JSON.parse('{"__proto__":{"disabled":true}}'), rig);
    expect(JSON.parse(rig.texts.get('caller:billing') ?? '')).toEqual(policy);
    expect(({} as { disabled?: boolean }).disabled).toBeUndefined();
  });

  it('is a fault where there is nobody, or nobody whole', async () => {
    expect(await change({}, adminRig())).toEqual(fault('missing', /"billing"/));
    expect(await change({}, adminRig({ 'caller:billing': [] }))).toEqual(fault('broken', /caller:billing/));
  });
});

describe('deleteCaller', () => {
  it('deletes the keys, then the caller: a key left over would open the next one of that name', async () => {
    const rig = adminRig({ 'caller:billing': {}, 'caller:other': {} });
    await createKey({ caller: 'billing' }, rig);
    await createKey({ caller: 'billing' }, rig);
    await createKey({ caller: 'other' }, rig);
    const made = rig.changes.splice(0).map((change) => change.replace('put ', 'delete '));
    expect(await deleteCaller({ name: 'billing' }, rig)).toEqual({ ok: true, value: { name: 'billing', keys: 2 } });
    expect(rig.changes).toEqual([...made.slice(0, 2), 'delete caller:billing']);
    expect([...rig.texts.keys()]).toEqual(['caller:other', made[2]?.replace('delete ', '')]);
  });

  it('also deletes one that cannot be used', async () => {
    const rig = adminRig({ 'caller:billing': { modles: [] } });
    expect(await deleteCaller({ name: 'billing' }, rig)).toEqual({ ok: true, value: { name: 'billing', keys: 0 } });
  });

  it.each<[unknown, string]>([
    [{ name: 'nobody' }, 'missing'],
    [{ name: 'x:y' }, 'invalid'],
  ])('of %j is a fault', async (input, kind) => {
    expect(await deleteCaller(input, adminRig())).toEqual(fault(kind, /^Cannot /));
  });
});
