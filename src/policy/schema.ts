import * as z from 'zod';
import { callerOptions } from '../core/gateway.ts';
import { credentialSources } from '../core/target.ts';
import { checkDefault, checkTarget } from './check.ts';
import { Condition } from './condition.ts';

/**
 * A secret's name as a policy may give it. Closed form: provider keys end in `_API_KEY`, so a policy can never send
 * `ROUTER_KEY` or `CF_AIG_TOKEN` to a provider. `CLOUDFLARE_API_TOKEN` is for Workers AI alone; the route check says so.
 */
export const SecretName = z
  .string()
  .regex(
    /^([A-Z][A-Z0-9_]{0,80}_API_KEY(_[A-Z0-9]{1,40})?|CLOUDFLARE_API_TOKEN)$/,
    'must be the name of a provider key such as OPENAI_API_KEY or OPENAI_API_KEY_TEAMA (or CLOUDFLARE_API_TOKEN, for Workers AI)',
  );

const identifier = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be lower case letters, digits, - and _');

const MetadataValue = z.union([z.string().max(256), z.number(), z.boolean()]);

/** AI Gateway options of a route, in the ranges of the contract sheet's 3.1. The type is `GatewayOptions` in core. */
export const GatewayRow = z.strictObject({
  id: identifier.exactOptional(),
  cacheTtlSeconds: z.int().min(60).max(2_678_400).exactOptional(),
  skipCache: z.boolean().exactOptional(),
  cacheKey: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters without spaces')
    .exactOptional(),
  collectLog: z.boolean().exactOptional(),
  collectLogPayload: z.boolean().exactOptional(),
  metadata: z
    .record(z.string().regex(/^(?!cf\.)[A-Za-z0-9_.-]{1,64}$/), MetadataValue)
    .refine((entries) => Object.keys(entries).length <= 5, 'AI Gateway takes at most five entries')
    .exactOptional(),
  customCost: z
    .strictObject({
      per_token_in: z.number().min(0).exactOptional(),
      per_token_out: z.number().min(0).exactOptional(),
      per_cache_read_token: z.number().min(0).exactOptional(),
      per_cache_write_token: z.number().min(0).exactOptional(),
      total_cost: z.number().min(0).exactOptional(),
    })
    .exactOptional(),
  requestTimeoutMs: z.int().min(1).max(3_600_000).exactOptional(),
  maxAttempts: z.int().min(1).max(5).exactOptional(),
  retryDelayMs: z.int().min(0).max(60_000).exactOptional(),
  backoff: z.enum(['constant', 'linear', 'exponential']).exactOptional(),
  eventId: z.boolean().exactOptional(),
  zdr: z.boolean().exactOptional(),
});

const carriers = z.enum(['binding', 'gateway', 'compat', 'rest']);

const credentialFields = {
  credentials: z.enum(credentialSources),
  secret: SecretName.exactOptional(),
  byokAlias: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .exactOptional(),
  carrier: carriers.exactOptional(),
};

/** One target of a route. The model is a direct name; whether everything fits together is `checkTarget`'s to say. */
export const TargetRow = z
  .strictObject({
    model: z.string().min(1).max(256),
    ...credentialFields,
    /** Share of a `weighted` route; 1 where absent. */
    weight: z.number().min(0).max(10_000).exactOptional(),
    /** All must hold for the target to be tried. */
    when: z.array(Condition).max(10).readonly().exactOptional(),
    /** Clocks in milliseconds: to the first byte, between bytes, for the whole attempt. */
    firstByteMs: z.int().min(100).max(3_600_000).exactOptional(),
    idleMs: z.int().min(100).max(3_600_000).exactOptional(),
    totalMs: z.int().min(100).max(7_200_000).exactOptional(),
    /** The dialect to speak to the target; absent: the caller's own where the provider has it, else the provider's first. */
    dialect: z.enum(['chat', 'messages', 'responses']).exactOptional(),
    options: z
      .strictObject({
        apiVersion: z
          .string()
          .regex(/^[0-9A-Za-z.-]{1,40}$/)
          .exactOptional(),
      })
      .exactOptional(),
  })
  .superRefine((row, context) => {
    for (const fault of checkTarget(row))
      context.addIssue({ code: 'custom', path: [fault.field], message: fault.message });
  });
