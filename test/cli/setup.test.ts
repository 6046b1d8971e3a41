import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { account } from '../../src/local/account.ts';
import { accountId, cloudflareToken, gatewayToken, loginToken } from '../../src/local/keys.ts';
import { openMachine, projectToml, type Machine, type OpenMachine } from './machine.ts';

/** A clone of the project, and an account with nothing of it. */
const fresh: Machine = {
  toml: () => projectToml,
  policies: {},
  secrets: {
    ROUTER_KEY: undefined,
    CF_AIG_TOKEN: undefined,
    CLOUDFLARE_API_TOKEN: undefined,
    OPENAI_API_KEY: undefined,
  },
  file: {},
};
const typed = { askSecret: async () => gatewayToken };
const says = (text: string): string => expect.stringContaining(text) as string;
const keyForm = /sk-router-[0-9A-Za-z]{38}/g;

/** The clone with one more setting of staging's gateway. */
function declared(): string {
  return projectToml.replace('id = "ai-edge-router-staging"', 'id = "ai-edge-router-staging"\ncache_ttl = 60');
}

/** The lines of two texts that differ. */
function changedLines(before: string, after: string): string[] {
  const lines = before.split('\n');
  return after.split('\n').filter((line, index) => line !== lines[index]);
}

function writeSecrets(machine: OpenMachine, text: string): void {
  writeFileSync(join(machine.folder, 'secrets.env'), text);
}

