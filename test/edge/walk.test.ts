import { beforeAll, describe, expect, it } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import { digestOf, newKey } from '../../src/policy/keys.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { routerEnv, visit, type Visit } from './router.ts';

/** Every way in that needs a key: the inference paths, the same explained, and the lists. */
const ways: readonly [path: string, body: object | undefined][] = [
  ...Object.entries(endpoints).flatMap(([endpoint, { path }]) => {
    const body = { ...bodies[endpoint as Endpoint], model: '@cf/zai-org/glm-4.7-flash' };
    return [
      [path, body],
      [`/explain${path}`, body],
    ] as [string, object][];
  }),
  ['/v1/models', undefined],
  ['/v1/models/@cf/zai-org/glm-4.7-flash', undefined],
  ['/v1/model/info', undefined],
];

const keys = {
  expired: newKey((count) => crypto.getRandomValues(new Uint8Array(count))),
  disabled: newKey((count) => crypto.getRandomValues(new Uint8Array(count))),
  unknown: newKey((count) => crypto.getRandomValues(new Uint8Array(count))),
};
const admin = 'sk-admin-of-the-walk';
const github = 'https://token.actions.githubusercontent.com';
const claims = {
  iss: github,
  aud: 'ai-edge-router',
  sub: 'repo:acme/shop:ref:refs/heads/main',
  repository: 'acme/shop',
  exp: 4_000_000_000,
  iat: 1_790_000_000,
};

/** A token whose signature nobody could have made. */
function token(more: object, header: object = { alg: 'RS256', kid: 'k1' }): string {
  const parts = [header, { ...claims, ...more }].map((part) => btoa(JSON.stringify(part)).replace(/=+$/, ''));
  return [...parts, 'c2lnbmF0dXJl'].join('.').replaceAll('+', '-').replaceAll('/', '_');
}

const refused: readonly [name: string, key: string | undefined][] = [
  ['no key', undefined],
  ['an unknown key', keys.unknown],
  ['an expired key', keys.expired],
  ['a disabled key', keys.disabled],
  ['the admin key', admin],
  ['a token of another issuer', token({ iss: 'https://evil.example' })],
  ['a token for another audience', token({ aud: 'somebody-else' })],
  ['a token of another repository', token({ repository: 'evil/shop' })],
  ['a token with alg: none', token({}, { alg: 'none', kid: 'k1' })],
];

async function put(key: string, value: unknown): Promise<void> {
  await routerEnv.POLICY.put(key, JSON.stringify(value));
}

beforeAll(async () => {
  const record = { caller: 'walker', slot: 1, createdAt: '2026-01-01T00:00:00Z' };
  await put('caller:walker', {});
  await put(`key:${await digestOf(keys.expired)}`, { ...record, expiresAt: '2026-01-02T00:00:00Z' });
  await put(`key:${await digestOf(keys.disabled)}`, { ...record, slot: 2, disabled: true });
  const row = { issuer: github, audience: claims.aud, algorithms: ['RS256'], caller: 'walker' };
  await put('oidc', [{ ...row, claims: { repository: 'acme/shop' } }]);
  await clearRequests();
});

describe.each(refused)('%s', (_name, key) => {
  it.each(ways)('opens nothing at %s', async (path, body) => {
    const options: Visit = { env: { ADMIN_KEY: admin }, ...(body !== undefined && { body }) };
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const { response } = await visit(path, { ...options, headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await recordedRequests()).toEqual([]);
  });
});
