import { refuse } from '../core/failure.ts';
import { callerOptions, type CallerOption, type GatewayOptions } from '../core/gateway.ts';
import { isObject, parseJson } from '../core/json.ts';

/** The options of one request, after policy and caller have both had their say. */
export interface MergedOptions {
  readonly options: GatewayOptions;
  /** The caller's `cf-aig-*` options that were not honoured, by header name: told to the caller, who may wonder. */
  readonly ignored: readonly string[];
}

/** Merges the caller's own options under the policy's: only those that the policy allows by name. */
export function mergeOptions(policy: GatewayOptions, allow: readonly CallerOption[], headers: Headers): MergedOptions {
  let asked: GatewayOptions = {};
  const ignored: string[] = [];
  for (const name of callerOptions) {
    const value = headers.get(name);
    if (value === null) continue;
    if (!allow.includes(name)) ignored.push(name);
    else asked = { ...asked, ...readers[name](value, name) };
  }
  const metadata = { ...asked.metadata, ...policy.metadata };
  const fits = asked.metadata === undefined || Object.keys(metadata).length <= mostNamed;
  if (!fits) ignored.push('cf-aig-metadata');
  const kept = fits ? metadata : (policy.metadata ?? {});
  const { metadata: _asked, ...rest } = { ...asked, ...policy };
  return { options: { ...rest, ...(Object.keys(kept).length > 0 && { metadata: kept }) }, ignored };
}

/** AI Gateway keeps five entries; a caller's own must leave one for the caller's name (threats.md T6). */
const mostNamed = 4;
/** The names that the router writes itself: a caller cannot pass for another. */
const ownNames = ['caller', 'route', 'request'];

type Reader = (value: string, name: string) => GatewayOptions;

/** One reader a header; ranges are the contract sheet's 3.1. A value out of range is the caller's 400. */
const readers: Readonly<Record<CallerOption, Reader>> = {
  'cf-aig-cache-ttl': (value, name) => ({ cacheTtlSeconds: whole(value, { name, least: 60, most: 2_678_400 }) }),
  'cf-aig-skip-cache': (value, name) => ({ skipCache: flag(value, name) }),
  'cf-aig-cache-key': (value, name) => ({
    cacheKey: /^[\x21-\x7e]{1,200}$/.test(value) ? value : bad(name, '1 to 200 printable characters without spaces'),
  }),
  'cf-aig-max-attempts': (value, name) => ({ maxAttempts: whole(value, { name, least: 1, most: 5 }) }),
  'cf-aig-retry-delay': (value, name) => ({ retryDelayMs: whole(value, { name, least: 0, most: 60_000 }) }),
  'cf-aig-backoff': (value, name) => ({ backoff: backoff(value, name) }),
  'cf-aig-request-timeout': (value, name) => ({ requestTimeoutMs: whole(value, { name, least: 1, most: 3_600_000 }) }),
  'cf-aig-metadata': (value, name) => ({ metadata: metadata(value, name) }),
  'cf-aig-custom-cost': (value, name) => ({ customCost: customCost(value, name) }),
  'cf-aig-collect-log': (value, name) => ({ collectLog: flag(value, name) }),
  'cf-aig-collect-log-payload': (value, name) => ({ collectLogPayload: flag(value, name) }),
};

function whole(value: string, range: { name: string; least: number; most: number }): number {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= range.least && number <= range.most) return number;
  return bad(range.name, `a whole number from ${range.least} to ${range.most}`);
}

function flag(value: string, name: string): boolean {
  return value === 'true' || value === 'false' ? value === 'true' : bad(name, '"true" or "false"');
}

function backoff(value: string, name: string): 'constant' | 'linear' | 'exponential' {
  if (value === 'constant' || value === 'linear' || value === 'exponential') return value;
  return bad(name, '"constant", "linear" or "exponential"');
}

function metadata(value: string, name: string): Record<string, string | number | boolean> {
  const object = parseJson(value);
  const entries = isObject(object) ? Object.entries(object) : [];
  // One null or nested value makes the gateway drop all metadata in silence (sheet 3.1), so it is refused here.
  const scalars = entries.filter(
    ([key, entry]) => /^(?!cf\.)[\w.-]{1,64}$/.test(key) && !ownNames.includes(key) && isScalar(entry),
  );
  if (!isObject(object) || scalars.length !== entries.length) {
    return bad(
      name,
      `a JSON object of strings, numbers and booleans with plain names (not cf.*, ${ownNames.join(', ')})`,
    );
  }
  return Object.fromEntries(scalars) as Record<string, string | number | boolean>;
}

function isScalar(value: unknown): boolean {
  // `1e999` is JSON but no number: written again it would be null.
  return typeof value === 'boolean' || Number.isFinite(value) || (typeof value === 'string' && value.length <= 256);
}

const costFields = ['per_token_in', 'per_token_out', 'per_cache_read_token', 'per_cache_write_token', 'total_cost'];

function customCost(value: string, name: string): Record<string, number> {
  const object = parseJson(value);
  const entries = isObject(object) ? Object.entries(object) : [];
  const good = entries.filter(
    ([key, entry]) => costFields.includes(key) && Number.isFinite(entry) && Number(entry) >= 0,
  );
  if (entries.length === 0 || good.length !== entries.length)
    return bad(name, `a JSON object of ${costFields.join(', ')}`);
  return Object.fromEntries(good) as Record<string, number>;
}

function bad(name: string, wants: string): never {
  return refuse(`Cannot read the header ${name}: it takes ${wants}.`, 'invalid_header', name);
}
