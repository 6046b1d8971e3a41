import { describe, expect, it } from 'vitest';
import { deleteRoute, getRoute, listRoutes, listVersions, putRoute, rollBack } from '../../src/policy/route-admin.ts';
import { adminRig } from './admin-rig.ts';

const stored = { targets: [{ model: 'openai/gpt-5.1', credentials: 'stored' }] };
const unified = { targets: [{ model: 'openai/gpt-5.1', credentials: 'unified' }] };
const binding = { targets: [{ model: '@cf/zai-org/glm-4.7-flash', credentials: 'binding' }] };
const name = 'fast';
const fault = (kind: string, message: RegExp) => ({
  ok: false,
  fault: { kind, message: expect.stringMatching(message) as string },
});

/** Minutes after the rig's noon. */
const noonMs = Date.parse('2026-11-20T12:00:00Z');
const minute = (count: number): number => noonMs + count * 60_000;

describe('putRoute', () => {
  it('writes a new route, which has no history', async () => {
    const rig = adminRig();
    expect(await putRoute({ name, policy: stored }, rig)).toEqual({
      ok: true,
      value: { name, policy: stored, change: 'created' },
    });
    expect(rig.changes).toEqual(['put route:fast']);
  });

  it('keeps what it replaces, first', async () => {
    const rig = adminRig({ 'route:fast': stored });
    expect(await putRoute({ name, policy: binding }, rig)).toMatchObject({ value: { change: 'replaced' } });
    expect(rig.changes).toEqual([`put history:route:fast:${noonMs}`, 'put route:fast']);
    expect(await listVersions({ name }, rig)).toEqual({
      ok: true,
      value: { name, versions: [{ version: noonMs, atIso: '2026-11-20T12:00:00.000Z', change: 'replaced' }] },
    });
  });

  it('of what is there already writes nothing', async () => {
    const rig = adminRig({ 'route:fast': stored });
    expect(await putRoute({ name, policy: stored }, rig)).toMatchObject({ value: { change: 'none' } });
    expect(rig.changes).toEqual([]);
  });

  it('keeps even what could not be used, as it stood', async () => {
    const rig = adminRig({ 'route:fast': { targets: 'none' } });
    expect(await putRoute({ name, policy: stored }, rig)).toMatchObject({ value: { change: 'replaced' } });
    expect(rig.texts.get(`history:route:fast:${noonMs}`)).toBe('{"targets":"none"}');
  });

  it.each([
    [{ name, policy: { targets: [] } }, /targets/],
    [{ name, policy: { ...stored, extra: 1 } }, /extra/],
    [{ name: '../caller', policy: stored }, /name of a route/],
    [{ name: '', policy: stored }, /name of a route/],
    [{ policy: stored }, /name/],
    [undefined, /./],
  ])('refuses %j', async (input, message) => {
    const rig = adminRig();
    expect(await putRoute(input, rig)).toEqual(fault('invalid', message));
    expect(rig.changes).toEqual([]);
  });

  it('keeps 20 versions', async () => {
    const rig = adminRig();
    for (let count = 0; count < 25; count += 1) {
      rig.nowMs = minute(count);
      await putRoute({ name, policy: { ...stored, description: String(count) } }, rig);
    }
    const kept = [...rig.texts.keys()].filter((key) => key.startsWith('history:'));
    expect(kept.toSorted()).toEqual(
      Array.from({ length: 20 }, (_, index) => `history:route:fast:${minute(index + 5)}`).toSorted(),
    );
  });
});

describe('a history', () => {
  it('is of one route alone, whatever the others are called', async () => {
    const rig = adminRig({ 'route:a': stored, 'route:a:1': stored });
    await putRoute({ name: 'a:1', policy: binding }, rig);
    expect(await listVersions({ name: 'a' }, rig)).toEqual({ ok: true, value: { name: 'a', versions: [] } });
  });

  it('shows versions without metadata, and no key that is none', async () => {
    const rig = adminRig({ 'history:route:fast:7': stored, 'history:route:fast:x': stored });
    expect(await listVersions({ name }, rig)).toEqual({
      ok: true,
      value: { name, versions: [{ version: 7, atIso: '', change: 'unknown' }] },
    });
  });
});

