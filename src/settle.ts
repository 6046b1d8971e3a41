import { costAt, settleReservation } from './account.ts';
import type { Call } from './core/call.ts';
import type { AttemptNote } from './core/failure.ts';
import type { Outcome } from './core/settlement.ts';
import { noUsage, type Usage } from './core/usage.ts';
import type { UsdPrices } from './ledger/prices.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import type { AnswerFacts } from './tried.ts';

/** How a request ended. */
export interface Ending {
  readonly outcome: Outcome;
  /** The status that the caller saw. */
  readonly status: number;
  readonly facts?: AnswerFacts;
  readonly usage?: Usage | undefined;
  /** Events that a stream had sent until then. */
  readonly events?: number;
}

/** The settling of one request: filled while it runs, done exactly once. */
export interface Settling {
  readonly requestId: string;
  readonly attempts: AttemptNote[];
  /** Targets that a request was sent to. */
  readonly tries: number;
  readonly prices: UsdPrices;
  /** What it cost, once settled and where that is known. */
  readonly costNanoUsd: number | undefined;
  /** Whether the caller's ledger holds a reservation. */
  reserved: boolean;
  planned(plan: Plan, prices: UsdPrices): void;
  now(ending: Ending): void;
}

/** Settles a request exactly once, whoever comes first: the answer, the end of its stream, or the failure. */
export function openSettling(call: Call, ports: Ports): Settling {
  const startedMs = ports.timer.now();
  const attempts: AttemptNote[] = [];
  let planned: Plan | undefined;
  let prices: UsdPrices = {};
  let settled = false;
  let costNanoUsd: number | undefined;
  const settling: Settling = {
    requestId: call.requestId,
    attempts,
    reserved: false,
    get tries() {
      return attempts.filter(({ outcome }) => outcome !== 'skipped').length;
    },
    get prices() {
      return prices;
    },
    get costNanoUsd() {
      return costNanoUsd;
    },
    planned(plan, known) {
      planned = plan;
      prices = known;
    },
    now(ending) {
      if (settled) return;
      settled = true;
      const { facts, usage } = ending;
      costNanoUsd = facts === undefined || usage === undefined ? undefined : costAt(facts.target, usage, prices);
      if (planned !== undefined && settling.reserved) {
        const used = leastUsage(ending);
        const nanoUsd = facts === undefined || used === undefined ? undefined : costAt(facts.target, used, prices);
        const isPartial = ending.outcome !== 'complete';
        const bill = { plan: planned, ports, usage: used, nanoUsd, used: wasUsed(ending), isPartial };
        ports.later(settleReservation(call, bill));
      }
      ports.record({
        requestId: call.requestId,
        caller: call.caller.name,
        endpoint: call.endpoint,
        model: call.model,
        route: planned?.route ?? '',
        ...(facts !== undefined && { target: facts.target.name }),
        outcome: ending.outcome,
        status: ending.status,
        attempts,
        ...(usage !== undefined && { usage }),
        ...(costNanoUsd !== undefined && { costNanoUsd }),
        ...(facts?.logId !== undefined && { logId: facts.logId }),
        durationMs: Math.round(ports.timer.now() - startedMs),
      });
    },
  };
  return settling;
}

/**
 * What a request used at least. A stream tells its output when it ends: until then Messages says 1, and a caller who left
 * just before would pay for that (threats.md T95).
 */
function leastUsage({ outcome, usage, events = 0 }: Ending): Usage | undefined {
  if (outcome === 'complete' || events === 0) return usage;
  return { ...noUsage, ...usage, output: Math.max(usage?.output ?? 0, events) };
}

/** Outcomes after which the upstream may have worked, and billed, although no answer came of it (threats.md T95, T98). */
const mayHaveUsed: ReadonlySet<Outcome> = new Set(['complete', 'upstream-cut', 'caller-left', 'timeout']);

function wasUsed({ outcome, facts }: Ending): boolean {
  return facts !== undefined || mayHaveUsed.has(outcome);
}
