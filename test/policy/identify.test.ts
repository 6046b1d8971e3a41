import { beforeAll, describe, expect, it } from 'vitest';
import { usualRules } from '../../src/core/limits.ts';
import { readKeys } from '../../src/policy/callers.ts';
import { findCaller, identifyCaller, providerKeyOf } from '../../src/policy/identify.ts';
import { digestOf, newKey } from '../../src/policy/keys.ts';
import { openPolicyStore, type PolicyMemo } from '../../src/policy/store.ts';
import { rejectionOf } from '../support/failure.ts';
import { mapSource } from '../support/ports.ts';
import { manualTimer } from '../support/timer.ts';
import { fakeIssuers, github, makeSigner, nowMs, type Signer } from './tokens.ts';

const routerKey = 'rk-0123456789abcdef';
const key = newKey((count) => new Uint8Array(count).fill(7));
const record = { caller: 'billing', slot: 1, createdAt: '2026-11-01T00:00:00Z' };
const oidc = [
  { issuer: github, audience: 'ai-edge-router', algorithms: ['RS256'], claims: { repository: 'acme/*' }, caller: 'ci' },
];

let signer: Signer;
let id: string;
beforeAll(async () => {
  signer = await makeSigner('RS256', 'k1');
  id = await digestOf(key);
});

