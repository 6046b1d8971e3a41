import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/failure.ts';
import { fakeIssuers, github } from './tokens.ts';

const key = (kid: string, changes: object = {}) => ({ kty: 'RSA', kid, n: 'AQAB', e: 'AQAB', ...changes });
const signerOf = (kid: string, changes: object = {}) => ({ jwk: key(kid, changes) });
const row = { issuer: github };
const wanted = (kid: string) => ({ kid, algorithm: 'RS256' }) as const;
const configuration = `${github}/.well-known/openid-configuration`;
const keySet = `${github}/.well-known/jwks`;
const unreadable = {
  kind: 'broken-policy',
  name: 'oidc',
  message: `the keys of the issuer ${github} cannot be read at the moment`,
  passing: true,
};

describe('keys of an issuer', () => {
  it('are found where its configuration says', async () => {
    const issuers = fakeIssuers([signerOf('k1', { alg: 'RS256', use: 'sig', x5c: ['...'], d: 'private' })]);
    await expect(issuers.keys.find(row, wanted('k1'))).resolves.toEqual(key('k1', { alg: 'RS256', use: 'sig' }));
    expect(issuers.fetched).toEqual([configuration, keySet]);
  });

  it('are found where the policy says', async () => {
    const issuers = fakeIssuers([]);
    issuers.pages.set('https://keys.example/jwks', { keys: [key('k1')] });
    const named = { issuer: github, jwksUrl: 'https://keys.example/jwks' };
    await expect(issuers.keys.find(named, wanted('k1'))).resolves.toEqual(key('k1'));
    expect(issuers.fetched).toEqual(['https://keys.example/jwks']);
  });

  it.each([
    ['of another type', { kty: 'EC' }],
    ['for another algorithm', { alg: 'PS256' }],
    ['for encrypting', { use: 'enc' }],
    ['that is a shared secret', { kty: 'oct', k: 'AAAA' }],
  ])('are none where the one of that id is one %s', async (_what, changes) => {
    const issuers = fakeIssuers([signerOf('k1', changes)]);
    await expect(issuers.keys.find(row, wanted('k1'))).resolves.toBeUndefined();
  });

  it('are found beside others that make no sense', async () => {
    const issuers = fakeIssuers([]);
    issuers.pages.set(keySet, { keys: [null, 7, {}, { kty: 'AKP', kid: 'k1' }, key(''), key('k1')] });
    await expect(issuers.keys.find(row, wanted('k1'))).resolves.toEqual(key('k1'));
  });

  it.each<[string, string, unknown]>([
    ['the configuration of another issuer', configuration, { issuer: 'https://evil.example', jwks_uri: keySet }],
    ['keys on another host', configuration, { issuer: github, jwks_uri: 'https://evil.example/jwks' }],
    ['keys on a host that begins alike', configuration, { issuer: github, jwks_uri: `${github}.evil.example/jwks` }],
    ['keys without https', configuration, { issuer: github, jwks_uri: keySet.replace('https', 'http') }],
    ['keys behind a user', configuration, { issuer: github, jwks_uri: keySet.replace('//', '//user@') }],
    ['keys at no address', configuration, { issuer: github, jwks_uri: '/jwks' }],
    ['no address of keys', configuration, { issuer: github }],
    ['a list for a configuration', configuration, []],
    ['no set of keys', keySet, { keys: 'k1' }],
    ['nothing', keySet, null],
  ])('cannot be read where it answers %s', async (_what, url, page) => {
    const issuers = fakeIssuers([signerOf('k1')]);
    issuers.pages.set(url, page).set('https://evil.example/jwks', { keys: [key('k1')] });
    await expect(rejectionOf(issuers.keys.find(row, wanted('k1')))).resolves.toEqual(unreadable);
    expect(issuers.warnings).toEqual([
      { event: 'issuer-unreached', issuer: github, fault: expect.stringMatching(/^Error: /) as string },
    ]);
  });
});

