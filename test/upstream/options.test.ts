import { describe, expect, it } from 'vitest';
import { callerOptions, type CallerOption, type GatewayOptions } from '../../src/core/gateway.ts';
import { mergeOptions } from '../../src/upstream/options.ts';
import { failureOf } from '../support/failure.ts';

/** One good value of every option that callers have, and what it reads as. */
const good: Readonly<Record<CallerOption, readonly [value: string, read: GatewayOptions]>> = {
  'cf-aig-cache-ttl': ['3600', { cacheTtlSeconds: 3600 }],
  'cf-aig-skip-cache': ['true', { skipCache: true }],
  'cf-aig-cache-key': ['mine', { cacheKey: 'mine' }],
  'cf-aig-max-attempts': ['5', { maxAttempts: 5 }],
  'cf-aig-retry-delay': ['100', { retryDelayMs: 100 }],
  'cf-aig-backoff': ['exponential', { backoff: 'exponential' }],
  'cf-aig-request-timeout': ['1000', { requestTimeoutMs: 1000 }],
  'cf-aig-metadata': ['{"user":"u","n":1,"paid":true}', { metadata: { user: 'u', n: 1, paid: true } }],
  'cf-aig-custom-cost': [
    '{"per_token_in":0.001,"total_cost":0}',
    { customCost: { per_token_in: 0.001, total_cost: 0 } },
  ],
  'cf-aig-collect-log': ['false', { collectLog: false }],
  'cf-aig-collect-log-payload': ['false', { collectLogPayload: false }],
};
const allHeaders = Object.fromEntries(callerOptions.map((name) => [name, good[name][0]]));

/** Merges one header of the caller's under a policy that allows everything. */
function merge(name: CallerOption, value: string, policy: GatewayOptions = {}) {
  return mergeOptions(policy, callerOptions, new Headers({ [name]: value }));
}

