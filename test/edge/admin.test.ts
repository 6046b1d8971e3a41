import { beforeEach, describe, expect, it } from 'vitest';
import { administer, callAdmin, newCaller, newKey, newName } from './admin-rig.ts';
import { catchConsole, type CaughtConsole } from './canaries.ts';
import { routerEnv } from './router.ts';

let caught: CaughtConsole;
beforeEach(() => {
  caught = catchConsole();
});

const day = new Date().toISOString().slice(0, 10);
const error = (code: string, message: RegExp) => ({
  error: expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as object,
});

/** A finished request in the caller's ledger. */
async function useSome(caller: string, requestId: string, model: string): Promise<void> {
  const usage = { input: 100, cachedRead: 10, cachedWrite: 0, output: 20, reasoning: 5 };
  const row = { requestId, route: 'fast', model, target: 'openai/gpt-5.1', outcome: 'complete', usage } as const;
  await routerEnv.LEDGER.getByName(caller).record([{ ...row, nanoUsd: 1_500_000_000 }]);
}

describe('callers', () => {
  it('are created, shown, changed, listed and deleted', async () => {
    const name = newName();
    const policy = { group: 'staff', limits: { requestsPerMinute: 5 } };
    const created = { name, policy, keys: [] };
    expect(await administer('POST', '/admin/callers', { name, policy })).toEqual({ status: 201, body: created });
    expect(await administer('GET', `/admin/callers/${name}`)).toEqual({ status: 200, body: created });
    const changed = { name, policy: { limits: { usdPerDay: 1 }, disabled: true }, keys: [] };
    const changes = { group: null, limits: { usdPerDay: 1 }, disabled: true };
    expect(await administer('PATCH', `/admin/callers/${name}`, changes)).toEqual({ status: 200, body: changed });
    const { body } = await administer('GET', '/admin/callers');
    expect(body).toMatchObject({ callers: expect.arrayContaining([changed]) as unknown[] });
    expect(await administer('DELETE', `/admin/callers/${name}`)).toEqual({ status: 200, body: { name, keys: 0 } });
    expect(await administer('GET', `/admin/callers/${name}`)).toEqual({
      status: 404,
      body: error('not_found', /^Cannot find the caller/),
    });
  });

  it('come in pages', async () => {
    const names = [await newCaller(), await newCaller()].toSorted();
    const before = names[0]?.slice(0, -1) ?? '';
    const first = await administer('GET', `/admin/callers?after=${before}&limit=1`);
    expect(first.body).toMatchObject({ callers: [expect.anything()], next: expect.any(String) as string });
  });

  it('are there once', async () => {
    const name = await newCaller();
    expect(await administer('POST', '/admin/callers', { name, policy: {} })).toEqual({
      status: 409,
      body: error('conflict', /there is one of that name/),
    });
  });

  it.each([
    ['POST', '/admin/callers', { name: 'router', policy: {} }, /holder of ROUTER_KEY/],
    ['POST', '/admin/callers', { name: 'a b', policy: {} }, /name: must be/],
    ['POST', '/admin/callers', { name: 'x' }, /policy/],
    ['POST', '/admin/callers', { name: 'x', policy: { limit: {} } }, /limit/],
    ['POST', '/admin/callers', { name: 'x', policy: {}, admin: true }, /admin/],
    ['POST', '/admin/callers', [], /not a JSON object/],
    ['PATCH', '/admin/callers/x', { limits: { usdPerDay: -1 } }, /limits\.usdPerDay/],
    ['PATCH', '/admin/callers/x', { rights: 'all' }, /rights/],
  ])('are refused with what is wrong: %s %s %j', async (method, path, body, message) => {
    expect(await administer(method, path, body)).toEqual({
      status: 400,
      body: error(Array.isArray(body) ? 'invalid_json' : 'invalid_input', message),
    });
  });

  it('leave a line in the log for each change, without what was changed', async () => {
    const name = await newCaller({ description: 'a secret plan' });
    await administer('GET', `/admin/callers/${name}`);
    await administer('DELETE', `/admin/callers/${name}`);
    const requestId = expect.any(String) as string;
    expect(caught.lines()).toEqual([
      { event: 'admin', requestId, operation: 'createCaller', on: '', outcome: 'done' },
      { event: 'admin', requestId, operation: 'deleteCaller', on: name, outcome: 'done' },
    ]);
  });
});

