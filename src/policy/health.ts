import type { Target } from '../core/target.ts';
import type { CoolDown } from './schema.ts';

interface Health {
  /** Failures in a row. */
  readonly failures: number;
  /** When it may be tried again, in timer milliseconds. */
  readonly coolUntilMs: number;
}

/**
 * How the targets have fared lately, in this isolate: another isolate has its own picture, and a new one has none. Shared
 * by all routes, bounded to 500 targets.
 */
export type HealthMemo = Map<string, Health>;

const mostTargets = 500;
/** A target that names a wait is left alone for as long as it says, up to this. */
const longestNamedWaitSeconds = 60;

/** Seconds for which a target is still skipped; `undefined` where it may be tried. */
export function coolingSeconds(memo: HealthMemo, target: Target, nowMs: number): number | undefined {
  const left = (memo.get(keyOf(target))?.coolUntilMs ?? 0) - nowMs;
  return left > 0 ? left / 1000 : undefined;
}

/** What is remembered of one try. */
export interface Fared {
  readonly target: Target;
  readonly answered: boolean;
  /** The wait that the upstream asked for. */
  readonly retryAfterSeconds?: number | undefined;
  readonly rule: CoolDown;
  readonly nowMs: number;
}

/** Remembers how a try went. An answer wipes the slate clean. */
export function noteHealth(memo: HealthMemo, { target, answered, retryAfterSeconds, rule, nowMs }: Fared): void {
  const key = keyOf(target);
  const failures = answered ? 0 : (memo.get(key)?.failures ?? 0) + 1;
  memo.delete(key);
  if (failures === 0) return;
  const named = Math.min(retryAfterSeconds ?? 0, longestNamedWaitSeconds);
  const earned = failures >= rule.failures ? rule.seconds : 0;
  memo.set(key, { failures, coolUntilMs: nowMs + Math.max(named, earned) * 1000 });
  const oldest = memo.keys().next();
  if (memo.size > mostTargets && oldest.done !== true) memo.delete(oldest.value);
}

/** The same model by another credential or gateway is another target. */
function keyOf({ name, carrier, credentials, secret, byokAlias, gateway }: Target): string {
  return JSON.stringify([name, carrier, credentials, secret, byokAlias, gateway.id]);
}
