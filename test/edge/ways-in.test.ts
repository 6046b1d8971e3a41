import { beforeEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/core/call.ts';
import { routerKey } from '../../src/local/keys.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole } from './canaries.ts';
import { ask, visit, withKey } from './router.ts';

beforeEach(async () => {
  catchConsole();
  await clearRequests();
});

/** The endpoints that take JSON. */
type JsonEndpoint = Exclude<Endpoint, 'transcriptions'>;

const account = '0123456789abcdef0123456789abcdef';
const models: Record<JsonEndpoint, string> = {
  chat: 'openai/gpt-5.1',
  messages: 'anthropic/claude-sonnet-4-5',
  'count-tokens': 'anthropic/claude-sonnet-4-5',
  responses: 'openai/gpt-5.1',
  embeddings: 'openai/text-embedding-3-small',
  completions: 'openai/gpt-3.5-turbo-instruct',
  moderations: 'openai/omni-moderation-latest',
  images: 'openai/gpt-image-1',
  speech: 'openai/tts-1',
};
/** The path by which the stand-in knows what it was asked for. */
const upstreamPaths: Record<JsonEndpoint, string> = {
  chat: 'openai/chat/completions',
  messages: 'anthropic/v1/messages',
  'count-tokens': 'anthropic/v1/messages/count_tokens',
  responses: 'openai/responses',
  embeddings: 'openai/embeddings',
  completions: 'openai/completions',
  moderations: 'openai/moderations',
  images: 'openai/images/generations',
  speech: 'openai/audio/speech',
};

/** The last two parts of the first recorded URL, after account and gateway. */
async function upstreamPath(): Promise<string | undefined> {
  const [first] = await recordedRequests();
  return first?.url.replace(`https://gateway.ai.cloudflare.com/v1/${account}/ai-edge-router/`, '');
}

describe('a base URL that a user gets wrong', () => {
  it.each<[string, JsonEndpoint]>([
    ['/v1/chat/completions', 'chat'],
    ['/chat/completions', 'chat'],
    ['/v1/v1/chat/completions', 'chat'],
    ['//v1//chat/completions', 'chat'],
    ['/v1/chat/completions/', 'chat'],
    ['/v1/chat/completions?beta=true', 'chat'],
    ['/chat/completions/chat/completions', 'chat'],
    ['/v1/chat/completions/v1/chat/completions', 'chat'],
    ['/openai/chat/completions', 'chat'],
    ['/openai/v1/chat/completions', 'chat'],
    ['/compat/chat/completions', 'chat'],
    ['/compat/v1/chat/completions', 'chat'],
    ['/ai/v1/chat/completions', 'chat'],
    ['/api/v1/chat/completions', 'chat'],
    [`/v1/${account}/any-gateway/compat/chat/completions`, 'chat'],
    [`/v1/${account}/any-gateway/openai/chat/completions`, 'chat'],
    [`/client/v4/accounts/${account}/ai/v1/chat/completions`, 'chat'],
    ['/v1/messages', 'messages'],
    ['/messages', 'messages'],
    ['/v1/v1/messages', 'messages'],
    ['/v1/messages/', 'messages'],
    ['/v1/messages?beta=true', 'messages'],
    ['/v1/messages/v1/messages', 'messages'],
    ['/anthropic/v1/messages', 'messages'],
    ['/anthropic/messages', 'messages'],
    ['/anthropic/v1/v1/messages', 'messages'],
    ['/ai/v1/v1/messages', 'messages'],
    [`/v1/${account}/any-gateway/anthropic/v1/messages`, 'messages'],
    ['/v1/messages/count_tokens', 'count-tokens'],
    ['/messages/count_tokens?beta=true', 'count-tokens'],
    ['/v1/v1/messages/count_tokens', 'count-tokens'],
    ['/anthropic/v1/messages/count_tokens', 'count-tokens'],
    ['/v1/responses', 'responses'],
    ['/responses', 'responses'],
    ['/openai/v1/responses', 'responses'],
    ['/v1/responses/responses', 'responses'],
    ['/v1/embeddings', 'embeddings'],
    ['/embeddings/', 'embeddings'],
    ['/openai/embeddings', 'embeddings'],
    ['/v1/completions', 'completions'],
    ['/openai/v1/completions', 'completions'],
    ['/v1/moderations', 'moderations'],
    ['/v1/images/generations', 'images'],
  ])('%s is %s', async (path, endpoint) => {
    const response = await ask(path, { ...bodies[endpoint], model: models[endpoint] });
    expect({ status: response.status, upstream: await upstreamPath() }).toEqual({
      status: 200,
      upstream: upstreamPaths[endpoint],
    });
  });

  it.each<[string, Endpoint, string, string]>([
    ['/anthropic/v1/messages', 'messages', 'claude-sonnet-4-5', 'anthropic/v1/messages'],
    ['/openai/v1/responses', 'responses', 'gpt-5.1', 'openai/responses'],
    [
      `/v1/${account}/gw/google-ai-studio/chat/completions`,
      'chat',
      'gemini-3-pro',
      'google-ai-studio/v1beta/openai/chat/completions',
    ],
    ['/google/v1/chat/completions', 'chat', 'gemini-3-pro', 'google-ai-studio/v1beta/openai/chat/completions'],
    ['/xai/v1/chat/completions', 'chat', 'grok-4', 'grok/v1/chat/completions'],
    ['/custom-local/v1/chat/completions', 'chat', 'mine', 'custom-local/v1/chat/completions'],
    ['/openai/chat/completions', 'chat', 'anthropic/claude-sonnet-4-5', 'anthropic/v1/messages'],
  ])('a provider in %s is the prefix of a bare model (%s, %s)', async (path, endpoint, model, upstream) => {
    await ask(path, { ...bodies[endpoint], model });
    expect(await upstreamPath()).toBe(upstream);
  });
});

describe('a path that is none', () => {
  it.each([
    ['/v1/chat', 'POST /v1/chat/completions'],
    ['/v1/completion', 'POST /v1/completions'],
    ['/v1/message', 'POST /v1/messages'],
    ['/v1/response', 'POST /v1/responses'],
    ['/v1/embedding', 'POST /v1/embeddings'],
    ['/admin/chat/completions', 'POST /v1/chat/completions'],
    ['/v1/files', undefined],
    ['/v1beta/models/gemini:generateContent', undefined],
    ['/favicon.ico', undefined],
  ])('%s is a 404 that names the nearest', async (path, nearest) => {
    const response = await ask(path, {});
    const expected = nearest === undefined ? /GET \/v1\/models/ : new RegExp(`Did you mean ${nearest}\\?`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringMatching(expected) as string,
        type: 'invalid_request_error',
        param: null,
        code: 'unknown_url',
      },
    });
  });

  it('is told in Anthropic’s dialect to who speaks it', async () => {
    const response = await ask('/v1/nothing', {}, { headers: { 'anthropic-version': '2023-06-01' } });
    expect(await response.json()).toEqual({
      type: 'error',
      error: { type: 'not_found_error', message: expect.stringContaining('POST /v1/nothing') as string },
      request_id: response.headers.get('request-id'),
    });
  });

  it.each([
    '/v1/chat%2fcompletions',
    '/%76%31/chat;x/completions',
    '/v1/../admin',
    '/v1/chat/completions;x',
    '/v1/chat/completions%00',
  ])('%s never reaches a target', async (path) => {
    const response = await ask(path, { ...bodies.chat, model: models.chat });
    expect(response.status).toBe(404);
    expect(await recordedRequests()).toEqual([]);
  });
});

