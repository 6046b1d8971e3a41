/** One option of a command: a flag, or with `value` an option that takes one. */
export interface OptionRow {
  /** What stands for the value in the help, e.g. `<folder>`; absent: the option is a flag. */
  readonly value?: string;
  readonly says: string;
}

/** A command line, taken apart. */
export interface Asked {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}
