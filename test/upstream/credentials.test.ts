import { describe, expect, it } from 'vitest';
import { conversationDialects, type Dialect } from '../../src/core/dialect.ts';
import { dialectsOf, findProvider } from '../../src/core/providers.ts';
import type { Target } from '../../src/core/target.ts';
import type { HeaderValue, UpstreamRequest } from '../../src/core/upstream.ts';
import { carrierOf } from '../../src/policy/check.ts';
import { planCall } from '../../src/policy/plan.ts';
import { writeCall } from '../../src/request.ts';
import { credentialHeaders, secretsOf } from '../../src/upstream/credentials.ts';
import { callOf } from '../support/call.ts';
import { fittingCombinations, modelOf, nameOf, type Combination } from '../support/combinations.ts';
import { accountId, fakePorts } from '../support/ports.ts';

// Law 4: for every provider, credential source, carrier and dialect, exactly these credentials leave the router.

/** Where providers want their own key on gateway routes, if not as a Bearer in `authorization`: contract sheet 1.3. */
const ownHeaders: Readonly<Record<string, readonly [header: string, prefix: string]>> = {
  anthropic: ['x-api-key', ''],
  'google-ai-studio': ['x-goog-api-key', ''],
  'azure-openai': ['api-key', ''],
  elevenlabs: ['xi-api-key', ''],
  deepgram: ['authorization', 'Token '],
  cartesia: ['x-api-key', ''],
};

const gatewayToken = { 'cf-aig-authorization': { secret: 'CF_AIG_TOKEN', prefix: 'Bearer ' } };
const cloudflareToken = { authorization: { secret: 'CLOUDFLARE_API_TOKEN', prefix: 'Bearer ' } };
const onlyStored = { 'cf-aig-no-wholesale': 'true' };

/** The whole set of credential headers, from the contract sheet's 2.4. */
function expectedHeaders(row: Combination): Record<string, unknown> {
  const carrier = row.carrier ?? carrierOf(row.provider, row.credentials);
  const byCarrier = carrier === 'rest' ? cloudflareToken : gatewayToken;
  const compat = carrier === 'compat' ? (['authorization', 'Bearer '] as const) : undefined;
  const [header, prefix] = compat ?? ownHeaders[row.provider] ?? ['authorization', 'Bearer '];
  switch (row.credentials) {
    case 'binding':
      return {};
    case 'stored':
      return { ...byCarrier, ...onlyStored };
    case 'unified':
      return byCarrier;
    case 'secret':
      return { ...byCarrier, [header]: { secret: row.secret, prefix } };
    case 'caller':
      return { ...byCarrier, [header]: { callerKey: true, prefix } };
  }
}

/** The one target of a route that holds a combination. */
async function targetOf(row: Combination, endpoint: 'chat' | 'messages' | 'responses' = 'chat') {
  const { provider, ...fields } = row;
  const policy = { targets: [{ model: modelOf(provider), ...fields }], losses: 'report' };
  const ports = fakePorts({ policies: { 'route:x': policy } });
  const plan = await planCall({ model: 'x', endpoint }, ports.policy);
  return { ports, plan, target: plan.targets[0] as Target };
}

const named = fittingCombinations.map((row) => [nameOf(row), row] as const);

describe('credentialHeaders', () => {
  it.each(named)('of %s are what the contract sheet says', async (_name, row) => {
    const { target } = await targetOf(row);
    expect(credentialHeaders(target)).toEqual(expectedHeaders(row));
  });

  it('name the stored key that the policy names, and no provider’s key beside it', async () => {
    const { target } = await targetOf({ provider: 'anthropic', credentials: 'stored' });
    expect(credentialHeaders({ ...target, byokAlias: 'team' })).toEqual({
      ...gatewayToken,
      ...onlyStored,
      'cf-aig-byok-alias': 'team',
    });
  });

  it('hold the Cloudflare token for Workers AI and the REST API alone', async () => {
    const targets = await Promise.all(fittingCombinations.map(async (row) => (await targetOf(row)).target));
    const holders = targets.filter((target) => secretsOf(target).includes('CLOUDFLARE_API_TOKEN'));
    expect(holders.filter(({ carrier, provider }) => carrier !== 'rest' && provider !== 'workers-ai')).toEqual([]);
    expect(holders.length).toBeGreaterThan(0);
  });

  it('hold the gateway token in cf-aig-authorization alone', async () => {
    const targets = await Promise.all(fittingCombinations.map(async (row) => (await targetOf(row)).target));
    const carrying = targets.flatMap((target) =>
      Object.entries(credentialHeaders(target)).filter(([, value]) => JSON.stringify(value).includes('CF_AIG_TOKEN')),
    );
    expect([...new Set(carrying.map(([name]) => name))]).toEqual(['cf-aig-authorization']);
  });

  it('fall back to no key where a source has none, never to another’s', async () => {
    const { target } = await targetOf({ provider: 'openai', credentials: 'stored' });
    expect(credentialHeaders({ ...target, credentials: 'secret' })).toEqual(gatewayToken);
  });
});

