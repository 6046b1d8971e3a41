import { describe, expect, it } from 'vitest';
import { openRig, route, type Rig } from '../rig.ts';

const first = route('openai/one');
const second = route('openai/two');

/** Two revisions: the first with one route, the second with it changed and another added. */
async function twoRevisions(): Promise<Rig> {
  const rig = openRig({ files: { 'route.a.json': first } });
  await rig.run('policy push --yes');
  rig.write({ 'route.a.json': second, 'route.b.json': first });
  await rig.run('policy push --yes');
  return rig;
}

describe('policy history', () => {
  it('lists the revisions, newest first', async () => {
    expect(await (await twoRevisions()).run('policy history')).toEqual({
      code: 0,
      out: [
        'revision  when                     change',
        '2         2027-01-01 12:02:00 UTC  push    1 added, 1 changed',
        '1         2027-01-01 12:01:00 UTC  push    1 added',
        '',
        'Next: router policy rollback <revision>',
      ].join('\n'),
      err: 'Reading the local KV ...',
    });
  });

  it('gives scripts the same', async () => {
    expect(await (await twoRevisions()).runJson('policy history')).toEqual({
      command: 'policy history',
      ok: true,
      place: 'local KV',
      revisions: [
        { revision: 2, atIso: '2027-01-01T12:02:00.000Z', change: 'push', counts: '1 added, 1 changed' },
        { revision: 1, atIso: '2027-01-01T12:01:00.000Z', change: 'push', counts: '1 added' },
      ],
    });
  });

  it('begins with the first push', async () => {
    expect((await openRig().run('policy history')).out).toBe(
      'The local KV has no history yet: it begins with the first router policy push.',
    );
  });

  it('keeps what something else had written, as a revision of its own', async () => {
    const rig = await twoRevisions();
    await rig.kv.put([{ key: 'route:a', value: JSON.stringify(first) }]);
    await rig.run('policy push --yes --force');
    expect(await rig.runJson('policy history')).toMatchObject({
      revisions: [
        { revision: 4, change: 'push', counts: '1 changed' },
        { revision: 3, change: 'found in KV', counts: '2 added' },
        { revision: 2 },
        { revision: 1 },
      ],
    });
    expect(await rig.runJson('policy rollback 3 --yes')).toMatchObject({
      revision: 5,
      changes: [{ key: 'route:a', before: second, after: first }],
    });
  });

  it('keeps fifty revisions', async () => {
    const rig = openRig();
    for (let round = 1; round <= 53; round += 1) {
      rig.write({ 'route.a.json': route(`openai/m${round}`) });
      await rig.run('policy push --yes');
    }
    const kept = [...rig.kv.values.keys()].filter((key) => key.startsWith('policy-history:'));
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([50, 'policy-history:4', 'policy-history:53']);
  });
});

