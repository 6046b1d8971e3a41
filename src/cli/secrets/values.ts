import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { Stop } from '../stop.ts';

/** Values of secrets by their names. It is never shown, logged or put into JSON. */
export type SecretValues = ReadonlyMap<string, string>;

/** The values that a `.env` or `.dev.vars` file sets. Throws {@link Stop} where it cannot be read. */
export function readSecretFile(base: string, file: string): SecretValues {
  let text: string;
  try {
    text = readFileSync(resolve(base, file), 'utf8');
  } catch (cause) {
    throw new Stop(1, `Cannot read the secrets: there is no file ${file} that can be read.`, { cause });
  }
  return new Map(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** What keeps a value from being a secret, without the value; `undefined` where nothing does. */
export function secretFault(name: string, value: string, others: SecretValues): string | undefined {
  if (value.trim() === '') return `${name} is empty`;
  // A line break in a header makes `fetch` throw at the first request; blanks at the ends come from pasting.
  if (/[\r\n]/.test(value)) return `${name} has a line break in it`;
  if (value !== value.trim()) return `${name} begins or ends with a blank`;
  // oxlint-disable-next-line no-control-regex -- what is outside of it cannot stand in a header
  if (!/^[\x20-\x7e]+$/.test(value)) return `${name} holds a character that cannot stand in a header`;
  if (name === 'ROUTER_KEY' && !/^[\w-]{16,}$/.test(value))
    return 'ROUTER_KEY is to be at least 16 letters, digits, - and _; openssl rand -hex 24 makes one';
  if (name === 'ADMIN_KEY' && value === others.get('ROUTER_KEY'))
    return 'ADMIN_KEY is the same as ROUTER_KEY: whoever calls the router could administer it';
  return undefined;
}
