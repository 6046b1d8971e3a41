import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adminKey, openPlane } from './plane.ts';

const page = { callers: [] };

function nobody(): Response {
  throw new TypeError('fetch failed');
}

describe('the router that is called', () => {
  it.each([
    ['', 'http://127.0.0.1:8787/admin/callers'],
    ['--url http://localhost:9000', 'http://localhost:9000/admin/callers'],
    ['--url http://[::1]:9000/', 'http://[::1]:9000/admin/callers'],
    ['--url https://router.example.com', 'https://router.example.com/admin/callers'],
    ['--url https://router.example.com/v1/', 'https://router.example.com/admin/callers'],
  ])('is named by %j', async (words, url) => {
    const { rig, sent } = openPlane({ answer: () => Response.json(page) });
    expect([(await rig.run(`keys callers ${words}`)).code, sent]).toEqual([
      0,
      [{ url, method: 'GET', redirect: 'manual' }],
    ]);
  });

  it.each([
    'http://router.example.com',
    'http://127.0.0.1.example.com',
    'ftp://router',
    'router.example.com',
    'javascript:1',
  ])('is never %s: the key would go over the wire in the open', async (url) => {
    const { rig, sent } = openPlane();
    const { code, err } = await rig.run(`keys callers --url ${url}`);
    expect([code, sent, err]).toEqual([
      2,
      [],
      `Cannot use --url ${url}: give the router's address, beginning with https://.`,
    ]);
  });

  it('that has no admin plane gets the advice to open one', async () => {
    const error = { message: 'Unknown request URL', code: 'unknown_url' };
    const { rig } = openPlane({ answer: () => Response.json({ error }, { status: 404 }) });
    expect(await rig.run('keys callers')).toMatchObject({
      code: 1,
      err: 'Cannot administer http://127.0.0.1:8787: it has no admin plane. Set its secret: npx wrangler secret put ADMIN_KEY.',
    });
  });

  it.each([
    ['a page', new Response('<html>', { status: 200 }), /^Cannot read the answer/],
    ['JSON of another kind', Response.json({ users: [] }), /^Cannot read the answer/],
    ['an error page', new Response('<html>', { status: 502 }), /it answered 502, and not as a router does/],
    ['a redirect', new Response(null, { status: 302, headers: { location: 'https://x.example' } }), /it answered 302/],
    [
      'an error with the key in it',
      Response.json({ error: { message: `bad ${adminKey}\u001b[2J` } }, { status: 400 }),
      /^bad \[key\]$/,
    ],
  ])('that answers with %s is not believed', async (_, answer, message) => {
    const { rig } = openPlane({ answer: () => answer });
    expect(await rig.run('keys callers')).toEqual({ code: 1, out: '', err: expect.stringMatching(message) as string });
  });

  it('that is not there is named', async () => {
    expect(await openPlane({ answer: nobody }).rig.run('keys callers')).toMatchObject({
      code: 1,
      err: 'Cannot reach the router at http://127.0.0.1:8787. Is it up? Name another with --url.',
    });
  });
});

describe('the admin key', () => {
  it('comes from a file too', async () => {
    const { rig } = openPlane({ env: {} });
    writeFileSync(join(rig.folder, 'key.txt'), `${adminKey}\n`);
    expect(await rig.run('keys callers --key-file key.txt')).toMatchObject({ code: 0 });
  });

  it.each([
    ['is not set', {}, 'keys callers', /ROUTER_ADMIN_KEY is not set/],
    ['is empty', { ROUTER_ADMIN_KEY: ' ' }, 'keys callers', /ROUTER_ADMIN_KEY is not set/],
    [
      'could stand in no header',
      { ROUTER_ADMIN_KEY: 'a\nb' },
      'keys callers',
      /ROUTER_ADMIN_KEY is not set, or holds none/,
    ],
    ['is in a file that is not there', {}, 'keys callers --key-file nowhere', /no readable file/],
    ['is on the command line', {}, 'keys callers --key sk-1', /there is no option --key/],
  ])('that %s ends the command before anything is sent', async (_, env, line, message) => {
    const { rig, sent } = openPlane({ env });
    expect([await rig.run(line), sent]).toEqual([
      { code: 2, out: '', err: expect.stringMatching(message) as string },
      [],
    ]);
  });

  it('that is wrong is told so in the router’s words', async () => {
    const { rig } = openPlane({ env: { ROUTER_ADMIN_KEY: 'sk-wrong-0123456789' } });
    const { code, err } = await rig.run('keys callers');
    expect([code, err]).toEqual([1, expect.stringContaining('the value of the secret ADMIN_KEY')]);
    expect(err).not.toContain('sk-wrong-0123456789');
  });
});
