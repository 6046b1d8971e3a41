import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parseJson } from '../../src/core/json.ts';
import { Defaults, Patterns, RoutePolicy, SecretName } from '../../src/policy/schema.ts';
import { sayFaults } from '../../src/policy/store.ts';

const target = { model: 'openai/gpt-5.1', credentials: 'stored' };
const route = { targets: [target] };

/** What the schema says of a value; `''` where nothing is wrong. */
function faultsOf(schema: z.core.$ZodType, value: unknown): string {
  const { error } = z.safeParse(schema, value);
  return error === undefined ? '' : sayFaults(error);
}

describe('SecretName', () => {
  it.each(['OPENAI_API_KEY', 'OPENAI_API_KEY_TEAMA', 'X2_API_KEY_1', 'CLOUDFLARE_API_TOKEN'])('takes %s', (name) => {
    expect(SecretName.safeParse(name).success).toBe(true);
  });

  // threats.md T90: a policy never sends the router's own secrets to a provider.
  it.each([
    'ROUTER_KEY',
    'CF_AIG_TOKEN',
    'ADMIN_TOKEN',
    'CLOUDFLARE_API_TOKEN_2',
    'CF_API_TOKEN',
    'openai_api_key',
    '_API_KEY',
    'API_KEY',
    'OPENAI_API_KEY\n',
    'OPENAI_API_KEY_',
    '__proto__',
    'sk-proj-0123456789',
    '',
  ])('refuses %j', (name) => {
    expect(SecretName.safeParse(name).success).toBe(false);
  });

  it('does not repeat a key that was pasted in place of its name', () => {
    const pasted = { targets: [{ ...target, credentials: 'secret', secret: 'sk-proj-0123456789' }] };
    expect(faultsOf(RoutePolicy, pasted)).not.toContain('sk-proj');
  });
});

