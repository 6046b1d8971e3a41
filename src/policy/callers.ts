import { RouterError } from '../core/failure.ts';

/** What a caller presented: the router's key, and perhaps a provider key of its own. */
export interface Presented {
  readonly routerKey: string | undefined;
  readonly callerKey: string | undefined;
  /** What Cloudflare Access says of the caller: counts only where no key of the router's came. */
  readonly assertion?: string;
}

/** A key longer than this is not one of ours: refused before anything is hashed (threats.md T65). */
const longestKey = 256;
/** Keys that survive in any header. Two joined `Authorization` lines hold a comma and a space and never match (T4). */
const keyForm = /^[\x21-\x2b\x2d-\x7e]+$/;

/**
 * Takes the keys out of the headers (clients.md 4(iv).10): the router's key from the first of `Authorization`, `x-api-key`,
 * `api-key`, `cf-aig-authorization` that is not empty. With `cf-aig-authorization` beside a provider header the scheme is
 * AI Gateway's own: the first is the router's key, the second the caller's provider key. Throws `two-keys` where
 * provider headers disagree.
 */
export function readKeys(headers: Headers): Presented {
  const gateway = keyIn(headers, 'cf-aig-authorization');
  const named = providerHeaders.flatMap((name) => {
    const key = keyIn(headers, name);
    return key === undefined ? [] : [{ name, key }];
  });
  const keys = new Set(named.map(({ key }) => key));
  if (keys.size > 1) throw new RouterError({ kind: 'two-keys', headers: named.map(({ name }) => name) });
  const provider = named[0]?.key;
  const assertion = assertionIn(headers);
  const access = assertion === undefined ? {} : { assertion };
  if (gateway === undefined) return { routerKey: provider, callerKey: undefined, ...access };
  // The same value twice is a client that was given one key for both: it is the router's, and no provider's.
  return { routerKey: gateway, callerKey: provider === gateway ? undefined : provider, ...access };
}

const providerHeaders = ['authorization', 'x-api-key', 'api-key'] as const;

/** A header's key: `Bearer` in any case is taken off wherever it stands, and what is empty then counts as absent. */
function keyIn(headers: Headers, name: string): string | undefined {
  const value = headers.get(name)?.trim() ?? '';
  const key = value.replace(/^bearer(\s+|$)/i, '').trim();
  return key === '' ? undefined : key;
}

/**
 * Access's assertion. Access adds it to whatever a browser sends with its cookie, other sites' requests too: those could
 * spend the visitor's money, so they have to bring a key. Browsers always send `sec-fetch-site`, and pages cannot.
 */
function assertionIn(headers: Headers): string | undefined {
  const isOtherSite = ['cross-site', 'same-site'].includes(headers.get('sec-fetch-site') ?? '');
  return isOtherSite ? undefined : keyIn(headers, 'cf-access-jwt-assertion');
}

/** Whether a text can be a key at all. What cannot is refused before anything is hashed or looked up. */
export function isPlausible(key: string): boolean {
  return key.length <= longestKey && isOneKey(key);
}

/** Whether a text is one key: two lines of one header arrive joined, and one of them may be the router's. */
export function isOneKey(text: string): boolean {
  return keyForm.test(text);
}

/** Whether a presented provider key is really the router's own key, which must go nowhere. */
export async function sameKey(presented: string, own: string): Promise<boolean> {
  const [left, right] = await Promise.all([digestOf(presented), ownDigest(own)]);
  return sameBytes(left, right);
}

/** Digests of the router's own keys: at most four, as old as the isolate. Changing a secret starts new isolates. */
const ownDigests = new Map<string, Uint8Array>();

async function ownDigest(own: string): Promise<Uint8Array> {
  const known = ownDigests.get(own);
  if (known !== undefined) return known;
  const digest = await digestOf(own);
  if (ownDigests.size < 4) ownDigests.set(own, digest);
  return digest;
}

async function digestOf(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

/** Compares two digests in time that does not depend on where they differ. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** A key as an error may show it, the way OpenAI does: enough to recognise one's own, too little to use. */
export function maskKey(key: string): string {
  const plain = key.replace(/[^\x21-\x7e]/g, '?');
  return plain.length < 12 ? '***' : `${plain.slice(0, 3)}***${plain.slice(-2)}`;
}