describe('setup', () => {
  it('deploys from nothing, and doctor finds everything right', async () => {
    const machine = openMachine({ ...fresh, ...typed, answer: true });
    const { code, out } = await machine.run('setup');
    expect([code, out.replace(keyForm, 'sk-router-KEY').split('\n')]).toEqual([
      0,
      [
        'there  login: logged in by OAuth Token',
        'done   account: Acme (0123456789abcdef0123456789abcdef)',
        'there  gateway: ai-edge-router is there (status 401, code 2009)',
        expect.stringMatching(/^done {3}KV: POLICY is [0-9a-f]{32}$/),
        'done   deployment: deployed https://ai-edge-router.acme.workers.dev',
        'done   secrets: set ROUTER_KEY, CF_AIG_TOKEN',
        'done   caller: made first',
        '',
        'ok       login: logged in by OAuth Token',
        'ok       configuration: ai-edge-router: account, gateway ai-edge-router and KV namespace are named',
        'ok       account: 0123456789abcdef0123456789abcdef is Acme',
        'ok       gateway: status 401, code 2009: ai-edge-router exists and wants a token',
        'ok       KV: 0 policies in it, none with a fault',
        'ok       secrets: all that the policies name are set: ROUTER_KEY, CF_AIG_TOKEN',
        'ok       tokens CF_AIG_TOKEN: the one in this set-up has the permission "AI Gateway Run"',
        'skipped  stored keys: no policy uses a stored key',
        'ok       address: https://ai-edge-router.acme.workers.dev',
        'ok       router: status 200: a router answers at https://ai-edge-router.acme.workers.dev',
        'ok       router key: status 200: the key is let in and may use 33 models',
        'ok       plan @cf/zai-org/glm-4.7-flash: /v1/chat/completions goes to @cf/zai-org/glm-4.7-flash',
        'ok       call @cf/zai-org/glm-4.7-flash: status 200 from /v1/chat/completions, answered by @cf/zai-org/glm-4.7-flash',
        '',
        'Everything that was looked at works: 12 ok, 1 not looked at.',
        '',
        'This is the only time that the key is shown. Try it:',
        '',
        'export R=https://ai-edge-router.acme.workers.dev K=sk-router-KEY',
        `curl -sN $R/v1/chat/completions -H "authorization: Bearer $K" -H 'content-type: application/json' \\`,
        `  -d '{"model":"@cf/zai-org/glm-4.7-flash","stream":true,"messages":[{"role":"user","content":"hi"}]}'`,
      ],
    ]);
  });

  it('asks before everything that it writes', async () => {
    const machine = openMachine({ ...fresh, ...typed, answer: true });
    await machine.run('setup --no-calls');
    expect(machine.questions).toEqual([
      `Write the account Acme (${accountId}) into wrangler.toml?`,
      'Create the KV namespace ai-edge-router-POLICY and write its id into wrangler.toml?',
      'Deploy ai-edge-router?',
      'Set ROUTER_KEY, CF_AIG_TOKEN on ai-edge-router?',
      'Make the caller "first", who may use everything, and a key for it?',
    ]);
  });

  it('changes two lines of wrangler.toml and no other', async () => {
    const machine = openMachine({ ...fresh, ...typed, answer: true });
    await machine.run('setup --no-calls');
    expect(changedLines(projectToml, machine.toml())).toEqual([
      `CLOUDFLARE_ACCOUNT_ID = "${accountId}"`,
      expect.stringMatching(/^id = "(?!0{32})[0-9a-f]{32}"$/),
    ]);
  });

  it('sets up another environment, and creates its gateway with authentication on', async () => {
    const machine = openMachine({ ...fresh, ...typed, answer: true });
    const { out } = await machine.run('setup --env staging --no-calls');
    expect(out).toContain('done   gateway: created ai-edge-router-staging\n');
    expect(out).toContain('ok       gateway: status 401, code 2009: ai-edge-router-staging exists and wants a token');
    expect(machine.changes).toEqual(['deploy --env=staging', 'secret bulk --env=staging']);
    const top = machine.toml().slice(0, machine.toml().indexOf('[env.staging]'));
    expect(projectToml.startsWith(top)).toBe(true);
  });

  it('creates a gateway with what wrangler.toml declares of it', async () => {
    const machine = openMachine({ ...fresh, ...typed, answer: true, toml: declared });
    await machine.run('setup --env staging --no-calls');
    expect(account.gateways.get('ai-edge-router-staging')?.settings).toMatchObject({
      authentication: true,
      cache_ttl: 60,
    });
  });

  it('goes on where it stopped, and does nothing twice', async () => {
    const machine = openMachine({ ...fresh, ...typed, answer: true });
    await machine.run('setup --no-calls');
    const { out } = await machine.run('setup --no-calls');
    expect(out.split('\n').slice(0, 7)).toEqual([
      'there  login: logged in by OAuth Token',
      `there  account: Acme (${accountId})`,
      'there  gateway: ai-edge-router is there (status 401, code 2009)',
      expect.stringMatching(/^there {2}KV: POLICY is /),
      'done   deployment: deployed https://ai-edge-router.acme.workers.dev',
      'there  secrets: all that is needed is set',
      'there  caller: there are first',
    ]);
    expect(machine.changes).toEqual(['deploy --env=', 'secret bulk --env=', 'deploy --env=']);
  });

  it('finds the KV namespace of a run that ended before it was written down', async () => {
    const machine = openMachine({ ...fresh, ...typed, answer: true });
    await machine.run('setup --no-calls');
    const id = /^id = "([0-9a-f]{32})"$/m.exec(machine.toml())?.[1] ?? '';
    writeFileSync(join(machine.folder, 'wrangler.toml'), projectToml);
    await machine.run('setup --no-calls');
    expect([machine.questions.at(-2), machine.toml().includes(id)]).toEqual([
      `Write the id of the KV namespace ai-edge-router-POLICY (${id}) into wrangler.toml?`,
      true,
    ]);
  });

  it('takes a file for the values in CI, makes no key that was not asked for, and tells scripts what it did', async () => {
    const machine = openMachine(fresh);
    writeSecrets(machine, `CF_AIG_TOKEN=${gatewayToken}\nADMIN_KEY=sk-admin-0123456789\n`);
    expect(await machine.runJson('setup --secrets secrets.env --yes --no-calls')).toMatchObject({
      command: 'setup',
      ok: true,
      cause: null,
      url: 'https://ai-edge-router.acme.workers.dev',
      steps: [
        { step: 'login', did: false },
        { step: 'account', did: true },
        { step: 'gateway', did: false },
        { step: 'KV', did: true },
        { step: 'deployment', did: true },
        { step: 'secrets', did: true, says: 'set ROUTER_KEY, CF_AIG_TOKEN, ADMIN_KEY' },
        { step: 'caller', did: false, says: 'none was asked for: --caller <name> makes one' },
      ],
    });
    expect([...machine.kv.values.keys()]).toEqual([]);
  });

  it('shows no secret but the caller’s new key, once', async () => {
    const machine = openMachine({ ...fresh, ...typed, answer: true });
    const { out, err } = await machine.run('setup');
    const values = [...machine.secrets.values()];
    expect(values.filter((value) => `${out}${err}`.includes(value))).toEqual([]);
    expect(`${out}${err}`.match(keyForm)?.length).toBe(1);
  });

  it('ends with the one thing that is wrong', async () => {
    const machine = openMachine({ ...fresh, askSecret: async () => cloudflareToken, answer: true });
    const { code, out } = await machine.run('setup --no-calls');
    expect([code, out]).toEqual([
      1,
      says('The cause: tokens CF_AIG_TOKEN: status 401: the one in this set-up is a token'),
    ]);
  });
});

