import { resolve } from 'node:path';
import type { Asked, OptionRow } from './asked.ts';
import { Stop } from './stop.ts';

/** Which KV namespace `POLICY` is meant. */
export interface Place {
  readonly remote: boolean;
  /** Environment of `wrangler.toml`; absent: its top level. */
  readonly env?: string;
  /** Folder of the local state, absolute; absent: the one that `npm start` uses. */
  readonly persistTo?: string;
}

/** The environment that `npm start` serves. */
export const localEnv = 'local';

/** The options that choose a deployed environment. */
export const remoteOptions: Readonly<Record<string, OptionRow>> = {
  remote: { says: 'what is deployed in the Cloudflare account, by wrangler and its login' },
  env: { value: '<name>', says: `an environment of wrangler.toml; every one but ${localEnv} means --remote` },
};

/** The options that choose the place. */
export const placeOptions: Readonly<Record<string, OptionRow>> = {
  local: { says: 'the local KV that npm start serves from (the default)' },
  ...remoteOptions,
  'persist-to': { value: '<folder>', says: 'another folder of local state, as wrangler has it' },
};

/** The place that a command line asks for. Throws {@link Stop} with 2 where its options contradict one another. */
export function readPlace({ flags, values }: Asked, folder: string): Place {
  const env = values.get('env');
  const persistTo = values.get('persist-to');
  if (flags.has('local') && flags.has('remote'))
    throw new Stop(2, 'Cannot choose the KV: --local and --remote exclude one another. Give one of them.');
  const remote = !flags.has('local') && (flags.has('remote') || (env !== undefined && env !== localEnv));
  if (remote && persistTo !== undefined)
    throw new Stop(2, 'Cannot choose the KV: --persist-to is for local state. Leave it out, or give --local.');
  if (remote) return { remote, ...(env !== undefined && { env }) };
  return { remote, env: env ?? localEnv, ...(persistTo !== undefined && { persistTo: resolve(folder, persistTo) }) };
}

/** The place as messages name it: `remote KV (env staging)`. */
export function sayPlace({ remote, env, persistTo }: Place): string {
  const notes = [
    ...(env === undefined || (!remote && env === localEnv) ? [] : [`env ${env}`]),
    ...(persistTo === undefined ? [] : [persistTo]),
  ];
  return `${remote ? 'remote' : 'local'} KV${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

/** The options that name the place again, for the commands that messages advise. */
export function placeArguments({ remote, env, persistTo }: Place): string {
  const words = [
    ...(remote ? ['--remote'] : []),
    ...(env === undefined || (!remote && env === localEnv) ? [] : [...(remote ? [] : ['--local']), `--env ${env}`]),
    ...(persistTo === undefined ? [] : [`--persist-to ${persistTo}`]),
  ];
  return words.map((word) => ` ${word}`).join('');
}