describe('methods', () => {
  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    '%s on an endpoint is a 405 that allows POST',
    async (method) => {
      const { response } = await visit('/v1/chat/completions', { method, headers: withKey });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      expect(await response.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
    },
  );

  it.each(['/v1/models', '/v1/models/x', '/healthz', '/'])(
    'POST on %s is a 405 that allows GET and HEAD',
    async (path) => {
      const response = await ask(path, {});
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    },
  );

  it.each(['X-HTTP-Method-Override', '_method'])('%s changes nothing (T21)', async (name) => {
    const { response } = await visit('/v1/chat/completions', { headers: { ...withKey, [name]: 'POST' } });
    expect(response.status).toBe(405);
  });

  it('a WebSocket upgrade is a 426 that sends the client back to HTTP', async () => {
    const headers = { ...withKey, upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13' };
    const { response } = await visit('/v1/responses', { headers });
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'HTTP/1.1']);
    expect(await response.json()).toMatchObject({ error: { code: 'websocket_not_supported' } });
  });
});

describe('what is open to everyone', () => {
  it.each([
    ['GET', '/', '{"status":"ok"}'],
    ['HEAD', '/', ''],
    ['HEAD', '/api/hello', ''],
    ['GET', '/healthz', '{"status":"ok"}'],
  ])('%s %s says nothing but that it lives', async (method, path, text) => {
    const { response } = await visit(path, { method });
    expect([response.status, await response.text()]).toEqual([200, text]);
  });

  it('is in no header either', async () => {
    const { response } = await visit('/healthz');
    expect([...response.headers.keys()]).toEqual([
      'cache-control',
      'content-type',
      'request-id',
      'x-content-type-options',
      'x-request-id',
    ]);
  });
});

describe('both id headers', () => {
  it.each([
    ['/healthz', {}],
    ['/v1/nothing', withKey],
    ['/v1/models', {}],
    ['/v1/models', withKey],
    ['/v1/chat/completions', withKey],
  ])('are on the answer to GET %s with %j', async (path, headers) => {
    const { response } = await visit(path, { headers });
    const id = response.headers.get('x-request-id');
    expect(id).toMatch(/^req_[0-9a-f]{32}$/);
    expect(response.headers.get('request-id')).toBe(id);
  });

  it.each([
    ['my-id_1', 'my-id_1'],
    ['a'.repeat(64), 'a'.repeat(64)],
  ])('take over a plain id of the caller’s: %s', async (id, expected) => {
    const { response } = await visit('/healthz', { headers: { 'x-request-id': id } });
    expect(response.headers.get('request-id')).toBe(expected);
  });

  it.each(['../../x', '{"fake":"log"}', 'a b', 'a'.repeat(65), ''])('replace %s (T22)', async (id) => {
    const { response } = await visit('/healthz', { headers: { 'x-request-id': id } });
    expect(response.headers.get('request-id')).toMatch(/^req_[0-9a-f]{32}$/);
  });
});

describe('the router’s own key in a query', () => {
  it.each(['key', 'api_key', 'access_token'])('as ?%s= opens nothing (T32)', async (name) => {
    const { response } = await visit(`/v1/models?${name}=${routerKey}`);
    expect(response.status).toBe(401);
  });

  it('and a model there are not forwarded', async () => {
    await ask(`/v1/chat/completions?key=${routerKey}&model=other`, { ...bodies.chat, model: models.chat });
    expect((await recordedRequests()).map(({ url, model }) => [new URL(url).search, model])).toEqual([['', 'gpt-5.1']]);
  });
});

describe('CORS', () => {
  it.each(['GET', 'OPTIONS'])('is off for %s where no policy names an origin (T69)', async (method) => {
    const headers = { ...withKey, origin: 'https://app.example', 'access-control-request-method': 'POST' };
    const { response } = await visit('/v1/models', { method, headers });
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});
