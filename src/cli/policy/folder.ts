import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Asked, OptionRow } from '../asked.ts';
import { Stop } from '../stop.ts';
import type { Entries } from './entries.ts';
import { keyOf, readKey, readStem, stemOf, type PolicyKey } from './kinds.ts';
import { jsonText, readSource, type Source } from './source.ts';

/** One file of the policy folder. */
export interface PolicyFile {
  /** As messages show it: from the folder that the command was called in. */
  readonly path: string;
  /** The policy that the file's name stands for; `undefined` where it stands for none. */
  readonly key: PolicyKey | undefined;
  readonly source: Source;
}

export const folderOption: Readonly<Record<string, OptionRow>> = {
  dir: { value: '<folder>', says: 'the folder of policy files (default: policies)' },
};

/** The policy folder of a command line, as it was written. */
export function folderOf({ values }: Asked): string {
  return values.get('dir') ?? 'policies';
}

/** Reads all policy files of a folder, sorted by name. Throws {@link Stop} where there is no such folder. */
export function readFolder(base: string, folder: string): PolicyFile[] {
  const path = resolve(base, folder);
  if (!existsSync(path)) {
    const advice = 'Name another with --dir, or fill it from KV with router policy pull.';
    throw new Stop(1, `Cannot read the policies: there is no folder ${folder}. ${advice}`);
  }
  return readdirSync(path)
    .filter(isPolicyFile)
    .toSorted()
    .map((name) => ({
      path: join(folder, name),
      key: readStem(name.replace(/\.jsonc?$/, '')),
      source: readSource(readFileSync(join(path, name), 'utf8')),
    }));
}

/** The files as KV entries. Of two files for one key the first counts; the check refuses them. */
export function entriesOf(files: readonly PolicyFile[]): Entries {
  const entries = new Map<string, string>();
  for (const { key, source } of files) {
    const kept = key === undefined ? undefined : keyOf(key);
    if (kept !== undefined && !entries.has(kept)) entries.set(kept, jsonText(source));
  }
  return entries;
}

/** KV entries as if they were files, so that the same check reads both. */
export function filesOf(entries: Entries): PolicyFile[] {
  return [...entries].map(([key, text]) => ({ path: key, key: readKey(key), source: readSource(text) }));
}

/** The file name of a KV key: `route:eu/chat` is `route.eu%2Fchat.json`. */
export function fileNameOf(key: PolicyKey): string {
  return `${stemOf(key)}.json`;
}

/** Dot files are ours, `*.schema.json` is the editor's. */
function isPolicyFile(name: string): boolean {
  return /\.jsonc?$/.test(name) && !name.startsWith('.') && !/\.schema\.jsonc?$/.test(name);
}
