import type { Limits } from '../core/limits.ts';
import type { Hold } from './hold.ts';
import type { KeptScope } from './scope.ts';

/** A book as it is kept: holds by id, scopes by key. */
export interface KeptBook {
  readonly holds: Iterable<Hold>;
  readonly scopes: Iterable<readonly [key: string, kept: KeptScope]>;
}

/** What has to be written since it was last asked. `undefined`: gone. */
export interface BookChanges {
  readonly holds: ReadonlyMap<string, Hold | undefined>;
  readonly scopes: ReadonlyMap<string, KeptScope | undefined>;
}

/** Whose limits to look at: a book knows counts, policy knows limits. */
export interface LimitQuestion {
  readonly limits: Limits;
  readonly route?: string;
  readonly routeLimits?: Limits;
  readonly nowMs: number;
}
