import type { Admission, Ask, Bill, LimitState } from '../core/limits.ts';
import { exceededIn, isUnpriced, statesOf, type Measure } from './gauge.ts';
import { billedAmounts, closedMs, expiredMs, holdMs, leaseHoldMs, noHold, type Hold } from './hold.ts';
import type { BookChanges, KeptBook, LimitQuestion } from './kept.ts';
import type { Leased, LeaseAsk, LeaseReturn } from './lease.ts';
import { countIn, secondOf } from './minute.ts';
import * as scopes from './scope.ts';
import { minus, plus, wholeOf } from './whole.ts';

const ownKey = 'own';
/** Between two sweeps that only forget what is closed. */
const sweepMs = 10_000;

/**
 * One caller's book: what was counted, spent and is held. Synchronous, without clock or storage: time comes in with each
 * call, never runs backwards, and what changed is taken out to be written.
 *
 * Money is charged to the UTC day and month in which it is settled; until then it is held against every window. Tokens
 * count in the second of the reservation, and what went over the estimate in the second of the bill.
 */
export class Book {
  readonly #scopes = new Map<string, scopes.Scope>();
  readonly #holds = new Map<string, Hold>();
  readonly #changedHolds = new Set<string>();
  readonly #changedScopes = new Set<string>();
  #nowMs = 0;
  #sweepDueMs = Number.POSITIVE_INFINITY;

