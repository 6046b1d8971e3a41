import { describe, expect, it } from 'vitest';
import { field } from '../../src/core/json.ts';
import type { World } from '../../src/cli/command.ts';
import { gatewayError, apiError } from '../../src/local/errors.ts';
import { cloudflareToken, gatewayToken, routerKey } from '../../src/local/keys.ts';
import { refuse } from '../../src/local/serve.ts';
import { deployRouter, healthyPolicies, type Deployed } from './cloud.ts';
import { openRig, route, type Rig } from './rig.ts';

const address = 'https://router.example';
const line = `doctor --url ${address} --yes`;

interface Outside {
  readonly deployed?: Deployed;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers before the router, where it answers at all. */
  readonly edge?: (path: string) => Response | undefined;
  readonly answer?: boolean;
}

function outside({ deployed = {}, env = { ROUTER_KEY: routerKey }, edge, answer }: Outside = {}): Rig {
  const router = deployRouter(deployed);
  const fetch: World['fetch'] = async (url, init) => edge?.(new URL(url).pathname) ?? router(new Request(url, init));
  return openRig({ env, fetch, ...(answer !== undefined && { answer: () => answer }) });
}

/** The one cause that doctor names. */
async function causeOf(world: Outside): Promise<unknown> {
  return field(await outside(world).runJson(line), 'cause');
}

const page =
  (status: number, text: string, headers: Record<string, string> = {}) =>
  () =>
    new Response(text, { status, headers: { 'content-type': 'text/html', ...headers } });

const fails = (code: string) => (): never => {
  throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(code), { code }) });
};

const secret = (values: Readonly<Record<string, string | undefined>>): Outside => ({ deployed: { secrets: values } });
const refused = (status: number, code: number, text: string): Outside => ({
  deployed: { upstream: () => refuse(gatewayError(status, code, text)) },
});
const providerKeys = 'Dashboard > AI > AI Gateway > the gateway > Provider Keys: store a key for the provider';

describe('doctor --url on a healthy router', () => {
  it('finds everything right and says what it did', async () => {
    const { code, out } = await outside().run(line);
    expect([code, out.split('\n')]).toEqual([
      0,
      [
        'ok       router: status 200: a router answers at https://router.example',
        'ok       router key: status 200: the key is let in and may use 38 models',
        'ok       plan claude: /v1/messages goes to anthropic/claude-sonnet-4-5',
        'ok       plan edge: /v1/chat/completions goes to @cf/zai-org/glm-4.7-flash',
        'ok       plan embed: /v1/embeddings goes to openai/text-embedding-3-small',
        'ok       plan gpt: /v1/chat/completions goes to openai/gpt-5.1',
        'ok       plan rest: /v1/chat/completions goes to @cf/zai-org/glm-4.7-flash',
        'ok       plan @cf/zai-org/glm-4.7-flash: /v1/chat/completions goes to @cf/zai-org/glm-4.7-flash',
        'ok       call claude: status 200 from /v1/messages, answered by anthropic/claude-sonnet-4-5',
        'ok       call edge: status 200 from /v1/chat/completions, answered by @cf/zai-org/glm-4.7-flash',
        'ok       call embed: status 200 from /v1/embeddings, answered by openai/text-embedding-3-small',
        'ok       call gpt: status 200 from /v1/chat/completions, answered by openai/gpt-5.1',
        'ok       call rest: status 200 from /v1/chat/completions, answered by @cf/zai-org/glm-4.7-flash',
        'ok       call @cf/zai-org/glm-4.7-flash: status 200 from /v1/chat/completions, answered by @cf/zai-org/glm-4.7-flash',
        '',
        'Everything that was looked at works: 14 ok.',
      ],
    ]);
  });

  it('never shows the key', async () => {
    const { out, err } = await outside().run(line);
    expect(`${out}${err}`).not.toContain(routerKey);
  });

  it.each([
    ['--no-calls', undefined, '--no-calls was given'],
    ['', false, 'nobody said yes to the cost'],
    ['', undefined, 'nobody said yes to the cost'],
  ])('calls no model with %j and the answer %s', async (words, answer, got) => {
    const called: string[] = [];
    const upstream = (url: string): undefined => void called.push(url);
    const world = { deployed: { upstream }, ...(answer !== undefined && { answer }) };
    const { code, out } = await outside(world).run(`doctor --url ${address} ${words}`);
    expect([code, out, called]).toEqual([0, expect.stringContaining(`skipped  call: ${got}`), []]);
  });

  it('says before it calls what that costs at most', async () => {
    const rig = outside({ answer: true });
    await rig.run(`doctor --url ${address} --models edge,gpt`);
    expect(rig.questions).toEqual([
      expect.stringMatching(/^Call edge, gpt once each\? It costs at most 0\.000\d{3} US dollars\.$/),
    ]);
  });

  it('leaves a route alone that takes the caller’s own provider key', async () => {
    const policies = { 'route:own': { targets: [{ model: 'openai/gpt-5.1', credentials: 'caller' }] } };
    const { code, out } = await outside({ deployed: { policies } }).run(`${line} --models own`);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining("skipped  plan own: takes the caller's own provider key, and doctor has none"),
    ]);
  });
});

