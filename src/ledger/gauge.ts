import type { Ask, LimitState, Limits } from '../core/limits.ts';
import { secondsUntilNextDay, secondsUntilNextMonth } from './calendar.ts';
import { secondOf, secondsUntilFree, sumOf, type Counted } from './minute.ts';
import type { Amounts, Scope } from './scope.ts';
import { minus, plus, wholeOf } from './whole.ts';

/** How one limit is read off a scope. */
interface Gauge {
  /** The limit in whole units: money in nano-USD. */
  readonly most: (limit: number) => number;
  readonly used: (scope: Scope) => number;
  readonly wanted: (amounts: Amounts) => number;
  /** Seconds until `excess` has room again; with an excess of 0: until the window is as new. */
  readonly wait: (scope: Scope, excess: number, nowMs: number) => number;
}

/** Room that opens when a running request ends, whenever that is: a second is the shortest wait there is. */
const soonSeconds = 1;

const gauges: Readonly<Record<keyof Limits, Gauge>> = {
  requestsPerMinute: minuteGauge('requests'),
  tokensPerMinute: minuteGauge('tokens'),
  concurrent: {
    most: wholeOf,
    used: (scope) => scope.heldRequests,
    wanted: ({ requests }) => requests,
    wait: ({ heldRequests }) => (heldRequests === 0 ? 0 : soonSeconds),
  },
  usdPerDay: moneyGauge((scope) => scope.dayNanoUsd, secondsUntilNextDay),
  usdPerMonth: moneyGauge((scope) => scope.monthNanoUsd, secondsUntilNextMonth),
};

function minuteGauge(kind: keyof Counted): Gauge {
  return {
    most: wholeOf,
    used: ({ minute }) => sumOf(minute, kind),
    wanted: (amounts) => amounts[kind],
    wait: ({ minute }, excess, nowMs) =>
      secondsUntilFree(minute, {
        kind,
        excess: excess === 0 ? Number.POSITIVE_INFINITY : excess,
        nowSecond: secondOf(nowMs),
      }),
  };
}

function moneyGauge(spent: (scope: Scope) => number, untilNext: (nowMs: number) => number): Gauge {
  return {
    // Dollars times a billion are whole but for the double's last digit.
    most: (usd) => wholeOf(Math.round(usd * 1e9)),
    used: (scope) => plus(spent(scope), scope.heldNanoUsd),
    wanted: ({ nanoUsd }) => nanoUsd,
    // Where running requests hold what is lacking, there may be room as soon as one of them settles.
    wait: (scope, excess, nowMs) => (excess > 0 && excess <= scope.heldNanoUsd ? soonSeconds : untilNext(nowMs)),
  };
}

/** The limits of one scope, ready to be held against it. */
export interface Measure {
  readonly scope: Scope;
  readonly limits: Limits;
  readonly route?: string;
}

/** How each limit stands. `resetSeconds` is until there is room again where none is left, else until all is free again. */
export function statesOf({ scope, limits, route }: Measure, nowMs: number): LimitState[] {
  return named(limits).map(([limit, given]) => {
    const gauge = gauges[limit];
    const most = gauge.most(given);
    const used = gauge.used(scope);
    const resetSeconds = used < most ? gauge.wait(scope, 0, nowMs) : gauge.wait(scope, used - most + 1, nowMs);
    return {
      limit,
      ...(route !== undefined && { route }),
      most,
      left: minus(most, used),
      resetSeconds,
    };
  });
}

/** The limits that amounts would go over, with the seconds until they would fit. */
export function exceededIn({ scope, limits, route }: Measure, amounts: Amounts, nowMs: number): LimitState[] {
  return named(limits).flatMap(([limit, given]) => {
    const gauge = gauges[limit];
    const most = gauge.most(given);
    const used = gauge.used(scope);
    const excess = used + gauge.wanted(amounts) - most;
    if (excess <= 0) return [];
    const resetSeconds = Math.max(gauge.wait(scope, excess, nowMs), soonSeconds);
    return [{ limit, ...(route !== undefined && { route }), most, left: minus(most, used), resetSeconds }];
  });
}

/** Whether limits hold money at all. */
export function limitsMoney(...limits: readonly (Limits | undefined)[]): boolean {
  return limits.some((one) => one?.usdPerDay !== undefined || one?.usdPerMonth !== undefined);
}

/** A call of unknown price on a caller with a money limit, which the rules refuse. */
export function isUnpriced({ nanoUsd, rules, limits, routeLimits }: Ask): boolean {
  return nanoUsd === undefined && rules.unknownPrice === 'refuse' && limitsMoney(limits, routeLimits);
}

/** Whether limits hold anything but money. */
export function limitsRates(...limits: readonly (Limits | undefined)[]): boolean {
  return limits.some(
    (one) =>
      one?.requestsPerMinute !== undefined || one?.tokensPerMinute !== undefined || one?.concurrent !== undefined,
  );
}

function named(limits: Limits): [keyof Limits, number][] {
  const names: readonly (keyof Limits)[] = [
    'requestsPerMinute',
    'tokensPerMinute',
    'concurrent',
    'usdPerDay',
    'usdPerMonth',
  ];
  return names.flatMap((name) => {
    const given = limits[name];
    return given === undefined ? [] : [[name, given] as [keyof Limits, number]];
  });
}