describe('setup stops', () => {
  it.each<[string, Machine, string, number, string]>([
    [
      'where nobody is logged in',
      { login: undefined },
      '',
      1,
      'Cannot set up: wrangler is not logged in. Next: npx wrangler login',
    ],
    [
      'where the login tells of no account',
      { login: { loggedIn: true, accounts: [] } },
      '',
      1,
      'Cannot set up: the login tells of no account. Name it with --account; npx wrangler whoami says more.',
    ],
    [
      'where the login reaches several accounts and nobody can be asked',
      {
        login: {
          loggedIn: true,
          accounts: [
            { id: 'a', name: 'One' },
            { id: 'b', name: 'Two' },
          ],
        },
      },
      '--yes',
      2,
      'Cannot choose the account: the login reaches several. Name one with --account:\n  1  One (a)\n  2  Two (b)',
    ],
    [
      'where the account asked for is none of the login’s',
      {},
      '--account ffff --yes',
      2,
      `Cannot choose the account: the login reaches none that is "ffff". There are:\n  1  Acme (${accountId})`,
    ],
    [
      'where nobody says yes',
      { answer: false },
      '',
      1,
      'Stopped before account: nobody said yes (--yes does). What was done before stays; router setup goes on from here.',
    ],
    ['where wrangler.toml has no such environment', {}, '--env prod', 2, 'Cannot use --env prod'],
    ['at the environment that npm start serves', {}, '--env local', 2, 'Cannot use --env local: npm start serves it'],
    [
      'where the login may not create a gateway',
      { token: loginToken },
      '--env staging --yes',
      1,
      'Create "ai-edge-router-staging" by hand: dash.cloudflare.com > AI > AI Gateway > Create Gateway',
    ],
    [
      'where wrangler.toml has no place for an id',
      { toml: () => projectToml.replace('CLOUDFLARE_ACCOUNT_ID = ""', '') },
      '--yes',
      1,
      'Cannot fill in wrangler.toml: it has no place for it that can be found.',
    ],
  ])('%s', async (_, machine, words, code, message) => {
    const ran = await openMachine({ ...fresh, ...machine }).run(`setup ${words}`);
    expect([ran.code, ran.err]).toEqual([code, says(message)]);
  });

  it('not, where the login tells of no account and one is named', async () => {
    const machine = openMachine({ ...fresh, ...typed, login: { loggedIn: true, accounts: [] } });
    await machine.run(`setup --account ${accountId} --yes --no-calls`);
    expect(machine.toml()).toContain(`[vars]\nCLOUDFLARE_ACCOUNT_ID = "${accountId}"`);
  });

  it('never writes an account that was not chosen', async () => {
    const accounts = [
      { id: 'f'.repeat(32), name: 'Other' },
      { id: accountId, name: 'Acme' },
    ];
    const machine = openMachine({
      ...fresh,
      ...typed,
      answer: true,
      login: { loggedIn: true, accounts },
      askText: async () => '2',
    });
    await machine.run('setup --no-calls');
    expect(machine.toml()).toContain(`[vars]\nCLOUDFLARE_ACCOUNT_ID = "${accountId}"`);
  });
});
