import { beforeEach, describe, expect, it } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import { gatewayToken, routerKey } from '../../src/local/keys.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole } from './canaries.ts';
import { ask, putRoute, visit } from './router.ts';

beforeEach(async () => {
  catchConsole();
  await clearRequests();
});

const glm = '@cf/zai-org/glm-4.7-flash';
const chatBody = { ...bodies.chat, model: glm };

async function statusFor(headers: Record<string, string>): Promise<number> {
  const { response } = await visit('/v1/chat/completions', { headers, body: chatBody });
  return response.status;
}

describe('the router’s key', () => {
  it.each([
    { authorization: `Bearer ${routerKey}` },
    { authorization: `bearer ${routerKey}` },
    { authorization: `BEARER   ${routerKey}  ` },
    { authorization: routerKey },
    { 'x-api-key': routerKey },
    { 'x-api-key': `Bearer ${routerKey}` },
    { 'api-key': routerKey },
    { 'cf-aig-authorization': `Bearer ${routerKey}` },
    { 'cf-aig-authorization': routerKey },
    { authorization: 'Bearer', 'x-api-key': routerKey },
    { authorization: 'Bearer ', 'x-api-key': '', 'api-key': '', 'cf-aig-authorization': `Bearer ${routerKey}` },
    { authorization: `Bearer ${routerKey}`, 'x-api-key': '' },
    { authorization: `Bearer ${routerKey}`, 'x-api-key': routerKey, 'api-key': routerKey },
  ])('opens the router as %j', async (headers) => {
    expect(await statusFor(headers)).toBe(200);
  });

  it.each([
    {},
    { authorization: '' },
    { authorization: 'Bearer' },
    { 'x-api-key': ' ' },
    { authorization: 'Bearer sk-wrong' },
    { 'x-api-key': 'sk-wrong' },
    { 'cf-aig-authorization': 'Bearer sk-wrong' },
    { 'cf-aig-authorization': 'Bearer sk-wrong', authorization: `Bearer ${routerKey}` },
    { authorization: `Bearer ${routerKey}, Bearer ${routerKey}` },
    { authorization: `Bearer ${routerKey} ${routerKey}` },
    { authorization: `Bearer Bearer ${routerKey}x` },
    { authorization: `Basic ${btoa(`:${routerKey}`)}` },
    { authorization: `Basic ${routerKey}` },
    { authorization: `Bearer ${routerKey.slice(0, 19)}` },
    { authorization: `Bearer ${routerKey}0` },
    { authorization: `Bearer ${routerKey.toUpperCase()}` },
    { authorization: 'Bearer undefined' },
    { authorization: 'Bearer __proto__' },
    { authorization: 'Bearer constructor' },
    { authorization: `Bearer ${'k'.repeat(100_000)}` },
    { authorization: `Bearer ${gatewayToken}` },
    { cookie: `key=${routerKey}` },
    { 'x-goog-api-key': routerKey },
    { 'proxy-authorization': `Bearer ${routerKey}` },
  ])('is not %j (T4, T59, T65)', async (headers) => {
    expect(await statusFor(headers)).toBe(401);
    expect(await recordedRequests()).toEqual([]);
  });

  it.each([
    { authorization: `Bearer ${routerKey}`, 'x-api-key': 'sk-other' },
    { authorization: 'Bearer sk-other', 'x-api-key': routerKey },
    { 'x-api-key': routerKey, 'api-key': 'sk-other' },
    { 'cf-aig-authorization': `Bearer ${routerKey}`, authorization: 'Bearer sk-a', 'x-api-key': 'sk-b' },
  ])('is ambiguous beside another: %j (T3)', async (headers) => {
    const { response } = await visit('/v1/chat/completions', { headers, body: chatBody });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'ambiguous_credentials' } });
    expect(await recordedRequests()).toEqual([]);
  });

  it('is asked for before anything of the body is read', async () => {
    const { response } = await visit('/v1/chat/completions', { method: 'POST', body: 'no JSON' });
    expect(response.status).toBe(401);
  });

  it.each(['/v1/models', '/v1/models/x', '/v1/model/info'])('is asked for by %s (T68)', async (path) => {
    const { response } = await visit(path);
    expect(response.status).toBe(401);
  });
});

