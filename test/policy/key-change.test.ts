import { describe, expect, it } from 'vitest';
import { createKey, listKeys } from '../../src/policy/key-admin.ts';
import { updateKey } from '../../src/policy/key-change.ts';
import { adminRig } from './admin-rig.ts';

const caller = 'billing';
const end = '2027-01-01T00:00:00Z';

/** A rig with one key, labelled and with an end. */
async function withKey() {
  const rig = adminRig({ 'caller:billing': {}, 'caller:other': {} });
  const made = await createKey({ caller, label: 'laptop', expiresAt: end }, rig);
  return { rig, id: (made as { value: { id: string } }).value.id };
}

const record = { caller, slot: 1, createdAt: '2026-11-20T12:00:00.000Z' };

describe('updateKey', () => {
  it.each([
    [{}, { label: 'laptop', expiresAt: end, state: 'live' }],
    [{ disabled: true }, { label: 'laptop', expiresAt: end, disabled: true, state: 'disabled' }],
    [{ disabled: false }, { label: 'laptop', expiresAt: end, state: 'live' }],
    [{ expiresAt: null }, { label: 'laptop', state: 'live' }],
    [{ expiresAt: '2026-11-20T11:59:59Z' }, { label: 'laptop', expiresAt: '2026-11-20T11:59:59Z', state: 'expired' }],
    [{ label: null }, { expiresAt: end, state: 'live' }],
    [
      { label: 'desk', expiresAt: null },
      { label: 'desk', state: 'live' },
    ],
  ])('with %j gives %j', async (changes, shown) => {
    const { rig, id } = await withKey();
    const view = { id, ...record, ...shown };
    expect(await updateKey({ caller, key: id.slice(0, 8), changes }, rig)).toEqual({ ok: true, value: view });
    expect(await listKeys(rig, caller)).toEqual([view]);
  });

  it('keeps a disabled key disabled when something else changes', async () => {
    const { rig, id } = await withKey();
    await updateKey({ caller, key: id, changes: { disabled: true } }, rig);
    expect(await updateKey({ caller, key: id, changes: { label: 'x' } }, rig)).toMatchObject({
      value: { disabled: true, label: 'x' },
    });
  });

  it.each([
    ['another caller’s', { caller: 'other', changes: {} }, 'missing'],
    ['a field that a key has not', { caller, changes: { slot: 2 } }, 'invalid'],
    ['an end without its Z', { caller, changes: { expiresAt: '2027-01-01T00:00:00' } }, 'invalid'],
    ['no changes', { caller }, 'invalid'],
  ])('refuses %s', async (_, input, kind) => {
    const { rig, id } = await withKey();
    const changes = [...rig.changes];
    expect(await updateKey({ ...input, key: id }, rig)).toMatchObject({ ok: false, fault: { kind } });
    expect(rig.changes).toEqual(changes);
  });
});