  constructor(kept: KeptBook = { holds: [], scopes: [] }) {
    for (const [key, scope] of kept.scopes) this.#scopes.set(key, scopes.readScope(scope));
    for (const hold of kept.holds) {
      this.#holds.set(hold.id, hold);
      this.#sweepDueMs = Math.min(this.#sweepDueMs, hold.dueMs);
      if (hold.state === 'held') for (const [, scope] of this.#scopesOf(hold.route)) scopes.holdIn(scope, hold);
    }
  }

  /** Admits a request and holds its estimate, or says which limit it goes over: the one that takes longest to have room. */
  reserve(ask: Ask): Admission {
    return this.#admit(ask, { id: ask.reservationId, copies: 1, lifetimeMs: holdMs });
  }

  /** Holds a slice for an isolate: `copies` times the ask, or once where that is too much. */
  lease({ leaseId: id, ask, copies }: LeaseAsk): Leased {
    const many = this.#admit(ask, { id, copies: Math.max(wholeOf(copies), 1), lifetimeMs: leaseHoldMs });
    const admission = many.kind === 'refused' ? this.#admit(ask, { id, copies: 1, lifetimeMs: leaseHoldMs }) : many;
    return { admission, copies: admission.kind === 'admitted' ? (this.#holds.get(id)?.requests ?? 0) : 0 };
  }

  /** Ends a slice: charges what was settled under it, and holds for itself what is still running. */
  giveBack(back: LeaseReturn): void {
    const nowMs = this.#advance(back.nowMs);
    const lease = this.#holds.get(back.leaseId) ?? noHold(back.leaseId, back.route, nowMs);
    if (lease.state === 'closed') return;
    const tokens = back.open.reduce((sum, open) => plus(sum, wholeOf(open.tokens)), wholeOf(back.settled.tokens));
    const requests = plus(wholeOf(back.settled.requests), back.open.length);
    this.#close(lease, { requests, tokens, nanoUsd: wholeOf(back.settled.nanoUsd) }, nowMs);
    for (const open of back.open) this.#takeOver(lease, open, nowMs);
  }

  /** Replaces a hold by what the request came to. Without a hold, what the bill says is charged all the same. */
  settle(bill: Bill): void {
    const nowMs = this.#advance(bill.nowMs);
    const route = this.#scopes.has(keyOf(bill.route)) ? bill.route : undefined;
    const hold = this.#holds.get(bill.reservationId) ?? noHold(bill.reservationId, route, nowMs);
    if (hold.state === 'closed') return;
    this.#close(hold, billedAmounts(hold, bill), nowMs);
  }

  /** Charges holds that nobody settled in time, and forgets what is over. */
  expire(nowMs: number): void {
    this.#advance(nowMs);
  }

  /** How the limits stand. */
  states(question: LimitQuestion): readonly LimitState[] {
    const nowMs = this.#advance(question.nowMs);
    return this.#measures(question).flatMap((measure) => statesOf(measure, nowMs));
  }

  /** When {@link expire} has something to do again, in milliseconds; `undefined`: never. */
  get dueMs(): number | undefined {
    return Number.isFinite(this.#sweepDueMs) ? this.#sweepDueMs : undefined;
  }

  /** Whether {@link takeChanges} has anything to give. */
  get isChanged(): boolean {
    return this.#changedHolds.size > 0 || this.#changedScopes.size > 0;
  }

  /** What changed since the last time. */
  takeChanges(): BookChanges {
    const changes = {
      holds: new Map([...this.#changedHolds].map((id) => [id, this.#holds.get(id)])),
      scopes: new Map([...this.#changedScopes].map((key) => [key, this.#keptScope(key)])),
    };
    this.#changedHolds.clear();
    this.#changedScopes.clear();
    return changes;
  }

  #keptScope(key: string): scopes.KeptScope | undefined {
    const scope = this.#scopes.get(key);
    return scope === undefined ? undefined : scopes.keepScope(scope);
  }

  #admit(ask: Ask, { id, copies, lifetimeMs }: { id: string; copies: number; lifetimeMs: number }): Admission {
    const nowMs = this.#advance(ask.nowMs);
    const measures = this.#measures(ask);
    const states = (): readonly LimitState[] => measures.flatMap((measure) => statesOf(measure, nowMs));
    // A repeat, whose first answer was lost on the way.
    if (this.#holds.has(id)) return { kind: 'admitted', states: states() };
    if (isUnpriced(ask)) return { kind: 'unpriced' };
    const amounts = {
      requests: copies,
      tokens: wholeOf(wholeOf(ask.tokens) * copies),
      nanoUsd: wholeOf(wholeOf(ask.nanoUsd) * copies),
    };
    const [exceeded] = measures
      .flatMap((measure) => exceededIn(measure, amounts, nowMs))
      .toSorted((a, b) => b.resetSeconds - a.resetSeconds);
    if (exceeded !== undefined) return { kind: 'refused', exceeded, states: states() };
    const route = ask.routeLimits === undefined ? {} : { route: ask.route };
    const times = { madeMs: nowMs, chargedMs: nowMs, dueMs: nowMs + lifetimeMs };
    this.#hold({ id, ...route, state: 'held', ...amounts, ...times });
    for (const { scope } of measures) countIn(scope.minute, secondOf(nowMs), amounts);
    return { kind: 'admitted', states: states() };
  }

  /** A request that outlives its slice. Its tokens were counted with the slice; one that was settled meanwhile stays so. */
  #takeOver(lease: Hold, open: LeaseReturn['open'][number], nowMs: number): void {
    if (this.#holds.has(open.reservationId)) return;
    const amounts = { requests: 1, tokens: wholeOf(open.tokens), nanoUsd: wholeOf(open.nanoUsd) };
    this.#hold({ ...lease, id: open.reservationId, state: 'held', ...amounts, dueMs: nowMs + holdMs });
  }

  #hold(hold: Hold): void {
    this.#keep(hold);
    for (const [, scope] of this.#scopesOf(hold.route)) scopes.holdIn(scope, hold);
  }

  #close(hold: Hold, used: scopes.Amounts, nowMs: number): void {
    for (const [, scope] of this.#scopesOf(hold.route)) {
      scopes.recount(scope, { was: hold, is: used, countedMs: hold.madeMs, nowMs });
      if (hold.state === 'held') scopes.release(scope, hold);
      // An expired hold was charged with its estimate: only the difference is left.
      const charged = hold.state === 'held' ? 0 : hold.nanoUsd;
      scopes.spend(scope, minus(used.nanoUsd, charged));
      scopes.unspend(scope, minus(charged, used.nanoUsd), hold.chargedMs);
    }
    this.#keep({ ...hold, ...used, state: 'closed', dueMs: nowMs + closedMs });
  }

  #keep(hold: Hold): void {
    this.#holds.set(hold.id, hold);
    this.#changedHolds.add(hold.id);
    for (const [key] of this.#scopesOf(hold.route)) this.#changedScopes.add(key);
    this.#sweepDueMs = Math.min(this.#sweepDueMs, hold.dueMs);
  }

  /** Time passes: what is due expires or is forgotten, and windows that are over begin anew. */
  #advance(nowMs: number): number {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    for (const scope of this.#scopes.values()) scopes.turnScope(scope, this.#nowMs);
    if (this.#nowMs >= this.#sweepDueMs) this.#sweep(this.#nowMs);
    return this.#nowMs;
  }

  #sweep(nowMs: number): void {
    for (const hold of this.#holds.values()) if (hold.dueMs <= nowMs) this.#end(hold, nowMs);
    for (const key of this.#scopes.keys()) this.#forgetScope(key);
    let dueMs = Number.POSITIVE_INFINITY;
    for (const hold of this.#holds.values())
      dueMs = Math.min(dueMs, hold.state === 'held' ? hold.dueMs : Math.max(hold.dueMs, nowMs + sweepMs));
    this.#sweepDueMs = dueMs;
  }

  #end(hold: Hold, nowMs: number): void {
    if (hold.state !== 'held') {
      this.#holds.delete(hold.id);
      this.#changedHolds.add(hold.id);
      return;
    }
    for (const [, scope] of this.#scopesOf(hold.route)) {
      scopes.release(scope, hold);
      scopes.spend(scope, hold.nanoUsd);
    }
    this.#keep({ ...hold, state: 'expired', chargedMs: nowMs, dueMs: nowMs + expiredMs });
  }

  /** A route's scope in which nothing counts any more: callers name routes, so their number is not ours to trust. */
  #forgetScope(key: string): void {
    const scope = this.#scopes.get(key);
    if (scope === undefined || key === ownKey || scope.heldRequests > 0) return;
    if (scope.minute.size > 0 || scope.monthNanoUsd > 0) return;
    this.#scopes.delete(key);
    this.#changedScopes.add(key);
  }

  #measures({ limits, route, routeLimits }: Omit<LimitQuestion, 'nowMs'>): Measure[] {
    const own = { scope: this.#scope(ownKey), limits };
    if (routeLimits === undefined || route === undefined) return [own];
    return [own, { scope: this.#scope(keyOf(route)), limits: routeLimits, route }];
  }

  #scopesOf(route: string | undefined): [string, scopes.Scope][] {
    const keys = route === undefined ? [ownKey] : [ownKey, keyOf(route)];
    return keys.map((key) => [key, this.#scope(key)]);
  }

  #scope(key: string): scopes.Scope {
    const known = this.#scopes.get(key);
    if (known !== undefined) return known;
    const scope = scopes.openScope(this.#nowMs);
    this.#scopes.set(key, scope);
    return scope;
  }
}

function keyOf(route: string): string {
  return `route ${route}`;
}
