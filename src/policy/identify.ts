import * as z from 'zod/mini';
import type { Caller } from '../core/call.ts';
import { RouterError, type Failure } from '../core/failure.ts';
import { usualRules, type LimitRules } from '../core/limits.ts';
import { bootstrapName, CallerName, CallerPolicy, KeyRecord, stateOf } from './caller-schema.ts';
import { isOneKey, isPlausible, maskKey, sameKey, type Presented } from './callers.ts';
import type { IssuerKeys } from './jwks.ts';
import { checkForm, digestOf } from './keys.ts';
import { OidcPolicy } from './oidc-schema.ts';
import { isIssuedForUs, looksLikeToken, verifyToken } from './oidc.ts';
import { sayFaults, type PolicyStore } from './store.ts';

/** What identifying a caller needs of the world. */
export interface Gatehouse {
  /** The secret `ROUTER_KEY`. */
  readonly routerKey: string | undefined;
  readonly policy: Pick<PolicyStore, 'find'>;
  readonly issuers: IssuerKeys;
  readonly nowMs: number;
  /** Tells the operator why someone was refused: the answer says the same to all (threats.md T59). */
  readonly warn: (fields: Record<string, string>) => void;
}

/**
 * Tells who calls: the holder of `ROUTER_KEY`, of a virtual key, or of a token that the policy `oidc` lets in. Throws
 * `no-key`, `wrong-key`, `not-configured` or, where a record cannot be used, `broken-policy`; never serves instead.
 */
export async function identifyCaller(presented: Presented, gatehouse: Gatehouse): Promise<Caller> {
  const { routerKey } = gatehouse;
  if (routerKey === undefined || routerKey === '')
    throw new RouterError({ kind: 'not-configured', binding: 'ROUTER_KEY' });
  const { routerKey: key, assertion } = presented;
  if (key !== undefined) {
    if (isPlausible(key) && (await sameKey(key, routerKey))) return { name: bootstrapName, kind: 'bootstrap' };
    const found = await (looksLikeToken(key) ? byToken(key, gatehouse) : byKey(key, gatehouse));
    return letIn(found, { kind: 'wrong-key', shown: maskKey(key) }, gatehouse);
  }
  if (assertion === undefined) throw new RouterError({ kind: 'no-key' });
  // Access vouches for everyone behind it, whether the policy names it or not: to others a key is missing.
  return letIn(await byToken(assertion, gatehouse), { kind: 'no-key' }, gatehouse);
}

/**
 * The caller's own provider key, where it is one. A credential of the router's in its place (a client given one key for
 * everything) must go nowhere.
 */
export async function providerKeyOf(
  { callerKey }: Presented,
  { routerKey, policy }: Pick<Gatehouse, 'routerKey' | 'policy'>,
): Promise<string | undefined> {
  if (callerKey === undefined || !isOneKey(callerKey) || checkForm(callerKey) !== 'foreign') return undefined;
  if (routerKey !== undefined && (await sameKey(callerKey, routerKey))) return undefined;
  const isOurs = looksLikeToken(callerKey) && isIssuedForUs(callerKey, await readOidc(policy));
  return isOurs ? undefined : callerKey;
}

/** What looking for a caller came to. `missing`: nobody wrote a record of that name. */
export type Found =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'missing' | 'refused'; readonly reason: string };

/**
 * The caller of a name, for whoever is known by other means (a service binding's props). Throws `broken-policy`.
 */
export async function findCaller(
  { name, kind }: Pick<Caller, 'name' | 'kind'>,
  policy: Pick<PolicyStore, 'find'>,
): Promise<Found> {
  if (!CallerName.safeParse(name).success) return refused('is no name of a caller');
  const found = await readRecord(policy, `caller:${name}`, judgedCaller);
  if (found === undefined) return { kind: 'missing', reason: `the caller ${name} does not exist` };
  if (found.disabled === true) return refused(`the caller ${name} is disabled`);
  return { kind: 'caller', caller: callerOf({ name, kind, policy: found }) };
}

