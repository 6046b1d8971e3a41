import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { field, parseJson, type JsonObject } from '../core/json.ts';
import { Stop } from './stop.ts';
import type { Place } from './place.ts';
import { runWrangler } from './wrangler.ts';

/** One key of a listing. */
export interface KvKey {
  readonly name: string;
  /** What was put beside the value, as it came. */
  readonly metadata?: unknown;
}

/** One value to write. Metadata is small (1,024 bytes at most) and comes with listings. */
export interface KvEntry {
  readonly key: string;
  readonly value: string;
  readonly metadata?: JsonObject;
}

/**
 * The KV namespace `POLICY`, as the commands use it: wrangler, or a map in tests. KV has no compare-and-set: whoever writes
 * reads right before, and two operators in the same second can still overtake one another.
 */
export interface Kv {
  /** The keys under a prefix. */
  list(prefix: string): Promise<readonly KvKey[]>;
  /** The values that there are of the keys asked for. */
  get(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Writes in the order given. */
  put(entries: readonly KvEntry[]): Promise<void>;
  delete(keys: readonly string[]): Promise<void>;
}

/** Most keys in one bulk read of Cloudflare's API. */
const mostKeysARead = 100;

/** KV by the installed wrangler, with its own login. */
export function wranglerKv(place: Place): Kv {
  const where = whereOf(place);
  return {
    async list(prefix) {
      const listed = parseJson(await runWrangler(['kv', 'key', 'list', '--prefix', prefix, ...where]));
      if (!Array.isArray(listed)) throw unreadable('kv key list');
      return listed.flatMap((row: unknown) => {
        const name = field(row, 'name');
        return typeof name === 'string' ? [{ name, metadata: field(row, 'metadata') }] : [];
      });
    },
    async get(keys) {
      const found = new Map<string, string>();
      for (let from = 0; from < keys.length; from += mostKeysARead) {
        const asked = keys.slice(from, from + mostKeysARead);
        const answer = parseJson(await withFile(asked, (file) => runWrangler(['kv', 'bulk', 'get', file, ...where])));
        if (answer === undefined) throw unreadable('kv bulk get');
        for (const key of asked) {
          const value = readValue(field(answer, key));
          if (value !== undefined) found.set(key, value);
        }
      }
      return found;
    },
    async put(entries) {
      if (entries.length > 0) await withFile(entries, (file) => runWrangler(['kv', 'bulk', 'put', file, ...where]));
    },
    async delete(keys) {
      if (keys.length === 0) return;
      await withFile(keys, (file) => runWrangler(['kv', 'bulk', 'delete', file, '--force', ...where]));
    },
  };
}

/** Names of the secrets of the deployed Worker. Cloudflare's API never tells a value. */
export async function listDeployedSecrets({ env }: Place): Promise<string[]> {
  const where = env === undefined ? [] : ['--env', env];
  const listed = parseJson(await runWrangler(['secret', 'list', '--format', 'json', ...where]));
  if (!Array.isArray(listed)) throw unreadable('secret list');
  return listed.flatMap((row: unknown) => {
    const name = field(row, 'name');
    return typeof name === 'string' ? [name] : [];
  });
}

/** `--env ""` names the top level outright: without it wrangler warns where there are environments. */
function whereOf({ remote, env, persistTo }: Place): string[] {
  return [
    '--binding',
    'POLICY',
    remote ? '--remote' : '--local',
    `--env=${env ?? ''}`,
    ...(persistTo === undefined ? [] : ['--persist-to', persistTo]),
  ];
}

/** Local values come as `{value}`, remote ones as they stand; what is missing is `null` in both. */
function readValue(answer: unknown): string | undefined {
  const value = typeof answer === 'string' ? answer : field(answer, 'value');
  return typeof value === 'string' ? value : undefined;
}

/** wrangler's bulk commands read files; this one lives as long as the command. */
async function withFile<T>(content: unknown, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'router-kv-'));
  try {
    const file = join(folder, 'entries.json');
    await writeFile(file, JSON.stringify(content), { mode: 0o600 });
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function unreadable(command: string): Stop {
  return new Stop(1, `Cannot read KV: wrangler ${command} answered something that is no JSON. Try it by npx wrangler.`);
}
