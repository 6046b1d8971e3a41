import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { field, isObject, textOf } from '../core/json.ts';
import type { Asked, OptionRow } from './asked.ts';
import { nearestWord } from './nearest.ts';
import type { Place } from './place.ts';
import { localEnv } from './place.ts';
import { Stop } from './stop.ts';
import { plainText } from './table.ts';

export const configOption: Readonly<Record<string, OptionRow>> = {
  config: { value: '<file>', says: 'another wrangler.toml' },
};

/** `wrangler.toml`, read. */
export interface Config {
  /** As messages show it. */
  readonly file: string;
  readonly text: string;
  /** The whole file. */
  readonly whole: unknown;
}

/** One environment of it. */
export interface Environment {
  readonly config: Config;
  /** Where the environment stands in the file: `[]` for the top level, else `['env', name]`. */
  readonly path: readonly string[];
  /** The table of the environment. */
  readonly table: unknown;
}

/** The file that a command line means, from the folder that the command was called in. Throws {@link Stop} where it cannot be read. */
export function readConfig({ values }: Asked, folder: string): Config {
  const file = values.get('config') ?? 'wrangler.toml';
  let text: string;
  try {
    text = readFileSync(resolve(folder, file), 'utf8');
  } catch (cause) {
    throw new Stop(1, `Cannot read ${file}: there is no such file here. Name another with --config.`, { cause });
  }
  try {
    return { file, text, whole: parse(text) };
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const what = plainText(cause.message.split('\n')[0] ?? '');
    throw new Stop(1, `Cannot read ${file}:${cause.line}:${cause.column}: ${what}. Mend the line.`, { cause });
  }
}

/**
 * The environment of a place. The local one plays the top level, so it has that one's declarations where it has none of its
 * own. Throws {@link Stop} with 2 where the file has no such environment.
 */
export function environmentOf(config: Config, { env }: Pick<Place, 'env'>): Environment {
  if (env === undefined) return { config, path: [], table: config.whole };
  const table = field(field(config.whole, 'env'), env);
  if (isObject(table)) return { config, path: ['env', env], table };
  if (env === localEnv) return environmentOf(config, {});
  const known = isObject(field(config.whole, 'env')) ? Object.keys(Object(field(config.whole, 'env'))) : [];
  const near = nearestWord(env, known);
  const hint = near === undefined ? '' : ` Did you mean --env ${near}?`;
  const there = known.length === 0 ? 'it names none' : `it names ${known.join(', ')}`;
  throw new Stop(
    2,
    plainText(
      `Cannot use --env ${env}: ${config.file} has no [env.${env}]; ${there}. Its top level is --remote.${hint}`,
    ),
  );
}

/** The environment whose `[[ai.gateway]]` counts: `[env.local]` has no `[ai]`, because that would need an account. */
export function declaringEnvironment(config: Config, place: Pick<Place, 'env'>): Environment {
  const own = environmentOf(config, place);
  return place.env === localEnv && field(own.table, 'ai') === undefined ? environmentOf(config, {}) : own;
}

/** A variable of the environment (`vars`); `undefined` where it is absent or empty. */
export function variableOf({ table }: Environment, name: string): string | undefined {
  return textOf(field(field(table, 'vars'), name));
}

/**
 * The line of a table's entry, counted from 1: of the `key` in the `index`th table called `name`, or of the table's own head
 * where the key stands elsewhere. TOML parsers give values alone, and this is enough to find the place in an editor.
 */
export function lineOf({ text }: Config, at: { name: string; index: number; key?: string }): number {
  const lines = text.split('\n');
  const heads = lines.flatMap((line, row) => (headOf(line) === at.name ? [row] : []));
  const head = heads[at.index];
  if (head === undefined) return 1;
  const end = heads[at.index + 1] ?? lines.length;
  const found = lines.slice(head + 1, end).findIndex((line) => {
    const table = headOf(line);
    return table === undefined ? keyOf(line) === at.key : table === `${at.name}.${at.key ?? ''}`;
  });
  const stops = lines.slice(head + 1, end).findIndex((line) => headOf(line)?.startsWith(at.name) === false);
  return found < 0 || at.key === undefined || (stops >= 0 && found > stops) ? head + 1 : head + found + 2;
}

function headOf(line: string): string | undefined {
  return /^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}/.exec(line)?.[1]?.replaceAll(/\s|"/g, '');
}

function keyOf(line: string): string | undefined {
  return /^\s*"?([A-Za-z0-9_-]+)"?\s*[.=]/.exec(line)?.[1];
}