/** A router over values in KV, with every read and warning kept. */
function gatehouse(values: Readonly<Record<string, unknown>> = {}) {
  const texts = new Map(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
  const reads: string[] = [];
  const warnings: Record<string, string>[] = [];
  const timer = manualTimer(nowMs);
  const memo: PolicyMemo = new Map();
  const source = mapSource(texts);
  const policy = openPolicyStore({
    source: {
      list: (prefix) => source.list(prefix),
      get: (name) => {
        reads.push(name);
        return source.get(name);
      },
    },
    memo,
    timer,
    warn: (fields) => warnings.push(fields),
  });
  const issuers = fakeIssuers([signer]);
  const world = () => ({
    routerKey,
    policy,
    issuers: issuers.keys,
    nowMs: timer.now(),
    warn: (fields: Record<string, string>) => warnings.push(fields),
  });
  return {
    texts,
    reads,
    warnings,
    timer,
    memo,
    issuers,
    world,
    policy,
    identify: (headers: Record<string, string>) => identifyCaller(readKeys(new Headers(headers)), world()),
    identifyKey: (text: string) => identifyCaller({ routerKey: text, callerKey: undefined }, world()),
  };
}

const stored = (changes: object = {}) => ({ 'caller:billing': {}, [`key:${id}`]: { ...record, ...changes } });
const billing = { name: 'billing', kind: 'key' };
const wrongKey = { kind: 'wrong-key', shown: 'sk-***Fy' };

describe('the bootstrap secret', () => {
  it('opens the router without a look at KV', async () => {
    const router = gatehouse();
    await expect(router.identifyKey(routerKey)).resolves.toEqual({ name: 'router', kind: 'bootstrap' });
    expect([router.reads, router.warnings]).toEqual([[], []]);
  });

  it('may have the form of a virtual key', async () => {
    const router = gatehouse();
    const identifying = identifyCaller({ routerKey: key, callerKey: undefined }, { ...router.world(), routerKey: key });
    await expect(identifying).resolves.toEqual({ name: 'router', kind: 'bootstrap' });
  });

  it.each([[undefined], ['']])('as %j closes the router to everyone', async (secret) => {
    const router = gatehouse({ ...stored(), 'caller:ci': {}, oidc });
    const failure = { kind: 'not-configured', binding: 'ROUTER_KEY' };
    for (const text of [undefined, '', 'undefined', key, await signer.sign()]) {
      const identifying = identifyCaller(
        { routerKey: text, callerKey: undefined },
        { ...router.world(), routerKey: secret },
      );
      await expect(rejectionOf(identifying)).resolves.toEqual(failure);
    }
    expect(router.reads).toEqual([]);
  });

  it('never matches two joined lines, even where the secret itself is written so (T4)', async () => {
    const joined = 'one, two';
    const gate = { ...gatehouse().world(), routerKey: joined };
    const identifying = identifyCaller({ routerKey: joined, callerKey: undefined }, gate);
    await expect(rejectionOf(identifying)).resolves.toEqual({ kind: 'wrong-key', shown: '***' });
  });

  it('is asked for where nothing came', async () => {
    await expect(rejectionOf(gatehouse().identify({}))).resolves.toEqual({ kind: 'no-key' });
  });
});

describe('a virtual key', () => {
  it('is its caller, with everything that the policy grants', async () => {
    const router = gatehouse({
      ...stored({ expiresAt: '2026-11-20T12:00:01Z', label: 'laptop' }),
      'caller:billing': {
        description: 'The billing service',
        group: 'finance',
        models: ['@cf/*'],
        routes: ['chat'],
        sources: ['binding', 'unified'],
        limits: { requestsPerMinute: 60, usdPerDay: 2.5 },
        routeLimits: { chat: { concurrent: 2 } },
        unknownPrice: 'allow',
        tags: { team: 'finance' },
      },
    });
    await expect(router.identifyKey(key)).resolves.toEqual({
      name: 'billing',
      kind: 'key',
      group: 'finance',
      models: ['@cf/*'],
      routes: ['chat'],
      sources: ['binding', 'unified'],
      limits: { requestsPerMinute: 60, usdPerDay: 2.5 },
      routeLimits: new Map([['chat', { concurrent: 2 }]]),
      rules: { ...usualRules, unknownPrice: 'allow' },
      tags: { team: 'finance' },
    });
    expect(router.reads).toEqual([`key:${id}`, 'caller:billing']);
  });

  it('is one of two that work at a time', async () => {
    const second = newKey((count) => new Uint8Array(count).fill(8));
    const router = gatehouse({ ...stored(), [`key:${await digestOf(second)}`]: { ...record, slot: 2 } });
    await expect(router.identifyKey(key)).resolves.toEqual(billing);
    await expect(router.identifyKey(second)).resolves.toEqual(billing);
  });

  // threats.md T59: the answer never tells which; the log does.
  it.each<[string, () => Record<string, unknown>, string]>([
    ['unknown', () => ({ 'caller:billing': {} }), 'is not known'],
    ['expired', () => stored({ expiresAt: '2026-11-20T12:00:00Z' }), 'is expired'],
    ['disabled', () => stored({ disabled: true }), 'is disabled'],
    ['disabled and expired', () => stored({ disabled: true, expiresAt: '2026-01-01T00:00:00Z' }), 'is disabled'],
    ['of a disabled caller', () => ({ ...stored(), 'caller:billing': { disabled: true } }), 'billing is disabled'],
    ['of a caller who is gone', () => ({ [`key:${id}`]: record }), 'billing does not exist'],
    ['of a caller named like an own property', () => stored({ caller: 'constructor' }), 'does not exist'],
  ])('that is %s is refused like any other', async (_what, values, reason) => {
    const router = gatehouse(values());
    await expect(rejectionOf(router.identifyKey(key))).resolves.toEqual(wrongKey);
    expect(router.warnings).toEqual([{ event: 'caller-refused', reason: expect.stringContaining(reason) as string }]);
    expect(JSON.stringify(router.warnings)).not.toContain(key);
  });

  it('expires while it is remembered (T64)', async () => {
    const router = gatehouse(stored({ expiresAt: '2026-11-20T12:00:05Z' }));
    await expect(router.identifyKey(key)).resolves.toEqual(billing);
    router.timer.advance(4_999);
    await expect(router.identifyKey(key)).resolves.toEqual(billing);
    router.timer.advance(1);
    await expect(rejectionOf(router.identifyKey(key))).resolves.toEqual(wrongKey);
    expect(router.reads).toEqual([`key:${id}`, 'caller:billing']);
  });

  it('that was revoked is refused at the next read of KV (T63)', async () => {
    const router = gatehouse(stored());
    await router.identifyKey(key);
    router.texts.delete(`key:${id}`);
    router.timer.advance(30_000);
    await expect(rejectionOf(router.identifyKey(key))).resolves.toEqual(wrongKey);
  });

  it('is remembered and looked up by its whole digest (T60, T61)', async () => {
    const router = gatehouse(stored());
    await router.identifyKey(key);
    expect([...router.memo.keys()]).toEqual([`key:${id}`, 'caller:billing']);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const alike = newKey((count) => new Uint8Array(count).fill(7).fill(9, 31));
    expect(alike.slice(0, 41)).toBe(key.slice(0, 41));
    await expect(rejectionOf(router.identifyKey(alike))).resolves.toMatchObject({ kind: 'wrong-key' });
  });

  it('that cannot be one costs no read of KV', async () => {
    const router = gatehouse(stored());
    const texts = [
      `${key}x`,
      `${key.slice(0, -1)}x`,
      key.toUpperCase(),
      `${key},`,
      `${key} `,
      'sk-router-',
      '__proto__',
    ];
    for (const text of [...texts, 'hasOwnProperty', 'x', 'k'.repeat(100_000), 'ключ-ключ-ключ', `Basic ${key}`])
      await expect(rejectionOf(router.identifyKey(text))).resolves.toMatchObject({ kind: 'wrong-key' });
    expect(router.reads).toEqual([]);
    expect(router.warnings.map(({ reason }) => reason).slice(0, 3)).toEqual([
      'is mistyped: the checksum does not fit',
      'is mistyped: the checksum does not fit',
      'is no key of this router',
    ]);
  });

  it('whose record cannot be used is a 503 that names it, also where it was good before', async () => {
    const router = gatehouse(stored());
    await router.identifyKey(key);
    router.texts.set('caller:billing', '{"disabled":"yes"}');
    router.timer.advance(30_000);
    await expect(rejectionOf(router.identifyKey(key))).resolves.toEqual({
      kind: 'broken-policy',
      name: 'caller:billing',
      message: 'disabled: Invalid input: expected boolean, received string',
    });
  });

  it.each<[string, () => Record<string, unknown>, string]>([
    ['the key’s record', () => stored({ slot: 3 }), `key:`],
    ['the key’s caller', () => stored({ caller: 'router' }), 'key:'],
    ['the caller’s record', () => ({ ...stored(), 'caller:billing': { modles: ['*'] } }), 'caller:billing'],
    ['a caller’s record that is a list', () => ({ ...stored(), 'caller:billing': [] }), 'caller:billing'],
  ])('is a 503 with %s broken', async (_what, values, name) => {
    await expect(rejectionOf(gatehouse(values()).identifyKey(key))).resolves.toMatchObject({
      kind: 'broken-policy',
      name: expect.stringMatching(`^${name}`) as string,
    });
  });
});

describe('a token', () => {
  const values = { oidc, 'caller:ci': { models: ['chat'] } };
  const ci = { name: 'ci', kind: 'oidc', models: ['chat'] };

  it.each(['authorization', 'x-api-key', 'api-key', 'cf-aig-authorization'])('in %s is its caller', async (header) => {
    const bearer = `Bearer ${await signer.sign()}`;
    await expect(gatehouse(values).identify({ [header]: bearer })).resolves.toEqual(ci);
  });

  it('of Cloudflare Access is its caller where no key came', async () => {
    const assertion = { 'cf-access-jwt-assertion': await signer.sign() };
    const router = gatehouse({ ...values, ...stored() });
    await expect(router.identify(assertion)).resolves.toEqual(ci);
    await expect(router.identify({ ...assertion, authorization: `Bearer ${key}` })).resolves.toEqual(billing);
    await expect(router.identify({ ...assertion, 'sec-fetch-site': 'same-origin' })).resolves.toEqual(ci);
  });

  it.each(['cross-site', 'same-site'])(
    'of Access that a %s page’s request brought counts for nothing',
    async (site) => {
      const headers = { 'cf-access-jwt-assertion': await signer.sign(), 'sec-fetch-site': site };
      await expect(rejectionOf(gatehouse(values).identify(headers))).resolves.toEqual({ kind: 'no-key' });
    },
  );

  it('of Access that no row lets in leaves a key to be asked for', async () => {
    const router = gatehouse({ ...values, ...stored() });
    const strange = await signer.sign({ iss: 'https://team.cloudflareaccess.com' });
    for (const assertion of [strange, key, routerKey, 'eyJ.x.y'])
      await expect(rejectionOf(router.identify({ 'cf-access-jwt-assertion': assertion }))).resolves.toEqual({
        kind: 'no-key',
      });
  });

  it.each<[string, object, object]>([
    ['of another repository', { repository: 'evil/app' }, values],
    ['that has expired', { exp: 1 }, values],
    ['for a caller who is gone', {}, { oidc }],
    ['for a disabled caller', {}, { oidc, 'caller:ci': { disabled: true } }],
    ['where no policy speaks of tokens', {}, { 'caller:ci': {} }],
  ])('%s is refused like any wrong key', async (_what, changes, kv) => {
    const router = gatehouse({ ...kv });
    const token = await signer.sign({ ...changes });
    const failure = { kind: 'wrong-key', shown: `eyJ***${token.slice(-2)}` };
    await expect(rejectionOf(router.identifyKey(token))).resolves.toEqual(failure);
    expect(router.warnings).toHaveLength(1);
  });

  it('is a 503 where the policy cannot be used', async () => {
    const router = gatehouse({ oidc: [{ ...oidc[0], claims: {} }], 'caller:ci': {}, ...stored() });
    await expect(rejectionOf(router.identifyKey(await signer.sign()))).resolves.toMatchObject({
      kind: 'broken-policy',
      name: 'oidc',
    });
    await expect(router.identifyKey(key)).resolves.toEqual(billing);
  });

  it('is a 503 while the issuer’s keys cannot be read', async () => {
    const router = gatehouse(values);
    router.issuers.pages.clear();
    await expect(rejectionOf(router.identifyKey(await signer.sign()))).resolves.toMatchObject({
      kind: 'broken-policy',
      name: 'oidc',
      passing: true,
    });
  });
});

describe('findCaller', () => {
  it('finds a caller who is known by other means', async () => {
    const { policy } = gatehouse({ 'caller:billing': { group: 'g' }, 'caller:off': { disabled: true } });
    const found = (name: string) => findCaller({ name, kind: 'binding' }, policy);
    await expect(found('billing')).resolves.toEqual({
      kind: 'caller',
      caller: { name: 'billing', kind: 'binding', group: 'g' },
    });
    await expect(found('off')).resolves.toEqual({ kind: 'refused', reason: 'the caller off is disabled' });
    await expect(found('nobody')).resolves.toEqual({ kind: 'missing', reason: 'the caller nobody does not exist' });
  });

  it.each(['', '__proto__', '../x', 'a b', 'router', 'x'.repeat(65)])('refuses the name %j unread', async (name) => {
    const router = gatehouse();
    const found = await findCaller({ name, kind: 'binding' }, router.policy);
    expect([found, router.reads]).toEqual([{ kind: 'refused', reason: 'is no name of a caller' }, []]);
  });
});

async function providerKeyIn(callerKey: string | undefined): Promise<string | undefined> {
  const { policy } = gatehouse({ oidc });
  return providerKeyOf({ routerKey: 'x', callerKey }, { routerKey, policy });
}

describe('providerKeyOf', () => {
  it.each([[undefined], ['sk-proj-0123456789'], ['eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA']])(
    'keeps %j',
    async (callerKey) => {
      await expect(providerKeyIn(callerKey)).resolves.toBe(callerKey);
    },
  );

  it('lets no credential of the router’s own through, known or not', async () => {
    const own = [routerKey, key, `${key}x`, await signer.sign(), await signer.sign({ aud: 'x', exp: 1 })];
    await expect(Promise.all(own.map(providerKeyIn))).resolves.toEqual(own.map(() => undefined));
  });

  it.each([`x, Bearer ${routerKey}`, `${routerKey}, x`, `x, ${key}, x`])(
    'lets no two header lines through, which arrive joined: %s',
    async (joined) => {
      await expect(providerKeyIn(joined)).resolves.toBeUndefined();
    },
  );
});
