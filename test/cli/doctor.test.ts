import { describe, expect, it } from 'vitest';
import { field } from '../../src/core/json.ts';
import {
  accountId,
  cloudflareToken,
  gatewayToken,
  loginToken,
  operatorToken,
  readerToken,
} from '../../src/local/keys.ts';
import { apiError } from '../../src/local/errors.ts';
import { refuse } from '../../src/local/serve.ts';
import { openMachine, type Machine } from './machine.ts';
import { healthyPolicies, healthySecrets } from './cloud.ts';
import { route } from './rig.ts';

const otherAccount = 'fedcba9876543210fedcba9876543210';
const kvId = 'aaaabbbbccccddddeeeeffff00001111';

/** The gateway that the top level of `wrangler.toml` names and declares. */
const gateway = (id: string) => (text: string) =>
  text
    .replace('AI_GATEWAY_ID = "ai-edge-router"', `AI_GATEWAY_ID = "${id}"`)
    .replace('[[ai.gateway]]\nid = "ai-edge-router"', `[[ai.gateway]]\nid = "${id}"`);

const says = (text: string): string => expect.stringContaining(text) as string;

function withoutSubdomain({ pathname }: URL): Response | undefined {
  return pathname.endsWith('/workers/subdomain') ? refuse(apiError(404, 10_007, 'no subdomain')) : undefined;
}

/** A gateway that quotes what it was sent. */
function quoting({ hostname }: URL): Response | undefined {
  const errors = [{ code: 9999, message: `who is ${gatewayToken}` }];
  return hostname === 'gateway.ai.cloudflare.com' ? Response.json({ errors }, { status: 418 }) : undefined;
}

describe('doctor on a healthy machine', () => {
  it('goes from the login to the answers and finds everything right', async () => {
    const { code, out } = await openMachine().run('doctor --yes --models gpt');
    expect([code, out.split('\n')]).toEqual([
      0,
      [
        'ok       login: logged in by OAuth Token',
        'ok       configuration: ai-edge-router: account, gateway ai-edge-router and KV namespace are named',
        'ok       account: 0123456789abcdef0123456789abcdef is Acme',
        'ok       gateway: status 401, code 2009: ai-edge-router exists and wants a token',
        'ok       KV: 5 policies in it, none with a fault',
        'ok       secrets: all that the policies name are set: ROUTER_KEY, CF_AIG_TOKEN, CLOUDFLARE_API_TOKEN, OPENAI_API_KEY',
        'ok       tokens CF_AIG_TOKEN: the one in .dev.vars has the permission "AI Gateway Run"',
        'ok       tokens CLOUDFLARE_API_TOKEN: the one in .dev.vars has the permission "Workers AI Read"',
        'ok       stored keys anthropic: there is one',
        'ok       stored keys openai: there is one',
        'ok       address: https://ai-edge-router.acme.workers.dev',
        'ok       router: status 200: a router answers at https://ai-edge-router.acme.workers.dev',
        'ok       router key: status 200: the key is let in and may use 38 models',
        'ok       plan gpt: /v1/chat/completions goes to openai/gpt-5.1',
        'ok       call gpt: status 200 from /v1/chat/completions, answered by openai/gpt-5.1',
        '',
        'Everything that was looked at works: 15 ok.',
      ],
    ]);
  });

  it('shows no secret, not even the login’s token', async () => {
    const { out, err } = await openMachine().run('doctor --yes');
    const secrets = [...Object.values(healthySecrets), operatorToken];
    expect(secrets.filter((value) => `${out}${err}`.includes(value))).toEqual([]);
  });

  it('shows no secret that an answer quotes', async () => {
    const { out } = await openMachine({ edge: quoting }).run('doctor --yes');
    expect(out).toContain('broken   gateway: status 418, code 9999: who is [CF_AIG_TOKEN]');
    expect(out).not.toContain(gatewayToken);
  });

  it('says what it did not look at where it knows no values', async () => {
    const machine = openMachine({ file: {}, env: { ROUTER_KEY: healthySecrets['ROUTER_KEY'] ?? '' } });
    const { code, out } = await machine.run('doctor --yes');
    expect([code, out]).toEqual([0, says('skipped  tokens: the values of deployed secrets cannot be read back')]);
  });

  it('only warns of a token in .dev.vars, which may not be the deployed one, where the deployed one works', async () => {
    const file = { ...healthySecrets, CF_AIG_TOKEN: readerToken };
    const { code, out } = await openMachine({ file }).run('doctor --yes');
    expect([code, out]).toEqual([0, says('warning  tokens CF_AIG_TOKEN: status 401: the one in .dev.vars is a token')]);
  });

  it('goes on without the stored keys where the login may not read them', async () => {
    const { code, out } = await openMachine({ token: loginToken }).run('doctor --yes');
    expect([code, out]).toEqual([
      0,
      says(
        'skipped  stored keys: Cannot read the gateway ai-edge-router: the token may not do this. It needs the permission "AI Gateway Read"',
      ),
    ]);
  });

  it('goes on with a login that tells of no account, as an API token may', async () => {
    const { code, out } = await openMachine({ login: { loggedIn: true, accounts: [] } }).run('doctor --yes');
    expect([code, out]).toEqual([0, says('warning  account: the login tells of no account')]);
  });

  it('asks for an address where the account has no subdomain', async () => {
    const { code, out } = await openMachine({ edge: withoutSubdomain }).run('doctor --yes');
    expect([code, out]).toEqual([0, says('Next: router doctor --url <address>')]);
  });
});