describe('RoutePolicy', () => {
  it.each([
    ['one target', route],
    [
      'every option',
      {
        description: 'x',
        targets: [
          { model: '@cf/meta/llama-3.1-8b-instruct', credentials: 'binding', carrier: 'binding', dialect: 'chat' },
          { model: 'openai/gpt-5.1', credentials: 'stored', byokAlias: 'team', dialect: 'responses' },
          {
            model: 'azure/res/dep',
            credentials: 'secret',
            secret: 'AZURE_API_KEY',
            options: { apiVersion: '2026-01' },
          },
        ],
        gateway: {
          id: 'my-gateway_1',
          cacheTtlSeconds: 60,
          skipCache: false,
          cacheKey: 'v1/key',
          collectLog: true,
          collectLogPayload: false,
          metadata: { team: 'a', size: 1, paid: true },
          customCost: {
            per_token_in: 0.1,
            per_token_out: 0,
            per_cache_read_token: 0,
            per_cache_write_token: 0,
            total_cost: 1,
          },
          requestTimeoutMs: 1,
          maxAttempts: 5,
          retryDelayMs: 60_000,
          backoff: 'linear',
          eventId: true,
          zdr: true,
        },
        allow: ['cf-aig-metadata', 'cf-aig-cache-ttl'],
        parameters: { defaults: { maxOutputTokens: 1, temperature: 2, topP: 0 }, caps: { maxOutputTokens: 1_000_000 } },
        losses: 'report',
      },
    ],
  ])('takes %s', (_what, value) => {
    expect(faultsOf(RoutePolicy, value)).toBe('');
  });

  // threats.md T89, T91, T92: an editor of policies must not get further than policies.
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an array', []],
    ['no targets', {}],
    ['an empty list of targets', { targets: [] }],
    ['seven targets', { targets: Array.from({ length: 7 }, () => target) }],
    ['a field that there is not', { ...route, retries: 3 }],
    ['__proto__', parseJson('{"targets":[{"model":"openai/x","credentials":"stored"}],"__proto__":{}}')],
    ['a host', { targets: [{ ...target, url: 'https://evil.example' }] }],
    ['a base URL', { targets: [{ ...target, baseUrl: 'http://169.254.169.254' }] }],
    ['headers', { targets: [{ ...target, headers: { 'x-api-key': 'x' } }] }],
    ['a model that climbs', { targets: [{ ...target, model: 'openai/../..' }] }],
    ['a model that is a URL', { targets: [{ ...target, model: 'https://evil.example/x' }] }],
    ['a route as a target', { targets: [{ ...target, model: 'support' }] }],
    ['a source that there is not', { targets: [{ ...target, credentials: 'none' }] }],
    ['a source that does not fit', { targets: [{ ...target, credentials: 'binding' }] }],
    ['a carrier that there is not', { targets: [{ ...target, carrier: 'http' }] }],
    ['an alias with a line break', { targets: [{ ...target, byokAlias: 'a\nb' }] }],
    ['a dialect that the target lacks', { targets: [{ ...target, dialect: 'messages' }] }],
    ['an API version that cuts the URL', { targets: [{ ...target, options: { apiVersion: '1&x=2' } }] }],
    ['a gateway id that climbs', { ...route, gateway: { id: '../x' } }],
    ['a gateway id with upper case', { ...route, gateway: { id: 'Main' } }],
    ['a cache time under a minute', { ...route, gateway: { cacheTtlSeconds: 59 } }],
    ['a cache time over a month', { ...route, gateway: { cacheTtlSeconds: 2_678_401 } }],
    ['a cache time that is not whole', { ...route, gateway: { cacheTtlSeconds: 60.5 } }],
    ['a cache key with a line break', { ...route, gateway: { cacheKey: 'a\r\nx: y' } }],
    ['a cache key that is not ASCII', { ...route, gateway: { cacheKey: 'é' } }],
    ['no attempts', { ...route, gateway: { maxAttempts: 0 } }],
    ['six attempts', { ...route, gateway: { maxAttempts: 6 } }],
    ['a billion attempts', { ...route, gateway: { maxAttempts: 1e9 } }],
    ['no time at all', { ...route, gateway: { requestTimeoutMs: 0 } }],
    ['time without end', { ...route, gateway: { requestTimeoutMs: 1e12 } }],
    ['a delay over a minute', { ...route, gateway: { retryDelayMs: 60_001 } }],
    ['a backoff that there is not', { ...route, gateway: { backoff: 'none' } }],
    ['six metadata entries', { ...route, gateway: { metadata: { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 } } }],
    ['null metadata', { ...route, gateway: { metadata: { a: null } } }],
    ['nested metadata', { ...route, gateway: { metadata: { a: {} } } }],
    ['metadata under cf.', { ...route, gateway: { metadata: { 'cf.user_id': 'x' } } }],
    ['metadata that is no number', { ...route, gateway: { metadata: { a: Number.NaN } } }],
    ['a negative price', { ...route, gateway: { customCost: { per_token_in: -1 } } }],
    ['an endless price', { ...route, gateway: { customCost: { per_token_in: Number.POSITIVE_INFINITY } } }],
    ['a price that there is not', { ...route, gateway: { customCost: { per_word: 1 } } }],
    ['an option of callers that there is not', { ...route, allow: ['cf-aig-authorization'] }],
    ['an option of callers that no policy can give', { ...route, allow: ['cf-aig-byok-alias'] }],
    ['a cap of nothing', { ...route, parameters: { caps: { maxOutputTokens: 0 } } }],
    ['a temperature that is not a number', { ...route, parameters: { defaults: { temperature: Number.NaN } } }],
    ['losses that are dropped', { ...route, losses: 'ignore' }],
  ])('refuses %s', (_what, value) => {
    expect(faultsOf(RoutePolicy, value)).not.toBe('');
  });

  it.each([
    [
      { targets: [{ ...target, credentials: 'secret' }] },
      'targets[0].secret: is needed with credentials "secret": the name of the Worker secret',
    ],
    [
      { targets: [target, { ...target, credentials: 'binding' }] },
      'targets[1].credentials: "binding" does not fit openai: use stored, unified, secret, caller',
    ],
    [
      { ...route, gateway: { metadata: { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 } } },
      'gateway.metadata: AI Gateway takes at most five entries',
    ],
  ])('says where the fault is, in plain words', (value, fault) => {
    expect(faultsOf(RoutePolicy, value)).toBe(fault);
  });

  it('refuses or takes any JSON without throwing, and takes again what it has taken', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({ targets: fc.array(fc.oneof(fc.constant(target), fc.jsonValue())) }, { requiredKeys: [] }),
    );
    fc.assert(
      fc.property(value, (json) => {
        const first = RoutePolicy.safeParse(json);
        const again = RoutePolicy.safeParse(first.data);
        expect(again.success).toBe(first.success);
        expect(again.data).toEqual(first.data);
      }),
    );
  });
});

