import type { AttemptNote } from './failure.ts';
import type { Usage } from './usage.ts';

/** How a request ended. Every admitted request settles exactly once, whoever dies first. */
export type Outcome = 'complete' | 'upstream-cut' | 'caller-left' | 'timeout' | 'refused' | 'error';

/** The record of one finished request. Holds no content and no secret. */
export interface Settlement {
  readonly requestId: string;
  readonly caller: string;
  readonly endpoint: string;
  readonly model: string;
  readonly route: string;
  readonly target?: string;
  readonly outcome: Outcome;
  /** The status that the caller saw. */
  readonly status: number;
  readonly attempts: readonly AttemptNote[];
  /** Absent where the upstream told none. */
  readonly usage?: Usage;
  /** What it cost, in whole nano-USD; absent: the price or the usage is not known. */
  readonly costNanoUsd?: number;
  readonly logId?: string;
  readonly durationMs: number;
}