function openaiIsBusy(url: string): Response | undefined {
  return url.includes('/openai/') ? refuse(gatewayError(429, 2003, 'Rate limited')) : undefined;
}

function tooSmall(): Response {
  return Response.json({ error: { message: 'max_tokens too small' } }, { status: 400 });
}

describe('doctor --url warns', () => {
  it('where a route answers, but not by its first target', async () => {
    const policies = {
      'route:chat': {
        targets: [...route('openai/gpt-5.1')['targets'], ...route('anthropic/claude-sonnet-4-5')['targets']],
      },
    };
    const ran = await outside({ deployed: { policies, upstream: openaiIsBusy } }).run(`${line} --models chat`);
    expect([ran.code, ran.out]).toEqual([
      0,
      expect.stringContaining(
        'warning  call chat: status 200, but only attempt 2 answered: anthropic/claude-sonnet-4-5',
      ),
    ]);
  });

  it('where the fallback of a route has no secret', async () => {
    const targets = [
      { model: 'anthropic/claude-sonnet-4-5', credentials: 'stored' },
      { model: 'openai/gpt-5.1', credentials: 'secret', secret: 'OPENAI_API_KEY' },
    ];
    const deployed = { policies: { 'route:chat': { targets } }, secrets: { OPENAI_API_KEY: undefined } };
    const { code, out } = await outside({ deployed }).run(`${line} --models chat`);
    expect([code, out]).toEqual([0, expect.stringContaining('Next: router secrets push OPENAI_API_KEY')]);
  });

  it('where the provider refuses the small request itself: its credential was accepted', async () => {
    const { code, out } = await outside({ deployed: { upstream: tooSmall } }).run(`${line} --models gpt`);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('warning  call gpt: status 400; openai/gpt-5.1 answered 400'),
    ]);
  });
});

