import { describe, expect, it } from 'vitest';
import { identifyCaller } from '../../src/policy/identify.ts';
import { createKey, deleteKey, disableKey, listKeys, rotateKey, type MadeKey } from '../../src/policy/key-admin.ts';
import { checkForm, digestOf } from '../../src/policy/keys.ts';
import type { Done } from '../../src/policy/admin.ts';
import { rejectionOf } from '../support/failure.ts';
import { policyStore } from '../support/ports.ts';
import { adminRig, type AdminRig } from './admin-rig.ts';
import { fakeIssuers } from './tokens.ts';

const day = 86_400_000;
const withCaller = () => adminRig({ 'caller:billing': {}, 'caller:other': {} });
const caller = { caller: 'billing' };

/** What an operation gave, where it was done. */
function valueOf<T>(done: Done<T>): T {
  expect(done).toMatchObject({ ok: true });
  return (done as { value: T }).value;
}

const fault = (kind: string, message: RegExp) => ({
  ok: false,
  fault: { kind, message: expect.stringMatching(message) as string },
});

/** The caller that a key opens the router as, going by what KV holds. */
async function opens(rig: AdminRig, { key }: MadeKey): Promise<unknown> {
  const values = Object.fromEntries([...rig.texts].map(([name, text]) => [name, JSON.parse(text) as unknown]));
  const gatehouse = {
    routerKey: 'bootstrap',
    policy: policyStore(values),
    issuers: fakeIssuers([]).keys,
    nowMs: rig.nowMs,
    warn: () => undefined,
  };
  return identifyCaller({ routerKey: key, callerKey: undefined }, gatehouse);
}

const shutOut = { kind: 'wrong-key', shown: expect.any(String) as string };

describe('createKey', () => {
  it('makes a key that opens the router, and shows it once', async () => {
    const rig = withCaller();
    const made = valueOf(await createKey({ ...caller, label: 'laptop', expiresAt: '2027-01-01T00:00:00Z' }, rig));
    const record = {
      caller: 'billing',
      slot: 1,
      createdAt: '2026-11-20T12:00:00.000Z',
      expiresAt: '2027-01-01T00:00:00Z',
      label: 'laptop',
    };
    expect(checkForm(made.key)).toBe('ours');
    expect(made).toEqual({ key: made.key, id: await digestOf(made.key), ...record, state: 'live' });
    await expect(opens(rig, made)).resolves.toEqual({ name: 'billing', kind: 'key' });
    expect(await listKeys(rig, 'billing')).toEqual([{ id: made.id, ...record, state: 'live' }]);
  });

  it('keeps the key nowhere: names, values and metadata hold its digest alone (T61)', async () => {
    const rig = withCaller();
    const { key, id } = valueOf(await createKey(caller, rig));
    expect(JSON.stringify([[...rig.texts], [...rig.metadata], rig.changes])).not.toContain(key.slice(10));
    expect(rig.changes).toEqual([`put key:${id}`]);
  });

  it('takes the second slot beside the first, and refuses a third key', async () => {
    const rig = withCaller();
    const keys = [valueOf(await createKey(caller, rig)), valueOf(await createKey(caller, rig))];
    expect(keys.map(({ slot }) => slot)).toEqual([1, 2]);
    expect(await createKey(caller, rig)).toEqual(fault('conflict', /third key for "billing"/));
    expect(await createKey({ caller: 'other' }, rig)).toMatchObject({ ok: true, value: { slot: 1 } });
  });

  it('takes the slot of a key that has expired, and not of one that is switched off', async () => {
    const rig = withCaller();
    const first = valueOf(await createKey({ ...caller, expiresAt: '2026-11-21T12:00:00Z' }, rig));
    const second = valueOf(await createKey(caller, rig));
    await disableKey({ ...caller, key: second.id }, rig);
    expect(await createKey(caller, rig)).toEqual(fault('conflict', /third key/));
    rig.nowMs += day;
    const third = valueOf(await createKey(caller, rig));
    expect(third.slot).toBe(1);
    expect((await listKeys(rig, 'billing')).map(({ id }) => id)).toEqual([third.id, second.id]);
    expect(rig.changes.slice(-2)).toEqual([`put key:${third.id}`, `delete key:${first.id}`]);
  });

  it.each<[string, unknown, string, RegExp]>([
    ['nothing', undefined, 'invalid', /^Cannot take the input: /],
    ['no caller', {}, 'invalid', /caller: /],
    ['a caller that is no name', { caller: '../x' }, 'invalid', /caller: must be 1 to 64/],
    ['the bootstrap', { caller: 'router' }, 'invalid', /"router" is the holder of ROUTER_KEY/],
    ['a caller who is not there', { caller: 'nobody' }, 'missing', /"nobody" does not exist/],
    ['a field that nobody knows', { ...caller, slot: 1 }, 'invalid', /slot/],
    ['an end that is no moment', { ...caller, expiresAt: 'tomorrow' }, 'invalid', /expiresAt: must be a moment/],
    ['an end that is over', { ...caller, expiresAt: '2026-11-20T12:00:00Z' }, 'invalid', /is over/],
  ])('refuses %s and writes nothing', async (_what, input, kind, message) => {
    const rig = withCaller();
    expect(await createKey(input, rig)).toEqual(fault(kind, message));
    expect(rig.changes).toEqual([]);
  });

  it('refuses a caller whose record cannot be used', async () => {
    const rig = adminRig({ 'caller:billing': { modles: [] } });
    expect(await createKey(caller, rig)).toEqual(fault('broken', /stored under "caller:billing"/));
  });
});

