import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { field, textOf } from '../core/json.ts';
import type { IssuerKeys, PublicKey } from './jwks.ts';
import { testsOf, type Algorithm, type IssuerRow, type OidcPolicy } from './oidc-schema.ts';
import { matches } from './plan.ts';

/** What a token came to. `reason` is for the operator's log: the caller learns only that it was refused. */
export type Verdict =
  { readonly kind: 'caller'; readonly name: string } | { readonly kind: 'refused'; readonly reason: string };

/** Longer tokens are refused unread. GitHub's have about 2 kB. */
const longestToken = 8_192;
/** How far an issuer's clock may be off. */
const skewSeconds = 30;
const tokenForm = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/** Whether a bearer has the form of a signed token (RFC 7519, compact): the header is JSON, so it begins `eyJ`. */
export function looksLikeToken(text: string): boolean {
  return text.length <= longestToken && tokenForm.test(text);
}

/** Whether a token claims to be from an issuer that opens the router: such a token is no provider's key. */
export function isIssuedForUs(text: string, rows: OidcPolicy): boolean {
  const issuer = looksLikeToken(text) ? field(readToken(text)?.claims, 'iss') : undefined;
  return rows.some((row) => row.issuer === issuer);
}

/**
 * Tells whom a token of another issuer stands for: a CI job's, Cloudflare Access's. The row is chosen by what the token
 * claims, so that tokens for somebody else cost neither a fetch nor a signature; then the same bytes are verified by that
 * row alone. Nothing is remembered of a token, so that none can be taken for another. Throws `broken-policy` where the
 * issuer's keys cannot be read.
 */
export async function verifyToken(
  text: string,
  world: { rows: OidcPolicy; keys: IssuerKeys; nowMs: number },
): Promise<Verdict> {
  const token = looksLikeToken(text) ? readToken(text) : undefined;
  if (token === undefined) return refused('is no token of at most 8 kB');
  const rows = world.rows.filter((row) => row.issuer === token.claims['iss']);
  if (rows.length === 0) return refused('its issuer is not in the policy');
  const misfits = rows.map((row) => misfitOf(row, token));
  const row = rows[misfits.indexOf(undefined)];
  if (row === undefined) return refused(misfits.slice(0, 3).join('; '));
  const algorithm = algorithmIn(row, token);
  const kid = textOf(token.header['kid']);
  if (algorithm === undefined || kid === undefined) return refused('it names no key');
  const key = await world.keys.find(row, { kid, algorithm });
  if (key === undefined) return refused('its issuer has no such key');
  const fault = await faultOf(text, { row, key, algorithm, nowMs: world.nowMs });
  return fault === undefined ? { kind: 'caller', name: row.caller } : refused(fault);
}

interface Token {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Reads a token without believing it. */
function readToken(text: string): Token | undefined {
  try {
    return { header: { ...decodeProtectedHeader(text) }, claims: decodeJwt(text) };
  } catch {
    return undefined;
  }
}

/** Why a row is not the token's, or `undefined`. */
function misfitOf(row: IssuerRow, token: Token): string | undefined {
  const audience = token.claims['aud'];
  const isForUs = audience === row.audience || (Array.isArray(audience) && audience.includes(row.audience));
  if (!isForUs) return 'its audience is another';
  if (algorithmIn(row, token) === undefined) return 'its algorithm is not in the policy';
  const claim = Object.keys(row.claims).find((name) => !fits(field(token.claims, name), testsOf(row.claims, name)));
  return claim === undefined ? undefined : `its claim ${claim} does not fit`;
}

/** The token's algorithm where the row allows it: the token never decides alone. */
function algorithmIn(row: IssuerRow, token: Token): Algorithm | undefined {
  return row.algorithms.find((algorithm) => algorithm === token.header['alg']);
}

/** A list fits where one of its members does (groups). Numbers and booleans are compared as they are written. */
function fits(claim: unknown, tests: readonly string[]): boolean {
  const values: readonly unknown[] = Array.isArray(claim) ? claim.slice(0, 100) : [claim];
  return values.some((value) => {
    const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return isScalar && tests.some((test) => matches(String(value), test));
  });
}

/** Verifies signature, issuer, audience and times. Gives what is wrong. */
async function faultOf(
  text: string,
  by: { row: IssuerRow; key: PublicKey; algorithm: Algorithm; nowMs: number },
): Promise<string | undefined> {
  const { row, key, algorithm, nowMs } = by;
  try {
    const { payload } = await jwtVerify(text, key, {
      algorithms: [algorithm],
      issuer: row.issuer,
      audience: row.audience,
      clockTolerance: skewSeconds,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp', 'iat'],
    });
    const { iat } = payload;
    return typeof iat === 'number' && iat <= nowMs / 1000 + skewSeconds ? undefined : 'it is from the future';
  } catch (error) {
    return sayError(error);
  }
}

/** jose's errors carry a code and, for claims, a name; their text never holds a value of the token. */
function sayError(error: unknown): string {
  return error instanceof Error ? `it cannot be verified: ${error.message.slice(0, 200)}` : 'it cannot be verified';
}

function refused(reason: string): Verdict {
  return { kind: 'refused', reason };
}
