import { beforeEach, describe, expect, it } from 'vitest';
import { accountId, cloudflareToken, gatewayToken } from '../../src/local/keys.ts';
import { askStandIn, clearRequests } from '../support/standin.ts';
import { ask, askRest, chat, gatewayBase, message, outcome, restBase, stored, withToken } from './ask.ts';

beforeEach(clearRequests);

/** AI Gateway's own shape: `error` in the singular. */
function gatewayRefusal(status: number, code: number, text: string): unknown {
  const error = [{ code, message: text }];
  const more = { name: 'AiGatewayError', httpCode: status, internalCode: code, message: text, description: text };
  return { status, body: { success: false, result: [], messages: [], error, ...more } };
}

/** The API's shape: `errors` in the plural. */
function apiRefusal(status: number, code: number, text: string): unknown {
  return { status, body: { result: null, success: false, errors: [{ code, message: text }], messages: [] } };
}

const notAuthenticated = apiRefusal(401, 10_000, 'Authentication error');
const unauthorized = gatewayRefusal(401, 2009, 'Unauthorized');

describe('the way to the gateway', () => {
  const body = JSON.stringify(chat('hi'));
  const post = (url: string, headers: Record<string, string>): Promise<Response> =>
    askStandIn(url, { method: 'POST', headers, body });

  it('refuses an unknown account with 7003', async () => {
    const path = '/v1/ffff/ai-edge-router/openai/chat/completions';
    expect(await outcome(post(`https://gateway.ai.cloudflare.com${path}`, stored))).toEqual(
      apiRefusal(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`),
    );
  });

  it('refuses an unknown gateway with 2001', async () => {
    const url = `https://gateway.ai.cloudflare.com/v1/${accountId}/nobody/openai/chat/completions`;
    expect(await outcome(post(url, stored))).toEqual(
      gatewayRefusal(400, 2001, 'Please configure AI Gateway in the Cloudflare dashboard'),
    );
  });

  it.each([
    ['no token', {}],
    ['a wrong token', { 'cf-aig-authorization': 'Bearer wrong' }],
    ['the API token in its place', { 'cf-aig-authorization': `Bearer ${cloudflareToken}` }],
    ['a token without its scheme', { 'cf-aig-authorization': gatewayToken }],
    ['the token as Authorization alone', { authorization: `Bearer ${gatewayToken}` }],
  ])('refuses %s with 2009', async (_name, headers) => {
    const sent = { 'content-type': 'application/json', ...headers };
    expect(await outcome(ask('openai/chat/completions', chat('hi'), sent))).toEqual(unauthorized);
  });

  it('asks for no token where authentication is off', async () => {
    const url = `https://gateway.ai.cloudflare.com/v1/${accountId}/open/openai/chat/completions`;
    expect((await post(url, { 'content-type': 'application/json' })).status).toBe(200);
  });

  it('refuses an unknown provider with 2008', async () => {
    expect(await outcome(ask('nobody/chat/completions', chat('hi')))).toEqual(
      gatewayRefusal(400, 2008, 'Invalid provider'),
    );
  });

  it('plays no other host', async () => {
    expect((await askStandIn('https://api.openai.com/v1/models')).status).toBe(421);
  });
});

describe('headers of the gateway', () => {
  it.each([
    ['cf-aig-max-attempts', '6'],
    ['cf-aig-max-attempts', '0'],
    ['cf-aig-retry-delay', '60001'],
    ['cf-aig-backoff', 'random'],
    ['cf-aig-cache-ttl', '59'],
    ['cf-aig-skip-cache', 'yes'],
    ['cf-aig-collect-log', '1'],
    ['cf-aig-no-wholesale', 'false'],
    ['cf-aig-metadata', '[1]'],
    ['cf-aig-metadata', 'user=1'],
    ['cf-aig-custom-cost', '{"per_token":1}'],
    ['cf-aig-request-timeout', '1.5'],
    ['cf-aig-otel-trace-id', 'abc'],
    ['cf-aig-unheard-of', 'x'],
  ])('refuses %s: %s', async (name, value) => {
    expect(await outcome(ask('openai/chat/completions', chat('hi'), { ...stored, [name]: value }))).toEqual(
      gatewayRefusal(400, 7001, `Invalid header: ${name}`),
    );
  });

  it.each([
    ['cf-aig-max-attempts', '5'],
    ['cf-aig-retry-delay', '60000'],
    ['cf-aig-backoff', 'linear'],
    ['cf-aig-cache-ttl', '60'],
    ['cf-aig-metadata', '{"a":1}'],
    ['cf-aig-custom-cost', '{"per_token_in":0.1,"per_cache_read_token":0}'],
    ['cf-aig-zdr', 'true'],
  ])('takes %s: %s', async (name, value) => {
    expect((await ask('openai/chat/completions', chat('hi'), { ...stored, [name]: value })).status).toBe(200);
  });
});

describe('the answer of the gateway', () => {
  it('carries the ids of the request, and headers that are nobody else’s business', async () => {
    const { headers } = await ask('openai/chat/completions', chat('hi'));
    expect(Object.fromEntries(headers)).toEqual({
      'cf-aig-event-id': '01990000-0000-7000-8000-000000000001',
      'cf-aig-log-id': '01990000-0000-7000-8000-000000000001',
      'cf-aig-request-id': '01990000-0000-7000-8000-000000000001',
      'cf-aig-step': '0',
      'cf-ray': 'local1-ARN',
      'content-type': 'application/json',
      'openai-organization': 'org-of-the-operator',
      server: 'cloudflare',
      'set-cookie': '__cf_bm=local; path=/; HttpOnly; Secure; SameSite=None',
      'x-request-id': 'req_upstream1',
    });
  });

  it('repeats the event id that was sent', async () => {
    const { headers } = await ask('openai/chat/completions', chat('hi'), { ...stored, 'cf-aig-event-id': 'mine' });
    expect(headers.get('cf-aig-event-id')).toBe('mine');
  });

  it('comes from the cache for the same key, and from there alone', async () => {
    const headers = { ...stored, 'cf-aig-cache-key': 'one' };
    const first = await ask('openai/chat/completions', chat('one'), headers);
    const second = await ask('openai/chat/completions', chat('two'), headers);
    const skipped = await ask('openai/chat/completions', chat('two'), { ...headers, 'cf-aig-skip-cache': 'true' });
    const statuses = [first, second, skipped].map((response) => response.headers.get('cf-aig-cache-status'));
    expect(statuses).toEqual(['MISS', 'HIT', null]);
    expect(await second.text()).toBe(await first.text());
  });
});

describe('compat', () => {
  it.each(['openai/gpt-5', 'anthropic/claude-sonnet-4-5', 'google-ai-studio/gemini-3-pro', 'mistral/mistral-large'])(
    'serves %s in chat format',
    async (model) => {
      const { status, body } = await outcome(ask('compat/chat/completions', chat('hi', { model })));
      expect({ status, body }).toMatchObject({ status: 200, body: { object: 'chat.completion' } });
    },
  );

  it('serves a dynamic route and names what answered', async () => {
    const { status, headers } = await ask('compat/chat/completions', chat('hi', { model: 'dynamic/support' }));
    const named = [headers.get('cf-aig-provider'), headers.get('cf-aig-model')];
    expect([status, ...named]).toEqual([200, 'openai', 'gpt-5-mini']);
  });

  it('serves a dynamic route on Workers AI without a token of ours', async () => {
    expect((await ask('compat/chat/completions', chat('hi', { model: 'dynamic/edge' }))).status).toBe(200);
  });

  it('refuses an unknown dynamic route', async () => {
    expect(await outcome(ask('compat/chat/completions', chat('hi', { model: 'dynamic/none' })))).toEqual(
      gatewayRefusal(404, 7003, 'Model not found: dynamic/none'),
    );
  });

  it('refuses a model without a known provider', async () => {
    const refused = gatewayRefusal(400, 2008, 'Invalid provider');
    expect(await outcome(ask('compat/chat/completions', chat('hi', { model: 'gpt-5' })))).toEqual(refused);
  });

  it('has no other endpoint', async () => {
    expect((await ask('compat/responses', { model: 'openai/gpt-5', input: 'hi' })).status).toBe(404);
  });

  it('lists models', async () => {
    const response = await askStandIn(`${gatewayBase}/compat/models`, { headers: stored });
    const model = { id: 'openai/gpt-5', object: 'model', created_at: 1795132800 };
    const listed = { ...model, cost_in: 0.000001, cost_out: 0.000002, owned_by: 'openai' };
    expect(await response.json()).toMatchObject({ object: 'list', data: expect.arrayContaining([listed]) as unknown });
  });
});

describe('Workers AI by the gateway', () => {
  const model = '@cf/zai-org/glm-4.7-flash';

  it.each([
    ['workers-ai/v1/chat/completions', model],
    ['workers-ai/run/@cf/zai-org/glm-4.7-flash', model],
    ['workers-ai/@cf/zai-org/glm-4.7-flash', model],
    ['compat/chat/completions', `workers-ai/${model}`],
  ])('serves %s with the Cloudflare token and with nothing less', async (path, name) => {
    const statuses = await Promise.all(
      [withToken, stored, { ...stored, authorization: `Bearer ${gatewayToken}` }].map(
        async (headers) => (await ask(path, chat('hi', { model: name }), headers)).status,
      ),
    );
    expect(statuses).toEqual([200, 401, 401]);
  });

  it('says 10000 in the plural shape', async () => {
    expect(await outcome(ask('workers-ai/v1/chat/completions', chat('hi', { model })))).toEqual(notAuthenticated);
  });

  it('wraps a native answer in the envelope', async () => {
    const { body } = await outcome(ask('workers-ai/@cf/meta/llama-3.1-8b-instruct', chat('!say hello'), withToken));
    expect(body).toEqual({
      result: { response: 'hello', usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 } },
      success: true,
      errors: [],
      messages: [],
    });
  });
});

describe('the REST API', () => {
  const model = '@cf/zai-org/glm-4.7-flash';

  it('refuses an unknown account with 7003', async () => {
    const path = '/client/v4/accounts/ffff/ai/v1/chat/completions';
    const response = askStandIn(`https://api.cloudflare.com${path}`, {
      method: 'POST',
      headers: withToken,
      body: '{}',
    });
    expect(await outcome(response)).toEqual(
      apiRefusal(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`),
    );
  });

  it.each([
    ['no token', stored],
    ['the gateway token', { ...stored, authorization: `Bearer ${gatewayToken}` }],
  ])('refuses %s with 10000', async (_name, headers) => {
    expect(await outcome(askRest('v1/chat/completions', chat('hi', { model }), headers))).toEqual(notAuthenticated);
  });

  it('has no list of models', async () => {
    const refused = apiRefusal(405, 7001, 'GET not supported for requested URI.');
    expect(await outcome(askStandIn(`${restBase}/v1/models`, { headers: withToken }))).toEqual(refused);
  });

  it.each([
    ['v1/chat/completions', chat('hi', { model })],
    ['v1/chat/completions', chat('hi', { model: 'openai/gpt-5' })],
    ['v1/chat/completions', chat('hi', { model: 'dynamic/support' })],
    ['v1/messages', message('hi', { model: 'anthropic/claude-haiku-4.5' })],
    ['v1/responses', { model: '@cf/openai/gpt-oss-120b', input: 'hi' }],
    ['v1/responses', { model: 'openai/gpt-5', input: 'hi' }],
    ['v1/embeddings', { model: '@cf/baai/bge-m3', input: 'hi' }],
    [`run/${model}`, chat('hi')],
  ])('serves %s', async (path, body) => {
    expect((await askRest(path, body)).status).toBe(200);
  });

  it.each([
    ['v1/messages', message('hi', { model })],
    ['v1/chat/completions', chat('hi', { model: 'mistral/mistral-large' })],
  ])('does not know this model on %s', async (path, body) => {
    const refused = apiRefusal(404, 7003, `Model not found: ${String(body['model'])}`);
    expect(await outcome(askRest(path, body))).toEqual(refused);
  });

  it('says that Unified Billing has no Perplexity', async () => {
    expect(await outcome(askRest('v1/chat/completions', chat('hi', { model: 'perplexity/sonar' })))).toEqual(
      gatewayRefusal(402, 2021, 'This model is not available via unified billing. Please use BYOK.'),
    );
  });

  it('refuses an unknown gateway with 2001', async () => {
    const headers = { ...withToken, 'cf-aig-gateway-id': 'nobody' };
    expect((await askRest('v1/chat/completions', chat('hi', { model }), headers)).status).toBe(400);
  });
});
