import type { Asked } from '../asked.ts';
import type { Desk } from '../command.ts';
import type { Explained } from './explained.ts';

/** What the checks know: at first what the command line says, then what each of them learned. */
export interface Facts {
  readonly asked: Asked;
  readonly desk: Desk;
  /** ` --env staging`, or nothing: for the commands that findings advise. */
  readonly where: string;
  /** The deployed router's address. */
  readonly url: string;
  /** A caller's key. */
  readonly key: string;
  /** Names of the models that the router lists. */
  readonly models: readonly string[];
  /** Models that the router could serve. */
  readonly explained: readonly Explained[];
}
