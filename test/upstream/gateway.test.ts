import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../../src/core/gateway.ts';
import {
  settleOptions,
  writeBindingOptions,
  writeOptionHeaders,
  type GatewayFacts,
  type SentOptions,
} from '../../src/upstream/gateway.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const facts: GatewayFacts = {
  requestId: 'req_1',
  caller: 'router',
  route: 'support',
  target: 'openai/gpt-5.1',
  body: encode('{"model":"gpt-5.1"}'),
};
const own = { caller: 'router', route: 'support', request: 'req_1' };
const key = /^router-[0-9a-f]{64}$/;

const keyOf = async (options: GatewayOptions, changed: Partial<GatewayFacts> = {}) =>
  (await settleOptions(options, { ...facts, ...changed })).cacheKey;

describe('settleOptions', () => {
  it('keeps the cache off, tries once and says who asked where nothing is said', async () => {
    await expect(settleOptions({}, facts)).resolves.toEqual({ maxAttempts: 1, skipCache: true, metadata: own });
  });

  it('passes on what has no surprise in it', async () => {
    const options = {
      collectLog: false,
      collectLogPayload: false,
      customCost: { total_cost: 1 },
      requestTimeoutMs: 1000,
      maxAttempts: 3,
      retryDelayMs: 100,
      backoff: 'linear',
      zdr: true,
    } as const;
    await expect(settleOptions(options, facts)).resolves.toEqual({ ...options, skipCache: true, metadata: own });
  });

  it('leaves the gateway’s id to the address', async () => {
    await expect(settleOptions({ id: 'other' }, facts)).resolves.not.toHaveProperty('id');
  });

  it.each([
    [true, { eventId: 'req_1' }],
    [false, {}],
  ])('sends the request id as the event id where eventId is %s', async (eventId, sent) => {
    await expect(settleOptions({ eventId }, facts)).resolves.toEqual({
      maxAttempts: 1,
      skipCache: true,
      metadata: own,
      ...sent,
    });
  });

  // threats.md T71 and T73: a time alone would share answers, a bare key would too.
  it.each<[GatewayOptions, Partial<SentOptions>]>([
    [
      { cacheTtlSeconds: 300 },
      { skipCache: false, cacheTtlSeconds: 300, cacheKey: expect.stringMatching(key) as string },
    ],
    [{ cacheKey: 'mine' }, { skipCache: false, cacheKey: expect.stringMatching(key) as string }],
    [{ cacheTtlSeconds: 300, cacheKey: 'mine', skipCache: true }, { skipCache: true }],
    [{ skipCache: false }, { skipCache: true }],
  ])('caches for %j only under a key of the router’s own', async (options, sent) => {
    await expect(settleOptions(options, facts)).resolves.toEqual({ maxAttempts: 1, metadata: own, ...sent });
  });

  it.each([
    ['caller', { caller: 'other' }],
    ['route', { route: 'other' }],
    ['target', { target: 'openai/other' }],
    ['body', { body: encode('{"model":"gpt-5.1 "}') }],
  ])('has another cache key for another %s', async (_what, changed) => {
    await expect(keyOf({ cacheTtlSeconds: 60 }, changed)).resolves.not.toBe(await keyOf({ cacheTtlSeconds: 60 }));
  });

  it('has the same cache key for the same question, whatever the request', async () => {
    await expect(keyOf({ cacheTtlSeconds: 60 }, { requestId: 'req_2' })).resolves.toBe(
      await keyOf({ cacheTtlSeconds: 60 }),
    );
  });

  it('lets a key of the policy’s stand for the body, and for nothing else', async () => {
    const named = await keyOf({ cacheKey: 'mine' });
    await expect(keyOf({ cacheKey: 'mine' }, { body: encode('{}') })).resolves.toBe(named);
    await expect(keyOf({ cacheKey: 'other' })).resolves.not.toBe(named);
    await expect(keyOf({ cacheKey: 'mine' }, { caller: 'other' })).resolves.not.toBe(named);
    await expect(keyOf({ cacheKey: 'mine' }, { route: 'other' })).resolves.not.toBe(named);
  });

  it('cannot be given a caller’s cache key by names that run into one another', async () => {
    const joined = await keyOf({ cacheKey: 'k' }, { caller: 'a","b', route: 'c' });
    await expect(keyOf({ cacheKey: 'k' }, { caller: 'a', route: 'b","c' })).resolves.not.toBe(joined);
  });

  it.each([
    [{ team: 'a' }, { team: 'a', ...own }],
    [
      { a: 1, b: 2, c: 3 },
      { a: 1, b: 2, c: 3, caller: 'router', route: 'support' },
    ],
    [
      { a: 1, b: 2, c: 3, d: 4 },
      { a: 1, b: 2, c: 3, d: 4, caller: 'router' },
    ],
    [
      { a: 1, b: 2, c: 3, d: 4, e: 5 },
      { a: 1, b: 2, c: 3, d: 4, e: 5 },
    ],
    [
      { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 },
      { a: 1, b: 2, c: 3, d: 4, e: 5 },
    ],
  ])('sends five entries of metadata at most: %j first, then its own', async (metadata, sent) => {
    await expect(settleOptions({ metadata }, facts)).resolves.toMatchObject({ metadata: sent });
  });
});