async function byKey(key: string, { policy, nowMs }: Gatehouse): Promise<Found> {
  const form = isPlausible(key) ? checkForm(key) : 'foreign';
  if (form === 'foreign') return refused('is no key of this router');
  if (form === 'mistyped') return refused('is mistyped: the checksum does not fit');
  const digest = await digestOf(key);
  const record = await readRecord(policy, `key:${digest}`, judgedKey);
  if (record === undefined) return refused('is not known');
  const state = stateOf(record, nowMs);
  if (state !== 'live') return refused(`key ${digest.slice(0, 12)} of ${record.caller} is ${state}`);
  return findCaller({ name: record.caller, kind: 'key' }, policy);
}

async function byToken(token: string, { policy, issuers, nowMs }: Gatehouse): Promise<Found> {
  const verdict = await verifyToken(token, { rows: await readOidc(policy), keys: issuers, nowMs });
  if (verdict.kind === 'refused') return refused(`token: ${verdict.reason}`);
  return findCaller({ name: verdict.name, kind: 'oidc' }, policy);
}

async function readOidc(policy: Pick<PolicyStore, 'find'>): Promise<OidcPolicy> {
  return (await readRecord(policy, 'oidc', judgedOidc)) ?? [];
}

type Refusal = Extract<Failure, { kind: 'no-key' | 'wrong-key' }>;

/** The caller who was found; else the same refusal to all, and the reason to the operator. */
function letIn(found: Found, otherwise: Refusal, { warn }: Gatehouse): Caller {
  if (found.kind === 'caller') return found.caller;
  warn({ event: 'caller-refused', reason: found.reason });
  throw new RouterError(otherwise);
}

function callerOf({ name, kind, policy }: { name: string; kind: Caller['kind']; policy: CallerPolicy }): Caller {
  const { group, models, routes, sources, limits, routeLimits, tags } = policy;
  const rules = rulesOf(policy);
  return {
    name,
    kind,
    ...(group !== undefined && { group }),
    ...(models !== undefined && { models }),
    ...(routes !== undefined && { routes }),
    ...(sources !== undefined && { sources }),
    ...(limits !== undefined && { limits }),
    ...(routeLimits !== undefined && { routeLimits: new Map(Object.entries(routeLimits)) }),
    ...(rules !== undefined && { rules }),
    ...(tags !== undefined && { tags }),
  };
}

function rulesOf({ counting, unknownPrice, moneyOutage, rateOutage }: CallerPolicy): LimitRules | undefined {
  const named = {
    ...(counting !== undefined && { counting }),
    ...(unknownPrice !== undefined && { unknownPrice }),
    ...(moneyOutage !== undefined && { moneyOutage }),
    ...(rateOutage !== undefined && { rateOutage }),
  };
  return Object.keys(named).length === 0 ? undefined : { ...usualRules, ...named };
}

type Judged<T> = { readonly value: T } | { readonly fault: string };

/**
 * A schema that takes anything and says what is wrong with it. The store serves the last good value in place of one that a
 * schema refuses: right for routes, but a caller who was shut out by a record with a typo in it would stay in.
 */
function judged<T>(schema: z.core.$ZodType<T>) {
  return z.transform((value: unknown): Judged<T> => {
    const parsed = z.safeParse(schema, value);
    return parsed.success ? { value: parsed.data } : { fault: sayFaults(parsed.error) };
  });
}

const judgedCaller = judged(CallerPolicy);
const judgedKey = judged(KeyRecord);
const judgedOidc = judged(OidcPolicy);

async function readRecord<T>(
  policy: Pick<PolicyStore, 'find'>,
  key: string,
  schema: z.core.$ZodType<Judged<T>>,
): Promise<T | undefined> {
  const found = await policy.find(key, schema);
  if (found === undefined) return undefined;
  if ('fault' in found) throw new RouterError({ kind: 'broken-policy', name: key, message: found.fault });
  return found.value;
}

function refused(reason: string): Found {
  return { kind: 'refused', reason };
}
