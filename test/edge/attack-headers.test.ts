import { beforeEach, describe, expect, it } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import { gatewayToken, routerKey } from '../../src/local/keys.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole } from './canaries.ts';
import { ask, putRoute } from './router.ts';

beforeEach(async () => {
  catchConsole();
  await clearRequests();
});

const glm = '@cf/zai-org/glm-4.7-flash';
const id = { 'x-request-id': 'test-id' };

/** One way upstream: what is asked, and every header that goes out for it. */
interface Way {
  readonly endpoint: Endpoint;
  readonly model: string;
  readonly sent: Readonly<Record<string, string>>;
}

function gatewayHeaders(model: string): Record<string, string> {
  return {
    accept: 'application/json',
    'cf-aig-authorization': `Bearer ${gatewayToken}`,
    'cf-aig-max-attempts': '1',
    'cf-aig-metadata': JSON.stringify({ caller: 'router', route: model, request: 'test-id' }),
    'cf-aig-no-wholesale': 'true',
    'cf-aig-skip-cache': 'true',
    'content-length': expect.any(String) as string,
    'content-type': 'application/json',
    'user-agent': 'ai-edge-router',
  };
}

const ways: readonly Way[] = [
  { endpoint: 'chat', model: 'openai/gpt-5.1', sent: gatewayHeaders('openai/gpt-5.1') },
  {
    endpoint: 'messages',
    model: 'anthropic/claude-sonnet-4-5',
    sent: { ...gatewayHeaders('anthropic/claude-sonnet-4-5'), 'anthropic-version': '2023-06-01' },
  },
  { endpoint: 'responses', model: 'dynamic/support', sent: gatewayHeaders('dynamic/support') },
  { endpoint: 'chat', model: glm, sent: {} },
];

const long = 'v'.repeat(100_000);

/** Headers that a caller may send and that must reach nobody (threats.md B1.1). */
const hostile: [string, Record<string, string>][] = [
  ['T2 provider keys', { 'x-goog-api-key': 'k', 'xi-api-key': 'k', 'x-amz-security-token': 'k', 'x-amz-date': 'd' }],
  ['T5 custom cost', { 'cf-aig-custom-cost': '{"total_cost":0}' }],
  ['T6 metadata of another', { 'cf-aig-metadata': '{"caller":"other"}' }],
  ['T6 metadata with null', { 'cf-aig-metadata': '{"a":null}' }],
  ['T6 six entries', { 'cf-aig-metadata': '{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}' }],
  ['T7 cache', { 'cf-aig-cache-key': 'k', 'cf-aig-cache-ttl': '3600', 'cf-aig-skip-cache': 'false' }],
  ['T7 cache, old names', { 'cf-cache-ttl': '3600', 'cf-skip-cache': 'false' }],
  ['T8 attempts', { 'cf-aig-max-attempts': '5', 'cf-aig-retry-delay': '1', 'cf-aig-backoff': 'constant' }],
  ['T8 timeout', { 'cf-aig-request-timeout': '1' }],
  ['T9 logs', { 'cf-aig-collect-log': 'false', 'cf-aig-collect-log-payload': 'false' }],
  ['T10 alias and gateway', { 'cf-aig-byok-alias': 'second', 'cf-aig-gateway-id': 'open' }],
  ['T10 billing and retention', { 'cf-aig-no-wholesale': 'false', 'cf-aig-zdr': 'false' }],
  ['T10 ids', { 'cf-aig-event-id': 'e', 'cf-aig-otel-trace-id': 't', 'cf-aig-anything-new': 'x' }],
  ['T12 host', { host: 'localhost:4000', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }],
  [
    'T13 address',
    { 'cf-connecting-ip': '1.1.1.1', 'x-forwarded-for': '1.1.1.1', 'x-real-ip': '1', 'true-client-ip': '1' },
  ],
  [
    'T14 hops',
    { connection: 'keep-alive, x-hop', 'x-hop': '1', te: 'trailers', trailer: 'x', 'keep-alive': 'timeout=5' },
  ],
  [
    'T14 proxies',
    { 'proxy-authorization': `Bearer ${routerKey}`, 'proxy-connection': 'keep-alive', expect: '100-continue' },
  ],
  ['T15 cookies', { cookie: 'a=b; session=secret' }],
  ['T16 framing', { 'transfer-encoding': 'chunked' }],
  ['T19 a long value', { 'x-long': long }],
  ['T20 betas of OpenAI', { 'openai-beta': 'assistants=v2', 'openai-organization': 'org', 'openai-project': 'p' }],
  ['T21 another method', { 'x-http-method-override': 'GET' }],
  ['T23 encodings', { 'accept-encoding': 'gzip, br, identity;q=0', accept: 'text/html' }],
  ['traces', { traceparent: '00-0-0-00', tracestate: 'a=b', baggage: 'a=b' }],
  [
    'client names',
    { 'user-agent': 'evil', 'x-stainless-lang': 'js', originator: 'x', referer: 'https://a.example', 'x-title': 'x' },
  ],
];