export type TargetRow = z.infer<typeof TargetRow>;

const allow = z.array(z.enum(callerOptions)).max(callerOptions.length).readonly();

/** Parameters of the request itself, in neutral names; each dialect has its own field for them. */
export const Parameters = z.strictObject({
  /** Set where the caller sent none. */
  defaults: z
    .strictObject({
      maxOutputTokens: z.int().min(1).max(1_000_000).exactOptional(),
      temperature: z.number().min(0).max(2).exactOptional(),
      topP: z.number().min(0).max(1).exactOptional(),
    })
    .exactOptional(),
  /** Never exceeded: a caller who asks for more gets this much, one who asks for nothing too. */
  caps: z.strictObject({ maxOutputTokens: z.int().min(1).max(1_000_000).exactOptional() }).exactOptional(),
});
export type Parameters = z.infer<typeof Parameters>;

export const CoolDown = z.strictObject({
  failures: z.int().min(1).max(100),
  seconds: z.int().min(1).max(600),
});
export type CoolDown = z.infer<typeof CoolDown>;

/** One route: one KV value under `route:<name>`, strict, rejected whole when wrong. */
export const RoutePolicy = z.strictObject({
  description: z.string().max(500).exactOptional(),
  targets: z.array(TargetRow).min(1).max(6).readonly(),
  /** `ordered`: the first that fits, the others as fallback. `weighted`: one by weight, the same for a whole session. */
  strategy: z.enum(['ordered', 'weighted']).exactOptional(),
  /** A target that failed this often in a row is skipped for so long. */
  coolDown: CoolDown.exactOptional(),
  gateway: GatewayRow.exactOptional(),
  allow: allow.exactOptional(),
  parameters: Parameters.exactOptional(),
  /** What happens to a request with a feature that the target cannot carry: a 400, or served with the losses named. */
  losses: z.enum(['refuse', 'report']).exactOptional(),
});
export type RoutePolicy = z.infer<typeof RoutePolicy>;

/** The KV value `patterns`: the first that matches gives the model's real name. `*` stands for anything. */
export const Patterns = z
  .array(
    z.strictObject({
      match: z.string().regex(/^[A-Za-z0-9@._:/*-]{1,200}$/, 'must be a model name with * for anything'),
      model: z
        .string()
        .regex(/^[A-Za-z0-9@._:/{}-]{1,256}$/, 'must be a route or model name; {model} stands for what was asked'),
    }),
  )
  .max(200)
  .readonly();
export type Patterns = z.infer<typeof Patterns>;

/** How one provider's direct names are served. */
const ProviderDefault = z.strictObject({ ...credentialFields });
export type ProviderDefault = z.infer<typeof ProviderDefault>;

/** The KV value `defaults`: what holds for direct names, and for the router as a whole. */
export const Defaults = z
  .strictObject({
    /** `false`: only routes and patterns that lead to routes are served. */
    directNames: z.boolean().exactOptional(),
    /** By provider slug. A provider without a row: Workers AI by the binding, all others with a stored key. */
    providers: z.record(z.string().regex(/^[a-z0-9-]{1,64}$/), ProviderDefault).exactOptional(),
    gateway: GatewayRow.exactOptional(),
    allow: allow.exactOptional(),
    losses: z.enum(['refuse', 'report']).exactOptional(),
    /** Exact origins that browsers may call from; credentials are never allowed. Absent: no CORS. */
    corsOrigins: z
      .array(z.string().regex(/^https?:\/\/[A-Za-z0-9.:-]{1,253}$/))
      .max(50)
      .readonly()
      .exactOptional(),
    /** Largest request body in bytes. */
    maxBodyBytes: z.int().min(1024).max(104_857_600).exactOptional(),
  })
  .superRefine((defaults, context) => {
    for (const [provider, row] of Object.entries(defaults.providers ?? {}))
      for (const { field, message } of checkDefault(provider, row))
        context.addIssue({
          code: 'custom',
          path: ['providers', provider, ...(field === 'model' ? [] : [field])],
          message,
        });
  });
export type Defaults = z.infer<typeof Defaults>;
