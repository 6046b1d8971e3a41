import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole, type CaughtConsole } from './canaries.ts';
import { ask, putRoute, routerEnv, settled } from './router.ts';

let console: CaughtConsole;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});
afterEach(settled);

const target = { model: 'openai/gpt-5.1', credentials: 'stored' };
let names = 0;

/** Puts a text into KV as a route and asks for it. */
async function askRaw(text: string): Promise<Response> {
  names += 1;
  await routerEnv.POLICY.put(`route:raw-${names}`, text);
  return ask('/v1/chat/completions', { ...bodies.chat, model: `raw-${names}` });
}

describe('a route that cannot be used (F27, T91, T92)', () => {
  it.each([
    ['cut short', '{"targets":[{"model":"openai/gpt-5.1"', /is not valid JSON/],
    ['empty', '', /is not valid JSON/],
    ['no object', '[]', /expected object/],
    ['null', 'null', /expected object/],
    ['without targets', '{}', /targets/],
    ['with no target', '{"targets":[]}', /targets/],
    ['with an unknown key', JSON.stringify({ targets: [target], target }), /target/],
    ['with an own __proto__', '{"__proto__":{"targets":[]},"targets":[]}', /targets|__proto__/],
    ['with seven targets', JSON.stringify({ targets: Array.from({ length: 7 }, () => target) }), /targets/],
    ['with a million targets', JSON.stringify({ targets: Array.from({ length: 100_000 }, () => target) }), /targets/],
    ['that leads to a route', JSON.stringify({ targets: [{ ...target, model: 'raw-1' }] }), /no direct model name/],
    ['that names a host (T89)', JSON.stringify({ targets: [{ ...target, url: 'http://169.254.169.254' }] }), /url/],
    [
      'with a host for a gateway (T89)',
      JSON.stringify({ targets: [target], gateway: { id: 'evil.example/x' } }),
      /gateway.id/,
    ],
    [
      'with a provider nobody knows',
      JSON.stringify({ targets: [{ ...target, model: '__proto__/x' }] }),
      /no direct model name/,
    ],
    [
      'with a climbing model',
      JSON.stringify({ targets: [{ ...target, model: 'openai/../x' }] }),
      /no direct model name/,
    ],
    [
      'with a source that does not fit',
      JSON.stringify({ targets: [{ ...target, credentials: 'binding' }] }),
      /does not fit/,
    ],
    ['with no source', JSON.stringify({ targets: [{ model: target.model }] }), /credentials/],
    ['with a clock of 0', JSON.stringify({ targets: [{ ...target, totalMs: 0 }] }), /totalMs/],
    ['with a clock of -1', JSON.stringify({ targets: [{ ...target, idleMs: -1 }] }), /idleMs/],
    ['with a clock of 1e12', JSON.stringify({ targets: [{ ...target, firstByteMs: 1e12 }] }), /firstByteMs/],
    ['with a negative weight', JSON.stringify({ targets: [{ ...target, weight: -1 }] }), /weight/],
    ['with attempts without end', JSON.stringify({ targets: [target], gateway: { maxAttempts: 1e9 } }), /maxAttempts/],
    [
      'with six entries of metadata',
      JSON.stringify({ targets: [target], gateway: { metadata: { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 } } }),
      /five/,
    ],
    [
      'with a line break in a cache key',
      JSON.stringify({ targets: [target], gateway: { cacheKey: 'a\r\nb: c' } }),
      /cacheKey/,
    ],
  ])('is a 503 that says what is wrong: %s', async (_what, text, says) => {
    const response = await askRaw(text);
    const { error } = await response.json<{ error: { code: string; message: string } }>();
    expect([response.status, error.code]).toEqual([503, 'broken_policy']);
    expect(error.message).toMatch(says);
    expect(await recordedRequests()).toEqual([]);
  });

  it('does not open a direct name of the same spelling', async () => {
    await routerEnv.POLICY.put('route:openai/gpt-5.9', '{');
    expect((await ask('/v1/chat/completions', { ...bodies.chat, model: 'openai/gpt-5.9' })).status).toBe(503);
    expect(await recordedRequests()).toEqual([]);
  });

  it('is logged once, not with every request', async () => {
    await routerEnv.POLICY.put('route:broken', '{');
    for (let round = 0; round < 3; round += 1) await ask('/v1/chat/completions', { ...bodies.chat, model: 'broken' });
    await settled();
    const alerts = console.lines().filter((line) => (line as { event: string }).event === 'policy-broken');
    expect(alerts).toEqual([{ event: 'policy-broken', key: 'route:broken', fault: 'is not valid JSON' }]);
  });
});

