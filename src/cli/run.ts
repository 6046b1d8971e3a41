import { readArguments } from './arguments.ts';
import type { Command, Desk, World } from './command.ts';
import { Stop } from './stop.ts';
import { sayHelp, sayOverview } from './help.ts';
import { nearestWord } from './nearest.ts';
import { painter } from './table.ts';

/** Runs one command line and gives its exit code: 0 done, 1 faults or refused, 2 the command line is wrong. */
export async function runCli(words: readonly string[], commands: readonly Command[], world: World): Promise<number> {
  const json = words.includes('--json');
  const command = findCommand(words, commands);
  try {
    if (command === undefined) return overview(words, commands, world);
    const asked = readArguments(command, words.slice(wordsOf(command).length));
    const paint = painter(world.colour && !json);
    if (asked.flags.has('help')) {
      world.out(sayHelp(command, paint));
      return 0;
    }
    const outcome = await command.run(asked, openDesk({ world, paint, json, yes: asked.flags.has('yes') }));
    const ok = outcome.exitCode === 0;
    world.out(json ? sayJson({ command: command.name, ok, ...outcome.json }) : outcome.text);
    return outcome.exitCode;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const shown = { command: command?.name ?? null, ok: false, error: { message: error.message }, ...error.json };
    if (json) world.out(sayJson(shown));
    else world.err(painter(world.colour)('red', error.message));
    return error.exitCode;
  }
}

/** The command whose words the line begins with; the longest where several do. */
function findCommand(words: readonly string[], commands: readonly Command[]): Command | undefined {
  return commands
    .filter((command) => wordsOf(command).every((word, index) => words[index] === word))
    .toSorted((a, b) => wordsOf(b).length - wordsOf(a).length)[0];
}

function wordsOf({ name }: Command): string[] {
  return name.split(' ');
}

/** What a line without a command gets: help, of one group where it names one; a word that is no command is refused. */
function overview(words: readonly string[], commands: readonly Command[], world: World): number {
  const [first = ''] = words;
  if (first.startsWith('-') && !['--help', '-h', '--json'].includes(first))
    throw new Stop(2, `Cannot run router: ${first} stands before the command. See router --help.`);
  const named = words.filter((word) => !word.startsWith('-')).slice(0, 2);
  const group = commands.filter(({ name }) => named.length === 1 && name.startsWith(`${named[0] ?? ''} `));
  if (named.length > 0 && group.length === 0) throw unknownCommand(named, commands);
  world.out(sayOverview(group.length > 0 ? group : commands, painter(world.colour)));
  return 0;
}

function unknownCommand(named: readonly string[], commands: readonly Command[]): Stop {
  const asked = named.join(' ');
  const known = commands.flatMap(({ name }) => [name, ...name.split(' ').slice(0, -1)]);
  const near = nearestWord(asked, known) ?? nearestWord(named[0] ?? '', known) ?? commands.find(endsWith(asked))?.name;
  const hint = near === undefined ? '' : ` Did you mean router ${near}?`;
  return new Stop(2, `Cannot run router ${asked}: there is no such command.${hint} See router --help.`);
}

function endsWith(asked: string): (command: Command) => boolean {
  return ({ name }) => name.endsWith(` ${asked}`);
}

function openDesk(options: { world: World; paint: Desk['paint']; json: boolean; yes: boolean }): Desk {
  const { world, paint, json, yes } = options;
  return {
    world,
    paint,
    show: (text) => {
      if (!json) world.out(text);
    },
    progress: (text) => world.err(paint('dim', text)),
    ...(!json && world.askSecret !== undefined && { askSecret: world.askSecret }),
    ...(!json && world.askText !== undefined && { askText: world.askText }),
    confirm: async (question) => {
      if (yes) return 'agreed';
      if (json || world.ask === undefined)
        throw new Stop(1, `Cannot go on: nobody is there to ask "${question}". Give --yes where the answer is yes.`);
      if (!(await world.ask(question))) throw new Stop(1, 'Nothing was changed.');
      return 'asked';
    },
  };
}

function sayJson(value: object): string {
  return JSON.stringify(value, null, 2);
}
