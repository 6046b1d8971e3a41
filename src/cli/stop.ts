import type { JsonObject } from '../core/json.ts';

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