describe('Patterns', () => {
  it.each([
    ['none', []],
    ['one', [{ match: 'claude-*', model: 'anthropic/{model}' }]],
    ['a route behind a name', [{ match: 'gpt-5.1', model: 'support' }]],
    ['Workers AI', [{ match: '*', model: '@cf/meta/llama-3.1-8b-instruct' }]],
  ])('takes %s', (_what, value) => {
    expect(faultsOf(Patterns, value)).toBe('');
  });

  it.each<[string, unknown]>([
    ['an object', {}],
    ['an empty match', [{ match: '', model: 'x' }]],
    ['a regular expression', [{ match: '(a+)+$', model: 'x' }]],
    ['a match with a space', [{ match: 'a b', model: 'x' }]],
    ['a model with $', [{ match: '*', model: '$&' }]],
    ['a model that is cut by ?', [{ match: '*', model: 'openai/x?y' }]],
    ['a field too many', [{ match: '*', model: 'x', priority: 1 }]],
    ['more than 200', Array.from({ length: 201 }, () => ({ match: '*', model: 'x' }))],
  ])('refuses %s', (_what, value) => {
    expect(faultsOf(Patterns, value)).not.toBe('');
  });
});

describe('Defaults', () => {
  it.each([
    ['nothing', {}],
    [
      'every option',
      {
        directNames: true,
        providers: {
          'workers-ai': { credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN', carrier: 'rest' },
          openai: { credentials: 'unified' },
          'custom-acme': { credentials: 'caller' },
          dynamic: { credentials: 'unified' },
        },
        gateway: { collectLog: false },
        allow: ['cf-aig-collect-log'],
        losses: 'report',
        corsOrigins: ['https://app.example', 'http://localhost:3000'],
        maxBodyBytes: 1024,
      },
    ],
  ])('takes %s', (_what, value) => {
    expect(faultsOf(Defaults, value)).toBe('');
  });

  it.each<[unknown, string]>([
    [{ providers: { google: { credentials: 'stored' } } }, 'providers.google: is written google-ai-studio here'],
    [{ providers: { nobody: { credentials: 'stored' } } }, 'providers.nobody: is no provider that this router knows'],
    [
      { providers: { constructor: { credentials: 'stored' } } },
      'providers.constructor: is no provider that this router knows',
    ],
    [
      { providers: { openai: { credentials: 'binding' } } },
      'providers.openai.credentials: "binding" does not fit openai: use stored, unified, secret, caller',
    ],
    [
      { providers: { openai: { credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN' } } },
      'providers.openai.secret: CLOUDFLARE_API_TOKEN is for Workers AI, and Workers AI takes no other secret',
    ],
  ])('says of %j what is wrong', (value, fault) => {
    expect(faultsOf(Defaults, value)).toBe(fault);
  });

  // threats.md T69: exact origins, and none that a header could hold more in.
  it.each(['*', 'null', 'https://*.example', 'https://a.example/', 'https://a.example\r\nx: y', 'ftp://a.example', ''])(
    'refuses the origin %j',
    (origin) => {
      expect(faultsOf(Defaults, { corsOrigins: [origin] })).not.toBe('');
    },
  );

  it.each([0, 1023, 104_857_601, 1.5, -1, Number.NaN])('refuses a body limit of %d', (maxBodyBytes) => {
    expect(faultsOf(Defaults, { maxBodyBytes })).not.toBe('');
  });
});