describe('a header that policy does not name', () => {
  it.each(
    ways.flatMap((way) => hostile.map(([name, headers]) => [name, way.endpoint, way.model, way, headers] as const)),
  )('does not go upstream: %s (%s on %s)', async (_name, endpoint, model, way, headers) => {
    const response = await ask(
      endpoints[endpoint].path,
      { ...bodies[endpoint], model },
      { headers: { ...headers, ...id } },
    );
    const records = await recordedRequests();
    expect(response.status).toBe(200);
    expect(records.map((record) => Object.fromEntries(record.headers))).toEqual([way.sent]);
  });

  it.each(hostile)('changes nothing about what the binding is told: %s', async (_name, headers) => {
    await ask('/v1/chat/completions', { ...bodies.chat, model: glm }, { headers: { ...headers, ...id } });
    expect((await recordedRequests()).map(({ options }) => options)).toEqual([
      {
        gateway: {
          id: 'ai-edge-router',
          skipCache: true,
          metadata: { caller: 'router', route: glm, request: 'test-id' },
          retries: { maxAttempts: 1 },
        },
        returnRawResponse: true,
        extraHeaders: {},
        signal: 'signal',
      },
    ]);
  });

  it('is told to the caller who might wonder', async () => {
    const headers = { 'cf-aig-cache-ttl': '60', 'cf-aig-collect-log': 'false', 'cf-aig-zdr': 'true' };
    const response = await ask('/v1/chat/completions', { ...bodies.chat, model: glm }, { headers });
    expect(response.headers.get('x-router-ignored')).toBe('cf-aig-cache-ttl, cf-aig-collect-log');
  });
});

async function affinityOf(headers: Record<string, string>): Promise<string | undefined> {
  await ask('/v1/chat/completions', { ...bodies.chat, model: glm }, { headers });
  const record = (await recordedRequests()).at(-1);
  return new Map(record?.headers).get('x-session-affinity');
}

describe('a session (T11)', () => {
  it('goes to Workers AI as a digest that holds the caller, never as it came', async () => {
    const mine = await affinityOf({ 'x-session-affinity': 'session-1' });
    expect(mine).toMatch(/^[0-9a-f]{32}$/);
    expect(await affinityOf({ 'x-session-affinity': 'session-1' })).toBe(mine);
    expect(await affinityOf({ 'x-session-affinity': 'session-2' })).not.toBe(mine);
    // What a caller could have computed for another: a plain digest of the session.
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('session-1'));
    const plain = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(plain).not.toContain(mine);
  });
});

async function sentTo(endpoint: Endpoint, model: string, headers: Record<string, string>): Promise<unknown[]> {
  const response = await ask(endpoints[endpoint].path, { ...bodies[endpoint], model }, { headers });
  const [record] = await recordedRequests();
  const sent = new Map(record?.headers);
  return [response.status, sent.get('anthropic-version'), sent.get('anthropic-beta')];
}

describe('anthropic-beta and anthropic-version (T20)', () => {
  const claude = 'anthropic/claude-sonnet-4-5';

  it.each([
    ['messages', claude, [200, '2026-10-21', 'a-1, b-2']],
    ['chat', claude, [200, '2023-06-01', undefined]],
    ['messages', 'openai/gpt-5.1', [200, undefined, undefined]],
    ['chat', 'openai/gpt-5.1', [200, undefined, undefined]],
  ] as const)('follow a relay to Anthropic alone: %s on %s', async (endpoint, model, expected) => {
    const headers = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'a-1, b-2' };
    expect(await sentTo(endpoint, model, headers)).toEqual(expected);
  });

  it.each([
    { 'anthropic-beta': 'b'.repeat(10_000) },
    { 'anthropic-beta': 'a"b' },
    { 'anthropic-version': '2023-06-01, 2026-10-21\t{}' },
    { 'anthropic-version': 'v'.repeat(2000) },
  ])('are refused where they are no plain lists', async (headers) => {
    expect(await sentTo('messages', claude, headers)).toEqual([400, undefined, undefined]);
  });
});

