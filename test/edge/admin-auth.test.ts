import { beforeEach, describe, expect, it } from 'vitest';
import { adminRoutes } from '../../src/edge/admin-routes.ts';
import { routerKey } from '../../src/local/keys.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { adminKey, administer, callAdmin, newName } from './admin-rig.ts';
import { catchConsole, type CaughtConsole } from './canaries.ts';
import { putRoute, visit } from './router.ts';

let caught: CaughtConsole;
beforeEach(() => {
  caught = catchConsole();
});

const env = { ADMIN_KEY: adminKey };

/** A virtual key, live unless said otherwise. */
async function makeKey(change?: object): Promise<string> {
  const name = newName();
  await administer('POST', '/admin/callers', { name, policy: {} });
  const { body } = await administer('POST', `/admin/callers/${name}/keys`);
  const { key, id } = body as { key: string; id: string };
  await administer('PATCH', `/admin/callers/${name}/keys/${id}`, change ?? {});
  return key;
}

const ways: readonly [string, () => Promise<Record<string, string>>][] = [
  ['no key', async () => ({})],
  ['an empty key', async () => ({ authorization: 'Bearer ' })],
  ['a wrong key', async () => ({ authorization: 'Bearer sk-wrong' })],
  ['the word undefined', async () => ({ authorization: 'Bearer undefined' })],
  ['the router’s key', async () => ({ authorization: `Bearer ${routerKey}` })],
  ['a live virtual key', async () => ({ authorization: `Bearer ${await makeKey()}` })],
  ['a disabled virtual key', async () => ({ 'x-api-key': await makeKey({ disabled: true }) })],
  ['an expired virtual key', async () => ({ 'x-api-key': await makeKey({ expiresAt: '2020-01-01T00:00:00Z' }) })],
  ['the admin key cut short', async () => ({ authorization: `Bearer ${adminKey.slice(0, -1)}` })],
  ['the admin key and one character', async () => ({ authorization: `Bearer ${adminKey}0` })],
  ['the admin key as a cookie', async () => ({ cookie: `key=${adminKey}` })],
  ['the admin key by Basic', async () => ({ authorization: `Basic ${btoa(`:${adminKey}`)}` })],
];

/** Every endpoint, and paths that are none: nobody learns without the key which is which. */
const places = [
  ...adminRoutes.map(({ method, path }) => [method, path.replaceAll(/\{\w+\}/g, 'any')] as const),
  ['GET', '/admin'] as const,
  ['GET', '/admin/'] as const,
  ['POST', '/admin/nothing'] as const,
  ['PATCH', '/admin/usage'] as const,
  ['GET', '/admin/v1/models'] as const,
  ['POST', '//admin/callers'] as const,
];

describe('the admin plane', () => {
  it.each(ways)('is shut to %s, on every path', async (_, headersOf) => {
    const headers = await headersOf();
    const shut = await Promise.all(
      places.map(async ([method, path]) => {
        const { response } = await visit(path, { method, headers, env });
        const { error } = await response.json<{ error: { code: string } }>();
        return [method, path, response.status, error.code];
      }),
    );
    expect(shut).toEqual(places.map(([method, path]) => [method, path, 401, 'invalid_api_key']));
  });

  it('reads no body of a stranger', async () => {
    const { response } = await visit('/admin/callers', { method: 'POST', body: 'no JSON', env });
    expect(response.status).toBe(401);
  });

  it.each(['authorization', 'x-api-key', 'api-key'])('opens by %s', async (name) => {
    const { response } = await visit('/admin/callers', { headers: { [name]: adminKey }, env });
    expect(response.status).toBe(200);
  });

  it.each([undefined, ''])(
    'is not there where ADMIN_KEY is %j: the same answer as on any unknown path',
    async (unset) => {
      const answers = await Promise.all(
        ['/adminx', ...places.map(([, path]) => path), '/openapi.json', '/docs'].map(async (path) => {
          const headers = { authorization: `Bearer ${adminKey}` };
          const { response } = await visit(path, { headers, env: { ADMIN_KEY: unset } });
          const { error } = await response.json<{ error: { code: string; message: string } }>();
          return { path, status: response.status, code: error.code, says: error.message.slice(0, 20) };
        }),
      );
      expect(new Set(answers.map(({ status, code, says }) => `${status} ${code} ${says}`))).toEqual(
        new Set(['404 unknown_url Unknown request URL:']),
      );
    },
  );

  it('opens to nobody where ADMIN_KEY is ROUTER_KEY', async () => {
    const headers = { authorization: `Bearer ${routerKey}` };
    const { response } = await visit('/admin/callers', { headers, env: { ADMIN_KEY: routerKey } });
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('are the same')]);
  });

  it('has no CORS, whatever origins the policy names', async () => {
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
    const { response } = await visit('/admin/callers', { method: 'OPTIONS', headers, env });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([401, null]);
  });

  it('answers in OpenAI’s shape, whatever the client speaks', async () => {
    const { response } = await visit('/admin/callers', { headers: { 'anthropic-version': '2023-06-01' }, env });
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringContaining('ADMIN_KEY') as string,
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
  });

  it('tells the operator who was refused, and no key', async () => {
    await visit('/admin/callers', { headers: { authorization: 'Bearer sk-wrong-0123456789' }, env });
    expect(caught.lines()).toEqual([{ event: 'admin-refused', requestId: expect.any(String) as string }]);
  });
});

describe('the admin key', () => {
  it.each(['/v1/chat/completions', '/explain/v1/chat/completions'])(
    'opens nothing of the callers’: %s',
    async (path) => {
      const response = await callAdmin(path, { body: { ...bodies.chat, model: '@cf/zai-org/glm-4.7-flash' } });
      expect(response.status).toBe(401);
    },
  );

  it('is nobody’s provider key: it goes nowhere', async () => {
    const model = await putRoute({ targets: [{ model: 'openai/gpt-5.1', credentials: 'caller' }] });
    await clearRequests();
    const headers = { 'cf-aig-authorization': `Bearer ${routerKey}`, authorization: `Bearer ${adminKey}` };
    const { response } = await visit('/v1/chat/completions', { headers, body: { ...bodies.chat, model }, env });
    expect([response.status, await recordedRequests()]).toEqual([400, []]);
  });

  it('does not list the models', async () => {
    expect((await callAdmin('/v1/models')).status).toBe(401);
  });
});
