import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { parseJson } from '../../core/json.ts';
import { sayPlace, type Place } from '../place.ts';
import { digestsOf, type Entries } from './entries.ts';
import type { Live } from './revisions.ts';

/** Stands beside the policy files: what KV held at the last pull or push, by place. Safe to commit, safe to delete. */
const fileName = '.router-revision.json';

const Base = z.object({
  revision: z.int(),
  /** The digest of each value by its key. */
  digests: z.record(z.string(), z.string()),
});

/** What KV held when the folder last met it. */
export type Base = z.infer<typeof Base>;

const Bases = z.record(z.string(), Base);

/** What KV held at the last pull or push of this folder; nothing where there was none. */
export function readBase(base: string, folder: string, place: Place): Base {
  return readBases(pathOf(base, folder))[sayPlace(place)] ?? { revision: 0, digests: {} };
}

/** Remembers what KV holds now. */
export function writeBase(
  base: string,
  folder: string,
  met: { place: Place; revision: number; entries: Entries },
): void {
  const path = pathOf(base, folder);
  const bases = {
    ...readBases(path),
    [sayPlace(met.place)]: { revision: met.revision, digests: digestsOf(met.entries) },
  };
  mkdirSync(resolve(base, folder), { recursive: true });
  writeFileSync(path, `${JSON.stringify(bases, null, 2)}\n`);
}

/** The keys whose value in KV is not the one of the last pull or push. */
export function movedKeys({ digests }: Base, { entries }: Pick<Live, 'entries'>): string[] {
  const now = digestsOf(entries);
  const keys = [...new Set([...Object.keys(digests), ...Object.keys(now)])].toSorted();
  return keys.filter((key) => lookUp(digests, key) !== lookUp(now, key));
}

/** The digest under a key; a route may be called anything. */
export function lookUp(digests: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(digests, key) ? digests[key] : undefined;
}

function pathOf(base: string, folder: string): string {
  return join(resolve(base, folder), fileName);
}

function readBases(path: string): Record<string, Base> {
  if (!existsSync(path)) return {};
  return z.safeParse(Bases, parseJson(readFileSync(path, 'utf8'))).data ?? {};
}
