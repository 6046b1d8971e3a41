import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { World } from './command.ts';
import { Stop } from './stop.ts';
import { plainText } from './table.ts';

/**
 * The address of a router as `--url` gives it, without `/v1` at its end. A key must not go over the wire in the open: plain
 * HTTP is for this machine alone. Throws {@link Stop} with 2.
 */
export function readUrl(given: string): string {
  const url = URL.parse(given);
  const isLocal = url !== null && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname);
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)))
    throw new Stop(2, `Cannot use --url ${plainText(given)}: give the router's address, beginning with https://.`);
  return `${url.origin}${url.pathname.replace(/(\/v1)?\/*$/, '')}`;
}

/** Which key is meant: the variable that may hold it, and the secret of the router that it is. */
export interface KeyName {
  readonly variable: string;
  readonly secret: string;
}

/**
 * The key in a file, else in the variable; `undefined` where the variable holds none. Throws {@link Stop} with 2 where the
 * file holds none.
 */
export function readKey(
  file: string | undefined,
  { env, folder }: Pick<World, 'env' | 'folder'>,
  { variable, secret }: KeyName,
): string | undefined {
  const key = (file === undefined ? env[variable] : readFile(resolve(folder, file), secret))?.trim() ?? '';
  // What cannot stand in a header would make `fetch` quote it in its complaint.
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  if (file === undefined) return undefined;
  throw new Stop(2, `Cannot find the key: ${file} holds none. Put the router's ${secret} into it, on one line.`);
}

function readFile(path: string, secret: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Stop(2, `Cannot read ${secret}: there is no readable file ${path}.`, { cause });
  }
}