describe('what a wrong key is told', () => {
  it('in OpenAI’s dialect is the phrase that clients key on', async () => {
    const { response } = await visit('/v1/responses', {
      headers: { authorization: 'Bearer sk-wrong-0123456789' },
      body: {},
    });
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringMatching(/^Incorrect API key provided: sk-\*\*\*89\. /) as string,
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
  });

  it('in Anthropic’s is an authentication_error', async () => {
    const { response } = await visit('/v1/messages', { headers: { 'x-api-key': 'sk-wrong-0123456789' }, body: {} });
    expect(await response.json()).toEqual({
      type: 'error',
      error: { type: 'authentication_error', message: expect.stringContaining('invalid x-api-key') as string },
      request_id: response.headers.get('request-id'),
    });
  });

  it('is no header of the router’s inside (T102)', async () => {
    const { response } = await visit('/v1/chat/completions', { body: chatBody });
    const names = [...response.headers.keys()];
    expect(names.filter((name) => /^(x-router|cf-|server|access-control)/.test(name))).toEqual([]);
  });

  it.each(['sk-wrong-a', 'not a key', 'k'.repeat(300)])('is the same whatever was wrong with it: %s', async (key) => {
    const { response } = await visit('/v1/chat/completions', { headers: { 'x-api-key': key }, body: chatBody });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
  });
});

describe('a secret that is not set (T67, F33)', () => {
  it.each([undefined, ''])('as ROUTER_KEY %s refuses everyone and names itself', async (value) => {
    for (const headers of [{}, { authorization: 'Bearer undefined' }, { authorization: 'Bearer ' }]) {
      const { response } = await visit('/v1/chat/completions', { headers, body: chatBody, env: { ROUTER_KEY: value } });
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({
        error: { code: 'not_configured', message: expect.stringContaining('ROUTER_KEY') as string },
      });
    }
    expect(await recordedRequests()).toEqual([]);
  });

  it.each<[string, Endpoint, object]>([
    ['CF_AIG_TOKEN', 'chat', { model: 'openai/gpt-5.1', credentials: 'stored' }],
    ['CF_AIG_TOKEN', 'messages', { model: 'anthropic/claude-sonnet-4-5', credentials: 'unified' }],
    ['CF_AIG_TOKEN', 'chat', { model: 'dynamic/support', credentials: 'stored' }],
    ['OPENAI_API_KEY', 'responses', { model: 'openai/gpt-5.1', credentials: 'secret', secret: 'OPENAI_API_KEY' }],
    [
      'ANTHROPIC_API_KEY',
      'messages',
      { model: 'anthropic/claude-sonnet-4-5', credentials: 'secret', secret: 'ANTHROPIC_API_KEY' },
    ],
    ['CLOUDFLARE_API_TOKEN', 'chat', { model: glm, credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN' }],
    ['CLOUDFLARE_API_TOKEN', 'chat', { model: 'openai/gpt-5.1', credentials: 'stored', carrier: 'rest' }],
    ['CLOUDFLARE_ACCOUNT_ID', 'chat', { model: 'openai/gpt-5.1', credentials: 'stored' }],
    ['AI_GATEWAY_ID', 'chat', { model: 'openai/gpt-5.1', credentials: 'stored' }],
    ['AI_GATEWAY_ID', 'chat', { model: glm, credentials: 'binding' }],
  ])('as %s is a 503 that names it (%s, %j)', async (name, endpoint, target) => {
    const model = await putRoute({ targets: [target] });
    const response = await ask(
      endpoints[endpoint].path,
      { ...bodies[endpoint], model },
      { env: { [name]: undefined } },
    );
    expect(response.status).toBe(503);
    expect(await response.text()).toContain(name);
    expect(await recordedRequests()).toEqual([]);
  });

  it('does not keep another target of the route from answering', async () => {
    const model = await putRoute({
      targets: [
        { model: 'openai/gpt-5.1', credentials: 'secret', secret: 'OPENAI_API_KEY' },
        { model: glm, credentials: 'binding' },
      ],
    });
    const response = await ask(
      '/v1/chat/completions',
      { ...bodies.chat, model },
      { env: { OPENAI_API_KEY: undefined } },
    );
    expect([response.status, response.headers.get('x-router-target')]).toEqual([200, glm]);
  });
});

describe('a policy that names a secret of another kind (T90)', () => {
  it.each(['ROUTER_KEY', 'CF_AIG_TOKEN', 'CLOUDFLARE_API_TOKEN', 'ADMIN_TOKEN', 'openai_api_key'])(
    'as %s is refused whole',
    async (secret) => {
      const model = await putRoute({ targets: [{ model: 'openai/gpt-5.1', credentials: 'secret', secret }] });
      const response = await ask('/v1/chat/completions', { ...bodies.chat, model });
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ error: { code: 'broken_policy' } });
      expect(await recordedRequests()).toEqual([]);
    },
  );
});
