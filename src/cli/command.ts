import type { JsonObject } from '../core/json.ts';
import type { Kv } from './kv.ts';
import type { Place } from './place.ts';

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
}

/** One option of a command: a flag, or with `value` an option that takes one. */
export interface OptionRow {
  /** What stands for the value in the help, e.g. `<folder>`; absent: the option is a flag. */
  readonly value?: string;
  readonly says: string;
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

/** A command line, taken apart. */
export interface Asked {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
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
   * {@link Stop} where nobody can be asked or the answer is no.
   */
  readonly confirm: (question: string) => Promise<'asked' | 'agreed'>;
}

/** Writes text in a colour, or leaves it alone where there are none. */
export type Paint = (colour: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string) => string;

/** How a command ended. 0: done; 1: faults were found. A refusal is thrown as {@link Stop}. */
export interface Outcome {
  readonly exitCode: 0 | 1;
  readonly json: JsonObject;
  readonly text: string;
}

/** Ends a command: 1 where it is refused or fails, 2 where the command line is wrong. The message is for the operator. */
export class Stop extends Error {
  readonly exitCode: 1 | 2;
  /** Fields for `--json`. */
  readonly json: JsonObject;

  constructor(exitCode: 1 | 2, message: string, options: { json?: JsonObject; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = exitCode;
    this.json = options.json ?? {};
  }
}