describe('secretsOf', () => {
  it.each([
    [{ provider: 'workers-ai', credentials: 'binding' }, []],
    [
      { provider: 'workers-ai', credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN' },
      ['CF_AIG_TOKEN', 'CLOUDFLARE_API_TOKEN'],
    ],
    [{ provider: 'openai', credentials: 'stored' }, ['CF_AIG_TOKEN']],
    [{ provider: 'openai', credentials: 'caller' }, ['CF_AIG_TOKEN']],
    [{ provider: 'openai', credentials: 'secret', secret: 'OPENAI_API_KEY_B' }, ['CF_AIG_TOKEN', 'OPENAI_API_KEY_B']],
    [{ provider: 'openai', credentials: 'unified', carrier: 'rest' }, ['CLOUDFLARE_API_TOKEN']],
  ] as const)('of %j are %j', async (row, secrets) => {
    const { target } = await targetOf(row);
    expect(secretsOf(target)).toEqual(secrets);
  });
});

/** Everything a hostile or merely chatty client sends: threats.md T1 to T24. The word `canary` marks what must not follow. */
const callerHeaders = {
  authorization: 'Bearer canary-bearer',
  'x-api-key': 'canary-key',
  'api-key': 'canary-azure',
  'x-goog-api-key': 'canary-google',
  'xi-api-key': 'canary-eleven',
  'x-amz-security-token': 'canary-amz',
  'cf-aig-authorization': 'Bearer canary-gateway',
  'cf-aig-custom-cost': '{"total_cost":0}',
  'cf-aig-metadata': '{"caller":"canary"}',
  'cf-aig-cache-key': 'canary-cache',
  'cf-aig-cache-ttl': '3600',
  'cf-aig-skip-cache': 'false',
  'cf-cache-ttl': '3600',
  'cf-skip-cache': 'canary',
  'cf-aig-max-attempts': '5',
  'cf-aig-retry-delay': '1',
  'cf-aig-backoff': 'linear',
  'cf-aig-request-timeout': '1',
  'cf-aig-collect-log': 'false',
  'cf-aig-collect-log-payload': 'false',
  'cf-aig-byok-alias': 'canary-alias',
  'cf-aig-gateway-id': 'canary-id',
  'cf-aig-no-wholesale': 'canary',
  'cf-aig-zdr': 'canary',
  'cf-aig-event-id': 'canary-event',
  'cf-aig-otel-trace-id': 'canary-trace',
  'x-session-affinity': 'canary-session',
  'x-forwarded-for': 'canary-ip',
  'x-forwarded-host': 'canary-host',
  'cf-connecting-ip': 'canary-ip',
  'proxy-authorization': 'canary-proxy',
  'x-hop': 'canary-hop',
  te: 'canary-te',
  expect: 'canary-expect',
  cookie: 'canary=1',
  'openai-organization': 'canary-org',
  'openai-beta': 'canary-beta',
  'user-agent': 'canary-agent',
  'accept-encoding': 'canary',
  'content-type': 'application/json; canary',
  'x-stainless-lang': 'canary',
  traceparent: 'canary',
  'x-http-method-override': 'canary',
  'anthropic-version': '2026-10-21',
  'anthropic-beta': 'interleaved-thinking-2025-05-14',
};

/** What every request to Cloudflare holds besides credentials. */
const always = ['accept', 'cf-aig-max-attempts', 'cf-aig-metadata', 'cf-aig-skip-cache', 'content-type', 'user-agent'];

/** The names of all headers of a request in which the caller sent everything in {@link callerHeaders}. */
function expectedNames(row: Combination, target: Target, asked: Dialect): string[] {
  if (target.carrier === 'binding') return [];
  const { forwards = [], defaults = {} } = findProvider(row.provider) ?? {};
  const versions = target.dialect === asked ? forwards : Object.keys(defaults);
  const gateway = target.carrier === 'rest' ? ['cf-aig-gateway-id'] : [];
  return [...Object.keys(expectedHeaders(row)), ...versions, ...gateway, ...always].toSorted();
}

/** What a request reaches the wire with; the binding has its extra headers. */
function headersOf(request: UpstreamRequest): Readonly<Record<string, HeaderValue>> {
  return request.carrier === 'fetch' ? request.headers : request.extraHeaders;
}

describe('writeCall', () => {
  // A provider without a conversation has no path to be called by.
  const called = fittingCombinations.filter(
    ({ provider, credentials, carrier }) =>
      dialectsOf(provider, carrier ?? carrierOf(provider, credentials)).length > 0 && carrier !== undefined,
  );
  const ways = called.flatMap((row) => conversationDialects.map((dialect) => [nameOf(row), dialect, row] as const));

  it.each(ways)('sends for %s, asked in %s, these headers and no other', async (_name, dialect, row) => {
    const { ports, plan, target } = await targetOf(row, dialect);
    const call = callOf(dialect, { model: 'x', headers: callerHeaders, callerKey: 'canary-own-key' });
    const { request, ignored } = await writeCall(call, { plan, target, ports });
    const headers = headersOf(request);
    expect(Object.keys(headers).toSorted()).toEqual(expectedNames(row, target, dialect));
    expect(headers).toMatchObject(expectedHeaders(row));
    expect(JSON.stringify({ ...request, body: undefined })).not.toContain('canary');
    expect(ignored).toHaveLength(11);
  });

  it.each(ways)('reaches for %s, asked in %s, nothing but Cloudflare', async (_name, dialect, row) => {
    const { ports, plan, target } = await targetOf(row, dialect);
    const { request } = await writeCall(callOf(dialect, { model: 'x' }), { plan, target, ports });
    const where = request.carrier === 'fetch' ? new URL(request.url).href : request.model;
    const reached: Readonly<Record<Target['carrier'], RegExp>> = {
      binding: /^@cf\/meta\/llama-3\.1-8b-instruct$/,
      gateway: new RegExp(
        `^https://gateway\\.ai\\.cloudflare\\.com/v1/${accountId}/main/${row.provider}/[a-z0-9/_-]+$`,
      ),
      compat: new RegExp(`^https://gateway\\.ai\\.cloudflare\\.com/v1/${accountId}/main/compat/chat/completions$`),
      rest: new RegExp(`^https://api\\.cloudflare\\.com/client/v4/accounts/${accountId}/ai/v1/[a-z/]+$`),
    };
    expect(where).toMatch(reached[target.carrier]);
  });

  it('covers every fitting way to a conversation', () => {
    expect(ways.length).toBe(called.length * 3);
    expect(new Set(called.map(({ provider }) => provider)).size).toBe(20);
  });

  it('sends Anthropic’s version where the caller sent none', async () => {
    const { ports, plan, target } = await targetOf({ provider: 'anthropic', credentials: 'stored' }, 'messages');
    const { request } = await writeCall(callOf('messages', { model: 'x' }), { plan, target, ports });
    expect(headersOf(request)).toMatchObject({ 'anthropic-version': '2023-06-01' });
    expect(headersOf(request)).not.toHaveProperty('anthropic-beta');
  });

  // threats.md T17 and T20.
  it.each([
    ['is not ASCII', 'é'],
    ['is a list over 1 kB', 'b'.repeat(1025)],
    ['holds quotes', '"x"'],
  ])('answers a beta header that %s with a 400', async (_what, value) => {
    const { ports, plan, target } = await targetOf({ provider: 'anthropic', credentials: 'stored' }, 'messages');
    const call = callOf('messages', { model: 'x', headers: { 'anthropic-beta': value } });
    await expect(writeCall(call, { plan, target, ports })).rejects.toMatchObject({
      failure: { kind: 'bad-request', code: 'invalid_header', param: 'anthropic-beta' },
    });
  });
});
