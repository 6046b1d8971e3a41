import * as z from 'zod/mini';
import { CallerPolicy, KeyRecord } from '../policy/caller-schema.ts';
import { number, text, whole } from '../policy/field.ts';
import { RoutePolicy } from '../policy/schema.ts';

/* The shapes of the admin plane's answers, for its documents. A test holds real answers against them. */

const count = number(0, Number.MAX_SAFE_INTEGER);

export const Key = z.extend(KeyRecord, {
  id: text(/^[0-9a-f]{64}$/),
  state: z.enum(['live', 'disabled', 'expired']),
});

/** `key` is shown this once. */
export const MadeKey = z.extend(Key, { key: z.string() });

export const Keys = z.strictObject({ keys: z.array(Key) });

/** `fault` in place of `policy` where what is stored cannot be used. */
export const Caller = z.strictObject({
  name: z.string(),
  policy: z.exactOptional(CallerPolicy),
  fault: z.exactOptional(z.string()),
  keys: z.array(Key),
});

/** `next`: there are more; ask again with `after` set to it. */
export const Callers = z.strictObject({ callers: z.array(Caller), next: z.exactOptional(z.string()) });

export const DeletedCaller = z.strictObject({ name: z.string(), keys: count });

/** Each of its fields replaces the stored one whole; `null` takes it away. */
export const CallerChanges = z.strictObject(
  Object.fromEntries(
    Object.entries(CallerPolicy.shape).map(([name, schema]) => [name, z.exactOptional(z.nullable(innerOf(schema)))]),
  ),
);

/** What stands in an optional field. */
function innerOf(schema: z.ZodMiniExactOptional): z.core.$ZodType {
  return schema.def.innerType;
}

/** Money is in whole nano-USD (1e-9 USD). `unpriced` requests have usage whose price is not known: they are in no sum. */
export const Usage = z.strictObject({
  from: z.string(),
  to: z.string(),
  by: z.array(z.string()),
  lines: z.array(
    z.strictObject({
      caller: z.string(),
      day: z.exactOptional(z.string()),
      route: z.exactOptional(z.string()),
      model: z.exactOptional(z.string()),
      target: z.exactOptional(z.string()),
      requests: count,
      errors: count,
      unpriced: count,
      nanoUsd: count,
      input: count,
      cachedRead: count,
      cachedWrite: count,
      output: count,
      reasoning: count,
    }),
  ),
  next: z.exactOptional(z.string()),
});

/** `most` and `left` are in the limit's own unit, money in whole nano-USD. With `route`: the limit on that route. */
export const LimitsNow = z.strictObject({
  caller: z.string(),
  limits: z.array(
    z.strictObject({
      limit: z.enum(['requestsPerMinute', 'tokensPerMinute', 'concurrent', 'usdPerDay', 'usdPerMonth']),
      route: z.exactOptional(z.string()),
      most: count,
      left: count,
      resetSeconds: count,
    }),
  ),
});

/** `fault` in place of `policy` where what is stored cannot be used. */
export const Route = z.strictObject({
  name: z.string(),
  policy: z.exactOptional(RoutePolicy),
  fault: z.exactOptional(z.string()),
});

export const Routes = z.strictObject({ routes: z.array(Route), next: z.exactOptional(z.string()) });

export const PutRoute = z.strictObject({
  name: z.string(),
  policy: RoutePolicy,
  change: z.enum(['created', 'replaced', 'none']),
});

const version = whole(1, Number.MAX_SAFE_INTEGER);

/** `version` is what a rollback brings back. */
export const DeletedRoute = z.strictObject({ name: z.string(), version });

/** The latest first. `change` is what ended the version, at `atIso`. */
export const RouteVersions = z.strictObject({
  name: z.string(),
  versions: z.array(z.strictObject({ version, atIso: z.string(), change: z.string() })),
});

export const RolledBack = z.strictObject({ name: z.string(), policy: RoutePolicy, version });
