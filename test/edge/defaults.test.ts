import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole } from './canaries.ts';
import { ask, putRoute, routerEnv, visit, withKey } from './router.ts';

const origin = 'https://app.example';

beforeAll(async () => {
  await routerEnv.POLICY.put(
    'defaults',
    JSON.stringify({ directNames: false, maxBodyBytes: 2048, corsOrigins: [origin] }),
  );
  await routerEnv.POLICY.put('patterns', JSON.stringify([{ match: 'gpt-*', model: 'openai/{model}' }]));
});
beforeEach(async () => {
  catchConsole();
  await clearRequests();
});

const target = { model: 'openai/gpt-5.1', credentials: 'stored' };

describe('where direct names are switched off', () => {
  it.each(['openai/gpt-5.1', '@cf/zai-org/glm-4.7-flash', 'dynamic/support', 'custom-local/x', 'gpt-5.1'])(
    '%s is refused (T35)',
    async (model) => {
      const response = await ask('/v1/chat/completions', { ...bodies.chat, model });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: { type: 'permission_error', code: 'model_not_allowed' } });
      expect(await recordedRequests()).toEqual([]);
    },
  );

  it('a route still answers', async () => {
    const model = await putRoute({ targets: [target] });
    expect((await ask('/v1/chat/completions', { ...bodies.chat, model })).status).toBe(200);
  });

  it('the list names routes alone', async () => {
    const list = await (await ask('/v1/models')).json<{ data: { id: string }[] }>();
    expect(list.data.filter(({ id }) => !id.startsWith('test-'))).toEqual([]);
  });
});

/** A body without a length, in pieces. */
function piecewise(text: string): ReadableStream {
  return new Blob([text]).stream();
}

describe('a body over the limit of the policy', () => {
  const fits = JSON.stringify({ ...bodies.chat, model: 'gpt-5.1', user: 'u'.repeat(1000) });
  const over = JSON.stringify({ ...bodies.chat, model: 'gpt-5.1', user: 'u'.repeat(3000) });
  const json = { 'content-type': 'application/json' };

  it.each([
    ['with its length (T44)', over, json],
    ['without a length (T45)', piecewise(over), json],
    ['with an understated length (T45)', piecewise(over), { ...json, 'content-length': '10' }],
    ['with an overstated length', piecewise(fits), { ...json, 'content-length': '999999999999' }],
  ])('is a 413 %s', async (_how, body, headers) => {
    const response = await ask('/v1/chat/completions', body, { headers });
    const { error } = await response.json<{ error: { message: string; code: string } }>();
    expect([response.status, error.code]).toEqual([413, 'request_too_large']);
    // litellm takes that phrase for a rate limit.
    expect(error.message).not.toContain('Request too large');
  });

  it('is a request_too_large to Anthropic’s clients', async () => {
    const response = await ask('/v1/messages', over, { headers: json });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'request_too_large' } });
  });

  it('is refused for the model and not for its size where it fits', async () => {
    expect((await ask('/v1/chat/completions', fits, { headers: json })).status).toBe(403);
  });
});

function corsOf({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'));
}

const exposed = {
  'access-control-allow-origin': origin,
  'access-control-expose-headers': 'x-request-id, request-id, retry-after, x-router-route, x-router-target',
  vary: 'origin',
};

describe('an origin that the policy names', () => {
  it.each([
    ['GET', '/v1/models', 200],
    ['GET', '/v1/nothing', 404],
    ['GET', '/v1/chat/completions', 405],
  ])('may read the answer to %s %s', async (method, path, status) => {
    const { response } = await visit(path, { method, headers: { ...withKey, origin } });
    expect([response.status, corsOf(response)]).toEqual([status, exposed]);
  });

  it('may read a refusal too', async () => {
    const { response } = await visit('/v1/models', { headers: { origin } });
    expect([response.status, corsOf(response)]).toEqual([401, exposed]);
  });

  it('gets its preflight answered without a key', async () => {
    const { response } = await visit('/v1/chat/completions', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type',
      },
    });
    expect([response.status, corsOf(response)]).toEqual([
      204,
      {
        ...exposed,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': '600',
      },
    ]);
  });
});

describe('any other origin (T69)', () => {
  it.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'https://app.example:444',
    'http://app.example',
    'null',
    '*',
    'https://app.example, https://evil.example',
  ])('%s is told nothing', async (other) => {
    const { response } = await visit('/v1/models', { headers: { ...withKey, origin: other } });
    expect([response.status, corsOf(response)]).toEqual([200, {}]);
  });

  it('is refused its preflight', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const { response } = await visit('/v1/chat/completions', { method: 'OPTIONS', headers });
    expect([response.status, corsOf(response)]).toEqual([405, {}]);
  });
});

it('without an origin there is no word of CORS', async () => {
  const { response } = await visit('/v1/models', { headers: withKey });
  expect(corsOf(response)).toEqual({});
});