describe('rollBack', () => {
  it('without a version writes the last one again, and keeps what it replaces', async () => {
    const rig = adminRig({ 'route:fast': stored });
    await putRoute({ name, policy: unified }, rig);
    rig.nowMs = minute(1);
    await putRoute({ name, policy: binding }, rig);
    rig.nowMs = minute(2);
    expect(await rollBack({ name }, rig)).toEqual({ ok: true, value: { name, policy: unified, version: minute(1) } });
    expect(await getRoute({ name }, rig)).toEqual({ ok: true, value: { name, policy: unified } });
    expect(await listVersions({ name }, rig)).toMatchObject({
      value: {
        versions: [
          { version: minute(2), change: `rolled back to ${minute(1)}` },
          { version: minute(1), change: 'replaced' },
          { version: minute(0), change: 'replaced' },
        ],
      },
    });
  });

  it('brings a deleted route back', async () => {
    const rig = adminRig({ 'route:fast': stored });
    expect(await deleteRoute({ name }, rig)).toEqual({ ok: true, value: { name, version: noonMs } });
    expect(await getRoute({ name }, rig)).toEqual(fault('missing', /Cannot find the route "fast"/));
    expect(await rollBack({ name, version: noonMs }, rig)).toMatchObject({ ok: true });
    expect(await getRoute({ name }, rig)).toEqual({ ok: true, value: { name, policy: stored } });
  });

  it.each([
    ['a version that today’s check refuses (T93)', { name, version: 7 }, 'broken', /history:route:fast:7/],
    ['a version that is not kept', { name, version: 8 }, 'missing', /has no version 8/],
    ['a route that has none', { name: 'slow' }, 'missing', /has no earlier version/],
    ['what is no version', { name, version: '7' }, 'invalid', /version/],
    ['what is no version', { name, version: 0 }, 'invalid', /version/],
  ])('refuses %s', async (_, input, kind, message) => {
    const rig = adminRig({ 'route:fast': stored, 'history:route:fast:7': { ...stored, oldField: true } });
    expect(await rollBack(input, rig)).toEqual(fault(kind, message));
    expect(rig.changes).toEqual([]);
  });
});

describe('deleteRoute', () => {
  it('of what is not there changes nothing', async () => {
    const rig = adminRig();
    expect(await deleteRoute({ name }, rig)).toEqual(fault('missing', /Cannot find/));
    expect(rig.changes).toEqual([]);
  });
});

describe('listRoutes', () => {
  const rig = adminRig({
    'route:b': binding,
    'route:a': stored,
    'route:c': { targets: [] },
    'history:route:a:1': stored,
  });

  it('gives them by name, and says what cannot be used', async () => {
    expect(await listRoutes({}, rig)).toEqual({
      ok: true,
      value: {
        routes: [
          { name: 'a', policy: stored },
          { name: 'b', policy: binding },
          { name: 'c', fault: expect.stringContaining('targets') as string },
        ],
      },
    });
  });

  it.each([
    [{ limit: 1 }, ['a'], 'a'],
    [{ after: 'a', limit: 1 }, ['b'], 'b'],
    [{ after: 'b', limit: 1 }, ['c'], undefined],
    [{ after: 'c' }, [], undefined],
  ])('gives the page %j', async (input, names, next) => {
    const came = await listRoutes(input, rig);
    expect(came).toMatchObject({ ok: true, value: { routes: names.map((route) => ({ name: route })) } });
    expect(came).toHaveProperty('value.routes.length', names.length);
    expect((came as { value: { next?: string } }).value.next).toBe(next);
  });
});