describe('rotateKey', () => {
  it('puts a second key beside the first, and both work', async () => {
    const rig = withCaller();
    const first = valueOf(await createKey(caller, rig));
    const second = valueOf(await rotateKey(caller, rig));
    expect(second.slot).toBe(2);
    await expect(Promise.all([opens(rig, first), opens(rig, second)])).resolves.toEqual([
      { name: 'billing', kind: 'key' },
      { name: 'billing', kind: 'key' },
    ]);
  });

  it('replaces the older of two only where it is told to', async () => {
    const rig = withCaller();
    const first = valueOf(await createKey(caller, rig));
    rig.nowMs += day;
    const second = valueOf(await rotateKey(caller, rig));
    rig.nowMs += day;
    expect(await rotateKey(caller, rig)).toEqual(fault('conflict', /rotate with replaceOldest/));
    const third = valueOf(await rotateKey({ ...caller, replaceOldest: true }, rig));
    expect(third.slot).toBe(1);
    await expect(rejectionOf(opens(rig, first))).resolves.toEqual(shutOut);
    expect((await listKeys(rig, 'billing')).map(({ id }) => id)).toEqual([third.id, second.id]);
    // Written before the other is deleted: between the two there is a key too many, never none.
    expect(rig.changes.slice(-2)).toEqual([`put key:${third.id}`, `delete key:${first.id}`]);
  });

  it('replaces nobody’s key while a slot is free', async () => {
    const rig = withCaller();
    await createKey(caller, rig);
    await rotateKey({ ...caller, replaceOldest: true }, rig);
    expect(await listKeys(rig, 'billing')).toHaveLength(2);
  });

  it('is not for a caller without a key', async () => {
    expect(await rotateKey(caller, withCaller())).toEqual(fault('missing', /has no key yet/));
  });
});

describe('disableKey', () => {
  it('shuts a key out, and lets it in again', async () => {
    const rig = withCaller();
    const made = valueOf(await createKey({ ...caller, label: 'laptop' }, rig));
    const { key: _, ...view } = made;
    expect(await disableKey({ ...caller, key: made.id }, rig)).toEqual({
      ok: true,
      value: { ...view, disabled: true, state: 'disabled' },
    });
    await expect(rejectionOf(opens(rig, made))).resolves.toEqual(shutOut);
    expect(await disableKey({ ...caller, key: made.id, disabled: false }, rig)).toEqual({ ok: true, value: view });
    await expect(opens(rig, made)).resolves.toEqual({ name: 'billing', kind: 'key' });
    expect(await listKeys(rig)).toEqual([view]);
  });
});

describe('deleteKey', () => {
  it('deletes the key that the beginning of its id names', async () => {
    const rig = withCaller();
    const made = valueOf(await createKey(caller, rig));
    expect(await deleteKey({ ...caller, key: made.id.slice(0, 8) }, rig)).toMatchObject({ ok: true });
    await expect(rejectionOf(opens(rig, made))).resolves.toEqual(shutOut);
    expect(await listKeys(rig)).toEqual([]);
  });

  it('touches no key of another caller', async () => {
    const rig = withCaller();
    const { id } = valueOf(await createKey({ caller: 'other' }, rig));
    expect(await deleteKey({ ...caller, key: id }, rig)).toEqual(fault('missing', /Cannot find a key/));
    expect(await listKeys(rig)).toHaveLength(1);
  });

  it('refuses a beginning that two keys share', async () => {
    const record = { ...caller, slot: 1, createdAt: '2026-11-01T00:00:00Z' };
    const ids = ['a', 'b'].map((end) => `${'0'.repeat(63)}${end}`);
    const rig = adminRig(Object.fromEntries(ids.map((id) => [`key:${id}`, record])));
    expect(await deleteKey({ ...caller, key: '00000000' }, rig)).toEqual(fault('conflict', /which key is meant/));
    expect(rig.changes).toEqual([]);
  });

  it.each(['', 'abc', 'ABCDEF01', '../../..', 'g0000000', '0'.repeat(65)])('refuses the id %j', async (key) => {
    expect(await deleteKey({ ...caller, key }, withCaller())).toEqual(fault('invalid', /key: /));
  });
});

describe('listKeys', () => {
  it('reads only records that were written without metadata', async () => {
    const hand = `key:${'f'.repeat(64)}`;
    const rig = adminRig({
      'caller:billing': {},
      [hand]: { caller: 'other', slot: 2, createdAt: '2026-11-01T00:00:00Z' },
      [`key:${'e'.repeat(64)}`]: { caller: 'other', slot: 9 },
    });
    await createKey(caller, rig);
    rig.reads.length = 0;
    expect((await listKeys(rig)).map(({ caller, slot }) => [caller, slot])).toEqual([
      ['billing', 1],
      ['other', 2],
    ]);
    expect(rig.reads).toEqual([hand, `key:${'e'.repeat(64)}`]);
  });
});
