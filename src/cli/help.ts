import { commonOptions } from './arguments.ts';
import type { Command } from './command.ts';
import { sayTable, type Paint } from './table.ts';

/** The help of the whole command line, or of those commands that begin with a word. */
export function sayOverview(commands: readonly Command[], paint: Paint): string {
  return [
    'Usage: npm run router -- <command> [options]',
    '',
    paint('bold', 'Commands'),
    indent(sayTable(commands.map(({ name, operands, summary }) => [[name, ...operands].join(' '), summary]))),
    '',
    'router <command> --help says what a command takes; --json is for scripts.',
    'Exit codes: 0 done, 1 faults found or refused, 2 the command line is wrong.',
  ].join('\n');
}

/** The help of one command. */
export function sayHelp(command: Command, paint: Paint): string {
  const options = Object.entries({ ...command.options, ...commonOptions });
  return [
    `Usage: router ${[command.name, ...command.operands, '[options]'].join(' ')}`,
    '',
    command.summary,
    ...(command.details.length === 0 ? [] : ['', ...command.details]),
    '',
    paint('bold', 'Options'),
    indent(sayTable(options.map(([name, row]) => [[`--${name}`, row.value ?? ''].join(' ').trimEnd(), row.says]))),
    '',
    paint('bold', 'With --json'),
    indent(['command, ok (and error.message where it is refused)', ...command.json].join('\n')),
    '',
    paint('bold', 'Examples'),
    indent(command.examples.map((example) => `npm run router -- ${example}`).join('\n')),
  ].join('\n');
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
