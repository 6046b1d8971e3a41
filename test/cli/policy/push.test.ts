import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRig, route } from '../rig.ts';

const chat = route('openai/gpt-5.1');
const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

describe('policy push', () => {
  it('shows the difference, asks, writes what changed and the record last', async () => {
    const files = {
      'route.chat.json': chat,
      'route.eu%2Fchat.jsonc': '{ "targets": [ // one\n{ "model": "openai/x", "credentials": "stored" },] }',
    };
    const rig = openRig({ files, answer: () => true });
    expect(await rig.run('policy push')).toEqual({
      code: 0,
      out: [
        '+ route:chat (added)',
        ...text(chat)
          .trimEnd()
          .split('\n')
          .map((line) => `    + ${line}`),
        '',
        '+ route:eu/chat (added)',
        ...text(route('openai/x'))
          .trimEnd()
          .split('\n')
          .map((line) => `    + ${line}`),
        '',
        'Pushed revision 1 to the local KV: 2 added. Routers take it up within about a minute and a half.',
      ].join('\n'),
      err: 'Reading the local KV ...\nWriting to the local KV ...',
    });
    expect(rig.questions).toEqual(['Write this to the local KV?']);
    expect(rig.kv.writes).toEqual([['route:chat', 'route:eu/chat', 'policy-history:1', 'policy-revision'], []]);
    expect(rig.kv.values.get('route:eu/chat')?.value).toBe(text(route('openai/x')));
    expect(JSON.parse(rig.kv.values.get('policy-history:1')?.value ?? '')).toEqual({
      revision: 1,
      atIso: '2027-01-01T12:01:00.000Z',
      change: 'push',
      counts: '2 added',
      entries: { 'route:chat': text(chat), 'route:eu/chat': text(route('openai/x')) },
    });
  });

  it('writes what changed alone, and deletes what has no file any more', async () => {
    const rig = openRig({ files: { 'route.a.json': chat, 'route.b.json': chat, 'route.c.json': chat } });
    await rig.run('policy push --yes');
    rig.write({ 'route.b.json': route('openai/x'), 'route.c.json': undefined });
    expect(await rig.runJson('policy push --yes')).toEqual({
      command: 'policy push',
      ok: true,
      place: 'local KV',
      revision: 2,
      pushed: true,
      changes: [
        { key: 'route:b', change: 'changed', before: chat, after: route('openai/x') },
        { key: 'route:c', change: 'removed', before: chat },
      ],
    });
    expect(rig.kv.writes.slice(2)).toEqual([['route:b', 'policy-history:2', 'policy-revision'], ['- route:c']]);
  });

  it('shows a change by its lines', async () => {
    const rig = openRig({ files: { 'route.a.json': chat }, kv: { 'route:a': chat } });
    rig.write({ 'route.a.json': route('openai/x') });
    expect((await rig.run('policy diff')).out).toBe(
      [
        '~ route:a (changed)',
        '      ...',
        '        "targets": [',
        '          {',
        '    -       "model": "openai/gpt-5.1",',
        '    +       "model": "openai/x",',
        '            "credentials": "stored"',
        '          }',
        '      ...',
        '',
        'A push to the local KV (revision 0): 1 changed.',
        'The local KV changed since the last pull or push: route:a. Next: router policy pull',
      ].join('\n'),
    );
  });

  it('has nothing to do where only spaces and comments differ', async () => {
    const rig = openRig({ files: { 'route.a.jsonc': `// why\n${JSON.stringify(chat)}` }, kv: { 'route:a': chat } });
    expect(await rig.run('policy push')).toEqual({
      code: 0,
      out: 'Nothing to push: the files in policies and the local KV are the same (revision 0).',
      err: 'Reading the local KV ...',
    });
    expect(rig.kv.writes).toEqual([]);
  });

  it('leaves every other key of the namespace alone', async () => {
    const kv = { 'caller:billing': 'x', 'key:abc': 'y', other: 'z' };
    const rig = openRig({ files: { 'route.a.json': chat }, kv });
    await rig.run('policy push --yes');
    expect([...rig.kv.values.keys()]).toEqual([
      'caller:billing',
      'key:abc',
      'other',
      'route:a',
      'policy-history:1',
      'policy-revision',
    ]);
  });
});

