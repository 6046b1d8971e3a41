import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catchConsole } from './canaries.ts';
import { routerEnv, visit, withKey } from './router.ts';

const origin = 'https://app.example';

beforeAll(async () => {
  await routerEnv.POLICY.put('defaults', JSON.stringify({ corsOrigins: [origin] }));
});
beforeEach(() => {
  catchConsole();
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