describe('mergeOptions', () => {
  // threats.md T5 to T11: nothing that costs, hides or crosses callers by default.
  it('honours none of the caller’s options by default, and names those that came', () => {
    expect(mergeOptions({}, [], new Headers(allHeaders))).toEqual({ options: {}, ignored: [...callerOptions] });
    expect(mergeOptions({}, [], new Headers())).toEqual({ options: {}, ignored: [] });
  });

  it.each(callerOptions)('honours %s alone where the policy allows it by name', (name) => {
    const merged = mergeOptions({}, [name], new Headers(allHeaders));
    expect(merged).toEqual({ options: good[name][1], ignored: callerOptions.filter((other) => other !== name) });
  });

  it.each([
    'cf-aig-authorization',
    'cf-aig-gateway-id',
    'cf-aig-byok-alias',
    'cf-aig-no-wholesale',
    'cf-aig-zdr',
    'cf-aig-event-id',
    'cf-aig-otel-trace-id',
    'cf-aig-otel-parent-span-id',
    'cf-cache-ttl',
    'cf-skip-cache',
  ])('never reads %s, whatever the policy allows', (name) => {
    expect(mergeOptions({}, callerOptions, new Headers({ [name]: '300' }))).toEqual({ options: {}, ignored: [] });
  });

  it.each<[CallerOption, GatewayOptions]>([
    ['cf-aig-cache-ttl', { cacheTtlSeconds: 60 }],
    ['cf-aig-skip-cache', { skipCache: false }],
    ['cf-aig-cache-key', { cacheKey: 'policy' }],
    ['cf-aig-max-attempts', { maxAttempts: 1 }],
    ['cf-aig-retry-delay', { retryDelayMs: 0 }],
    ['cf-aig-backoff', { backoff: 'constant' }],
    ['cf-aig-request-timeout', { requestTimeoutMs: 1 }],
    ['cf-aig-custom-cost', { customCost: { total_cost: 9 } }],
    ['cf-aig-collect-log', { collectLog: true }],
    ['cf-aig-collect-log-payload', { collectLogPayload: true }],
  ])('merges %s under the policy, which wins with %j', (name, policy) => {
    expect(merge(name, good[name][0], policy)).toEqual({ options: policy, ignored: [] });
  });

  it('leaves the policy’s other options in force', () => {
    const policy = { id: 'other', zdr: true, eventId: true };
    expect(merge('cf-aig-max-attempts', '2', policy)).toEqual({ options: { ...policy, maxAttempts: 2 }, ignored: [] });
  });

  it.each<[CallerOption, string, string]>([
    ...['59', '2678401', '-60', '60.5', '6e1', '0x3c', ' ', '', '60s', '99999999999'].map(
      (value) => ['cf-aig-cache-ttl', value, 'a whole number from 60 to 2678400'] as [CallerOption, string, string],
    ),
    ['cf-aig-max-attempts', '0', 'a whole number from 1 to 5'],
    ['cf-aig-max-attempts', '6', 'a whole number from 1 to 5'],
    ['cf-aig-retry-delay', '60001', 'a whole number from 0 to 60000'],
    ['cf-aig-request-timeout', '0', 'a whole number from 1 to 3600000'],
    ['cf-aig-request-timeout', '3600001', 'a whole number from 1 to 3600000'],
    ['cf-aig-skip-cache', '1', '"true" or "false"'],
    ['cf-aig-skip-cache', 'TRUE', '"true" or "false"'],
    ['cf-aig-collect-log', 'no', '"true" or "false"'],
    ['cf-aig-backoff', 'none', '"constant", "linear" or "exponential"'],
    ['cf-aig-backoff', 'constructor', '"constant", "linear" or "exponential"'],
    ['cf-aig-cache-key', 'a b', '1 to 200 printable characters without spaces'],
    ['cf-aig-cache-key', 'é', '1 to 200 printable characters without spaces'],
    ['cf-aig-cache-key', 'x'.repeat(201), '1 to 200 printable characters without spaces'],
  ])('answers %s: %s with a 400 that says what it takes', (name, value, wants) => {
    expect(failureOf(() => merge(name, value))).toEqual({
      kind: 'bad-request',
      code: 'invalid_header',
      param: name,
      message: `Cannot read the header ${name}: it takes ${wants}.`,
    });
  });

  it.each([
    ['no JSON', 'user=u'],
    ['two values joined', '{"a":1}, {"b":2}'],
    ['an array', '["u"]'],
    ['a string', '"u"'],
    ['null', 'null'],
    ['a null value', '{"user":null}'],
    ['a nested value', '{"user":{"id":1}}'],
    ['a list', '{"user":[1]}'],
    ['a number that is none', '{"n":1e999}'],
    ['a value of 257 characters', JSON.stringify({ user: 'x'.repeat(257) })],
    ['a name under cf.', '{"cf.user_id":"x"}'],
    ['a name with a space', '{"a b":1}'],
    ['an empty name', '{"":1}'],
    ['the caller’s name', '{"caller":"someone-else"}'],
    ['the route’s name', '{"route":"free"}'],
    ['the request’s id', '{"request":"x"}'],
  ])('refuses metadata with %s', (_what, value) => {
    expect(failureOf(() => merge('cf-aig-metadata', value))).toMatchObject({
      kind: 'bad-request',
      code: 'invalid_header',
      param: 'cf-aig-metadata',
    });
  });

  it.each([
    ['no JSON', '0'],
    ['nothing in it', '{}'],
    ['a field that there is not', '{"per_word":1}'],
    ['a negative price', '{"total_cost":-1}'],
    ['a price as text', '{"total_cost":"1"}'],
    ['an endless price', '{"total_cost":1e999}'],
    ['__proto__', '{"__proto__":1}'],
  ])('refuses a custom cost with %s', (_what, value) => {
    expect(failureOf(() => merge('cf-aig-custom-cost', value))).toMatchObject({ param: 'cf-aig-custom-cost' });
  });

  it('keeps __proto__ as an entry like any other', () => {
    const { options } = merge('cf-aig-metadata', '{"__proto__":"x"}');
    expect(Object.entries(options.metadata ?? {})).toEqual([['__proto__', 'x']]);
  });

  describe('metadata of both', () => {
    const policy = { metadata: { team: 'policy', plan: 'pro' } };

    it('merges entry by entry, the policy’s winning', () => {
      expect(merge('cf-aig-metadata', '{"team":"mine","user":"u"}', policy)).toEqual({
        options: { metadata: { team: 'policy', user: 'u', plan: 'pro' } },
        ignored: [],
      });
    });

    it('leaves one of the five places to the caller’s name', () => {
      expect(merge('cf-aig-metadata', '{"a":1,"b":2}', policy)).toMatchObject({ ignored: [] });
      expect(merge('cf-aig-metadata', '{"a":1,"b":2,"c":3}', policy)).toEqual({
        options: policy,
        ignored: ['cf-aig-metadata'],
      });
      expect(merge('cf-aig-metadata', '{"a":1,"b":2,"c":3,"d":4}')).toMatchObject({ ignored: [] });
      expect(merge('cf-aig-metadata', '{"a":1,"b":2,"c":3,"d":4,"e":5}')).toEqual({
        options: {},
        ignored: ['cf-aig-metadata'],
      });
    });

    it('takes five of the policy’s own', () => {
      const full = { metadata: { a: 1, b: 2, c: 3, d: 4, e: 5 } };
      expect(mergeOptions(full, callerOptions, new Headers())).toEqual({ options: full, ignored: [] });
    });
  });
});
