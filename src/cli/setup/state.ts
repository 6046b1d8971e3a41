import type { Asked } from '../asked.ts';
import type { Desk } from '../command.ts';
import type { Deployment } from '../deployment.ts';
import type { Place } from '../place.ts';
import type { SecretValues } from '../secrets/values.ts';

/** What a set-up knows so far. */
export interface State {
  readonly asked: Asked;
  readonly desk: Desk;
  readonly place: Place;
  readonly environment: Deployment;
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
  /** Values of secrets: of `--secrets`, and those made or typed here. */
  readonly values: SecretValues;
  /** The deployed router's address; empty: not known. */
  readonly url: string;
  /** The caller's key that was made here; empty: none was. */
  readonly callerKey: string;
}

/** What a step came to. */
export interface Did {
  /** In words, without a secret. */
  readonly says: string;
  readonly learned?: Partial<State>;
}

/** What a step finds: it was done before, or there is something to do, which is asked first. */
export type Plan =
  | ({ readonly kind: 'done' } & Did)
  | { readonly kind: 'todo'; readonly question: string; readonly act: () => Promise<Did> };

/** One step of a set-up. Each looks first whether it is done, so that a set-up can be run again from anywhere. */
export interface Step {
  readonly name: string;
  /** Throws `Stop` where it takes somebody else first. */
  readonly plan: (state: State) => Promise<Plan>;
}

/** A step with nothing to do. */
export function done(says: string, learned?: Partial<State>): Plan {
  return { kind: 'done', says, ...(learned !== undefined && { learned }) };
}
