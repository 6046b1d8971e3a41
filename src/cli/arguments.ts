import { parseArgs } from 'node:util';
import type { Asked, OptionRow } from './asked.ts';
import type { Command } from './command.ts';
import { Stop } from './stop.ts';
import { nearestWord } from './nearest.ts';

/** What every command takes. */
export const commonOptions: Readonly<Record<string, OptionRow>> = {
  json: { says: 'one JSON object on stdout, for scripts; nothing is asked' },
  help: { says: 'this help' },
};

/** Reads what stands after a command's name. Throws {@link Stop} with 2 where it is not what the command takes. */
export function readArguments(command: Command, words: readonly string[]): Asked {
  const known: Readonly<Record<string, OptionRow>> = { ...command.options, ...commonOptions };
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (const token of tokensOf(words, known)) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const value = readOption({ command, known, token });
    if (value === undefined) flags.add(token.name);
    else values.set(token.name, value);
  }
  if (!flags.has('help')) checkOperands(command, operands);
  return { flags, values, operands };
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

function tokensOf(words: readonly string[], known: Readonly<Record<string, OptionRow>>): readonly Token[] {
  const options = Object.entries(known).map(
    ([name, row]) =>
      [
        name,
        {
          type: row.value === undefined ? ('boolean' as const) : ('string' as const),
          ...(name === 'help' && { short: 'h' }),
        },
      ] as const,
  );
  // Not strict: the parser's own messages do not say what is right.
  return parseArgs({
    args: [...words],
    options: Object.fromEntries(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

interface ReadOption {
  readonly command: Command;
  readonly known: Readonly<Record<string, OptionRow>>;
  readonly token: Token & { kind: 'option' };
}

/** The option's value; `undefined` for a flag. */
function readOption({ command, known, token }: ReadOption): string | undefined {
  const { name, rawName, value, inlineValue } = token;
  const row = Object.hasOwn(known, name) ? known[name] : undefined;
  if (row === undefined) {
    const near = nearestWord(name, Object.keys(known));
    const hint = near === undefined ? '' : ` Did you mean --${near}?`;
    throw misused(command, `there is no option ${rawName}.${hint}`);
  }
  if (row.value === undefined) {
    if (inlineValue === true) throw misused(command, `--${name} takes no value.`);
    return undefined;
  }
  // `--dir --yes` means a forgotten value, not a folder of that name.
  if (value === undefined || value === '' || (!inlineValue && value.startsWith('-')))
    throw misused(command, `--${name} needs a value: --${name} ${row.value}.`);
  return value;
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const missing = command.operands.filter((operand) => operand.startsWith('<'))[operands.length];
  if (missing !== undefined) throw misused(command, `${missing} is missing.`);
  // `[name...]` at the end takes all that are left.
  if (command.operands.at(-1)?.endsWith('...]') === true) return;
  const extra = operands[command.operands.length];
  if (extra !== undefined) throw misused(command, `"${extra}" is one word too many.`);
}

function misused(command: Command, what: string): Stop {
  return new Stop(2, `Cannot run router ${command.name}: ${what} See router ${command.name} --help.`);
}