describe('keys', () => {
  it('are shown once', async () => {
    const name = await newCaller();
    const { key, ...rest } = await newKey(name, { label: 'laptop' });
    expect(key).toMatch(/^sk-router-/);
    expect(await administer('GET', `/admin/callers/${name}/keys`)).toEqual({ status: 200, body: { keys: [rest] } });
    expect(caught.text()).not.toContain(key);
  });

  it('rotate: a second beside the first, a third only in place of the older', async () => {
    const name = await newCaller();
    const rotate = `/admin/callers/${name}/keys/rotate`;
    expect((await administer('POST', rotate)).status).toBe(404);
    const first = await newKey(name);
    expect((await administer('POST', rotate)).status).toBe(201);
    expect((await administer('POST', rotate)).status).toBe(409);
    expect((await administer('POST', rotate, { replaceOldest: true })).status).toBe(201);
    const { body } = await administer('GET', `/admin/callers/${name}/keys`);
    const { keys } = body as { keys: { id: string }[] };
    expect([keys.length, keys.some(({ id }) => id === first.id)]).toEqual([2, false]);
  });

  it('are disabled, given an end, and deleted, by the beginning of their id', async () => {
    const name = await newCaller();
    const { id } = await newKey(name);
    const path = `/admin/callers/${name}/keys/${id.slice(0, 8)}`;
    const off = await administer('PATCH', path, { disabled: true });
    expect(off).toMatchObject({ status: 200, body: { id, disabled: true, state: 'disabled' } });
    const over = await administer('PATCH', path, { disabled: false, expiresAt: '2020-01-01T00:00:00Z' });
    expect(over).toMatchObject({ status: 200, body: { id, state: 'expired' } });
    expect(await administer('DELETE', path)).toMatchObject({ status: 200, body: { id } });
    expect(await administer('DELETE', path)).toMatchObject({ status: 404 });
  });

  it('of another caller are not found', async () => {
    const [mine, other] = [await newCaller(), await newCaller()];
    const { id } = await newKey(other);
    expect(await administer('DELETE', `/admin/callers/${mine}/keys/${id}`)).toMatchObject({ status: 404 });
  });
});

describe('usage', () => {
  it('is told by what was asked for', async () => {
    const name = await newCaller();
    await useSome(name, `${name}-1`, 'openai/gpt-5.1');
    await useSome(name, `${name}-2`, '@cf/zai-org/glm-4.7-flash');
    const counts = { requests: 1, errors: 0, unpriced: 0, nanoUsd: 1.5e9 };
    const tokens = { input: 100, cachedRead: 10, cachedWrite: 0, output: 20, reasoning: 5 };
    expect(await administer('GET', `/admin/usage?caller=${name}&from=${day}&to=${day}&by=route,model`)).toEqual({
      status: 200,
      body: {
        from: day,
        to: day,
        by: ['route', 'model'],
        lines: [
          { caller: name, route: 'fast', model: '@cf/zai-org/glm-4.7-flash', ...counts, ...tokens },
          { caller: name, route: 'fast', model: 'openai/gpt-5.1', ...counts, ...tokens },
        ],
      },
    });
  });

  it('is CSV where that is asked for', async () => {
    const name = await newCaller();
    await useSome(name, `${name}-1`, '=cmd(),x');
    await useSome(name, `${name}-2`, '@cf/zai-org/glm-4.7-flash');
    const response = await callAdmin(`/admin/usage?caller=${name}&by=model&format=csv`);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(await response.text()).toBe(
      [
        'caller,model,usd,requests,errors,unpriced,input,cachedRead,cachedWrite,output,reasoning',
        `${name},"'=cmd(),x",1.500000000,1,0,0,100,10,0,20,5`,
        `${name},@cf/zai-org/glm-4.7-flash,1.500000000,1,0,0,100,10,0,20,5`,
        '',
      ].join('\r\n'),
    );
  });

  it('of all callers names each of them, in pages', async () => {
    const name = await newCaller();
    await useSome(name, `${name}-1`, 'openai/gpt-5.1');
    const { body } = await administer('GET', '/admin/usage?by=caller');
    expect(body).toMatchObject({
      by: [],
      lines: expect.arrayContaining([expect.objectContaining({ caller: name, requests: 1 })]) as unknown[],
    });
    const page = await callAdmin('/admin/usage?limit=1&format=csv');
    expect(page.headers.get('x-router-next')).toMatch(/^admin-/);
  });

  it.each([
    ['from=2026-13-01', /from/],
    ['from=2026-02-30', /from/],
    ['from=2026-02-02&to=2026-02-01', /from must not be after to/],
    ['by=day,colour', /by/],
    ['by=day&by=model', /"by" twice/],
    ['format=xml', /format/],
    ['limit=0', /limit/],
    ['caller=a%20b', /caller/],
    ['team=x', /"team"/],
    ['__proto__=x', /__proto__/],
  ])('is refused with what is wrong: %s', async (query, message) => {
    expect(await administer('GET', `/admin/usage?${query}`)).toEqual({
      status: 400,
      body: error('invalid_input', message),
    });
  });

  it('is not told in part where a ledger does not answer', async () => {
    const broken = { getByName: () => ({ usage: () => Promise.reject(new Error('gone')) }) };
    const response = await callAdmin('/admin/usage?caller=anyone', { env: { LEDGER: broken } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await response.json()).toEqual(error('ledger_unavailable', /^Cannot tell the usage of "anyone"/));
  });
});

describe('limits', () => {
  it('are told as they stand, the caller’s own and those on routes', async () => {
    const limits = { requestsPerMinute: 5, usdPerDay: 2 };
    const name = await newCaller({ limits, routeLimits: { 'eu/chat': { concurrent: 3 } } });
    const { status, body } = await administer('GET', `/admin/callers/${name}/limits`);
    const resetSeconds = expect.any(Number) as number;
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        caller: name,
        limits: [
          { limit: 'requestsPerMinute', most: 5, left: 5, resetSeconds },
          { limit: 'usdPerDay', most: 2e9, left: 2e9, resetSeconds },
          { limit: 'concurrent', route: 'eu/chat', most: 3, left: 3, resetSeconds },
        ],
      },
    });
  });

  it('of a caller without any are none, and no ledger is asked', async () => {
    const name = await newCaller();
    const response = await callAdmin(`/admin/callers/${name}/limits`, { env: { LEDGER: undefined } });
    expect(await response.json()).toEqual({ caller: name, limits: [] });
  });
});

