import { describe, expect, it } from 'vitest';
import { isPlausible, maskKey, readKeys, sameKey } from '../../src/policy/callers.ts';
import { failureOf } from '../support/failure.ts';

describe('readKeys', () => {
  // clients.md 4(iv).10 and finding 19: what clients really send.
  it.each<[string, Record<string, string>, string | undefined, string | undefined]>([
    ['nothing', {}, undefined, undefined],
    ['a bearer', { authorization: 'Bearer K' }, 'K', undefined],
    ['a lower-case bearer', { authorization: 'bearer K' }, 'K', undefined],
    ['an upper-case bearer', { authorization: 'BEARER   K  ' }, 'K', undefined],
    ['a bare value', { authorization: 'K' }, 'K', undefined],
    ['a bearer with nothing after it', { authorization: 'Bearer' }, undefined, undefined],
    ['a bearer with spaces after it', { authorization: 'Bearer   ' }, undefined, undefined],
    ['x-api-key', { 'x-api-key': 'K' }, 'K', undefined],
    ['an empty x-api-key', { 'x-api-key': '' }, undefined, undefined],
    ['a blank x-api-key', { 'x-api-key': '  ' }, undefined, undefined],
    ['a bearer inside x-api-key', { 'x-api-key': 'Bearer K' }, 'K', undefined],
    ['api-key', { 'api-key': 'K' }, 'K', undefined],
    ['cf-aig-authorization', { 'cf-aig-authorization': 'Bearer K' }, 'K', undefined],
    ['an empty bearer beside it', { authorization: 'Bearer', 'cf-aig-authorization': 'Bearer K' }, 'K', undefined],
    ['an empty x-api-key beside it', { 'x-api-key': ' ', 'cf-aig-authorization': 'Bearer K' }, 'K', undefined],
    ['the same key twice', { authorization: 'Bearer K', 'x-api-key': 'K' }, 'K', undefined],
    ['two layers', { 'cf-aig-authorization': 'Bearer K', authorization: 'Bearer P' }, 'K', 'P'],
    ['two layers by x-api-key', { 'cf-aig-authorization': 'K', 'x-api-key': 'P' }, 'K', 'P'],
    ['one key in both layers', { 'cf-aig-authorization': 'Bearer K', authorization: 'Bearer K' }, 'K', undefined],
    ['an empty gateway header', { 'cf-aig-authorization': 'Bearer', authorization: 'Bearer K' }, 'K', undefined],
    [
      'headers that are none of ours',
      { 'x-goog-api-key': 'P', cookie: 'K=K', 'proxy-authorization': 'K' },
      undefined,
      undefined,
    ],
  ])('reads %s', (_what, headers, routerKey, callerKey) => {
    expect(readKeys(new Headers(headers))).toEqual({ routerKey, callerKey });
  });

  // threats.md T3: which identity counts must never be a matter of order.
  it.each([
    [{ authorization: 'Bearer A', 'x-api-key': 'B' }, ['authorization', 'x-api-key']],
    [{ 'x-api-key': 'A', 'api-key': 'B' }, ['x-api-key', 'api-key']],
    [{ authorization: 'A', 'x-api-key': 'B', 'cf-aig-authorization': 'C' }, ['authorization', 'x-api-key']],
    [{ authorization: 'A', 'x-api-key': 'A', 'api-key': 'B' }, ['authorization', 'x-api-key', 'api-key']],
  ])('refuses two keys in %j', (headers, named) => {
    expect(failureOf(() => readKeys(new Headers(headers)))).toEqual({ kind: 'two-keys', headers: named });
  });
});

describe('readKeys of Access', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['takes its assertion', { 'cf-access-jwt-assertion': 'T' }, 'T'],
    ['takes it beside a key', { 'cf-access-jwt-assertion': 'T', authorization: 'K' }, 'T'],
    ['takes it in both layers', { 'cf-access-jwt-assertion': 'T', 'cf-aig-authorization': 'K' }, 'T'],
    ['takes it from one’s own page', { 'cf-access-jwt-assertion': 'T', 'sec-fetch-site': 'same-origin' }, 'T'],
    ['takes it from no page', { 'cf-access-jwt-assertion': 'T', 'sec-fetch-site': 'none' }, 'T'],
    ['leaves another site’s', { 'cf-access-jwt-assertion': 'T', 'sec-fetch-site': 'cross-site' }, undefined],
    ['leaves a sibling’s', { 'cf-access-jwt-assertion': 'T', 'sec-fetch-site': 'same-site' }, undefined],
    ['leaves an empty one', { 'cf-access-jwt-assertion': ' ' }, undefined],
    ['leaves its cookie', { cookie: 'CF_Authorization=T' }, undefined],
  ])('%s', (_what, headers, assertion) => {
    expect(readKeys(new Headers(headers)).assertion).toBe(assertion);
  });
});

describe('isPlausible', () => {
  it.each([
    ['k', true],
    ['k'.repeat(256), true],
    ['k'.repeat(257), false],
    ['', false],
    ['a,b', false],
    ['a b', false],
    ['a\n', false],
    ['ä', false],
  ])('%j: %s', (key, plausible) => {
    expect(isPlausible(key)).toBe(plausible);
  });
});

describe('sameKey', () => {
  it.each([
    ['a', 'a', true],
    ['a', 'b', false],
    ['a', 'aa', false],
    ['', '', true],
  ])('compares %j with %j', async (a, b, same) => {
    await expect(sameKey(a, b)).resolves.toBe(same);
  });
});

describe('maskKey', () => {
  it.each([
    ['sk-proj-abcdefgh', 'sk-***gh'],
    ['12345678901', '***'],
    ['123456789012', '123***12'],
    ['sk\r\n-injected-header', 'sk?***er'],
  ])('shows %j as %s', (key, shown) => {
    expect(maskKey(key)).toBe(shown);
  });
});
