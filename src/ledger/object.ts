import type { Admission, Ask, Bill, LimitState } from '../core/limits.ts';
import type { Answered, Begun, BeginAsk, FirstAnswer } from './answers.ts';
import type { LimitQuestion } from './kept.ts';
import type { Leased, LeaseAsk, LeaseReturn } from './lease.ts';
import type { UsageLine, UsageQuery, UsageRow } from './usage.ts';

/**
 * What a caller's Durable Object does when called over RPC; `durable.ts` says how. The `nowMs` of asks and bills is
 * replaced by the object's own clock: isolates have as many clocks as there are machines (threats.md F39).
 */
export interface LedgerObject {
  reserve(ask: Ask): Promise<Admission>;
  /** Resolves when the charge is on disk. */
  settle(bill: Bill): Promise<void>;
  lease(ask: LeaseAsk): Promise<Leased>;
  giveBack(back: LeaseReturn): Promise<void>;
  states(question: LimitQuestion): Promise<readonly LimitState[]>;
  /** Resolves when the rows are on disk. */
  record(rows: readonly UsageRow[]): Promise<void>;
  usage(query: UsageQuery): Promise<readonly UsageLine[]>;
  begin(ask: BeginAsk): Promise<Begun>;
  finish(answered: Answered): Promise<void>;
  abandon(first: FirstAnswer): Promise<void>;
}

/** The Durable Object binding, as far as it is used: one object a caller, by the caller's name. */
export interface LedgerNamespace {
  getByName(name: string): LedgerObject;
}
