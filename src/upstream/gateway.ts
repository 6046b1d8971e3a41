import type { GatewayOptions } from '../core/gateway.ts';

/** The facts of one request that go into its gateway options. */
export interface GatewayFacts {
  readonly requestId: string;
  readonly caller: string;
  readonly route: string;
  /** Endpoint, provider and model: part of the cache key. */
  readonly target: string;
  /** The body as it goes upstream: part of the cache key unless the policy names a key of its own. */
  readonly body: Uint8Array;
}

/** The options as they are sent, on either carrier. */
export interface SentOptions extends Omit<GatewayOptions, 'eventId' | 'id'> {
  readonly skipCache: boolean;
  readonly maxAttempts: number;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  readonly eventId?: string;
}

/** AI Gateway keeps the first five entries and drops the rest (sheet 3.1). */
const mostMetadata = 5;

/**
 * Settles what is sent. Caching is off unless asked for, and then its key holds the caller: a bare key or TTL would let
 * callers read one another's answers (threats.md T71). The gateway tries once unless told otherwise: the router owns
 * retries, and attempts multiply.
 */
export async function settleOptions(options: GatewayOptions, facts: GatewayFacts): Promise<SentOptions> {
  const { eventId, id: _id, cacheTtlSeconds, cacheKey, ...rest } = options;
  const caching = (cacheTtlSeconds !== undefined || cacheKey !== undefined) && options.skipCache !== true;
  return {
    maxAttempts: 1,
    ...rest,
    skipCache: !caching,
    metadata: metadataOf(options, facts),
    ...(eventId === true && { eventId: facts.requestId }),
    ...(caching && { cacheKey: await cacheKeyOf(cacheKey, facts) }),
    ...(caching && cacheTtlSeconds !== undefined && { cacheTtlSeconds }),
  };
}

/** The policy's entries first, then who, by which route and which request, while there is room. */
function metadataOf(options: GatewayOptions, facts: GatewayFacts): Record<string, string | number | boolean> {
  const own = { caller: facts.caller, route: facts.route, request: facts.requestId };
  const entries = Object.entries({ ...own, ...options.metadata });
  const policyFirst = entries.toSorted(([a], [b]) => Number(Object.hasOwn(own, a)) - Number(Object.hasOwn(own, b)));
  return Object.fromEntries(policyFirst.slice(0, mostMetadata));
}

async function cacheKeyOf(policyKey: string | undefined, facts: GatewayFacts): Promise<string> {
  const content = policyKey === undefined ? await sha256(facts.body) : `key:${policyKey}`;
  const parts = JSON.stringify([facts.caller, facts.route, facts.target, content]);
  return `router-${await sha256(new TextEncoder().encode(parts))}`;
}

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The options as `cf-aig-*` headers, for gateway, compat and REST. */
export function writeOptionHeaders(sent: SentOptions): Record<string, string> {
  return {
    ...headerOnly(sent),
    ...(sent.skipCache && { 'cf-aig-skip-cache': 'true' }),
    ...(sent.cacheTtlSeconds !== undefined && { 'cf-aig-cache-ttl': String(sent.cacheTtlSeconds) }),
    ...(sent.cacheKey !== undefined && { 'cf-aig-cache-key': sent.cacheKey }),
    ...(sent.collectLog !== undefined && { 'cf-aig-collect-log': String(sent.collectLog) }),
    'cf-aig-metadata': asciiJson(sent.metadata),
    ...(sent.requestTimeoutMs !== undefined && { 'cf-aig-request-timeout': String(sent.requestTimeoutMs) }),
    'cf-aig-max-attempts': String(sent.maxAttempts),
    ...(sent.retryDelayMs !== undefined && { 'cf-aig-retry-delay': String(sent.retryDelayMs) }),
    ...(sent.backoff !== undefined && { 'cf-aig-backoff': sent.backoff }),
    ...(sent.eventId !== undefined && { 'cf-aig-event-id': sent.eventId }),
  };
}

/** The options as the binding takes them (`GatewayOptions` of the Workers types), for `env.AI.run`. */
export function writeBindingOptions(sent: SentOptions, gatewayId: string): Record<string, unknown> {
  return {
    id: gatewayId,
    skipCache: sent.skipCache,
    ...(sent.cacheTtlSeconds !== undefined && { cacheTtl: sent.cacheTtlSeconds }),
    ...(sent.cacheKey !== undefined && { cacheKey: sent.cacheKey }),
    ...(sent.collectLog !== undefined && { collectLog: sent.collectLog }),
    metadata: sent.metadata,
    ...(sent.eventId !== undefined && { eventId: sent.eventId }),
    ...(sent.requestTimeoutMs !== undefined && { requestTimeoutMs: sent.requestTimeoutMs }),
    retries: {
      maxAttempts: sent.maxAttempts,
      ...(sent.retryDelayMs !== undefined && { retryDelayMs: sent.retryDelayMs }),
      ...(sent.backoff !== undefined && { backoff: sent.backoff }),
    },
  };
}

/**
 * Options that have no field on the binding and travel as headers there too. The binding's client sends them; whether the
 * service honours them on the run path is not documented (uncertain, sheet "Open questions").
 */
export function headerOnly(sent: SentOptions): Record<string, string> {
  return {
    ...(sent.collectLogPayload !== undefined && { 'cf-aig-collect-log-payload': String(sent.collectLogPayload) }),
    ...(sent.customCost !== undefined && { 'cf-aig-custom-cost': asciiJson(sent.customCost) }),
    ...(sent.zdr !== undefined && { 'cf-aig-zdr': String(sent.zdr) }),
  };
}

/** JSON for a header: anything beyond ASCII as `\u` escapes, since header bytes would go out raw. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