describe('doctor --url names the one cause', () => {
  it.each<[string, Outside, { check: string; subject?: string; got: string; next: string }]>([
    [
      'no such host',
      { edge: fails('ENOTFOUND') },
      {
        check: 'router',
        got: 'there is no host of this name (DNS): https://router.example',
        next: expect.stringContaining('npx wrangler deploy') as string,
      },
    ],
    [
      'nobody listens',
      { edge: fails('ECONNREFUSED') },
      {
        check: 'router',
        got: 'nothing listens there (connection refused): https://router.example',
        next: expect.stringContaining('--url') as string,
      },
    ],
    [
      'a certificate that is not accepted',
      { edge: fails('UNABLE_TO_VERIFY_LEAF_SIGNATURE') },
      {
        check: 'router',
        got: expect.stringContaining('(UNABLE_TO_VERIFY_LEAF_SIGNATURE)') as string,
        next: expect.stringContaining('--url') as string,
      },
    ],
    [
      'no Worker there',
      { edge: page(404, '<h1>There is nothing here yet</h1>') },
      {
        check: 'router',
        got: 'status 404 and a page: no Worker is deployed at this address',
        next: expect.stringContaining('npx wrangler deploy') as string,
      },
    ],
    [
      'a web site',
      { edge: page(200, '<html>Welcome</html>') },
      {
        check: 'router',
        got: 'status 200 and no JSON: not a router',
        next: expect.stringContaining('--url') as string,
      },
    ],
    [
      'another API',
      { edge: () => Response.json({ hello: 'world' }) },
      {
        check: 'router',
        got: 'status 200: an API answers at https://router.example, and it is not this router',
        next: expect.stringContaining('--url') as string,
      },
    ],
    [
      'a redirect',
      { edge: page(301, '', { location: 'https://www.router.example/healthz' }) },
      {
        check: 'router',
        got: 'a redirect to https://www.router.example',
        next: 'Give the address itself: router doctor --url https://www.router.example',
      },
    ],
    [
      'Access, with its login',
      { edge: page(302, '', { location: 'https://acme.cloudflareaccess.com/cdn-cgi/access/login/router.example' }) },
      {
        check: 'router',
        got: 'Cloudflare Access stands before the router and wants its own login',
        next: expect.stringContaining('Service Auth') as string,
      },
    ],
    [
      'Access, with its page',
      { edge: page(403, '<title>Forbidden - Cloudflare Access</title>') },
      {
        check: 'router',
        got: 'Cloudflare Access stands before the router and wants its own login',
        next: expect.stringContaining('Service Auth') as string,
      },
    ],
    [
      'Access before the API alone',
      {
        edge: (path) =>
          path === '/healthz' ? undefined : page(401, '', { 'www-authenticate': 'Cloudflare-Access' })(),
      },
      {
        check: 'router key',
        got: 'Cloudflare Access stands before the router and wants its own login',
        next: expect.stringContaining('Service Auth') as string,
      },
    ],
    [
      'a Worker that throws',
      { edge: page(500, 'error code: 1101') },
      {
        check: 'router',
        got: 'status 500, Cloudflare error 1101: the Worker threw an exception before it could answer',
        next: 'npx wrangler tail shows it.',
      },
    ],
    [
      'a firewall',
      { edge: page(403, 'error code: 1010') },
      {
        check: 'router',
        got: 'status 403, Cloudflare error 1010: the firewall of the zone refuses this client (Browser Integrity Check)',
        next: expect.stringContaining('Browser Integrity Check') as string,
      },
    ],
    [
      'no key',
      { env: {} },
      {
        check: 'router key',
        got: 'there is no key to try',
        next: 'Set the variable ROUTER_KEY, or name a file that holds one with --key-file.',
      },
    ],
    [
      'a wrong key',
      { env: { ROUTER_KEY: 'sk-somebody-elses-key' } },
      {
        check: 'router key',
        got: expect.stringMatching(/^status 401: Incorrect API key provided: sk-\*\*\*ey\./) as string,
        next: 'router keys create <caller> makes a key; ROUTER_KEY itself works too',
      },
    ],
    [
      'a router without its key',
      secret({ ROUTER_KEY: undefined }),
      {
        check: 'router key',
        got: expect.stringContaining('ROUTER_KEY is not set on this router') as string,
        next: 'router secrets push ROUTER_KEY',
      },
    ],
    [
      'a secret that is not set',
      secret({ OPENAI_API_KEY: undefined }),
      {
        check: 'plan',
        subject: 'gpt',
        got: expect.stringContaining('OPENAI_API_KEY is not set on this router') as string,
        next: 'router secrets push OPENAI_API_KEY',
      },
    ],
    [
      'no gateway token',
      secret({ CF_AIG_TOKEN: undefined }),
      {
        check: 'plan',
        subject: 'claude',
        got: expect.stringContaining('CF_AIG_TOKEN is not set on this router') as string,
        next: 'router secrets push CF_AIG_TOKEN',
      },
    ],
    [
      'a broken policy',
      { deployed: { policies: { ...healthyPolicies, 'route:gpt': { targets: [] } } } },
      {
        check: 'plan',
        subject: 'gpt',
        got: expect.stringContaining('Cannot use the policy "route:gpt"') as string,
        next: 'Mend it: router policy pull, router policy check, router policy push',
      },
    ],
    [
      'a gateway token without AI Gateway Run',
      secret({ CF_AIG_TOKEN: cloudflareToken }),
      {
        check: 'call',
        subject: 'claude',
        got: "status 502; anthropic/claude-sonnet-4-5 answered 401: AI Gateway refused the router's own gateway token (Cloudflare code 2009)",
        next: expect.stringMatching(/"AI Gateway Run".*router secrets push CF_AIG_TOKEN$/) as string,
      },
    ],
    [
      'a Cloudflare token without Workers AI Read',
      secret({ CLOUDFLARE_API_TOKEN: gatewayToken }),
      {
        check: 'call',
        subject: 'rest',
        got: "status 502; @cf/zai-org/glm-4.7-flash answered 401: Workers AI did not accept the router's Cloudflare token (code 10000)",
        next: expect.stringMatching(/"Workers AI Read".*router secrets push CLOUDFLARE_API_TOKEN$/) as string,
      },
    ],
    [
      'a wrong account id',
      { deployed: { accountId: 'f'.repeat(32) } },
      {
        check: 'call',
        subject: 'claude',
        got: 'status 502; anthropic/claude-sonnet-4-5 answered 404: Cloudflare could not route the request (code 7003)',
        next: 'Put the id that npx wrangler whoami shows into CLOUDFLARE_ACCOUNT_ID of wrangler.toml, deploy',
      },
    ],
    [
      'a gateway that does not exist',
      { deployed: { gatewayId: 'nowhere' } },
      {
        check: 'call',
        subject: 'claude',
        got: 'status 502; anthropic/claude-sonnet-4-5 answered 400: AI Gateway knows no gateway with this id (Cloudflare code 2001)',
        next: 'router setup creates the gateway that AI_GATEWAY_ID names',
      },
    ],
    [
      'no stored key',
      { deployed: { policies: { 'route:sonar': route('perplexity-ai/sonar') } } },
      {
        check: 'call',
        subject: 'sonar',
        got: 'status 502; perplexity-ai/sonar answered 400: AI Gateway has no stored key for this provider, and the policy forbids Unified Billing',
        next: providerKeys,
      },
    ],
    [
      'a key that the provider refuses',
      secret({ OPENAI_API_KEY: 'sk-old' }),
      {
        check: 'call',
        subject: 'gpt',
        got: 'status 502; openai/gpt-5.1 answered 401: The provider refused the key that the policy sends it',
        next: expect.stringContaining('Make a new key at the provider') as string,
      },
    ],
    [
      '402 for a model that Unified Billing does not have',
      refused(402, 2021, 'This model is not available via unified billing. Please use BYOK.'),
      {
        check: 'call',
        subject: 'claude',
        got: 'status 502; anthropic/claude-sonnet-4-5 answered 402: Unified Billing does not offer this model (code 2021)',
        next: 'Store a provider key in AI Gateway and set the route\'s credentials to "stored"',
      },
    ],
    [
      '402 for credits that are used up',
      refused(402, 2021, 'Insufficient balance; add money to your gateway or use BYOK'),
      {
        check: 'call',
        subject: 'claude',
        got: "status 502; anthropic/claude-sonnet-4-5 answered 402: The account's AI Gateway credits are used up (Unified Billing)",
        next: 'Dashboard > AI > AI Gateway > Credits: add credits, or store a provider key',
      },
    ],
    [
      '402 for too many requests by Unified Billing',
      refused(402, 2021, 'Wholesale rate limit exceeded for this gateway. Please reduce request rate or use BYOK.'),
      {
        check: 'call',
        subject: 'claude',
        got: 'status 429; anthropic/claude-sonnet-4-5 answered 402: Rate limit reached for Unified Billing on this gateway (200 requests a minute)',
        next: expect.stringContaining('Wait a minute') as string,
      },
    ],
    [
      '429 of the gateway',
      refused(429, 2003, 'Rate limited'),
      {
        check: 'call',
        subject: 'claude',
        got: 'status 429; anthropic/claude-sonnet-4-5 answered 429: Rate limit reached on the AI Gateway (code 2003)',
        next: expect.stringContaining('raise the rate limit') as string,
      },
    ],
    [
      "429 of the gateway's spend limit",
      refused(429, 2045, 'Spend limit exceeded'),
      {
        check: 'call',
        subject: 'claude',
        got: "status 429; anthropic/claude-sonnet-4-5 answered 429: The gateway's spend limit is exceeded",
        next: expect.stringContaining('Spend limits') as string,
      },
    ],
    [
      "429 of Workers AI's free neurons",
      {
        deployed: {
          upstream: (url) => (url === 'binding' ? refuse(apiError(429, 3036, 'You have used up')) : undefined),
        },
      },
      {
        check: 'call',
        subject: 'edge',
        got: "status 429; @cf/zai-org/glm-4.7-flash answered 429: The account's daily free Workers AI neurons are used up (code 3036)",
        next: 'Move the account to Workers Paid, or wait for 00:00 UTC',
      },
    ],
    [
      '403 of a model that the account may not use',
      { deployed: { upstream: (url) => (url === 'binding' ? refuse(apiError(403, 5018, 'not allowed')) : undefined) } },
      {
        check: 'call',
        subject: 'edge',
        got: 'status 502; @cf/zai-org/glm-4.7-flash answered 403: The Cloudflare account may not use this model',
        next: expect.stringContaining('plan') as string,
      },
    ],
    [
      '404 of a model that does not exist',
      { deployed: { policies: { 'route:gpt': route('openai/gpt-no-such') } } },
      {
        check: 'call',
        subject: 'gpt',
        got: 'status 404; openai/gpt-no-such answered 404: The upstream does not know this model',
        next: expect.stringContaining("Correct the model's name") as string,
      },
    ],
  ])('%s', async (_, world, cause) => {
    expect(await causeOf(world)).toEqual(cause);
  });

  it('in its last line, with exit code 1, and says what it did not look at', async () => {
    const { code, out } = await outside({ edge: fails('ENOTFOUND') }).run(line);
    expect([code, out.split('\n')]).toEqual([
      1,
      [
        'broken   router: there is no host of this name (DNS): https://router.example',
        '         Next: Give the address that npx wrangler deploy printed: router doctor --url https://<worker>.<subdomain>.workers.dev',
        'skipped  router key: needs router',
        'skipped  plan: needs router',
        'skipped  call: needs router',
        '',
        'The cause: router: there is no host of this name (DNS): https://router.example. Next: Give the address that npx wrangler deploy printed: router doctor --url https://<worker>.<subdomain>.workers.dev',
      ],
    ]);
  });
});
