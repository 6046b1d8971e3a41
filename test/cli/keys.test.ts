import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPlane, type PlaneRig } from './plane.ts';

const withCaller = (policy: object = {}) => openPlane({ kv: { 'caller:billing': policy }, confirm: true });

/** Makes a key and gives its id. */
async function makeKey({ rig }: PlaneRig): Promise<string> {
  return ((await rig.runJson('keys create billing')) as { id: string }).id;
}

describe('keys create', () => {
  it('shows the key once, and what to do with it', async () => {
    const plane = withCaller();
    const { code, out } = await plane.rig.run('keys create billing --label laptop --expires 2027-01-01T00:00:00Z');
    const [key = '', , once, next] = out.split('\n');
    expect([code, key]).toEqual([0, expect.stringMatching(/^sk-router-\w{38}$/)]);
    expect(once).toMatch(
      /^This is the only time that it is shown\. Key [0-9a-f]{12} of billing, ends 2027-01-01T00:00:00Z\.$/,
    );
    expect(next).toBe('Next: use it as the API key with the base URL http://127.0.0.1:8787/v1');
    expect((await plane.rig.run('keys list --json')).out).not.toContain(key);
  });

  it('gives scripts the key and what is known of it', async () => {
    expect(await withCaller().rig.runJson('keys create billing --label ci')).toEqual({
      command: 'keys create',
      ok: true,
      key: expect.stringMatching(/^sk-router-/) as string,
      id: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      caller: 'billing',
      slot: 1,
      createdAt: '2026-11-20T12:00:00.000Z',
      label: 'ci',
      state: 'live',
    });
  });

  it.each([
    ['keys create nobody', 'Cannot make a key: the caller "nobody" does not exist.'],
    ['keys create billing --expires tomorrow', /expiresAt: must be a moment/],
    ['keys create ../callers', /^Cannot/],
  ])('is refused in the router’s words: %s', async (line, message) => {
    const { code, err } = await withCaller().rig.run(line);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });
});

describe('keys rotate', () => {
  it('makes a second, and a third only in place of the older', async () => {
    const plane = withCaller();
    const first = await makeKey(plane);
    expect((await plane.rig.run('keys rotate billing')).code).toBe(0);
    expect((await plane.rig.run('keys rotate billing')).err).toMatch(/Cannot make a third key/);
    expect((await plane.rig.run('keys rotate billing --replace-oldest')).code).toBe(0);
    expect((await plane.rig.run('keys list --json')).out).not.toContain(first);
  });
});

describe('keys list', () => {
  it('is a table for people', async () => {
    const plane = withCaller();
    const id = await makeKey(plane);
    await plane.rig.run(`keys disable billing ${id.slice(0, 8)}`);
    expect((await plane.rig.run('keys list billing')).out).toBe(
      [
        'caller   id            state     made        ends   label',
        `billing  ${id.slice(0, 12)}  disabled  2026-11-20  never`,
        '',
        '1 key.',
      ].join('\n'),
    );
  });

  it('of all callers reads every page', async () => {
    const names = Array.from({ length: 101 }, (_, index) => [`caller:c${1000 + index}`, {}] as const);
    const plane = openPlane({ kv: Object.fromEntries(names) });
    await plane.rig.run('keys create c1100');
    const { keys } = (await plane.rig.runJson('keys list')) as { keys: { caller: string }[] };
    expect([keys.map(({ caller }) => caller), plane.sent.slice(1).map(({ url }) => new URL(url).search)]).toEqual([
      ['c1100'],
      ['', '?after=c1099'],
    ]);
  });

  it('of none says how to begin', async () => {
    expect((await openPlane().rig.run('keys list')).out).toBe('There is no key. Next: router keys create <caller>');
  });
});

