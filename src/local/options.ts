import { field, isObject, parseJson } from '../core/json.ts';
import type { Refusal } from './errors.ts';
import { gatewayError } from './errors.ts';
import { show } from './read.ts';

type Check = (value: string) => boolean;

function between(least: number, most: number): Check {
  return (value) => /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most;
}

const flag: Check = (value) => value === 'true' || value === 'false';
const text: Check = (value) => value !== '' && value.length <= 512;
const month = 2_678_400;

/** AI Gateway's request headers and what they may hold (contract sheet 3.1). */
const headerChecks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['cf-aig-authorization', () => true],
  ['cf-aig-gateway-id', text],
  ['cf-aig-byok-alias', text],
  ['cf-aig-no-wholesale', (value) => value === 'true'],
  ['cf-aig-zdr', flag],
  ['cf-aig-skip-cache', flag],
  ['cf-aig-cache-ttl', between(60, month)],
  ['cf-aig-cache-key', text],
  ['cf-aig-collect-log', flag],
  ['cf-aig-collect-log-payload', flag],
  ['cf-aig-metadata', (value) => isObject(parseJson(value))],
  ['cf-aig-custom-cost', (value) => isCost(parseJson(value))],
  ['cf-aig-request-timeout', between(1, 999_999_999)],
  ['cf-aig-max-attempts', between(1, 5)],
  ['cf-aig-retry-delay', between(0, 60_000)],
  ['cf-aig-backoff', (value) => ['constant', 'linear', 'exponential'].includes(value)],
  ['cf-aig-event-id', text],
  ['cf-aig-otel-trace-id', (value) => /^[0-9a-f]{32}$/.test(value)],
  ['cf-aig-otel-parent-span-id', (value) => /^[0-9a-f]{16}$/.test(value)],
]);

const costNames = ['per_token_in', 'per_token_out', 'per_cache_read_token', 'per_cache_write_token', 'total_cost'];

function isCost(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(([name, cost]) => costNames.includes(name) && typeof cost === 'number' && cost >= 0)
  );
}

/**
 * Refuses gateway headers that are out of range or unknown. The real gateway is not known to say so (uncertain): here a
 * value that would have no effect must not go by unseen.
 */
export function refuseHeaders(headers: Headers): Refusal | undefined {
  for (const [name, value] of headers) {
    const check = headerChecks.get(name);
    const foreign = check === undefined && name.startsWith('cf-aig-');
    if (foreign || check?.(value) === false) return gatewayError(400, 7001, `Invalid header: ${name}`);
  }
  return undefined;
}

/** The same for the binding's `gateway` option, whose fields are other names for the same headers (1.8). */
export function refuseOptions(options: unknown): Refusal | undefined {
  const retries = field(options, 'retries');
  const { retries: _, id: __, ...flat } = isObject(options) ? options : {};
  const named = isObject(retries) ? { ...flat, ...retries } : flat;
  for (const [name, value] of Object.entries(named)) {
    const header = optionHeaders.get(name);
    const written = show(value);
    if (header === undefined || headerChecks.get(header)?.(written) === false) {
      return gatewayError(400, 7001, `Invalid gateway option: ${name}`);
    }
  }
  return undefined;
}

const optionHeaders: ReadonlyMap<string, string> = new Map([
  ['cacheKey', 'cf-aig-cache-key'],
  ['cacheTtl', 'cf-aig-cache-ttl'],
  ['skipCache', 'cf-aig-skip-cache'],
  ['metadata', 'cf-aig-metadata'],
  ['collectLog', 'cf-aig-collect-log'],
  ['eventId', 'cf-aig-event-id'],
  ['requestTimeoutMs', 'cf-aig-request-timeout'],
  ['maxAttempts', 'cf-aig-max-attempts'],
  ['retryDelayMs', 'cf-aig-retry-delay'],
  ['backoff', 'cf-aig-backoff'],
]);

/** Metadata as the log keeps it: the first five entries, none of them where one is no scalar, `cf.*` never (3.1). */
export function keepMetadata(metadata: unknown): Record<string, unknown> {
  if (!isObject(metadata)) return {};
  const entries = Object.entries(metadata).filter(([name]) => !name.startsWith('cf.'));
  const scalars = entries.every(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return scalars ? Object.fromEntries(entries.slice(0, 5)) : {};
}
