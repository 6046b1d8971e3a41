import type { Asked } from '../asked.ts';
import type { Desk } from '../command.ts';
import type { Deployment } from '../deployment.ts';
import type { Place } from '../place.ts';
import type { PolicySet } from '../policy/policies.ts';
import type { SecretValues } from '../secrets/values.ts';
import type { Explained } from './explained.ts';

/** What the checks know: at first what the command line says, then what each of them learned. */
export interface Facts {
  readonly asked: Asked;
  readonly desk: Desk;
  readonly place: Place;
  /** ` --env staging`, or nothing: for the commands that findings advise. */
  readonly where: string;
  /** The deployed router's address; empty: not known. */
  readonly url: string;
  /** A caller's key; empty: none was given. */
  readonly key: string;
  readonly environment: Deployment;
  /** The accounts that the login reaches. */
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
  readonly accountId: string;
  readonly gatewayId: string;
  readonly policies: PolicySet;
  /** Values of secrets that can be tried from here: those of the deployed Worker cannot be read back. */
  readonly values: SecretValues;
  /** Where they come from, in words. */
  readonly valuesFrom: string;
  /** Somebody said that they are the deployed ones; what lies about for development may be others. */
  readonly valuesAreNamed: boolean;
  /** Names of the models that the router lists. */
  readonly models: readonly string[];
  /** Models that the router could serve. */
  readonly explained: readonly Explained[];
}
