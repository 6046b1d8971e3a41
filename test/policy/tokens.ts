import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';
import { openIssuerKeys, type IssuerKeys, type JwksMemo } from '../../src/policy/jwks.ts';
import type { Algorithm } from '../../src/policy/oidc-schema.ts';

export const github = 'https://token.actions.githubusercontent.com';
export const nowMs = Date.parse('2026-11-20T12:00:00Z');
const nowSeconds = nowMs / 1000;

/** What GitHub puts into the token of a job, as far as policies look at it. */
export const jobClaims: JWTPayload = {
  iss: github,
  aud: 'ai-edge-router',
  sub: 'repo:acme/app:ref:refs/heads/main',
  repository: 'acme/app',
  repository_owner: 'acme',
  repository_visibility: 'private',
  ref: 'refs/heads/main',
  environment: 'production',
  workflow: 'review',
  run_attempt: '1',
  iat: nowSeconds - 10,
  nbf: nowSeconds - 610,
  exp: nowSeconds + 290,
};

/** An issuer's key pair. */
export interface Signer {
  readonly algorithm: Algorithm;
  readonly kid: string;
  readonly jwk: JWK;
  /** Signs claims; `undefined` takes one away. */
  sign(changes?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

export async function makeSigner(algorithm: Algorithm, kid: string): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' };
  return {
    algorithm,
    kid,
    jwk,
    sign: (changes = {}, header = {}) =>
      new SignJWT({ ...jobClaims, ...changes })
        .setProtectedHeader({ alg: algorithm, kid, typ: 'JWT', ...header })
        .sign(privateKey),
  };
}

/** A token with any header and claims and a signature of somebody's choice. */
export function forge(header: object, claims: object, signature = ''): string {
  return `${encode(header)}.${encode(claims)}.${signature}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

export interface FakeIssuers {
  readonly keys: IssuerKeys;
  /** What there is to fetch, by address; an address that is not here does not answer. */
  readonly pages: Map<string, unknown>;
  readonly fetched: string[];
  readonly warnings: Record<string, string>[];
  readonly memo: JwksMemo;
  nowMs: number;
}

/** GitHub's configuration and keys, and whatever else is put there. */
export function fakeIssuers(signers: readonly Pick<Signer, 'jwk'>[]): FakeIssuers {
  const pages = new Map<string, unknown>([
    [`${github}/.well-known/openid-configuration`, { issuer: github, jwks_uri: `${github}/.well-known/jwks` }],
    [`${github}/.well-known/jwks`, { keys: signers.map(({ jwk }) => jwk) }],
  ]);
  const fetched: string[] = [];
  const warnings: Record<string, string>[] = [];
  const memo: JwksMemo = new Map();
  const world = { nowMs };
  const keys = openIssuerKeys({
    memo,
    now: () => world.nowMs,
    warn: (fields) => warnings.push(fields),
    fetchJson: async (url) => {
      fetched.push(url);
      if (!pages.has(url)) throw new Error('connection lost');
      return pages.get(url);
    },
  });
  return Object.assign(world, { keys, pages, fetched, warnings, memo });
}
