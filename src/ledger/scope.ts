import { dayOf, monthOf } from './calendar.ts';
import { countIn, forgetSeconds, secondOf, takeBack, type Counted, type Minute } from './minute.ts';
import { minus, plus } from './whole.ts';

/** What one set of limits is held against: everything of a caller, or what it does on one route. */
export interface Scope {
  readonly minute: Minute;
  /** The UTC day and month that the sums belong to, see `calendar.ts`. */
  day: number;
  month: number;
  /** Settled money, in nano-USD. */
  dayNanoUsd: number;
  monthNanoUsd: number;
  /** Open holds: derived from the holds, never kept. A held amount counts against whatever day it is. */
  heldRequests: number;
  heldNanoUsd: number;
}

/** A scope as it is kept: plain, for structured clone. */
export interface KeptScope {
  readonly seconds: readonly (readonly [second: number, requests: number, tokens: number])[];
  readonly day: number;
  readonly month: number;
  readonly dayNanoUsd: number;
  readonly monthNanoUsd: number;
}

/** What a hold takes up. Money in nano-USD. */
export interface Amounts extends Counted {
  readonly nanoUsd: number;
}

/** A scope in which nothing has happened yet. */
export function openScope(nowMs: number): Scope {
  return {
    minute: new Map(),
    day: dayOf(nowMs),
    month: monthOf(nowMs),
    dayNanoUsd: 0,
    monthNanoUsd: 0,
    heldRequests: 0,
    heldNanoUsd: 0,
  };
}

/** Brings a scope to a moment: windows that are over begin anew. */
export function turnScope(scope: Scope, nowMs: number): void {
  forgetSeconds(scope.minute, secondOf(nowMs));
  if (scope.day !== dayOf(nowMs)) Object.assign(scope, { day: dayOf(nowMs), dayNanoUsd: 0 });
  if (scope.month !== monthOf(nowMs)) Object.assign(scope, { month: monthOf(nowMs), monthNanoUsd: 0 });
}

/** Takes amounts up until they are settled. */
export function holdIn(scope: Scope, held: Amounts): void {
  scope.heldRequests = plus(scope.heldRequests, held.requests);
  scope.heldNanoUsd = plus(scope.heldNanoUsd, held.nanoUsd);
}

/** The end of a hold; what it came to is charged apart. */
export function release(scope: Scope, held: Amounts): void {
  scope.heldRequests = minus(scope.heldRequests, held.requests);
  scope.heldNanoUsd = minus(scope.heldNanoUsd, held.nanoUsd);
}

/** Charges money to today and to this month. */
export function spend(scope: Scope, nanoUsd: number): void {
  scope.dayNanoUsd = plus(scope.dayNanoUsd, nanoUsd);
  scope.monthNanoUsd = plus(scope.monthNanoUsd, nanoUsd);
}

/** Gives back money that was charged at a moment. What was charged to a day or a month that is over stays there. */
export function unspend(scope: Scope, nanoUsd: number, chargedMs: number): void {
  if (dayOf(chargedMs) === scope.day) scope.dayNanoUsd = minus(scope.dayNanoUsd, nanoUsd);
  if (monthOf(chargedMs) === scope.month) scope.monthNanoUsd = minus(scope.monthNanoUsd, nanoUsd);
}

/** Makes what was counted at a moment into what it really was: less is taken back there, more is counted now. */
export function recount(
  scope: Scope,
  { was, is, countedMs, nowMs }: { was: Counted; is: Counted; countedMs: number; nowMs: number },
): void {
  const less = { requests: minus(was.requests, is.requests), tokens: minus(was.tokens, is.tokens) };
  const more = { requests: minus(is.requests, was.requests), tokens: minus(is.tokens, was.tokens) };
  takeBack(scope.minute, secondOf(countedMs), less);
  if (more.requests > 0 || more.tokens > 0) countIn(scope.minute, secondOf(nowMs), more);
}

/** The scope as it is kept. */
export function keepScope(scope: Scope): KeptScope {
  const { day, month, dayNanoUsd, monthNanoUsd } = scope;
  const seconds = [...scope.minute].map(([second, { requests, tokens }]) => [second, requests, tokens] as const);
  return { seconds, day, month, dayNanoUsd, monthNanoUsd };
}

/** The scope as it was kept, its holds still to be added. */
export function readScope({ seconds, ...sums }: KeptScope): Scope {
  const minute = new Map(seconds.map(([second, requests, tokens]) => [second, { requests, tokens }]));
  return { minute, ...sums, heldRequests: 0, heldNanoUsd: 0 };
}
