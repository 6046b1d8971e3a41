/**
 * AI Gateway's per-request options (contract sheet 3.1), as a policy decides them and a caller may ask for them where the
 * policy allows. Written as `cf-aig-*` headers on HTTP carriers and as the binding's `gateway` options on `env.AI.run`.
 */
export interface GatewayOptions {
  /** The gateway's id; absent: `AI_GATEWAY_ID`. */
  readonly id?: string;
  /** Seconds, 60 to one month. Its presence turns caching on. */
  readonly cacheTtlSeconds?: number;
  readonly skipCache?: boolean;
  /** Replaces the digest of the body in the cache key; the caller and the route stay in the key. Turns caching on. */
  readonly cacheKey?: string;
  readonly collectLog?: boolean;
  readonly collectLogPayload?: boolean;
  /** At most five entries reach the gateway. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
  readonly customCost?: Readonly<Record<string, number>>;
  /** Milliseconds to the first part of the answer. */
  readonly requestTimeoutMs?: number;
  /** 1 to 5. */
  readonly maxAttempts?: number;
  /** Milliseconds, at most 60,000. */
  readonly retryDelayMs?: number;
  readonly backoff?: 'constant' | 'linear' | 'exponential';
  /** Sends the router's request id as the event id. */
  readonly eventId?: boolean;
  /** Zero data retention: Unified Billing with OpenAI and Anthropic only. */
  readonly zdr?: boolean;
}

/** The callers' own options that a policy may honour, by the header's name. None is honoured by default. */
export const callerOptions = [
  'cf-aig-cache-ttl',
  'cf-aig-skip-cache',
  'cf-aig-cache-key',
  'cf-aig-max-attempts',
  'cf-aig-retry-delay',
  'cf-aig-backoff',
  'cf-aig-request-timeout',
  'cf-aig-metadata',
  'cf-aig-custom-cost',
  'cf-aig-collect-log',
  'cf-aig-collect-log-payload',
] as const;
export type CallerOption = (typeof callerOptions)[number];
