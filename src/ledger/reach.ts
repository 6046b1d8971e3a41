import { field } from '../core/json.ts';
import type { Timer } from '../wire/stream.ts';
import type { LedgerNamespace, LedgerObject } from './object.ts';

/** What reaching an object takes. */
export interface Reach {
  readonly namespace: LedgerNamespace;
  readonly timer: Timer;
}

/** One call to a caller's object. It must be repeatable: all of the object's calls go by ids. */
export interface ObjectCall<T> {
  readonly caller: string;
  readonly call: (object: LedgerObject) => Promise<T>;
  readonly mostMs: number;
}

export type Reached<T> =
  | { readonly kind: 'answered'; readonly value: T }
  /** `late`: no answer in time, the call may still take effect. `overloaded`: it did not. */
  | { readonly kind: 'failed'; readonly reason: 'late' | 'overloaded' | 'broken' };

/** Waits before each try of a call that no caller waits for, in milliseconds. */
const triesMs = [0, 100, 1_000] as const;

/**
 * Calls an object within a time. An error that Cloudflare marks `.retryable` is tried once more, with a new stub, since the
 * old one is broken; `.overloaded` never is, which would make it worse. Both tries share the time. Never throws.
 */
export async function reachInTime<T>(reach: Reach, { caller, call, mostMs }: ObjectCall<T>): Promise<Reached<T>> {
  const over = new AbortController();
  const late = reach.timer.wait(mostMs, over.signal).then(
    () => ({ kind: 'failed', reason: 'late' }) as const,
    () => ({ kind: 'failed', reason: 'late' }) as const,
  );
  const trying = callOnce(reach, caller, call).catch(async (error: unknown) =>
    isRetryable(error) ? callOnce(reach, caller, call) : Promise.reject(error),
  );
  const answered = trying.then(
    (value) => ({ kind: 'answered', value }) as const,
    (error: unknown) => ({ kind: 'failed', reason: isOverloaded(error) ? 'overloaded' : 'broken' }) as const,
  );
  return Promise.race([answered, late]).finally(() => over.abort());
}

/** Calls an object, three times if it must be. Never throws; `false` where nothing was confirmed. */
export async function reachAtLast(reach: Reach, wanted: ObjectCall<unknown>): Promise<boolean> {
  for (const waitMs of triesMs) {
    if (waitMs > 0) await reach.timer.wait(waitMs);
    const reached = await reachInTime(reach, wanted);
    if (reached.kind === 'answered') return true;
  }
  return false;
}

/** A new stub every time: one that threw stays broken. */
async function callOnce<T>({ namespace }: Reach, caller: string, call: ObjectCall<T>['call']): Promise<T> {
  return call(namespace.getByName(caller));
}

function isRetryable(error: unknown): boolean {
  return field(error, 'retryable') === true && !isOverloaded(error);
}

function isOverloaded(error: unknown): boolean {
  return field(error, 'overloaded') === true;
}
