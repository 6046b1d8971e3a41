import { SELF } from 'cloudflare:test';
import { beforeEach, describe, expect, it } from 'vitest';
import { accountId, cloudflareToken, gatewayToken, operatorToken, readerToken } from '../../src/local/keys.ts';
import { askStandIn, clearRequests } from '../support/standin.ts';
import { ask, chat, outcome, stored } from './ask.ts';

beforeEach(clearRequests);

const base = `https://api.cloudflare.com/client/v4/accounts/${accountId}/ai-gateway`;

function manage(method: string, path: string, body?: unknown, token = operatorToken): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return askStandIn(`${base}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

const required = {
  cache_invalidate_on_update: true,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
};

function refusal(code: number, message: string): object {
  return { result: null, success: false, errors: [{ code, message }], messages: [] };
}

const authenticationError = refusal(10_000, 'Authentication error');

describe('a token', () => {
  it.each([
    ['that nobody knows', 'cf-nobody', 401, 401],
    ['to ask models by the gateway', gatewayToken, 403, 403],
    ['to ask Workers AI', cloudflareToken, 403, 403],
    ['to read', readerToken, 200, 403],
    ['to edit', operatorToken, 200, 200],
  ])('%s reads and writes what it may', async (_, token, read, write) => {
    const answers = await Promise.all([
      outcome(manage('GET', '/gateways', undefined, token)),
      outcome(manage('POST', '/gateways', { ...required, id: 'x' }, token)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([read, write]);
    expect(answers.filter(({ status }) => status > 400).map(({ body }) => body)).toEqual(
      answers.filter(({ status }) => status > 400).map(() => authenticationError),
    );
  });
});

describe('a gateway', () => {
  const created = '2026-11-01T00:00:';

  it('answers inference once it is made, and no more once it is gone', async () => {
    const headers = { ...stored, authorization: 'Bearer sk-local-openai' };
    const visit = () =>
      askStandIn(`https://gateway.ai.cloudflare.com/v1/${accountId}/fresh/openai/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify(chat('hi')),
      });
    const before = await outcome(visit());
    await manage('POST', '/gateways', { ...required, id: 'fresh', authentication: true });
    const during = await visit();
    await manage('DELETE', '/gateways/fresh');
    expect([before.status, during.status, await outcome(visit())]).toEqual([400, 200, before]);
    expect(before.body).toMatchObject({ internalCode: 2001 });
  });

  it('asks for a key of one’s own once byok_only is on', async () => {
    const path = 'groq/chat/completions';
    const body = chat('hi', { model: 'llama-3.3-70b' });
    const before = await ask(path, body);
    await manage('PUT', '/gateways/ai-edge-router', { ...required, authentication: true, byok_only: true });
    expect([before.status, (await ask(path, body)).status]).toEqual([200, 400]);
  });

  it('is replaced whole by PUT', async () => {
    await manage('POST', '/gateways', { ...required, id: 'x', zdr: true, retry_max_attempts: 3 });
    const { body } = await outcome(manage('PUT', '/gateways/x', { ...required, cache_ttl: 60 }));
    expect(body).toEqual({
      result: {
        id: 'x',
        ...required,
        cache_ttl: 60,
        authentication: false,
        byok_only: false,
        log_management: null,
        log_management_strategy: null,
        logpush: false,
        otel: null,
        rate_limiting_technique: 'fixed',
        retry_backoff: null,
        retry_delay: null,
        retry_max_attempts: null,
        spend_limits: null,
        stripe: null,
        wholesale: true,
        workers_ai_billing_mode: 'postpaid',
        zdr: false,
        created_at: expect.stringContaining(created),
        modified_at: expect.stringContaining(created),
      },
      success: true,
      errors: [],
      messages: [],
    });
  });

  it.each([
    ['cache_invalidate_on_update', { collect_logs: true }],
    ['cache_ttl', { ...required, cache_ttl: -1 }],
    ['id', { ...required, id: 'x' }],
    ['created_at', { ...required, created_at: '2026-11-01' }],
    ['retry_max_attempts', { ...required, retry_max_attempts: 6 }],
    ['retry_delay', { ...required, retry_delay: 60_001 }],
    ['log_management', { ...required, log_management: 9_999 }],
    ['rate_limiting_technique', { ...required, rate_limiting_technique: 'loose' }],
    ['spend_limits', { ...required, spend_limits: { rules: [{ limit: 0, limitType: 'cost', window: 60 }] } }],
    ['spend_limits', { ...required, spend_limits: { rules: [{ limit: 1, window: 60 }] } }],
  ])('is not replaced where %s is wrong', async (name, body) => {
    expect(await outcome(manage('PUT', '/gateways/bare', body))).toEqual({
      status: 400,
      body: refusal(7001, `Invalid input: ${name}`),
    });
  });

  it('is listed by pages', async () => {
    const { body } = await outcome(manage('GET', '/gateways?page=2&per_page=2'));
    expect(body).toMatchObject({
      result: [{ id: 'bare' }, { id: 'byok-only' }],
      result_info: { page: 2, per_page: 2, count: 2, total_count: 5 },
    });
  });

  it.each([
    ['GET', '/gateways/nobody', 404, refusal(7002, 'Not Found')],
    ['PATCH', '/gateways/bare', 405, refusal(7001, 'PATCH not supported for requested URI.')],
  ])('refuses %s %s', async (method, path, status, body) => {
    expect(await outcome(manage(method, path))).toEqual({ status, body });
  });
});

