import type { LeaseOptions } from '../../src/ledger/leased.ts';
import { Book } from '../../src/ledger/book.ts';
import type { LedgerObject } from '../../src/ledger/object.ts';
import type { SliceMemo } from '../../src/ledger/slice.ts';
import { manualTimer, type ManualTimer } from '../support/timer.ts';
import { noonMs } from './asks.ts';

/** Errors as Cloudflare throws them from a stub. */
export const retryable = (): Error => Object.assign(new Error('Network connection lost.'), { retryable: true });
export const overloaded = (): Error =>
  Object.assign(new Error('Durable Object is overloaded.'), { overloaded: true, retryable: true });

/** What becomes of the next calls, in order: an error, silence, or an answer that gets lost on the way back. */
export type Fate = Error | 'silence' | 'lost';

export interface Rig {
  readonly book: Book;
  readonly timer: ManualTimer;
  /** Names of the calls that arrived at the object. */
  readonly calls: string[];
  readonly warnings: Readonly<Record<string, string>>[];
  /** How many stubs were made. */
  readonly stubs: () => number;
  readonly fates: Fate[];
  /** Options of one more isolate on the same object. */
  isolate(): LeaseOptions;
  /** Lets promises run until nothing is left to do at this moment. */
  settled(): Promise<void>;
}

/** An object with a book in it and a network that fails by plan. It needs no runtime. */
export function ledgerRig(): Rig {
  const book = new Book();
  const timer = manualTimer(noonMs);
  const calls: string[] = [];
  const fates: Fate[] = [];
  const warnings: Readonly<Record<string, string>>[] = [];
  let stubs = 0;
  let ids = 0;
  const arrive = async <T>(name: string, answer: () => T): Promise<T> => {
    calls.push(name);
    const fate = fates.shift();
    if (fate === undefined) return answer();
    if (fate instanceof Error) throw fate;
    if (fate === 'lost') answer();
    return new Promise(() => undefined);
  };
  const object: LedgerObject = {
    reserve: async (ask) => arrive('reserve', () => book.reserve({ ...ask, nowMs: timer.now() })),
    settle: async (bill) => arrive('settle', () => book.settle({ ...bill, nowMs: timer.now() })),
    lease: async (ask) => arrive('lease', () => book.lease({ ...ask, ask: { ...ask.ask, nowMs: timer.now() } })),
    giveBack: async (back) => arrive('giveBack', () => book.giveBack({ ...back, nowMs: timer.now() })),
    states: async (question) => arrive('states', () => book.states({ ...question, nowMs: timer.now() })),
    record: async (rows) => arrive(`record ${rows.map(({ requestId }) => requestId).join()}`, () => undefined),
    usage: async () => arrive('usage', () => []),
    begin: async () => arrive('begin', () => ({ kind: 'fresh' as const })),
    finish: async () => arrive('finish', () => undefined),
    abandon: async () => arrive('abandon', () => undefined),
  };
  const namespace = {
    getByName: () => {
      stubs += 1;
      return object;
    },
  };
  return {
    book,
    timer,
    calls,
    warnings,
    fates,
    stubs: () => stubs,
    isolate: () => ({
      namespace,
      timer,
      slices: new Map() as SliceMemo,
      tallies: new Map(),
      later: (work) => void work.catch(() => undefined),
      warn: (fields) => void warnings.push(fields),
      newId: () => {
        ids += 1;
        return `id${ids}`;
      },
    }),
    settled: async () => {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    },
  };
}