describe('options that policy allows', () => {
  const allow = [
    'cf-aig-metadata',
    'cf-aig-cache-ttl',
    'cf-aig-cache-key',
    'cf-aig-max-attempts',
    'cf-aig-custom-cost',
  ];
  const target = { model: 'openai/gpt-5.1', credentials: 'stored' };

  it.each([
    [{ 'cf-aig-metadata': '{"caller":"other"}' }],
    [{ 'cf-aig-metadata': '{"request":"other"}' }],
    [{ 'cf-aig-metadata': '{"cf.user_id":"other"}' }],
    [{ 'cf-aig-metadata': '{"a":null}' }],
    [{ 'cf-aig-metadata': '{"a":{"b":1}}' }],
    [{ 'cf-aig-metadata': '{"a":1e999}' }],
    [{ 'cf-aig-metadata': '[1]' }],
    [{ 'cf-aig-metadata': '{' }],
    [{ 'cf-aig-metadata': '{"__proto__":1, "x y":2}' }],
    [{ 'cf-aig-metadata': JSON.stringify({ a: 'v'.repeat(100_000) }) }],
    [{ 'cf-aig-cache-ttl': '0' }],
    [{ 'cf-aig-cache-ttl': '1e9' }],
    [{ 'cf-aig-cache-ttl': '-60' }],
    [{ 'cf-aig-cache-key': 'a b' }],
    [{ 'cf-aig-cache-key': 'k'.repeat(201) }],
    [{ 'cf-aig-max-attempts': '99' }],
    [{ 'cf-aig-custom-cost': '{"total_cost":-1}' }],
    [{ 'cf-aig-custom-cost': '{}' }],
  ])('are refused out of range: %j (T6 to T8)', async (headers) => {
    const model = await putRoute({ targets: [target], allow });
    const response = await ask('/v1/chat/completions', { ...bodies.chat, model }, { headers });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_header', param: Object.keys(headers)[0] } });
    expect(await recordedRequests()).toEqual([]);
  });

  it('are written again in ASCII and under the router’s own names (T17, T18)', async () => {
    const model = await putRoute({ targets: [target], allow });
    const headers = { ...id, 'cf-aig-metadata': String.raw`{"team":"bl\u00e5\r\nx: y"}` };
    await ask('/v1/chat/completions', { ...bodies.chat, model }, { headers });
    const [record] = await recordedRequests();
    expect(new Map(record?.headers).get('cf-aig-metadata')).toMatch(/^[\x20-\x7e]*$/);
    expect(record?.metadata).toMatchObject({ caller: 'router', route: model, request: 'test-id' });
  });

  it('leave room for the caller’s name among the five entries (T6)', async () => {
    const model = await putRoute({ targets: [target], allow });
    const headers = { 'cf-aig-metadata': '{"a":1,"b":2,"c":3,"d":4,"e":5}' };
    const response = await ask('/v1/chat/completions', { ...bodies.chat, model }, { headers });
    const [record] = await recordedRequests();
    expect(response.headers.get('x-router-ignored')).toBe('cf-aig-metadata');
    expect(record?.metadata).toMatchObject({ caller: 'router' });
  });
});

describe('what comes back (T24)', () => {
  const noise = {
    'set-cookie': 'a=b',
    location: 'https://evil.example',
    refresh: '0;url=https://evil.example',
    'access-control-allow-origin': '*',
    'openai-organization': 'org',
    server: 'evil',
    'x-should-retry': 'true',
    'strict-transport-security': 'max-age=0',
    'x-router-target': 'evil',
    'x-request-id': 'req_upstream',
    'content-encoding': 'identity',
    'cf-aig-unknown': 'x',
    'cf-aig-log-id': 'spaces are not plain and neither is <html>',
    'cf-aig-model': 'gpt-5.1',
    'x-long': 'v'.repeat(300_000),
  };

  it.each([200, 500])(
    'carries the router’s own headers and the ids of the gateway alone, with status %i',
    async (status) => {
      const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] };
      const run = async (): Promise<Response> => Response.json(answer, { status, headers: noise });
      const response = await ask(
        '/v1/chat/completions',
        { ...bodies.chat, model: glm },
        { env: { AI: { run } }, headers: id },
      );
      const expected = new Set([
        ...'cache-control content-type request-id x-content-type-options x-request-id'.split(' '),
        ...'x-router-attempts x-router-route x-router-target cf-aig-model'.split(' '),
        ...'retry-after retry-after-ms x-should-retry'.split(' '),
      ]);
      expect([...response.headers.keys()].filter((name) => !expected.has(name))).toEqual([]);
      expect(response.headers.get('x-request-id')).toBe('test-id');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect([...response.headers.values()].join()).not.toContain('evil');
    },
  );
});