describe('doctor names the one cause', () => {
  it.each<[string, Machine, { check: string; subject?: string; got: string; next: string }]>([
    [
      'nobody logged in',
      { login: undefined },
      { check: 'login', got: 'wrangler is not logged in', next: 'npx wrangler login' },
    ],
    [
      'no network',
      { wranglerFailure: "Unable to resolve Cloudflare's API hostname (api.cloudflare.com)." },
      {
        check: 'login',
        got: "wrangler whoami failed: Unable to resolve Cloudflare's API hostname (api.cloudflare.com).",
        next: 'Check the network; npx wrangler whoami says more',
      },
    ],
    [
      'a token in the environment that wrangler takes for its login',
      { login: undefined, env: { CLOUDFLARE_API_TOKEN: cloudflareToken } },
      {
        check: 'login',
        got: 'wrangler is not logged in; CLOUDFLARE_API_TOKEN is set here, and wrangler takes it for its login',
        next: 'npx wrangler login',
      },
    ],
    [
      'a login to another account',
      { login: { loggedIn: true, accounts: [{ id: otherAccount, name: 'Other' }] } },
      {
        check: 'account',
        got: `CLOUDFLARE_ACCOUNT_ID is ${accountId}, and the login reaches Other (${otherAccount})`,
        next: says('Put the right id into wrangler.toml'),
      },
    ],
    [
      'no wrangler.toml that can be read',
      { toml: () => 'name = "' },
      {
        check: 'configuration',
        got: says('Cannot read wrangler.toml:1:'),
        next: says('--dry-run'),
      },
    ],
    [
      'no AI binding',
      { toml: (text) => text.replace('[ai]\nbinding = "AI"', '') },
      {
        check: 'configuration',
        got: 'no [ai] binding called AI; environments do not inherit it',
        next: says('[ai] binding = "AI"'),
      },
    ],
    [
      'an address that would take tokens in the open',
      { toml: (text) => text.replace('"https://gateway.ai', '"http://gateway.ai') },
      {
        check: 'configuration',
        got: 'AI_GATEWAY_BASE_URL does not begin with https://: tokens would go there in the open',
        next: 'Mend it in wrangler.toml',
      },
    ],
    [
      'an account id that was never filled in',
      { toml: (text) => text.replace(`CLOUDFLARE_ACCOUNT_ID = "${accountId}"`, 'CLOUDFLARE_ACCOUNT_ID = ""') },
      { check: 'configuration', got: 'CLOUDFLARE_ACCOUNT_ID is empty', next: says('router setup') },
    ],
    [
      'an account name in the place of its id',
      { toml: (text) => text.replace(`CLOUDFLARE_ACCOUNT_ID = "${accountId}"`, 'CLOUDFLARE_ACCOUNT_ID = "acme"') },
      {
        check: 'configuration',
        got: 'CLOUDFLARE_ACCOUNT_ID is "acme", which is no account id (32 of 0-9 and a-f)',
        next: says('router setup'),
      },
    ],
    [
      'a KV id that was never filled in',
      { toml: (text) => text.replace(kvId, '0'.repeat(32)) },
      {
        check: 'configuration',
        got: 'the id of the KV namespace POLICY is a placeholder',
        next: says('npx wrangler kv namespace create POLICY'),
      },
    ],
    [
      'a gateway that is not the declared one',
      { toml: (text) => text.replace('AI_GATEWAY_ID = "ai-edge-router"', 'AI_GATEWAY_ID = "main"') },
      {
        check: 'configuration',
        got: 'AI_GATEWAY_ID is main, and [[ai.gateway]] declares ai-edge-router',
        next: 'Make them equal in wrangler.toml',
      },
    ],
    [
      'an account that does not exist',
      {
        toml: (text) =>
          text.replace(`CLOUDFLARE_ACCOUNT_ID = "${accountId}"`, `CLOUDFLARE_ACCOUNT_ID = "${otherAccount}"`),
        login: { loggedIn: true, accounts: [{ id: otherAccount, name: 'Gone' }] },
      },
      {
        check: 'gateway',
        got: `status 404, code 7003: there is no account ${otherAccount}`,
        next: says('npx wrangler whoami'),
      },
    ],
    [
      'a gateway that does not exist',
      { toml: gateway('nowhere') },
      {
        check: 'gateway',
        got: 'status 400, code 2001: the account has no gateway "nowhere"',
        next: says('router setup creates it'),
      },
    ],
    [
      'a gateway without authentication',
      { toml: gateway('open') },
      {
        check: 'gateway',
        got: says('status 401, code 10000: open lets everybody in who knows the account id'),
        next: says('switch Authenticated Gateway on'),
      },
    ],
    [
      'KV that cannot be reached',
      { kvFailure: 'Cannot go on: wrangler kv key list failed.\n  namespace not found' },
      {
        check: 'KV',
        got: 'Cannot go on: wrangler kv key list failed. namespace not found',
        next: says('npx wrangler kv namespace list'),
      },
    ],
    [
      'a policy with a fault',
      {
        policies: {
          ...healthyPolicies,
          'route:chat': { targets: [{ model: 'openai/gpt-5.1', credentials: 'binding' }] },
        },
      },
      {
        check: 'KV',
        got: says('route:chat: targets[0].credentials "binding" does not fit openai'),
        next: says('router policy push --remote'),
      },
    ],
    [
      'a Worker that was never deployed',
      {
        secretsFailure:
          'Cannot go on: wrangler secret list failed.\n  This Worker does not exist on your account. [code: 10007]',
      },
      {
        check: 'secrets',
        got: says('This Worker does not exist on your account'),
        next: 'Deploy it: npx wrangler deploy --env=',
      },
    ],
    [
      'a secret that is not set',
      { secrets: { OPENAI_API_KEY: undefined } },
      {
        check: 'secrets',
        got: 'not set: OPENAI_API_KEY (named by route:gpt)',
        next: 'router secrets push OPENAI_API_KEY',
      },
    ],
    [
      'a gateway token without "AI Gateway Run"',
      { secrets: { CF_AIG_TOKEN: readerToken } },
      {
        check: 'tokens',
        subject: 'CF_AIG_TOKEN',
        got: 'status 401: the one in .dev.vars is a token, and lacks the permission "AI Gateway Run" for this account',
        next: says('router secrets push CF_AIG_TOKEN'),
      },
    ],
    [
      'a Cloudflare token without "Workers AI Read"',
      { secrets: { CLOUDFLARE_API_TOKEN: readerToken } },
      {
        check: 'tokens',
        subject: 'CLOUDFLARE_API_TOKEN',
        got: 'status 401: the one in .dev.vars is a token, and lacks the permission "Workers AI Read" for this account',
        next: says('router secrets push CLOUDFLARE_API_TOKEN'),
      },
    ],
    [
      'a token that is none any more',
      { secrets: { CF_AIG_TOKEN: 'cf-expired' } },
      {
        check: 'tokens',
        subject: 'CF_AIG_TOKEN',
        got: 'status 401: the one in .dev.vars is no token that Cloudflare knows: expired, deleted or mistyped',
        next: says('router secrets push CF_AIG_TOKEN'),
      },
    ],
    [
      'the two tokens in the place of one another',
      { secrets: { CF_AIG_TOKEN: cloudflareToken, CLOUDFLARE_API_TOKEN: gatewayToken } },
      {
        check: 'tokens',
        got: 'CF_AIG_TOKEN and CLOUDFLARE_API_TOKEN in .dev.vars are swapped: each has the permission that the other needs',
        next: says('router secrets push CF_AIG_TOKEN CLOUDFLARE_API_TOKEN --from <file>'),
      },
    ],
    [
      'no stored key for a provider',
      { policies: { ...healthyPolicies, 'route:sonar': route('perplexity-ai/sonar') } },
      {
        check: 'stored keys',
        subject: 'perplexity-ai',
        got: 'route:sonar uses the stored key "default" of perplexity-ai, and there is none',
        next: says('Provider Keys: add one for perplexity-ai with the alias "default"'),
      },
    ],
    [
      'a stored key under another alias',
      {
        policies: {
          'route:gpt': { targets: [{ model: 'openai/gpt-5.1', credentials: 'stored', byokAlias: 'third' }] },
        },
      },
      {
        check: 'stored keys',
        subject: 'openai (third)',
        got: 'route:gpt uses the stored key "third" of openai, and there is none; there are default, second, revoked',
        next: says('with the alias "third"'),
      },
    ],
    [
      'a gateway of a policy that does not exist',
      { policies: { 'route:gpt': { ...route('openai/gpt-5.1'), gateway: { id: 'team' } } } },
      {
        check: 'stored keys',
        subject: 'openai (gateway team)',
        got: 'route:gpt names the gateway team, and the account has none of that name',
        next: 'dash.cloudflare.com > AI > AI Gateway > Create Gateway, or correct gateway.id in route:gpt',
      },
    ],
    [
      'a stored key that the provider refuses',
      {
        policies: {
          'route:gpt': { targets: [{ model: 'openai/gpt-5.1', credentials: 'stored', byokAlias: 'revoked' }] },
        },
      },
      {
        check: 'call',
        subject: 'gpt',
        got: says('openai/gpt-5.1 answered 401: The provider refused the key'),
        next: says('Make a new key at the provider'),
      },
    ],
    [
      'a key of callers that is not the deployed one',
      { file: { ...healthySecrets, ROUTER_KEY: 'sk-router-of-last-year' } },
      { check: 'router key', got: says('status 401: Incorrect API key provided'), next: says('router keys create') },
    ],
  ])('%s', async (_, machine, cause) => {
    expect(field(await openMachine(machine).runJson('doctor --yes --secrets .dev.vars'), 'cause')).toEqual(cause);
  });

  it('for the environment asked for', async () => {
    const { code, out } = await openMachine().run('doctor --env staging --yes');
    expect([code, out.split('\n').at(-1)]).toEqual([
      1,
      'The cause: gateway: status 400, code 2001: the account has no gateway "ai-edge-router-staging". Next: router setup --env staging creates it, or dash.cloudflare.com > AI > AI Gateway > Create Gateway',
    ]);
  });

  it('refuses an environment that there is not', async () => {
    const { code, out } = await openMachine().run('doctor --env prod');
    expect([code, out]).toEqual([
      1,
      says('broken   configuration: Cannot use --env prod: wrangler.toml has no [env.prod]'),
    ]);
  });
});
