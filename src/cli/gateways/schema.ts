import * as z from 'zod/mini';

/** A number of seconds or requests; 0 is off. */
const Count = z.int().check(z.gte(0));

/** TOML has no null: `false` puts a setting that may be empty to it. */
function orOff<T extends z.core.$ZodType>(schema: T): z.ZodMiniUnion<readonly [T, z.ZodMiniLiteral<false>]> {
  return z.union([schema, z.literal(false)]);
}

const Text = z.string().check(z.minLength(1));
const Filter = z.strictObject({ mode: z.literal('filter'), values: z.array(Text).check(z.minLength(1)) });
const Partition = z.strictObject({ mode: z.literal('partition') });

const SpendRule = z.strictObject({
  id: z.optional(Text),
  enabled: z.optional(z.boolean()),
  /** US dollars. */
  limit: z.number().check(z.gt(0)),
  limitType: z.literal('cost'),
  /** Seconds. */
  window: z.number().check(z.gt(0)),
  technique: z.optional(z.enum(['fixed', 'sliding'])),
  metadata: z.optional(z.record(Text, z.discriminatedUnion('mode', [Partition, Filter]))),
  model: z.optional(Filter),
  provider: z.optional(Filter),
});

const action = z.enum(['FLAG', 'BLOCK']);
const hazards = ['P1', ...Array.from({ length: 13 }, (_, index) => `S${index + 1}`)] as const;
const Hazards = z.strictObject(Object.fromEntries(hazards.map((name) => [name, z.optional(action)])));

const DlpPolicy = z.strictObject({
  id: Text,
  action,
  check: z.array(z.enum(['REQUEST', 'RESPONSE'])),
  enabled: z.boolean(),
  profiles: z.array(Text),
});

/**
 * A gateway's id. Cloudflare says its length alone (1 to 64); the letters are those that are known to work, and none of them
 * could lead a path elsewhere (contract sheet 5.1, uncertain).
 */
export const GatewayId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 letters, digits, - and _, the first no sign'));

/**
 * One `[[ai.gateway]]` of `wrangler.toml`: the names and ranges of Cloudflare's management API (contract sheet 5.1). What is
 * not declared is left as it is in the account. `otel`, `stripe` and `logpush_public_key` cannot be declared: they hold
 * credentials, or belong to whoever reads the logs, and this file is committed.
 */
export const GatewayDeclaration = z.strictObject({
  id: GatewayId,
  authentication: z.optional(z.boolean()),
  byok_only: z.optional(z.boolean()),
  cache_invalidate_on_update: z.optional(z.boolean()),
  cache_ttl: z.optional(Count),
  collect_logs: z.optional(z.boolean()),
  dlp: z.optional(
    z.union([
      z.strictObject({ enabled: z.boolean(), policies: z.array(DlpPolicy) }),
      z.strictObject({ enabled: z.boolean(), action, profiles: z.array(Text) }),
    ]),
  ),
  guardrails: z.optional(orOff(z.strictObject({ prompt: Hazards, response: Hazards }))),
  log_classification: z.optional(z.boolean()),
  log_management: z.optional(orOff(z.int().check(z.gte(10_000), z.lte(10_000_000)))),
  log_management_strategy: z.optional(orOff(z.enum(['STOP_INSERTING', 'DELETE_OLDEST']))),
  logpush: z.optional(z.boolean()),
  rate_limiting_interval: z.optional(Count),
  rate_limiting_limit: z.optional(Count),
  rate_limiting_technique: z.optional(orOff(z.enum(['fixed', 'sliding']))),
  retry_backoff: z.optional(orOff(z.enum(['constant', 'linear', 'exponential']))),
  retry_delay: z.optional(orOff(z.int().check(z.gte(0), z.lte(60_000)))),
  retry_max_attempts: z.optional(orOff(z.int().check(z.gte(1), z.lte(5)))),
  spend_limits: z.optional(
    orOff(
      z.strictObject({
        enabled: z.optional(z.boolean()),
        rules: z.optional(z.array(SpendRule).check(z.maxLength(20))),
      }),
    ),
  ),
  store_id: z.optional(orOff(Text)),
  workers_ai_billing_mode: z.optional(z.enum(['postpaid', 'unified'])),
  zdr: z.optional(z.boolean()),
});
export type GatewayDeclaration = z.infer<typeof GatewayDeclaration>;

/** Settings for which `false` stands for null. */
export const emptied: ReadonlySet<string> = new Set<keyof GatewayDeclaration>([
  'guardrails',
  'log_management',
  'log_management_strategy',
  'rate_limiting_technique',
  'retry_backoff',
  'retry_delay',
  'retry_max_attempts',
  'spend_limits',
  'store_id',
]);

/** A gateway as the account has it: its id, when it was last changed, and whatever else Cloudflare tells of it. */
export const AccountGateway = z.looseObject({
  id: z.string(),
  created_at: z.optional(z.string()),
  modified_at: z.optional(z.string()),
});
export type AccountGateway = z.infer<typeof AccountGateway>;
