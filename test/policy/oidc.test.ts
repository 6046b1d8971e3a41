import { exportSPKI, importJWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { isIssuedForUs, looksLikeToken, verifyToken, type Verdict } from '../../src/policy/oidc.ts';
import { OidcPolicy } from '../../src/policy/oidc-schema.ts';
import { rejectionOf } from '../support/failure.ts';
import { fakeIssuers, forge, github, jobClaims, makeSigner, nowMs, type Signer } from './tokens.ts';

const row = {
  issuer: github,
  audience: 'ai-edge-router',
  algorithms: ['RS256'],
  claims: { repository: 'acme/*', ref: ['refs/heads/main', 'refs/tags/v*'], environment: 'production' },
  caller: 'ci',
};
const rows = OidcPolicy.parse([row]);
const now = nowMs / 1000;

let signer: Signer;
let other: Signer;
beforeAll(async () => {
  [signer, other] = await Promise.all([makeSigner('RS256', 'k1'), makeSigner('RS256', 'k1')]);
});

async function verdictOn(token: string, policy = rows): Promise<Verdict> {
  return verifyToken(token, { rows: policy, keys: fakeIssuers([signer]).keys, nowMs });
}

const ci = { kind: 'caller', name: 'ci' };
const refused = (reason: string | RegExp) => ({ kind: 'refused', reason: expect.stringMatching(reason) as string });

describe('a token of a CI job', () => {
  it('stands for the caller of its row', async () => {
    await expect(verdictOn(await signer.sign())).resolves.toEqual(ci);
  });

  it.each<[string, Record<string, unknown>]>([
    ['claims that nobody asked for', { extra: { nested: ['x'] }, actor: 'someone' }],
    ['an audience among others', { aud: ['another', 'ai-edge-router'] }],
    ['a tag that a pattern names', { ref: 'refs/tags/v1.2' }],
    ['another repository of the owner', { repository: 'acme/other' }],
    ['no time before which it is not valid', { nbf: undefined }],
    ['an end within the clocks’ difference', { exp: now - 29 }],
    ['a beginning within the clocks’ difference', { nbf: now + 30, iat: now + 30 }],
  ])('is taken with %s', async (_what, changes) => {
    await expect(verdictOn(await signer.sign(changes))).resolves.toEqual(ci);
  });

  it.each<[string, Record<string, unknown>, string | RegExp]>([
    ['of another issuer', { iss: 'https://evil.example' }, 'issuer is not in the policy'],
    ['of an issuer that begins alike', { iss: `${github}.evil.example` }, 'issuer is not in the policy'],
    ['of an issuer with a slash more', { iss: `${github}/` }, 'issuer is not in the policy'],
    ['of no issuer', { iss: undefined }, 'issuer is not in the policy'],
    ['of a list of issuers', { iss: [github] }, 'issuer is not in the policy'],
    ['for another audience', { aud: 'https://github.com/acme' }, 'audience is another'],
    ['for an audience that begins alike', { aud: 'ai-edge-router-2' }, 'audience is another'],
    ['for no audience', { aud: undefined }, 'audience is another'],
    ['for an empty list of audiences', { aud: [] }, 'audience is another'],
    ['that has expired', { exp: now - 30 }, '"exp" claim timestamp check failed'],
    ['that never expires', { exp: undefined }, 'missing required "exp" claim'],
    ['that expires at no number', { exp: '9999999999' }, '"exp" claim must be a number'],
    ['that is not valid yet', { nbf: now + 31 }, '"nbf" claim timestamp check failed'],
    ['that was issued at no time', { iat: undefined }, 'missing required "iat" claim'],
    ['that was issued in the future', { iat: now + 31 }, 'from the future'],
    ['of another repository', { repository: 'evil/app' }, 'claim repository does not fit'],
    ['of an owner that begins alike', { repository: 'acme-evil/app' }, 'claim repository does not fit'],
    ['of no repository', { repository: undefined }, 'claim repository does not fit'],
    ['of an object for a repository', { repository: { name: 'acme/app' } }, 'claim repository does not fit'],
    ['of another branch', { ref: 'refs/heads/main2' }, 'claim ref does not fit'],
    ['of a pull request', { ref: 'refs/pull/7/merge' }, 'claim ref does not fit'],
    ['of no environment', { environment: undefined }, 'claim environment does not fit'],
  ])('is refused %s', async (_what, changes, reason) => {
    await expect(verdictOn(await signer.sign(changes))).resolves.toEqual(refused(reason));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no key id', { kid: undefined }, 'names no key'],
    ['a key id that is no text', { kid: 7 }, 'names no key'],
    ['the key id of nobody', { kid: 'k2' }, 'no such key'],
    ['the key id __proto__', { kid: '__proto__' }, 'no such key'],
    ['a critical header that nobody knows', { crit: ['x'], x: 1 }, 'cannot be verified'],
  ])('is refused with %s', async (_what, header, reason) => {
    const token = forge({ alg: 'RS256', kid: 'k1', ...header }, jobClaims, 'AAAA');
    await expect(verdictOn(token)).resolves.toEqual(refused(reason));
  });

  it('is refused where somebody else has signed it', async () => {
    await expect(verdictOn(await other.sign())).resolves.toEqual(refused('signature verification failed'));
  });

  it('is refused where its claims were changed after signing', async () => {
    const [header = '', , signature = ''] = (await signer.sign()).split('.');
    const claims = Buffer.from(JSON.stringify({ ...jobClaims, actor: 'x' })).toString('base64url');
    await expect(verdictOn(`${header}.${claims}.${signature}`)).resolves.toEqual(
      refused('signature verification failed'),
    );
  });

  it('is refused without a signature', async () => {
    const [header = '', claims = ''] = (await signer.sign()).split('.');
    await expect(verdictOn(`${header}.${claims}.`)).resolves.toEqual(refused('signature verification failed'));
  });

  // The algorithm is the policy's: neither "none" nor the public key as a shared secret opens anything.
  it.each(['none', 'None', 'NONE', 'RS512', 'PS256', '', undefined, null, ['RS256']])(
    'is refused with the algorithm %j',
    async (alg) => {
      const token = forge({ alg, kid: 'k1' }, jobClaims, 'AAAA');
      await expect(verdictOn(token)).resolves.toEqual(refused('algorithm is not in the policy'));
    },
  );

  it('is refused where the public key served as the secret of HS256', async () => {
    const key = await importJWK(signer.jwk, 'RS256', { extractable: true });
    const pem = await exportSPKI(key as CryptoKey);
    const token = await new SignJWT(jobClaims)
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(new TextEncoder().encode(pem));
    await expect(verdictOn(token)).resolves.toEqual(refused('algorithm is not in the policy'));
  });

  it.each([
    ['empty', ''],
    ['one that is no JSON', 'eyJ.eyJ.AAAA'],
    ['one whose claims are a list', forge({ alg: 'RS256', kid: 'k1' }, [1], 'AAAA')],
    ['one whose header is a text', 'eyJhIjoxfQ.ImEi.AAAA'],
    ['one of four parts', 'eyJhIjoxfQ.eyJhIjoxfQ.AAAA.AAAA'],
    ['one of two parts', 'eyJhIjoxfQ.eyJhIjoxfQ'],
    ['one that is encrypted', 'eyJhIjoxfQ.AA.AA.AA.AA'],
  ])('is no token: %s', async (_what, text) => {
    await expect(verdictOn(text)).resolves.toEqual(refused('is no token'));
  });

  it('is refused unread over 8 kB', async () => {
    const token = await signer.sign({ filler: 'x'.repeat(8_192) });
    await expect(verdictOn(token)).resolves.toEqual(refused('is no token'));
  });

  it('finds nothing under names that every object has', async () => {
    const policy = OidcPolicy.parse([{ ...row, claims: { repository: 'acme/app', constructor: '*' } }]);
    await expect(verdictOn(await signer.sign(), policy)).resolves.toEqual(refused('claim constructor does not fit'));
  });
});

describe('rows', () => {
  const second = { ...row, claims: { repository: 'acme/tools' }, caller: 'tools' };

  it('are tried in order, and the first that fits names the caller', async () => {
    const policy = OidcPolicy.parse([row, second, { ...second, caller: 'late' }]);
    const token = await signer.sign({ repository: 'acme/tools', environment: undefined });
    await expect(verdictOn(token, policy)).resolves.toEqual({ kind: 'caller', name: 'tools' });
  });

  it('say each why none of them fits', async () => {
    const policy = OidcPolicy.parse([row, second]);
    const token = await signer.sign({ repository: 'acme/app', environment: 'staging' });
    await expect(verdictOn(token, policy)).resolves.toEqual(
      refused('its claim environment does not fit; its claim repository does not fit'),
    );
  });

  it('that are not there let nobody in', async () => {
    await expect(verdictOn(await signer.sign(), [])).resolves.toEqual(refused('issuer is not in the policy'));
  });

  it('compare numbers and booleans as they are written, and lists by their members', async () => {
    const issuer = 'https://team.cloudflareaccess.com';
    const policy = OidcPolicy.parse([
      {
        issuer,
        audience: 'f00d',
        jwksUrl: `${issuer}/cdn-cgi/access/certs`,
        algorithms: ['RS256'],
        claims: { groups: 'router-*', email_verified: 'true', level: '3' },
        caller: 'staff',
      },
    ]);
    const issuers = fakeIssuers([]);
    issuers.pages.set(`${issuer}/cdn-cgi/access/certs`, { keys: [signer.jwk], public_cert: {} });
    const claims = { iss: issuer, aud: ['f00d'], groups: ['all', 'router-users'], email_verified: true, level: 3 };
    const verdict = await verifyToken(await signer.sign(claims), { rows: policy, keys: issuers.keys, nowMs });
    expect(verdict).toEqual({ kind: 'caller', name: 'staff' });
    expect(issuers.fetched).toEqual([`${issuer}/cdn-cgi/access/certs`]);
  });

  it.each(['ES256', 'ES384', 'PS256', 'EdDSA'] as const)('may name %s', async (algorithm) => {
    const own = await makeSigner(algorithm, 'own');
    const policy = OidcPolicy.parse([{ ...row, algorithms: ['RS256', algorithm] }]);
    const world = { rows: policy, keys: fakeIssuers([signer, own]).keys, nowMs };
    await expect(verifyToken(await own.sign(), world)).resolves.toEqual(ci);
  });
});

describe('a token that is not for us', () => {
  it('costs no fetch', async () => {
    const issuers = fakeIssuers([signer]);
    const strangers = [
      await signer.sign({ iss: 'https://evil.example' }),
      await signer.sign({ repository: 'evil/app' }),
      forge({ alg: 'none' }, jobClaims),
      'eyJ.x.y',
    ];
    for (const token of strangers) await verifyToken(token, { rows, keys: issuers.keys, nowMs });
    expect(issuers.fetched).toEqual([]);
  });

  it('is a 503 naming the issuer while nobody can tell: its keys cannot be read', async () => {
    const issuers = fakeIssuers([signer]);
    issuers.pages.clear();
    const verifying = verifyToken(await signer.sign(), { rows, keys: issuers.keys, nowMs });
    await expect(rejectionOf(verifying)).resolves.toEqual({
      kind: 'broken-policy',
      name: 'oidc',
      message: `the keys of the issuer ${github} cannot be read at the moment`,
      passing: true,
    });
  });
});

describe('looksLikeToken', () => {
  it.each([
    ['eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.AAAA', true],
    ['eyJhbGciOiJub25lIn0.eyJhIjoxfQ.', true],
    ['sk-router-000000000000000000000000000000002wjyrI', false],
    ['eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ', false],
    ['eyJhbGciOiJSUzI1NiJ9..AAAA', false],
    ['a.b.c', false],
    ['', false],
  ])('%j: %s', (text, looks) => {
    expect(looksLikeToken(text)).toBe(looks);
  });
});

describe('isIssuedForUs', () => {
  it('tells a token of a known issuer from any other text', async () => {
    const texts = [
      await signer.sign({ aud: 'x' }),
      await signer.sign({ iss: 'https://other.example' }),
      'sk-x',
      'eyJ.x.y',
    ];
    expect(texts.map((text) => isIssuedForUs(text, rows))).toEqual([true, false, false, false]);
  });
});

/** Where the policy is wrong with a row changed. */
function faultsOf(change: object): string[] {
  return OidcPolicy.safeParse([{ ...row, ...change }]).error?.issues.map(({ path }) => path.join('.')) ?? [];
}

describe('the policy', () => {
  it.each<[string, object, string]>([
    ['an issuer without https', { issuer: 'http://issuer.example' }, '0.issuer'],
    ['an issuer by its number', { issuer: 'https://127.0.0.1' }, '0.issuer'],
    ['an issuer without a dot', { issuer: 'https://localhost' }, '0.issuer'],
    ['an issuer with a user', { issuer: 'https://user@issuer.example' }, '0.issuer'],
    ['an issuer with a query', { issuer: 'https://issuer.example/?x' }, '0.issuer'],
    ['keys without https', { jwksUrl: 'http://issuer.example/keys' }, '0.jwksUrl'],
    ['an empty audience', { audience: '' }, '0.audience'],
    ['no audience', { audience: undefined }, '0.audience'],
    ['no algorithm', { algorithms: [] }, '0.algorithms'],
    ['the algorithm none', { algorithms: ['none'] }, '0.algorithms.0'],
    ['a shared secret’s algorithm', { algorithms: ['HS256'] }, '0.algorithms.0'],
    ['an empty list of values', { claims: { repository: [] } }, '0.claims.repository'],
    ['a caller of the bootstrap’s name', { caller: 'router' }, '0.caller'],
    ['a caller that is no name', { caller: 'a b' }, '0.caller'],
    ['no claim at all', { claims: {} }, '0.claims'],
    ['no claim that says whose', { claims: { ref: 'refs/heads/main' } }, '0.claims'],
    ['anybody’s repository', { claims: { repository: '*' } }, '0.claims'],
    ['anybody’s repository of a name', { claims: { repository: '*/app' } }, '0.claims'],
    ['an owner that begins alike', { claims: { repository: 'acme*' } }, '0.claims'],
    ['an owner that begins alike, in the subject', { claims: { sub: 'repo:acme*' } }, '0.claims'],
    ['an open value beside a closed one', { claims: { repository: ['acme/app', '*'] } }, '0.claims'],
    ['a called workflow, which is anybody’s', { claims: { job_workflow_ref: 'acme/ci/*' } }, '0.claims'],
  ])('refuses %s', (_what, change, at) => {
    expect(faultsOf(change)[0]).toBe(at);
  });

  it.each<[string, object]>([
    ['a repository', { claims: { repository: 'acme/app' } }],
    ['the repositories of an owner', { claims: { repository: 'acme/*' } }],
    ['an owner', { claims: { repository_owner: 'acme' } }],
    ['a subject', { claims: { sub: 'repo:acme/app:*' } }],
    ['an issuer of one’s own with any claim', { issuer: 'https://team.cloudflareaccess.com', claims: { type: 'app' } }],
    ['an issuer with a port and a path', { issuer: 'https://git.example.org:8443/oidc', claims: { sub: '*' } }],
  ])('takes %s', (_what, change) => {
    expect(faultsOf(change)).toEqual([]);
  });

  it('says in words whom a row would let in', () => {
    const error = OidcPolicy.safeParse([{ ...row, claims: { ref: '*' } }]).error;
    expect(error?.issues[0]?.message).toMatch(/^must pin one of repository, .*this issuer signs for everyone$/);
  });
});
