import * as z from 'zod/mini';
import { RouterError } from '../core/failure.ts';
import { field } from '../core/json.ts';
import type { Algorithm, IssuerRow } from './oidc-schema.ts';

/** A public key as an issuer publishes it (RFC 7517), of which only what verifying needs is kept. */
const PublicKey = z.object({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  kid: z.string().check(z.minLength(1), z.maxLength(300)),
  use: z.exactOptional(z.literal('sig')),
  alg: z.exactOptional(z.string()),
  n: z.exactOptional(z.string()),
  e: z.exactOptional(z.string()),
  crv: z.exactOptional(z.string()),
  x: z.exactOptional(z.string()),
  y: z.exactOptional(z.string()),
});
export type PublicKey = z.infer<typeof PublicKey>;

interface Entry {
  /** Absent where they were never read. */
  readonly keys: readonly PublicKey[] | undefined;
  /** When the issuer last gave them, and when it was last asked. */
  readonly readAtMs: number;
  readonly askedAtMs: number;
  /** Whether it answered then. */
  readonly reached: boolean;
}

/** Issuers' keys of this isolate, by address. Holds values, never promises: those belong to the request that made them. */
export type JwksMemo = Map<string, Entry>;

/** Finds an issuer's key. */
export interface IssuerKeys {
  /** `undefined`: the issuer has none of this id. Throws `broken-policy` naming the issuer where it cannot be asked. */
  find(row: Place, wanted: WantedKey): Promise<PublicKey | undefined>;
}

type Place = Pick<IssuerRow, 'issuer' | 'jwksUrl'>;

export interface WantedKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
}

/** Believed for so long without asking again, in milliseconds: a key that an issuer withdraws works no longer. */
const freshMs = 600_000;
/** Believed for so long while the issuer does not answer. */
const staleMs = 3_600_000;
/** An unknown key id, which anybody can make up, has an issuer asked again at most so often. */
const unknownKeyMs = 30_000;
/** An issuer that does not answer is asked at most so often. */
const unreachedMs = 10_000;
const mostIssuers = 50;
const mostKeys = 100;

/**
 * Opens the keys over a memo that outlives the request. `fetchJson` gives the JSON of a 200 of at most 64 kB within two
 * seconds, follows no redirect, and rejects otherwise.
 */
export function openIssuerKeys(options: {
  fetchJson: (url: string) => Promise<unknown>;
  memo: JwksMemo;
  now: () => number;
  warn: (fields: Record<string, string>) => void;
}): IssuerKeys {
  const { fetchJson, memo, now, warn } = options;

  async function refresh(row: Place, known: Entry | undefined): Promise<Entry> {
    const at = now();
    // Until the answer is here the others make do with what is known: a flood of made-up key ids costs one fetch.
    if (known !== undefined) memo.set(placeOf(row), { ...known, askedAtMs: at, reached: false });
    return readKeySet(row, fetchJson).then(
      (keys) => ({ keys, readAtMs: at, askedAtMs: at, reached: true }),
      (error: unknown) => {
        warn({ event: 'issuer-unreached', issuer: row.issuer, fault: String(error).slice(0, 300) });
        const isUsable = known !== undefined && at - known.readAtMs < staleMs;
        const keys = isUsable ? known.keys : undefined;
        return { keys, readAtMs: known?.readAtMs ?? at, askedAtMs: at, reached: false };
      },
    );
  }

  return {
    async find(row, wanted) {
      const place = placeOf(row);
      const known = memo.get(place);
      const entry = known === undefined || isDue(known, wanted, now()) ? await refresh(row, known) : known;
      remember(memo, place, entry);
      const key = pick(entry, wanted);
      // While the issuer is silent nobody knows whether it has the key: that is no verdict on the token.
      if (key === undefined && !entry.reached) throw unreadable(row.issuer);
      return key;
    },
  };
}

function placeOf({ issuer, jwksUrl }: Place): string {
  return jwksUrl ?? issuer;
}

function isDue(entry: Entry, wanted: WantedKey, nowMs: number): boolean {
  const sinceAsked = nowMs - entry.askedAtMs;
  if (!entry.reached) return sinceAsked >= unreachedMs;
  return pick(entry, wanted) === undefined ? sinceAsked >= unknownKeyMs : sinceAsked >= freshMs;
}

const keyTypes: Readonly<Record<Algorithm, PublicKey['kty']>> = {
  RS256: 'RSA',
  PS256: 'RSA',
  ES256: 'EC',
  ES384: 'EC',
  EdDSA: 'OKP',
};

function pick(entry: Entry, { kid, algorithm }: WantedKey): PublicKey | undefined {
  return entry.keys?.find(
    (key) => key.kid === kid && key.kty === keyTypes[algorithm] && (key.alg === undefined || key.alg === algorithm),
  );
}

async function readKeySet(row: Place, fetchJson: (url: string) => Promise<unknown>): Promise<readonly PublicKey[]> {
  const url = row.jwksUrl ?? (await discover(row.issuer, fetchJson));
  const listed = field(await fetchJson(url), 'keys');
  if (!Array.isArray(listed)) throw new Error('the answer is no key set');
  // A key of another kind beside ours is no fault: it is left out.
  return listed.slice(0, mostKeys).flatMap((key: unknown) => PublicKey.safeParse(key).data ?? []);
}

/** Where an issuer says its keys are: OpenID Connect Discovery 1.0, section 4. Never on another host. */
async function discover(issuer: string, fetchJson: (url: string) => Promise<unknown>): Promise<string> {
  const found = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const url = field(found, 'jwks_uri');
  if (field(found, 'issuer') !== issuer) throw new Error('its configuration names another issuer');
  if (typeof url !== 'string' || !isOnHost(url, issuer)) throw new Error('its keys are on another host: name jwksUrl');
  return url;
}

function isOnHost(url: string, issuer: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === 'https:' && parsed.username === '' && parsed.host === new URL(issuer).host;
}

function remember(memo: JwksMemo, place: string, entry: Entry): void {
  memo.delete(place);
  if (memo.size >= mostIssuers) memo.delete(memo.keys().next().value ?? '');
  memo.set(place, entry);
}

function unreadable(issuer: string): RouterError {
  const message = `the keys of the issuer ${issuer} cannot be read at the moment`;
  return new RouterError({ kind: 'broken-policy', name: 'oidc', message, passing: true });
}
