/** What a command takes after its name: each may be left out. */
type Argument = 'count' | 'word' | 'json' | 'line';

/**
 * The commands that a prompt may hold. A command stands at the start of the text or after white space.
 *
 * | command | does |
 * |---|---|
 * | `!say text` | answers the rest of the line; several lines are joined by a line break |
 * | `!json {...}` | answers exactly this text |
 * | `!long N` | answers N words |
 * | `!think` | thinks before it answers |
 * | `!refuse` | refuses in the provider's own way |
 * | `!tool name {...}` | calls a tool that was declared; repeated: parallel calls |
 * | `!then` | what follows is for the next round, after the tool results of this one |
 * | `!only text` | what follows counts only where the model's name holds the text |
 * | `!nousage` | leaves the usage out |
 * | `!hang` | never answers, not even with headers |
 * | `!fail STATUS [code]` | answers an error; a number for `code` is Cloudflare's, a word the provider's own |
 * | `!retry-after N` | adds the header to what `!fail` answers |
 * | `!html [STATUS]`, `!empty`, `!redirect`, `!error-200` | answers a page, nothing, a redirect, an error body with status 200 |
 * | `!json-for-stream`, `!stream-for-json` | answers the other kind than was asked for |
 * | `!slow MS` | waits before every event, or before a whole answer |
 * | `!split` | sends every byte as a chunk of its own |
 * | `!garbage [N]` | after N content events one event that is no JSON; a whole answer that is no JSON |
 * | `!fail-stream [N] [code]` | after N content events an error event |
 * | `!cut [N]`, `!drop [N]`, `!stall [N]`, `!endless [N]` | after N content events: a clean end, a broken connection, silence, empty deltas without end |
 *
 * N is 1 where it is left out. With 0 only the frames before the first content go out.
 */
const grammar = {
  say: ['line'],
  json: ['json'],
  long: ['count'],
  think: [],
  refuse: [],
  tool: ['word', 'json'],
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the grammar; the table is never awaited.
  then: [],
  only: ['word'],
  nousage: [],
  hang: [],
  fail: ['count', 'word'],
  'retry-after': ['count'],
  html: ['count'],
  empty: [],
  redirect: [],
  'error-200': [],
  'json-for-stream': [],
  'stream-for-json': [],
  slow: ['count'],
  split: [],
  garbage: ['count'],
  'fail-stream': ['count', 'word'],
  cut: ['count'],
  drop: ['count'],
  stall: ['count'],
  endless: ['count'],
} as const satisfies Record<string, readonly Argument[]>;

export type CommandName = keyof typeof grammar;

/** One command of a prompt. `text` is the JSON or the line that it took. */
export interface Command {
  readonly name: CommandName;
  readonly count?: number;
  readonly word?: string;
  readonly text?: string;
}

/** A prompt's text, taken apart: the commands in order, and the words that are none. */
export interface Script {
  readonly commands: readonly Command[];
  readonly words: number;
}

/** Reads the commands out of a prompt. A `!word` that is no command is an ordinary word. */
export function readScript(text: string): Script {
  const commands: Command[] = [];
  let rest = '';
  let at = 0;
  while (at < text.length) {
    const read = startsHere(text, at) ? readCommand(text, at) : undefined;
    if (read === undefined) {
      rest += text[at];
      at += 1;
    } else {
      commands.push(read.command);
      rest += ' ';
      at = read.end;
    }
  }
  return { commands, words: countWords(rest) };
}

/** Counts words: this is also how the stand-in counts tokens. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

function startsHere(text: string, at: number): boolean {
  return text[at] === '!' && (at === 0 || /\s/.test(text[at - 1] ?? ''));
}

function readCommand(text: string, at: number): { command: Command; end: number } | undefined {
  const name = match(/[a-z0-9-]+/y, text, at + 1);
  if (name === undefined || !isName(name)) return undefined;
  let command: Command = { name };
  let end = at + 1 + name.length;
  for (const argument of grammar[name]) {
    const start = end + (match(/[ \t]+/y, text, end) ?? '').length;
    const raw = start === end ? undefined : readers[argument](text, start);
    if (raw !== undefined) {
      command = { ...command, ...named(argument, raw) };
      end = start + raw.length;
    }
  }
  return { command, end };
}

function isName(name: string): name is CommandName {
  return Object.hasOwn(grammar, name);
}

const readers: Record<Argument, (text: string, at: number) => string | undefined> = {
  count: (text, at) => match(/\d+(?=\s|$)/y, text, at),
  word: (text, at) => match(/[^!{\s]\S*/y, text, at),
  line: (text, at) => match(/[^\n]*/y, text, at),
  json: readJson,
};

function named(argument: Argument, raw: string): Partial<Command> {
  if (argument === 'count') return { count: Number(raw) };
  return argument === 'word' ? { word: raw } : { text: raw };
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** One JSON object or array, by its brackets: strings are skipped, what stands inside is not checked. */
function readJson(text: string, at: number): string | undefined {
  if (text[at] !== '{' && text[at] !== '[') return undefined;
  let depth = 0;
  let quoted = false;
  for (let index = at; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (quoted && character === '\\') index += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && '{['.includes(character)) depth += 1;
    else if (!quoted && '}]'.includes(character)) depth -= 1;
    if (depth === 0) return text.slice(at, index + 1);
  }
  return undefined;
}