const full: SentOptions = {
  skipCache: false,
  cacheTtlSeconds: 300,
  cacheKey: 'router-x',
  collectLog: false,
  collectLogPayload: false,
  metadata: { caller: 'router' },
  customCost: { total_cost: 0.5 },
  requestTimeoutMs: 1000,
  maxAttempts: 2,
  retryDelayMs: 0,
  backoff: 'constant',
  eventId: 'req_1',
  zdr: true,
};
const least: SentOptions = { skipCache: true, maxAttempts: 1, metadata: {} };

describe('writeOptionHeaders', () => {
  it('writes every option', () => {
    expect(writeOptionHeaders(full)).toEqual({
      'cf-aig-cache-ttl': '300',
      'cf-aig-cache-key': 'router-x',
      'cf-aig-collect-log': 'false',
      'cf-aig-collect-log-payload': 'false',
      'cf-aig-metadata': '{"caller":"router"}',
      'cf-aig-custom-cost': '{"total_cost":0.5}',
      'cf-aig-request-timeout': '1000',
      'cf-aig-max-attempts': '2',
      'cf-aig-retry-delay': '0',
      'cf-aig-backoff': 'constant',
      'cf-aig-event-id': 'req_1',
      'cf-aig-zdr': 'true',
    });
  });

  it('writes no more than it must', () => {
    expect(writeOptionHeaders(least)).toEqual({
      'cf-aig-skip-cache': 'true',
      'cf-aig-metadata': '{}',
      'cf-aig-max-attempts': '1',
    });
  });

  // threats.md T17 and T18: line breaks never reach a header, and what is not ASCII goes as \u escapes.
  it('writes any metadata as plain ASCII that reads back the same', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (metadata) => {
        const header = writeOptionHeaders({ ...least, metadata })['cf-aig-metadata'] ?? '';
        expect(header).toMatch(/^[\x20-\x7e]*$/);
        expect(JSON.parse(header)).toEqual(JSON.parse(JSON.stringify(metadata)));
        expect(new Headers({ 'cf-aig-metadata': header }).get('cf-aig-metadata')).toBe(header);
      }),
    );
  });

  it.each([
    ['a\r\nx-api-key: y', '{"a":"a\\r\\nx-api-key: y"}'],
    ['é🙂', '{"a":"\\u00e9\\ud83d\\ude42"}'],
    ['\u0000\u007f', '{"a":"\\u0000\\u007f"}'],
  ])('writes %j escaped', (value, header) => {
    expect(writeOptionHeaders({ ...least, metadata: { a: value } })['cf-aig-metadata']).toBe(header);
  });
});

describe('writeBindingOptions', () => {
  it('writes every option that the binding has a field for', () => {
    expect(writeBindingOptions(full, 'main')).toEqual({
      id: 'main',
      skipCache: false,
      cacheTtl: 300,
      cacheKey: 'router-x',
      collectLog: false,
      metadata: { caller: 'router' },
      eventId: 'req_1',
      requestTimeoutMs: 1000,
      retries: { maxAttempts: 2, retryDelayMs: 0, backoff: 'constant' },
    });
  });

  it('writes no more than it must', () => {
    expect(writeBindingOptions(least, 'main')).toEqual({
      id: 'main',
      skipCache: true,
      metadata: {},
      retries: { maxAttempts: 1 },
    });
  });
});