describe('the memo', () => {
  it('is asked for ten minutes, then the issuer', async () => {
    const issuers = fakeIssuers([signerOf('k1')]);
    await issuers.keys.find(row, wanted('k1'));
    issuers.nowMs += 599_999;
    await issuers.keys.find(row, wanted('k1'));
    expect(issuers.fetched).toHaveLength(2);
    issuers.pages.set(keySet, { keys: [key('k2')] });
    issuers.nowMs += 1;
    await expect(issuers.keys.find(row, wanted('k1'))).resolves.toBeUndefined();
    expect(issuers.fetched).toHaveLength(4);
  });

  it('has the issuer asked for an unknown key, once in 30 seconds', async () => {
    const issuers = fakeIssuers([signerOf('k1')]);
    await issuers.keys.find(row, wanted('k1'));
    issuers.pages.set(keySet, { keys: [key('k1'), key('k2')] });
    issuers.nowMs += 29_999;
    await expect(issuers.keys.find(row, wanted('k2'))).resolves.toBeUndefined();
    expect(issuers.fetched).toHaveLength(2);
    issuers.nowMs += 1;
    await expect(issuers.keys.find(row, wanted('k2'))).resolves.toEqual(key('k2'));
    expect(issuers.fetched).toHaveLength(4);
    for (const kid of ['a', 'b', 'c', '__proto__']) await issuers.keys.find(row, wanted(kid));
    expect(issuers.fetched).toHaveLength(4);
  });

  it('answers the others while one request asks: a flood of unknown keys costs one fetch', async () => {
    const issuers = fakeIssuers([signerOf('k1')]);
    await issuers.keys.find(row, wanted('k1'));
    issuers.nowMs += 30_000;
    const [asking, known, unknown] = ['k2', 'k1', 'k3'].map((kid) => issuers.keys.find(row, wanted(kid)));
    await expect(known).resolves.toEqual(key('k1'));
    await expect(unknown).rejects.toMatchObject({ failure: unreadable });
    await expect(asking).resolves.toBeUndefined();
    expect(issuers.fetched).toEqual([configuration, keySet, configuration, keySet]);
  });

  it('serves known keys for an hour while the issuer is silent, and asks it every 10 seconds', async () => {
    const issuers = fakeIssuers([signerOf('k1')]);
    await issuers.keys.find(row, wanted('k1'));
    const pages = new Map(issuers.pages);
    issuers.pages.clear();
    issuers.nowMs += 3_599_999;
    await expect(issuers.keys.find(row, wanted('k1'))).resolves.toEqual(key('k1'));
    await expect(issuers.keys.find(row, wanted('k1'))).resolves.toEqual(key('k1'));
    // Whether the silent issuer has this one nobody knows.
    await expect(rejectionOf(issuers.keys.find(row, wanted('k2')))).resolves.toEqual(unreadable);
    expect(issuers.fetched).toEqual([configuration, keySet, configuration]);
    issuers.nowMs += 10_000;
    await expect(rejectionOf(issuers.keys.find(row, wanted('k1')))).resolves.toEqual(unreadable);
    pages.forEach((page, url) => issuers.pages.set(url, page));
    issuers.nowMs += 9_999;
    await expect(rejectionOf(issuers.keys.find(row, wanted('k1')))).resolves.toEqual(unreadable);
    issuers.nowMs += 1;
    await expect(issuers.keys.find(row, wanted('k1'))).resolves.toEqual(key('k1'));
  });

  it('keeps fifty issuers at most, the latest', async () => {
    const issuers = fakeIssuers([]);
    for (let i = 0; i < 60; i += 1) {
      const jwksUrl = `https://issuer${i}.example/jwks`;
      issuers.pages.set(jwksUrl, { keys: [key(`k${i}`)] });
      await issuers.keys.find({ issuer: github, jwksUrl }, wanted(`k${i}`));
    }
    expect(issuers.memo.size).toBe(50);
    expect(issuers.memo.has('https://issuer59.example/jwks')).toBe(true);
  });
});