describe('policy rollback', () => {
  it('writes an old revision as a new one and leaves the files alone', async () => {
    const rig = await twoRevisions();
    const ran = await rig.run('policy rollback 1 --yes');
    expect([ran.code, ran.out.split('\n').slice(-2)]).toEqual([
      0,
      [
        'Rolled the local KV back to revision 1, as revision 3: 1 changed, 1 removed. Routers take it up within about a minute and a half.',
        'The files are as they were. Next: router policy pull',
      ],
    ]);
    expect(JSON.parse(rig.kv.values.get('route:a')?.value ?? '')).toEqual(first);
    expect([rig.kv.values.has('route:b'), Object.keys(rig.read())]).toEqual([false, ['route.a.json', 'route.b.json']]);
    expect(await rig.runJson('policy history')).toMatchObject({
      revisions: [{ revision: 3, change: 'rollback to 1' }, {}, {}],
    });
  });

  it('asks first', async () => {
    const rig = await twoRevisions();
    expect((await rig.run('policy rollback 1')).code).toBe(1);
    expect(JSON.parse(rig.kv.values.get('route:a')?.value ?? '')).toEqual(second);
  });

  it('stands in the way of the next push until it is pulled', async () => {
    const rig = await twoRevisions();
    await rig.run('policy rollback 1 --yes');
    rig.write({ 'route.c.json': first });
    expect(await rig.runJson('policy push --yes')).toMatchObject({ ok: false, movedInKv: ['route:a', 'route:b'] });
    await rig.run('policy pull');
    expect(Object.keys(rig.read())).toEqual(['route.a.json', 'route.c.json']);
    expect(await rig.runJson('policy push --yes')).toMatchObject({ ok: true, changes: [{ key: 'route:c' }] });
  });

  it('does nothing where KV holds that revision', async () => {
    expect(await (await twoRevisions()).runJson('policy rollback 2')).toEqual({
      command: 'policy rollback',
      ok: true,
      place: 'local KV',
      revision: 2,
      rolledBack: false,
      changes: [],
    });
  });

  it.each([
    ['7', 1, 'Cannot roll back: the local KV has no revision 7; it keeps 2, 1. See router policy history.'],
    ['0', 2, 'Cannot roll back: "0" is no revision. router policy history lists them by number.'],
    ['abc', 2, 'Cannot roll back: "abc" is no revision. router policy history lists them by number.'],
    ['1e3', 2, 'Cannot roll back: "1e3" is no revision. router policy history lists them by number.'],
  ])('to %j is refused', async (revision, code, message) => {
    const ran = await (await twoRevisions()).run(`policy rollback ${revision}`);
    expect([ran.code, ran.err.split('\n').at(-1)]).toEqual([code, message]);
  });

  it('to policies that the schema no longer takes is refused with their faults', async () => {
    const rig = await twoRevisions();
    const entries = { 'route:a': '{ "targets": [], "old": 1 }' };
    const snapshot = { revision: 1, atIso: '', change: '', counts: '', entries };
    await rig.kv.put([{ key: 'policy-history:1', value: JSON.stringify(snapshot) }]);
    expect(await rig.runJson('policy rollback 1 --yes')).toMatchObject({
      ok: false,
      findings: [
        { file: 'route:a', path: 'targets' },
        { file: 'route:a', message: expect.stringContaining('"old" is unknown here') as string },
      ],
    });
  });

  it('to a snapshot that cannot be read is refused', async () => {
    const rig = await twoRevisions();
    await rig.kv.put([{ key: 'policy-history:1', value: '{}' }]);
    expect((await rig.run('policy rollback 1 --yes')).code).toBe(1);
  });
});

describe('policy list', () => {
  it('says what each policy in KV does, and which cannot be used', async () => {
    const weighted = {
      strategy: 'weighted',
      targets: [
        { model: '@cf/a/b', credentials: 'binding' },
        { model: 'openai/x', credentials: 'stored' },
      ],
    };
    const kv = {
      'route:b': weighted,
      'route:a': { targets: [] },
      patterns: [{ match: 'x', model: 'b' }],
      defaults: { losses: 'report' },
    };
    expect(await openRig({ kv }).run('policy list')).toEqual({
      code: 0,
      out: [
        'defaults  losses',
        'patterns  1 pattern',
        'route:a   faulty: targets must be at least 1 entries long',
        'route:b   @cf/a/b (binding) | openai/x (stored)',
        '',
        '4 policies in the local KV, revision 0. Something else than this command has written to it since.',
      ].join('\n'),
      err: 'Reading the local KV ...',
    });
  });

  it('gives scripts the same', async () => {
    const rig = await twoRevisions();
    expect(await rig.runJson('policy list')).toEqual({
      command: 'policy list',
      ok: true,
      place: 'local KV',
      revision: 2,
      policies: [
        { key: 'route:a', says: 'openai/two (stored)', ok: true, faults: [] },
        { key: 'route:b', says: 'openai/one (stored)', ok: true, faults: [] },
      ],
    });
  });

  it('of nothing says what then holds', async () => {
    expect((await openRig().run('policy list')).out).toBe(
      'There is no policy in the local KV: direct model names are served. Next: router policy push',
    );
  });
});

describe('policy schema', () => {
  it.each(['route', 'patterns', 'defaults'])('prints that of %s', async (kind) => {
    const { code, out } = await openRig().run(`policy schema ${kind}`);
    const schema: unknown = JSON.parse(out);
    expect([code, schema]).toMatchObject([0, { $schema: 'https://json-schema.org/draft/2020-12/schema' }]);
    expect(await openRig().runJson(`policy schema ${kind}`)).toEqual({
      command: 'policy schema',
      ok: true,
      kind,
      schema,
    });
  });

  it('is a route’s without a name, and refuses another', async () => {
    const rig = openRig();
    expect((await rig.run('policy schema')).out).toBe((await rig.run('policy schema route')).out);
    expect(await rig.run('policy schema pattern')).toEqual({
      code: 2,
      out: '',
      err: 'Cannot print a schema: there is no kind of policy "pattern". Did you mean patterns?',
    });
  });
});