const leadingTo = (model: string) => [
  { id: 's', type: 'start', outputs: { next: { elementId: 'm' } } },
  {
    id: 'm',
    type: 'model',
    properties: { provider: 'openai', model, timeout: 1000, retries: 0 },
    outputs: { success: { elementId: 'e' }, fallback: { elementId: 'e' } },
  },
  { id: 'e', type: 'end', outputs: {} },
];

async function modelOf(route: string): Promise<string | null> {
  const response = await ask('compat/chat/completions', chat('hi', { model: `dynamic/${route}` }));
  return response.headers.get('cf-aig-model');
}

describe('a dynamic route', () => {
  it('serves its first version at once, and another when that is deployed', async () => {
    const routes = '/gateways/ai-edge-router/routes';
    const { body: made } = await outcome(manage('POST', routes, { name: 'fresh', elements: leadingTo('gpt-5') }));
    const { id } = (made as { result: { id: string } }).result;
    const first = await modelOf('fresh');
    await manage('POST', `${routes}/${id}/versions`, { elements: leadingTo('gpt-5-mini') });
    const second = await modelOf('fresh');
    const { body: listed } = await outcome(manage('GET', `${routes}/${id}/versions`));
    const versions = (listed as { data: { versions: { version_id: string; active: string }[] } }).data.versions;
    await manage('POST', `${routes}/${id}/deployments`, { version_id: versions[1]?.version_id });
    expect([first, second, await modelOf('fresh')]).toEqual(['gpt-5', 'gpt-5', 'gpt-5-mini']);
    expect(versions.map(({ active }) => active)).toEqual(['true', 'false']);
  });
});

describe('a custom provider', () => {
  it('answers inference once it is made, and no more once it is gone', async () => {
    const visit = () => ask('custom-fresh/v1/chat/completions', chat('hi', { model: 'mine' }), keyed);
    const keyed = { ...stored, authorization: 'Bearer sk-local-custom-fresh' };
    const before = await outcome(visit());
    const made = await manage('POST', '/custom-providers', {
      name: 'Fresh',
      slug: 'fresh',
      base_url: 'https://fresh.example',
    });
    const { result } = await made.json<{ result: { id: string } }>();
    const during = await visit();
    await manage('DELETE', `/custom-providers/${result.id}`);
    expect([before.status, during.status, await outcome(visit())]).toEqual([400, 200, before]);
    expect(before.body).toMatchObject({ internalCode: 2008 });
  });

  it.each([
    ['base_url', { name: 'X', slug: 'x' }],
    ['base_url', { name: 'X', slug: 'x', base_url: 'http://x.example' }],
    ['headers', { name: 'X', slug: 'x', base_url: 'https://x.example', headers: { a: 'b' } }],
    ['logo', { name: 'X', slug: 'x', base_url: 'https://x.example', logo: 'x' }],
  ])('is not made where %s is wrong', async (name, body) => {
    expect(await outcome(manage('POST', '/custom-providers', body))).toEqual({
      status: 400,
      body: refusal(7001, `Invalid input: ${name}`),
    });
  });

  it('cannot be changed', async () => {
    expect((await manage('PUT', '/custom-providers/x', {})).status).toBe(405);
  });
});

it('is served by npm start beside the router', async () => {
  const own = await SELF.fetch(`http://127.0.0.1/cloudflare/client/v4/accounts/${accountId}/ai-gateway/gateways/bare`, {
    headers: { authorization: `Bearer ${readerToken}` },
  });
  expect(await own.json()).toMatchObject({ success: true, result: { id: 'bare' } });
});
