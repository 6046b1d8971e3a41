import type { Admission, Ask, Bill, LimitState } from '../core/limits.ts';
import type { Settlement } from '../core/settlement.ts';
import type { Answered, BeginAsk, Begun, FirstAnswer } from './answers.ts';
import { limitsMoney, limitsRates } from './gauge.ts';
import type { LimitQuestion } from './kept.ts';
import { admitLeased, isLeasable, settleLeased, type LeaseOptions } from './leased.ts';
import type { LedgerObject } from './object.ts';
import { reachAtLast, reachInTime, type Reached } from './reach.ts';
import { gatherRow, takeRows, tallyMs } from './tally.ts';
import { usageRowOf, type UsageLine, type UsageQuery } from './usage.ts';

/**
 * The ledger as the story of a request sees it. Everything goes by the caller's name; nothing throws.
 *
 * Of a caller with limits: `admit` before the first attempt, and whatever it says but `admitted` ends the request. From
 * then on `settle` comes exactly once, whatever happens: `used` with tokens and money as far as they are known, `refund`
 * only where nothing was used upstream. Of every caller: `record` at the end. All but `admit` and `begin` belong after the
 * answer. A caller without limits is not asked for: no object is touched before its answer.
 */
export interface LedgerPort {
  /** Within 500 ms. Where the object cannot be reached in that time, the rules decide. */
  admit(caller: string, ask: Ask): Promise<Admission>;
  /** Tries three times, then logs `ledger-unsettled`: the hold expires and its estimate stands. */
  settle(caller: string, bill: Bill): Promise<void>;
  /**
   * Adds a request to the usage sums, together with others of its caller that end at the same time. An isolate that dies
   * before it has sent them loses them from the sums, not from the log. `nanoUsd` undefined: the price is not known.
   */
  record(settlement: Settlement, nanoUsd: number | undefined): Promise<void>;
  /** `undefined`: the ledger cannot be reached. */
  usage(caller: string, query: UsageQuery): Promise<readonly UsageLine[] | undefined>;
  states(caller: string, question: LimitQuestion): Promise<readonly LimitState[] | undefined>;
  /** A request with an `Idempotency-Key`. It waits for its mark to be on disk. */
  begin(caller: string, ask: BeginAsk): Promise<Begun | { readonly kind: 'unreachable' }>;
  finish(caller: string, answered: Answered): Promise<void>;
  abandon(caller: string, first: FirstAnswer): Promise<void>;
}

/** Longest wait for an admission, in milliseconds (threats.md F30). */
const admitMs = 500;
/** Longest wait for anything else. */
const patientMs = 5_000;

/**
 * Opens the ledger for one request. Only `slices` outlives it.
 *
 * Repeats are told by ids, and a caller may choose its request's id: under a fixed one, all its requests would count as
 * repeats of the first. So ids get something of the port's own, and two ports never mean the same request.
 */
export function openLedger(options: LeaseOptions): LedgerPort {
  const nonce = options.newId();
  const own = (id: string): string => `${nonce} ${id}`;
  const atLast = async (caller: string, call: (object: LedgerObject) => Promise<unknown>): Promise<boolean> =>
    reachAtLast(options, { caller, call, mostMs: patientMs });
  const ask = async <T>(caller: string, call: (object: LedgerObject) => Promise<T>): Promise<T | undefined> => {
    const reached = await reachInTime(options, { caller, call, mostMs: patientMs });
    return reached.kind === 'answered' ? reached.value : undefined;
  };
  const settle = async (caller: string, bill: Bill): Promise<void> => {
    const owned = { ...bill, reservationId: own(bill.reservationId) };
    if (settleLeased(options, caller, owned)) return;
    if (await atLast(caller, (object) => object.settle(owned))) return;
    options.warn({ event: 'ledger-unsettled', caller, reservation: bill.reservationId, outcome: bill.outcome });
  };
  return {
    async admit(caller, wanted) {
      const reached = await reachAdmission(options, caller, {
        ...wanted,
        reservationId: own(wanted.reservationId),
      });
      if (reached.kind === 'answered') return reached.value;
      options.warn({ event: 'ledger-unreachable', caller, reason: reached.reason });
      if (isOpen(wanted)) return { kind: 'admitted', states: [] };
      // It may have been reserved all the same, and would be charged when it expires.
      if (reached.reason !== 'overloaded') options.later(settle(caller, refundOf(wanted)));
      return { kind: 'unreachable' };
    },
    settle,
    async record(settlement, nanoUsd) {
      const row = { ...usageRowOf(settlement, nanoUsd), requestId: own(settlement.requestId) };
      const { caller } = settlement;
      const rows = gatherRow(options.tallies, caller, row);
      if (rows === undefined) return;
      await options.timer.wait(tallyMs);
      takeRows(options.tallies, caller, rows);
      if (await atLast(caller, (object) => object.record(rows))) return;
      options.warn({ event: 'ledger-unrecorded', caller, requests: String(rows.length) });
    },
    usage: async (caller, query) => ask(caller, (object) => object.usage(query)),
    states: async (caller, question) => ask(caller, (object) => object.states(question)),
    async begin(caller, wanted) {
      const owned = { ...wanted, requestId: own(wanted.requestId) };
      return (await ask(caller, (object) => object.begin(owned))) ?? { kind: 'unreachable' };
    },
    async finish(caller, answered) {
      const owned = { ...answered, requestId: own(answered.requestId) };
      if (await atLast(caller, (object) => object.finish(owned))) return;
      options.warn({ event: 'ledger-unfinished', caller, requestId: answered.requestId });
    },
    async abandon(caller, first) {
      const owned = { ...first, requestId: own(first.requestId) };
      await atLast(caller, (object) => object.abandon(owned));
    },
  };
}

async function reachAdmission(options: LeaseOptions, caller: string, ask: Ask): Promise<Reached<Admission>> {
  if (isLeasable(ask)) return admitLeased(options, caller, ask);
  return reachInTime(options, { caller, mostMs: admitMs, call: (object) => object.reserve(ask) });
}

/** Whether the rules let a request through that nobody could count: every kind of limit it has must allow it. */
function isOpen({ limits, routeLimits, rules }: Ask): boolean {
  const moneyShut = rules.moneyOutage === 'closed' && limitsMoney(limits, routeLimits);
  const ratesShut = rules.rateOutage === 'closed' && limitsRates(limits, routeLimits);
  return !moneyShut && !ratesShut;
}

function refundOf({ reservationId, route, nowMs }: Ask): Bill {
  return { reservationId, route, tokens: 0, nanoUsd: 0, outcome: 'refund', nowMs };
}