describe('policy push is refused', () => {
  it.each([
    ['with faults', { 'route.a.json': {} }, /^Cannot push: the policies have 1 fault\. Mend them/],
    ['without a file', {}, /^Cannot push: there is no policy file in policies, and a push would delete all/],
  ])('%s, before KV is read', async (_, files, message) => {
    const rig = openRig({ files });
    const { code, err } = await rig.run('policy push --yes');
    expect([code, err, rig.kv.writes]).toEqual([1, expect.stringMatching(message), []]);
  });

  it('with faults, and names them', async () => {
    const rig = openRig({ files: { 'route.a.json': {} } });
    expect((await rig.run('policy push')).out).toContain('policies/route.a.json:1:1  fault  targets: is missing');
    expect(await rig.runJson('policy push')).toMatchObject({ ok: false, findings: [{ path: 'targets', line: 1 }] });
  });

  it.each([
    ['no', { answer: () => false }, 'Nothing was changed.'],
    [
      'nobody',
      {},
      'Cannot go on: nobody is there to ask "Write this to the local KV?". Give --yes where the answer is yes.',
    ],
  ])('where %s is the answer', async (_, options, message) => {
    const rig = openRig({ files: { 'route.a.json': chat }, ...options });
    const { code, err } = await rig.run('policy push');
    expect([code, err.split('\n').at(-1), rig.kv.writes]).toEqual([1, message, []]);
  });

  it('where KV changed since the last push, until it is forced', async () => {
    const rig = openRig({ files: { 'route.a.json': chat } });
    await rig.run('policy push --yes');
    await rig.kv.put([{ key: 'route:b', value: text(chat) }]);
    rig.write({ 'route.a.json': route('openai/x') });
    const refused = await rig.run('policy push --yes');
    expect([refused.code, refused.err.split('\n').slice(1)]).toEqual([
      1,
      [
        'Cannot push: the local KV changed since the last pull or push of this folder: route:b.',
        'Take that over with router policy pull, or write over it with router policy push --force.',
      ],
    ]);
    expect(await rig.runJson('policy push --yes')).toMatchObject({ ok: false, revision: 1, movedInKv: ['route:b'] });
    expect(await rig.runJson('policy push --yes --force')).toMatchObject({ ok: true, revision: 3, pushed: true });
    expect([...rig.kv.values.keys()].filter((key) => key.startsWith('route:'))).toEqual(['route:a']);
  });

  it('where KV holds policies that this folder never met', async () => {
    const rig = openRig({ files: { 'route.a.json': chat }, kv: { 'route:seeded': chat } });
    expect(await rig.runJson('policy push --yes')).toMatchObject({ ok: false, movedInKv: ['route:seeded'] });
  });

  it('where KV changes while the question is open', async () => {
    const rig = openRig({
      files: { 'route.a.json': chat },
      answer: (_, { kv }) => kv.values.set('route:b', { key: 'route:b', value: text(chat) }).has('route:b'),
    });
    const { code, err } = await rig.run('policy push');
    expect([code, err.split('\n').at(-1), rig.kv.writes]).toEqual([
      1,
      'Cannot write: the local KV changed a moment ago, after it was compared. Run the command again.',
      [],
    ]);
  });

  it('for one place only: each has a base of its own', async () => {
    const rig = openRig({ files: { 'route.a.json': chat } });
    await rig.run('policy push --yes');
    const bases: unknown = JSON.parse(readFileSync(join(rig.folder, 'policies', '.router-revision.json'), 'utf8'));
    expect(bases).toEqual({
      'local KV': { revision: 1, digests: { 'route:a': expect.stringMatching(/^[0-9a-f]{32}$/) as string } },
    });
    rig.write({ 'route.b.json': chat });
    expect(await rig.runJson('policy push --yes --remote')).toMatchObject({ ok: false, place: 'remote KV' });
    expect(await rig.runJson('policy push --yes')).toMatchObject({ ok: true, revision: 2 });
  });
});