describe('KV that fails', () => {
  const failing = {
    get: async (): Promise<never> => {
      throw new Error('KV GET failed: 500');
    },
    list: async (): Promise<never> => {
      throw new Error('KV LIST failed: 500');
    },
  };
  const env = { POLICY: failing };

  it('does not keep a route from being served that is remembered (F25)', async () => {
    const model = await putRoute({ targets: [target] });
    await ask('/v1/chat/completions', { ...bodies.chat, model: target.model });
    await ask('/v1/chat/completions', { ...bodies.chat, model });
    const response = await ask('/v1/chat/completions', { ...bodies.chat, model }, { env });
    expect([response.status, response.headers.get('x-router-route')]).toEqual([200, model]);
  });

  it.each(['never-asked', 'openai/never-asked', '@cf/never/asked'])(
    'fails closed for %s, which nobody remembers (F26)',
    async (model) => {
      const response = await ask('/v1/chat/completions', { ...bodies.chat, model }, { env });
      expect([response.status, response.headers.get('retry-after'), response.headers.get('x-should-retry')]).toEqual([
        503,
        '5',
        'true',
      ]);
      expect(await recordedRequests()).toEqual([]);
    },
  );

  it('without an end is given a second', async () => {
    const hanging = { get: (): Promise<never> => new Promise(() => undefined) };
    const response = await ask('/v1/chat/completions', { ...bodies.chat, model: 'slow' }, { env: { POLICY: hanging } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('is no reason to let a caller in without a key', async () => {
    const headers = { authorization: 'Bearer sk-wrong' };
    expect((await ask('/v1/chat/completions', { ...bodies.chat, model: 'x' }, { env, headers })).status).toBe(401);
  });

  it('is told for the list of models too', async () => {
    const response = await ask('/v1/models', undefined, { env });
    expect([response.status, response.headers.get('content-type')]).toEqual([503, 'application/json']);
  });
});

const routed = async (gateway: object, more: object = {}): Promise<string> =>
  putRoute({ targets: [target], gateway, ...more });

async function cacheHeaders(): Promise<unknown[]> {
  const records = await recordedRequests();
  return records.map(({ headers }) => {
    const sent = new Map(headers);
    return [sent.get('cf-aig-skip-cache'), sent.get('cf-aig-cache-ttl'), sent.get('cf-aig-cache-key')];
  });
}

describe('the gateway’s cache', () => {
  it('is skipped where the policy does not ask for it (T71)', async () => {
    await ask('/v1/chat/completions', { ...bodies.chat, model: target.model });
    expect(await cacheHeaders()).toEqual([['true', undefined, undefined]]);
  });

  it('answers again without a target, and is told (F37)', async () => {
    const model = await routed({ cacheTtlSeconds: 60 });
    const statuses = [];
    for (let round = 0; round < 2; round += 1) {
      const response = await ask('/v1/chat/completions', { ...bodies.chat, model });
      statuses.push([response.status, response.headers.get('cf-aig-cache-status')]);
    }
    expect(statuses).toEqual([
      [200, 'MISS'],
      [200, 'HIT'],
    ]);
  });

  it('has a key of the router’s own, by caller, route, target and body (T71, T73)', async () => {
    const one = await routed({ cacheTtlSeconds: 60 }, { allow: ['cf-aig-cache-key'] });
    const two = await routed({ cacheTtlSeconds: 60 });
    await ask('/v1/chat/completions', { ...bodies.chat, model: one });
    await ask('/v1/chat/completions', { ...bodies.chat, model: two });
    await ask('/v1/chat/completions', { messages: [{ role: 'user', content: 'other' }], model: one });
    await ask('/v1/chat/completions', { ...bodies.chat, model: one }, { headers: { 'cf-aig-cache-key': 'shared' } });
    await ask('/v1/chat/completions', { ...bodies.chat, model: one });
    const keys = (await recordedRequests()).map(({ headers }) => new Map(headers).get('cf-aig-cache-key'));
    expect(keys.filter((key) => !/^router-[0-9a-f]{64}$/.test(key ?? ''))).toEqual([]);
    expect(new Set(keys).size).toBe(4);
    expect(keys[4]).toBe(keys[0]);
  });

  it('says nothing of itself where its key is not by caller (T72)', async () => {
    const headers = { 'cf-aig-cache-key': 'shared', 'cf-aig-cache-ttl': '60' };
    const response = await ask('/v1/chat/completions', { ...bodies.chat, model: target.model }, { headers });
    expect(response.headers.get('cf-aig-cache-status')).toBeNull();
    expect(await cacheHeaders()).toEqual([['true', undefined, undefined]]);
  });
});

it('serves by the last good value of a route that broke, and says so in a header', async () => {
  const model = await putRoute({ targets: [target] });
  const asked = { ...bodies.chat, model };
  expect((await ask('/v1/chat/completions', asked)).headers.get('x-router-policy')).toBeNull();
  await routerEnv.POLICY.put(`route:${model}`, '{"targets":');
  vi.setSystemTime(Date.now() + 31_000);
  const response = await ask('/v1/chat/completions', asked);
  vi.useRealTimers();
  expect(response.status).toBe(200);
  expect(response.headers.get('x-router-policy')).toBe(`last good value in force for route:${model}`);
});