describe('routes', () => {
  const stored = { targets: [{ model: 'openai/gpt-5.1', credentials: 'stored' }] };
  const binding = { targets: [{ model: '@cf/zai-org/glm-4.7-flash', credentials: 'binding' }] };

  it('are written, shown, listed, deleted and brought back', async () => {
    const name = `eu/${newName()}`;
    const path = `/admin/routes/${encodeURIComponent(name)}`;
    expect(await administer('PUT', path, stored)).toEqual({
      status: 200,
      body: { name, policy: stored, change: 'created' },
    });
    expect(await administer('GET', path)).toEqual({ status: 200, body: { name, policy: stored } });
    const { body } = await administer('GET', '/admin/routes');
    expect(body).toMatchObject({ routes: expect.arrayContaining([{ name, policy: stored }]) as unknown[] });
    const gone = await administer('DELETE', path);
    const { version } = gone.body as { version: number };
    expect(gone).toEqual({ status: 200, body: { name, version: expect.any(Number) as number } });
    expect(await administer('GET', path)).toMatchObject({ status: 404 });
    const back = await administer('POST', `${path}/rollback`, { version });
    expect(back).toEqual({ status: 200, body: { name, policy: stored, version } });
    expect(await administer('GET', path)).toEqual({ status: 200, body: { name, policy: stored } });
  });

  it('have a history', async () => {
    const name = newName();
    await administer('PUT', `/admin/routes/${name}`, stored);
    await administer('PUT', `/admin/routes/${name}`, binding);
    const version = { version: expect.any(Number) as number, atIso: expect.any(String) as string, change: 'replaced' };
    expect(await administer('GET', `/admin/routes/${name}/history`)).toEqual({
      status: 200,
      body: { name, versions: [version] },
    });
  });

  it.each([
    [{ targets: [] }, /targets/],
    [{ targets: [{ model: 'openai/gpt-5.1', credentials: 'binding' }] }, /targets\[0\]\.credentials/],
    [{ targets: [{ model: 'openai/x', credentials: 'secret', secret: 'ADMIN_KEY' }] }, /targets\[0\]\.secret/],
    [{ ...stored, fallback: true }, /fallback/],
  ])('that the router could not use are refused (T90, T92): %j', async (policy, message) => {
    const name = newName();
    const refused = { status: 400, body: error('invalid_input', message) };
    expect(await administer('PUT', `/admin/routes/${name}`, policy)).toEqual(refused);
    expect(await routerEnv.POLICY.get(`route:${name}`)).toBeNull();
  });

  it.each(['..%2fx', '%2e%2e%2fcaller', 'a%20b', 'a'.repeat(200)])('have names that are names: %s', async (name) => {
    expect((await administer('PUT', `/admin/routes/${name}`, stored)).status).toBe(400);
  });
});

describe('a request that is none of the plane’s', () => {
  it.each([
    ['GET', '/admin', 404],
    ['GET', '/admin/callers/%ff', 404],
    ['GET', '/admin/callers//keys', 404],
    ['GET', '/admin/callers/', 404],
    ['DELETE', '/admin/callers/x/', 404],
    ['DELETE', '/admin/callers/x/keys/', 404],
    ['GET', '/admin/__proto__', 404],
    ['PUT', '/admin/callers', 405],
    ['DELETE', '/admin/callers/x/keys/rotate', 405],
  ])('%s %s is %i', async (method, path, status) => {
    expect(await administer(method, path)).toMatchObject({ status });
  });

  it('names the methods that there are', async () => {
    const response = await callAdmin('/admin/callers/x', { method: 'PUT', body: {} });
    expect(response.headers.get('allow')).toBe('GET, PATCH, DELETE');
  });

  it('with a body over 256 kB is refused', async () => {
    const response = await callAdmin('/admin/callers', { method: 'POST', body: ' '.repeat(262_145) });
    expect(response.status).toBe(413);
  });

  it.each(['{"name": "x"', 'null', '1'])('with the body %s is refused', async (body) => {
    expect((await callAdmin('/admin/callers', { method: 'POST', body })).status).toBe(400);
  });
});

it('KV that fails is a 503 to try again on', async () => {
  const broken = { list: () => Promise.reject(new Error('gone')), get: () => Promise.reject(new Error('gone')) };
  const response = await callAdmin('/admin/callers', { env: { POLICY: broken } });
  expect([response.status, response.headers.get('x-should-retry')]).toEqual([503, 'true']);
});
