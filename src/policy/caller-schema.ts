import * as z from 'zod/mini';
import { credentialSources } from '../core/target.ts';
import { number, text, whole } from './field.ts';
import { isRouteName } from './names.ts';

/** The bootstrap caller's name: a caller in KV of that name would share its ledger. */
export const bootstrapName = 'router';

/** A caller's name, as in KV (`caller:<name>`), records and messages. */
export const CallerName = text(
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
  'must be 1 to 64 letters, digits, "_", "-" and "."',
).check(z.refine((name) => name !== bootstrapName, `"${bootstrapName}" is the holder of ROUTER_KEY`));

/** A route's name, as in KV (`route:<name>`). */
export const RouteName = z.string().check(z.refine(isRouteName, 'must be the name of a route'));

const NamePattern = text(/^[A-Za-z0-9@._:/*-]{1,200}$/, 'must be a model name with * for anything');

/** From a nano-USD up to what a double holds exactly in nano-USD. */
const Usd = number(1e-9, 9_000_000);

/** Limits as policies write them. The type is `Limits` in core. */
export const LimitsRow = z.strictObject({
  requestsPerMinute: z.exactOptional(whole(1, 10_000_000)),
  tokensPerMinute: z.exactOptional(whole(1, 1_000_000_000_000)),
  concurrent: z.exactOptional(whole(1, 100_000)),
  usdPerDay: z.exactOptional(Usd),
  usdPerMonth: z.exactOptional(Usd),
});

const Outage = z.enum(['closed', 'open']);

function atMost<T>(count: number): z.core.$ZodCheck<Record<string, T>> {
  return z.refine((entries) => Object.keys(entries).length <= count, `takes at most ${count} entries`);
}

/** The KV value `caller:<name>`: what a caller may do, strict, rejected whole when wrong. */
export const CallerPolicy = z.strictObject({
  description: z.exactOptional(z.string().check(z.maxLength(500))),
  /** A group of callers, for conditions on targets. */
  group: z.exactOptional(
    text(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be 1 to 64 letters, digits, "_", "-" and "."'),
  ),
  /** Names that may be asked for, `*` for anything. Absent, and `routes` too: all. */
  models: z.exactOptional(z.readonly(z.array(NamePattern).check(z.maxLength(100)))),
  /** Routes that may be asked for, besides what `models` grants. */
  routes: z.exactOptional(z.readonly(z.array(RouteName).check(z.maxLength(100)))),
  /** Credential sources that targets may use for this caller. Absent: all. */
  sources: z.exactOptional(z.readonly(z.array(z.enum(credentialSources)).check(z.maxLength(credentialSources.length)))),
  limits: z.exactOptional(LimitsRow),
  /** Limits on single routes, by route name, beside the caller's own. */
  routeLimits: z.exactOptional(z.record(RouteName, LimitsRow).check(atMost(50))),
  /** How limits are counted and what happens when they cannot be: see `LimitRules` in core, `usualRules` where absent. */
  counting: z.exactOptional(z.enum(['strict', 'leased'])),
  unknownPrice: z.exactOptional(z.enum(['allow', 'refuse'])),
  moneyOutage: z.exactOptional(Outage),
  rateOutage: z.exactOptional(Outage),
  disabled: z.exactOptional(z.boolean()),
  /** Tags for usage records. */
  tags: z.exactOptional(
    z.record(text(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/), z.string().check(z.maxLength(200))).check(atMost(10)),
  ),
});
export type CallerPolicy = z.infer<typeof CallerPolicy>;

/** A moment in UTC: always with its `Z`, for `Date.parse` takes what has none for local time. */
export const Moment = text(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/,
  'must be a moment in UTC such as 2027-01-31T00:00:00Z',
).check(z.refine((moment) => !Number.isNaN(Date.parse(moment)), 'is no moment that exists'));

/** The KV value `key:<SHA-256 of the key, hex>`. Two keys a caller, so that one can be exchanged while the other works. */
export const KeyRecord = z.strictObject({
  caller: CallerName,
  slot: z.union([z.literal(1), z.literal(2)]),
  createdAt: Moment,
  expiresAt: z.exactOptional(Moment),
  disabled: z.exactOptional(z.boolean()),
  label: z.exactOptional(z.string().check(z.maxLength(100))),
});
export type KeyRecord = z.infer<typeof KeyRecord>;

/** Whether a key opens the router at this moment; asked at every use, however long the record has been in a memo. */
export function stateOf(record: KeyRecord, nowMs: number): 'live' | 'disabled' | 'expired' {
  if (record.disabled === true) return 'disabled';
  return record.expiresAt !== undefined && Date.parse(record.expiresAt) <= nowMs ? 'expired' : 'live';
}
