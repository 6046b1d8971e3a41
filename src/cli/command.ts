import type { JsonObject } from '../core/json.ts';
import type { Kv } from './kv.ts';
import type { Asked, OptionRow } from './asked.ts';
import type { Place } from './place.ts';
import type { Paint } from './table.ts';

/** Everything of the world that a command may touch beside the policy files; tests pass their own. */
export interface World {
  /** Writes lines to stdout: results. */
  readonly out: (text: string) => void;
  /** Writes lines to stderr: progress and refusals. */
  readonly err: (text: string) => void;
  /** Whether stdout shows colours. */
  readonly colour: boolean;
  /** Asks the person at the terminal for yes or no; absent where nobody is there. */
  readonly ask?: (question: string) => Promise<boolean>;
  readonly now: () => Date;
  /** The folder that relative paths are meant from. */
  readonly folder: string;
  readonly openKv: (place: Place) => Kv;
  /** Names of the secrets that the deployed Worker has; never a value. */
  readonly listSecrets: (place: Place) => Promise<readonly string[]>;
  /** The variables of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls a router's admin plane, or Cloudflare's API. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** One command of the command line: a row of {@link ./commands.ts}. */
export interface Command {
  /** The words that call it, e.g. `policy push`. */
  readonly name: string;
  /** One line, for the overview. */
  readonly summary: string;
  /** Further lines of its own help. */
  readonly details: readonly string[];
  /** What stands after the name, e.g. `<revision>`; optional ones in brackets. */
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, OptionRow>>;
  /** The fields that `--json` adds to `command` and `ok`: a promise to scripts. */
  readonly json: readonly string[];
  readonly examples: readonly string[];
  readonly run: (asked: Asked, desk: Desk) => Promise<Outcome>;
}

/** What a running command works with: the world, and a place to show things before its end. */
export interface Desk {
  readonly world: World;
  readonly paint: Paint;
  /** Shows text before the outcome, to people only. */
  readonly show: (text: string) => void;
  /** Says on stderr what is waited for. */
  readonly progress: (text: string) => void;
  /**
   * Asks before something is written, and tells whether it took somebody's time: `--yes` answers at once. Throws
   * `Stop` where nobody can be asked or the answer is no.
   */
  readonly confirm: (question: string) => Promise<'asked' | 'agreed'>;
}

/** How a command ended. 0: done; 1: faults were found. A refusal is thrown as `Stop`. */
export interface Outcome {
  readonly exitCode: 0 | 1;
  readonly json: JsonObject;
  readonly text: string;
}
