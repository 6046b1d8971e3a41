import * as z from 'zod/mini';
import { callerOptions } from '../core/gateway.ts';
import { credentialSources } from '../core/target.ts';
import { checkDefault, checkTarget } from './check.ts';
import { Condition } from './condition.ts';
import { atLeastZero, number, text, whole } from './field.ts';

/**
 * A secret's name as a policy may give it. Closed form: provider keys end in `_API_KEY`, so a policy can never send
 * `ROUTER_KEY` or `CF_AIG_TOKEN` to a provider. `CLOUDFLARE_API_TOKEN` is for Workers AI alone; the route check says so.
 */
export const SecretName = text(
  /^([A-Z][A-Z0-9_]{0,80}_API_KEY(_[A-Z0-9]{1,40})?|CLOUDFLARE_API_TOKEN)$/,
  'must be the name of a provider key such as OPENAI_API_KEY or OPENAI_API_KEY_TEAMA (or CLOUDFLARE_API_TOKEN, for Workers AI)',
);

const identifier = text(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be lower case letters, digits, - and _');

const MetadataValue = z.union([z.string().check(z.maxLength(256)), z.number(), z.boolean()]);

/** AI Gateway options of a route, in the ranges of the contract sheet's 3.1. The type is `GatewayOptions` in core. */
export const GatewayRow = z.strictObject({
  id: z.exactOptional(identifier),
  cacheTtlSeconds: z.exactOptional(whole(60, 2_678_400)),
  skipCache: z.exactOptional(z.boolean()),
  cacheKey: z.exactOptional(text(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters without spaces')),
  collectLog: z.exactOptional(z.boolean()),
  collectLogPayload: z.exactOptional(z.boolean()),
  metadata: z.exactOptional(
    z
      .record(text(/^(?!cf\.)[A-Za-z0-9_.-]{1,64}$/), MetadataValue)
      .check(z.refine((entries) => Object.keys(entries).length <= 5, 'AI Gateway takes at most five entries')),
  ),
  customCost: z.exactOptional(
    z.strictObject({
      per_token_in: z.exactOptional(atLeastZero),
      per_token_out: z.exactOptional(atLeastZero),
      per_cache_read_token: z.exactOptional(atLeastZero),
      per_cache_write_token: z.exactOptional(atLeastZero),
      total_cost: z.exactOptional(atLeastZero),
    }),
  ),
  requestTimeoutMs: z.exactOptional(whole(1, 3_600_000)),
  maxAttempts: z.exactOptional(whole(1, 5)),
  retryDelayMs: z.exactOptional(whole(0, 60_000)),
  backoff: z.exactOptional(z.enum(['constant', 'linear', 'exponential'])),
  eventId: z.exactOptional(z.boolean()),
  zdr: z.exactOptional(z.boolean()),
});

const carriers = z.enum(['binding', 'gateway', 'compat', 'rest']);

const credentialFields = {
  credentials: z.enum(credentialSources),
  secret: z.exactOptional(SecretName),
  byokAlias: z.exactOptional(text(/^[A-Za-z0-9_-]{1,64}$/)),
  carrier: z.exactOptional(carriers),
};

/** One target of a route. The model is a direct name; whether everything fits together is `checkTarget`'s to say. */
export const TargetRow = z
  .strictObject({
    model: z.string().check(z.minLength(1), z.maxLength(256)),
    ...credentialFields,
    /** Share of a `weighted` route; 1 where absent. */
    weight: z.exactOptional(number(0, 10_000)),
    /** All must hold for the target to be tried. */
    when: z.exactOptional(z.readonly(z.array(Condition).check(z.maxLength(10)))),
    /** Clocks in milliseconds: to the first byte, between bytes, for the whole attempt. */
    firstByteMs: z.exactOptional(whole(100, 3_600_000)),
    idleMs: z.exactOptional(whole(100, 3_600_000)),
    totalMs: z.exactOptional(whole(100, 7_200_000)),
    /** The dialect to speak to the target; absent: the caller's own where the provider has it, else the provider's first. */
    dialect: z.exactOptional(z.enum(['chat', 'messages', 'responses'])),
    options: z.exactOptional(z.strictObject({ apiVersion: z.exactOptional(text(/^[0-9A-Za-z.-]{1,40}$/)) })),
  })
  .check(
    z.superRefine((row, context) => {
      for (const { field, message } of checkTarget(row)) context.addIssue({ code: 'custom', path: [field], message });
    }),
  );
export type TargetRow = z.infer<typeof TargetRow>;

const allow = z.readonly(z.array(z.enum(callerOptions)).check(z.maxLength(callerOptions.length)));

/** Parameters of the request itself, in neutral names; each dialect has its own field for them. */
export const Parameters = z.strictObject({
  /** Set where the caller sent none. */
  defaults: z.exactOptional(
    z.strictObject({
      maxOutputTokens: z.exactOptional(whole(1, 1_000_000)),
      temperature: z.exactOptional(number(0, 2)),
      topP: z.exactOptional(number(0, 1)),
    }),
  ),
  /** Never exceeded: a caller who asks for more gets this much, one who asks for nothing too. */
  caps: z.exactOptional(z.strictObject({ maxOutputTokens: z.exactOptional(whole(1, 1_000_000)) })),
});
export type Parameters = z.infer<typeof Parameters>;

export const CoolDown = z.strictObject({
  failures: whole(1, 100),
  seconds: whole(1, 600),
});
export type CoolDown = z.infer<typeof CoolDown>;

/** One route: one KV value under `route:<name>`, strict, rejected whole when wrong. */
export const RoutePolicy = z.strictObject({
  description: z.exactOptional(z.string().check(z.maxLength(500))),
  targets: z.readonly(z.array(TargetRow).check(z.minLength(1), z.maxLength(6))),
  /** `ordered`: the first that fits, the others as fallback. `weighted`: one by weight, the same for a whole session. */
  strategy: z.exactOptional(z.enum(['ordered', 'weighted'])),
  /** A target that failed this often in a row is skipped for so long. */
  coolDown: z.exactOptional(CoolDown),
  gateway: z.exactOptional(GatewayRow),
  allow: z.exactOptional(allow),
  parameters: z.exactOptional(Parameters),
  /**
   * What happens to a request with a feature that the target cannot carry: a 400, or served with the losses named. Absent: a 400,
   * but for hosted tools that are only offered to the model.
   */
  losses: z.exactOptional(z.enum(['refuse', 'report'])),
});
export type RoutePolicy = z.infer<typeof RoutePolicy>;

/** The KV value `patterns`: the first that matches gives the model's real name. `*` stands for anything. */
export const Patterns = z.readonly(
  z
    .array(
      z.strictObject({
        match: text(/^[A-Za-z0-9@._:/*-]{1,200}$/, 'must be a model name with * for anything'),
        model: text(/^[A-Za-z0-9@._:/{}-]{1,256}$/, 'must be a route or model name; {model} stands for what was asked'),
      }),
    )
    .check(z.maxLength(200)),
);
export type Patterns = z.infer<typeof Patterns>;

/** How one provider's direct names are served. */
const ProviderDefault = z.strictObject({ ...credentialFields });
export type ProviderDefault = z.infer<typeof ProviderDefault>;

/** The KV value `defaults`: what holds for direct names, and for the router as a whole. */
export const Defaults = z
  .strictObject({
    /** `false`: only routes and patterns that lead to routes are served. */
    directNames: z.exactOptional(z.boolean()),
    /** By provider slug. A provider without a row: Workers AI by the binding, all others with a stored key. */
    providers: z.exactOptional(z.record(text(/^[a-z0-9-]{1,64}$/), ProviderDefault)),
    gateway: z.exactOptional(GatewayRow),
    allow: z.exactOptional(allow),
    losses: z.exactOptional(z.enum(['refuse', 'report'])),
    /** Exact origins that browsers may call from; credentials are never allowed. Absent: no CORS. */
    corsOrigins: z.exactOptional(
      z.readonly(z.array(text(/^https?:\/\/[A-Za-z0-9.:-]{1,253}$/)).check(z.maxLength(50))),
    ),
    /** Largest request body in bytes. */
    maxBodyBytes: z.exactOptional(whole(1024, 104_857_600)),
  })
  .check(
    z.superRefine(({ providers = {} }, context) => {
      for (const [provider, row] of Object.entries(providers)) {
        for (const { field, message } of checkDefault(provider, row)) {
          const path = ['providers', provider, ...(field === 'model' ? [] : [field])];
          context.addIssue({ code: 'custom', path, message });
        }
      }
    }),
  );
export type Defaults = z.infer<typeof Defaults>;