describe('a key', () => {
  it.each([
    ['disable', '', { disabled: true, state: 'disabled' }],
    ['enable', '', { state: 'live' }],
    ['expire', '2020-01-01T00:00:00Z', { expiresAt: '2020-01-01T00:00:00Z', state: 'expired' }],
    ['expire', 'never', { state: 'live' }],
  ])('is changed by keys %s %s', async (verb, moment, shown) => {
    const plane = withCaller();
    const id = await makeKey(plane);
    const changed = await plane.rig.runJson(`keys ${verb} billing ${id.slice(0, 8)} ${moment}`);
    expect(changed).toMatchObject({ ok: true, id, ...shown });
  });

  it('is deleted when that is agreed to', async () => {
    const plane = withCaller();
    const id = await makeKey(plane);
    expect((await plane.rig.run(`keys delete billing ${id.slice(0, 8)}`)).out).toMatch(
      /^Deleted Key [0-9a-f]{12} of billing\./,
    );
    expect(plane.rig.questions).toEqual([`Delete the key ${id.slice(0, 8)} of billing at http://127.0.0.1:8787?`]);
    expect(plane.kv.texts.has(`key:${id}`)).toBe(false);
  });

  it.each(['keys delete billing ..', 'keys delete billing .', 'keys disable billing ..', 'keys callers delete ..'])(
    'has an id that cannot climb to its caller: %s',
    async (line) => {
      const plane = withCaller();
      expect(await plane.rig.run(line)).toMatchObject({ code: 2 });
      expect([[...plane.kv.texts], plane.sent]).toEqual([[['caller:billing', '{}']], []]);
    },
  );

  it('stays when it is not', async () => {
    const plane = openPlane({ kv: { 'caller:billing': {} }, confirm: false });
    const id = await makeKey(plane);
    expect((await plane.rig.run(`keys delete billing ${id}`)).code).toBe(1);
    expect(plane.kv.texts.has(`key:${id}`)).toBe(true);
  });
});

describe('keys callers', () => {
  it('lists them in a line each', async () => {
    const policy = { models: ['openai/*'], routes: ['fast'], limits: { usdPerDay: 5 }, disabled: true };
    const { rig } = openPlane({ kv: { 'caller:a': policy, 'caller:b': {}, 'caller:c': { models: 1 } } });
    expect((await rig.run('keys callers')).out.split('\n')).toEqual([
      expect.stringMatching(/^a {2}disabled; only fast, openai\/\*; usdPerDay 5 +0 keys$/),
      expect.stringMatching(/^b {2}all models +0 keys$/),
      expect.stringMatching(/^c {2}faulty: .*models.* +0 keys$/),
    ]);
  });

  it('are created from a file, with comments', async () => {
    const { rig, kv } = openPlane();
    writeFileSync(join(rig.folder, 'p.json'), '{ // five a minute\n "limits": { "requestsPerMinute": 5 } }');
    expect((await rig.run('keys callers create billing --policy p.json')).out).toBe(
      'Created billing. Next: router keys create billing',
    );
    expect(kv.texts.get('caller:billing')).toBe('{"limits":{"requestsPerMinute":5}}');
  });

  it('are changed by a file', async () => {
    const { rig, kv } = withCaller({ group: 'staff' });
    writeFileSync(join(rig.folder, 'p.json'), '{"group": null, "disabled": true}');
    expect((await rig.run('keys callers update billing --policy p.json')).code).toBe(0);
    expect(kv.texts.get('caller:billing')).toBe('{"disabled":true}');
  });

  it.each([
    ['keys callers update billing', 2, /--policy <file> with the changes is missing/],
    ['keys callers create x --policy nowhere.json', 1, /no readable file nowhere\.json/],
    ['keys callers create x --policy list.json', 1, /holds no JSON object/],
    ['keys callers show nobody', 1, /Cannot find the caller "nobody"/],
  ])('are refused with what is missing: %s', async (line, code, message) => {
    const { rig } = withCaller();
    writeFileSync(join(rig.folder, 'list.json'), '[]');
    expect(await rig.run(line)).toMatchObject({ code, err: expect.stringMatching(message) as string });
  });

  it('are shown with how their limits stand', async () => {
    const states = [
      { limit: 'usdPerDay', most: 5e9, left: 1_234_567_890, resetSeconds: 60 },
      { limit: 'concurrent', route: 'eu/chat', most: 3, left: 3, resetSeconds: 0 },
    ] as const;
    const { rig } = openPlane({ kv: { 'caller:billing': { limits: { usdPerDay: 5 } } }, states });
    const { out } = await rig.run('keys callers show billing');
    expect(out.split('\n').slice(-2)).toEqual([
      'usdPerDay              $1.2345 of $5.0000 left  anew in 60 s',
      'concurrent on eu/chat  3 of 3 left',
    ]);
  });

  it('are deleted with their keys', async () => {
    const plane = withCaller();
    await makeKey(plane);
    expect((await plane.rig.run('keys callers delete billing')).out).toBe('Deleted billing and 1 key.');
    expect([...plane.kv.texts.keys()]).toEqual([]);
  });
});
