import { expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod/mini';
import { accountOptions, openAccount } from '../../src/cli/account.ts';
import type { Command } from '../../src/cli/command.ts';
import { accountId, gatewayToken, operatorToken } from '../../src/local/keys.ts';
import { openAccountRig, type AccountRigOptions } from './account-rig.ts';

/** A command that reads one gateway, and says whether there is one. */
const probe: Command = {
  name: 'probe',
  summary: 'Read a gateway',
  details: [],
  operands: ['<id>'],
  options: accountOptions,
  json: ['found'],
  examples: ['probe x'],
  run: async (asked, desk) => {
    const account = await openAccount(asked, desk);
    const found = await account.find({
      what: 'read the gateway',
      needs: 'AI Gateway Read',
      output: z.object({ id: z.string() }),
      call: async (client, of) => client.aiGateway.get(asked.operands[0] ?? '', of),
    });
    return { exitCode: 0, json: { found: found?.id ?? null }, text: `${account.name}: ${found?.id ?? 'none'}` };
  },
};

const open = (options: AccountRigOptions = {}) => openAccountRig({ ...options, commands: [probe] });
const account = 'https://api.cloudflare.com/client/v4/accounts';

it('opens the account of the local environment without asking the shell for anything', async () => {
  const { rig, calls } = open({ env: { CLOUDFLARE_API_TOKEN: 'cf-real-token', CLOUDFLARE_ACCOUNT_ID: 'other' } });
  expect(await rig.run('probe bare')).toEqual({
    code: 0,
    out: 'local account (the stand-in of npm start): bare',
    err: '',
  });
  expect(calls.map(({ url, headers }) => [url, headers.get('authorization')])).toEqual([
    [
      `http://127.0.0.1:8787/cloudflare/client/v4/accounts/${accountId}/ai-gateway/gateways/bare`,
      `Bearer ${operatorToken}`,
    ],
  ]);
});

it.each([
  ['http://127.0.0.1:9000/cloudflare/client/v4', 'http://127.0.0.1:9000/cloudflare/client/v4'],
  ['https://api.example.com/client/v4', 'http://127.0.0.1:8787/cloudflare/client/v4'],
  ['http://127.0.0.1.example.com/client/v4', 'http://127.0.0.1:8787/cloudflare/client/v4'],
])('never leaves this machine in the local environment: %s', async (base, expected) => {
  const { rig, calls } = open({ env: { CLOUDFLARE_API_BASE_URL: base } });
  await rig.run('probe bare');
  expect(calls.map(({ url }) => url)).toEqual([`${expected}/accounts/${accountId}/ai-gateway/gateways/bare`]);
});

it('sends the token of the shell to the deployed account, and nothing else of the shell', async () => {
  const { rig, calls } = open();
  expect(await rig.run('probe bare --remote')).toEqual({ code: 0, out: `account ${accountId}: bare`, err: '' });
  const [call] = calls;
  expect([call?.url, call?.headers.get('authorization')]).toEqual([
    `${account}/${accountId}/ai-gateway/gateways/bare`,
    `Bearer ${operatorToken}`,
  ]);
  expect([...(call?.headers.keys() ?? [])].filter((name) => name.startsWith('x-auth'))).toEqual([]);
});

it('sends no other credential of the shell', async () => {
  vi.stubEnv('CLOUDFLARE_API_KEY', 'canary-key');
  vi.stubEnv('CLOUDFLARE_EMAIL', 'canary@example.com');
  vi.stubEnv('CLOUDFLARE_API_USER_SERVICE_KEY', 'v1.0-canary');
  vi.stubEnv('CLOUDFLARE_API_TOKEN', 'canary-token');
  vi.stubEnv('CLOUDFLARE_BASE_URL', 'https://canary.example');
  vi.stubEnv('CLOUDFLARE_CUSTOM_HEADERS', 'x-canary: canary\nauthorization: Bearer canary');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { rig, calls } = open();
  await rig.run('probe bare --remote');
  const [call] = calls;
  expect([...(call?.headers.keys() ?? [])]).toEqual(['accept', 'api-version', 'authorization', 'user-agent']);
  expect(JSON.stringify([...(call?.headers ?? [])])).not.toContain('canary');
  expect(call?.url).toBe(`${account}/${accountId}/ai-gateway/gateways/bare`);
});

it('tells what is not there from what failed', async () => {
  expect(await open().rig.runJson('probe nobody --remote')).toEqual({ command: 'probe', ok: true, found: null });
});

const other = 'f'.repeat(32);
const noAccount = 'Set CLOUDFLARE_ACCOUNT_ID in wrangler.toml or in the shell, or give --account.';

it.each([
  [
    { env: {} },
    [
      'Cannot open the account: CLOUDFLARE_API_TOKEN is not set in this shell, or holds none.',
      'Make an API token in the dashboard (My Profile > API Tokens) with Account > AI Gateway > Edit, and export it here.',
      'It is your own, and not the Worker secret of the same name.',
    ].join('\n'),
  ],
  [
    { env: { CLOUDFLARE_API_TOKEN: 'x', CLOUDFLARE_ACCOUNT_ID: other } },
    'Cannot choose the account: CLOUDFLARE_ACCOUNT_ID of this shell and of wrangler.toml differ. Name one with --account.',
  ],
  [
    { env: { CLOUDFLARE_API_TOKEN: 'x', CLOUDFLARE_API_BASE_URL: 'http://api.cloudflare.com/client/v4' } },
    'Cannot use CLOUDFLARE_API_BASE_URL: it must begin with https:// and hold no password.',
  ],
  [
    { env: { CLOUDFLARE_API_TOKEN: 'x', CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:8787/cloudflare/client/v4' } },
    'Cannot open the account: CLOUDFLARE_API_BASE_URL of this shell is the one of npm start. Unset it, or leave out --remote and --env.',
  ],
])('refuses what is missing or unfit before any call', async (options, message) => {
  const { rig, calls } = open(options);
  expect(await rig.run('probe bare --remote')).toEqual({ code: 2, out: '', err: message });
  expect(calls).toEqual([]);
});

it.each([
  ['--account ../x', `Cannot choose the account: "../x" is none, it has 32 digits and letters a to f. ${noAccount}`],
  [
    '--env stagging',
    'Cannot use --env stagging: wrangler.toml has no [env.stagging]; it names local, staging. Its top level is --remote. Did you mean --env staging?',
  ],
  ['--env staging', `Cannot choose the account: none is named. ${noAccount}`],
])('refuses %s', async (words, message) => {
  const { rig, calls } = open({ toml: '[env.staging]\n' });
  expect(await rig.run(`probe bare --remote ${words}`)).toEqual({ code: 2, out: '', err: message });
  expect(calls).toEqual([]);
});

const staging = { words: '', env: { CLOUDFLARE_API_TOKEN: 'x' } as Record<string, string>, toml: '[env.staging]' };

it.each([
  ['--account', { ...staging, words: `--account ${other}` }],
  ['the shell', { ...staging, env: { CLOUDFLARE_API_TOKEN: 'x', CLOUDFLARE_ACCOUNT_ID: other } }],
  ['account_id', { ...staging, toml: `[env.staging]\naccount_id = "${other}"` }],
  ['vars', { ...staging, toml: `[env.staging.vars]\nCLOUDFLARE_ACCOUNT_ID = "${other}"` }],
])('takes the account of %s', async (_, { words, env, toml }) => {
  const { rig, calls } = open({ env, toml });
  await rig.run(`probe bare --env staging ${words}`);
  expect(calls.map(({ url }) => url)).toEqual([`${account}/${other}/ai-gateway/gateways/bare`]);
});

it.each([
  [
    { CLOUDFLARE_API_TOKEN: 'cf-unknown' },
    'Cannot read the gateway: Cloudflare does not know the token. Set CLOUDFLARE_API_TOKEN of this shell to one that is still valid.\n  401 (10000) Authentication error',
  ],
  [
    { CLOUDFLARE_API_TOKEN: gatewayToken },
    'Cannot read the gateway: the token may not do this. It needs the permission "AI Gateway Read" on this account: dashboard, My Profile > API Tokens.\n  403 (10000) Authentication error',
  ],
])('says which token or permission is missing', async (env, message) => {
  expect(await open({ env }).rig.run('probe bare --remote')).toEqual({ code: 1, out: '', err: message });
});

it('takes a path that leads nowhere for a wrong account, not for a missing gateway', async () => {
  const { code, err } = await open().rig.run(`probe bare --env local --account ${other}`);
  expect([code, err]).toEqual([
    1,
    `Cannot read the gateway: Cloudflare knows no such account or object. Check the account id and the name.\n  404 (7003) Could not route to /client/v4/accounts/${other}/ai-gateway/gateways/bare, perhaps your object identifier is invalid?`,
  ]);
});

const echo = (text: string): Response => Response.json({ errors: [{ code: 1, message: text }] }, { status: 400 });

it.each([
  [
    'its token',
    () => echo(`Bearer ${operatorToken} is bad`),
    'Cloudflare refuses what was sent.\n  400 (1) Bearer [token] is bad',
  ],
  ['control characters', () => echo('\u001b[2Jgone\u0007'), 'Cloudflare refuses what was sent.\n  400 (1) gone?'],
  [
    'a redirect',
    () => new Response(null, { status: 302, headers: { location: 'https://x' } }),
    'it answered 302.\n  302',
  ],
  ['trouble', () => new Response('<p>', { status: 502 }), 'Cloudflare is in trouble. Try again in a moment.\n  502'],
  [
    '429',
    () => Response.json({}, { status: 429 }),
    'too many calls. Wait a few minutes, then run the command again.\n  429',
  ],
  [
    'another shape',
    () => Response.json({ result: { id: 1 } }),
    'the answer of https://api.cloudflare.com/client/v4 is not one that this version can read.',
  ],
])('tells of %s', async (_, serve, message) => {
  const { rig, calls } = open({ serve });
  expect(await rig.run('probe bare --remote')).toEqual({
    code: 1,
    out: '',
    err: `Cannot read the gateway: ${message}`,
  });
  expect(calls.length).toBe(1);
});

it('takes no page of a proxy for an answer', async () => {
  const { rig } = open({ serve: () => new Response('<p>', { headers: { 'content-type': 'text/html' } }) });
  expect((await rig.run('probe bare --remote')).err).toBe(
    "Cannot understand https://api.cloudflare.com/client/v4: it answered 200, and not as Cloudflare's API does.",
  );
});

it.each([
  [
    '--remote',
    'https://api.cloudflare.com/client/v4 cannot be reached. Check the network, then run the command again.',
  ],
  ['', 'http://127.0.0.1:8787/cloudflare/client/v4 cannot be reached. Is npm start running?'],
])('tells of no network: %s', async (words, message) => {
  const { rig } = open({ serve: () => Promise.reject(new TypeError('fetch failed')) });
  expect((await rig.run(`probe bare ${words}`)).err).toBe(`Cannot read the gateway: ${message}`);
});

it('lets no name climb out of its path', async () => {
  const { rig, calls } = open();
  expect((await rig.run('probe .. --remote')).code).toBe(1);
  expect(calls).toEqual([]);
});
