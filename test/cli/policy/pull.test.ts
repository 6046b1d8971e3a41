import { describe, expect, it } from 'vitest';
import { openRig, route } from '../rig.ts';

const chat = route('openai/gpt-5.1');
const other = route('openai/x');
const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

describe('policy pull', () => {
  it('fills a folder that is not there yet', async () => {
    const rig = openRig({ kv: { 'route:eu/chat': chat, patterns: '[]', 'policy-history:1': '{}', other: 'x' } });
    expect(await rig.run('policy pull')).toEqual({
      code: 0,
      out: [
        'policies/patterns.json         written',
        'policies/route.eu%2Fchat.json  written',
        '',
        'Pulled revision 0 of the local KV. Next: router policy diff',
      ].join('\n'),
      err: 'Reading the local KV ...',
    });
    expect(rig.read()).toEqual({ 'patterns.json': '[]\n', 'route.eu%2Fchat.json': text(chat) });
    expect(await rig.runJson('policy diff')).toMatchObject({ movedInKv: [], changes: [] });
  });

  it('leaves a file with comments as it is where KV says the same', async () => {
    const commented = `// why\n${JSON.stringify(chat)}`;
    const rig = openRig({ files: { 'route.a.jsonc': commented }, kv: { 'route:a': chat } });
    expect((await rig.run('policy pull')).out).toBe('Pulled revision 0 of the local KV. The files say the same.');
    expect(rig.read()).toEqual({ 'route.a.jsonc': commented });
  });

  it('takes over what changed in KV and keeps what was edited here', async () => {
    const files = { 'route.a.json': chat, 'route.b.jsonc': chat, 'route.c.json': chat };
    const rig = openRig({ files });
    await rig.run('policy push --yes');
    await rig.kv.put([{ key: 'route:b', value: text(other) }]);
    await rig.kv.delete(['route:c']);
    rig.write({ 'route.a.json': other, 'route.d.json': chat });
    expect(await rig.runJson('policy pull')).toEqual({
      command: 'policy pull',
      ok: true,
      place: 'local KV',
      revision: 1,
      files: [
        { key: 'route:a', file: 'policies/route.a.json', action: 'keep' },
        { key: 'route:b', file: 'policies/route.b.jsonc', action: 'write' },
        { key: 'route:c', file: 'policies/route.c.json', action: 'remove' },
        { key: 'route:d', file: 'policies/route.d.json', action: 'keep' },
      ],
    });
    expect(rig.read()).toEqual({
      'route.a.json': text(other),
      'route.b.jsonc': text(other),
      'route.d.json': text(chat),
    });
    // What was kept is what a push now writes, and nothing stands in its way.
    expect(await rig.runJson('policy push --yes')).toMatchObject({
      revision: 3,
      changes: [
        { key: 'route:a', change: 'changed' },
        { key: 'route:d', change: 'added' },
      ],
    });
  });

  it.each([
    ['yes', 'policy pull', true, 0, chat],
    ['no', 'policy pull', false, 1, other],
    ['--yes', 'policy pull --yes', false, 0, chat],
  ])('writes over an edit only when told so: %s', async (_, line, answer, code, kept) => {
    const rig = openRig({ files: { 'route.a.json': other }, kv: { 'route:a': chat }, answer: () => answer });
    const ran = await rig.run(line);
    expect([ran.code, rig.read()]).toEqual([code, { 'route.a.json': text(kept) }]);
    expect(ran.out.split('\n').slice(0, 2)).toEqual([
      'Edited here, and changed in the local KV too:',
      '  policies/route.a.json',
    ]);
  });

  it('asks by the file names', async () => {
    const rig = openRig({ files: { 'route.a.json': other }, kv: { 'route:a': chat }, answer: () => true });
    await rig.run('policy pull');
    expect(rig.questions).toEqual(['Write over the edits in policies/route.a.json?']);
  });

  it('takes a value that is no JSON over as it stands, for the check to tell of', async () => {
    const rig = openRig({ kv: { 'route:a': '{ "targets": ' } });
    await rig.run('policy pull');
    expect(rig.read()).toEqual({ 'route.a.json': '{ "targets": \n' });
    expect((await rig.run('policy check')).code).toBe(1);
  });

  it('never leaves its folder, whatever the keys are called', async () => {
    const rig = openRig({ kv: { 'route:../../evil': chat, 'route:..': chat, 'route:/etc/x': chat, 'route:': chat } });
    await rig.run('policy pull');
    expect(Object.keys(rig.read()).toSorted()).toEqual([
      'route.%2Fetc%2Fx.json',
      'route...%2F..%2Fevil.json',
      'route....json',
    ]);
  });
});
