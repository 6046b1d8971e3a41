import { lookUp, type Base } from './base.ts';
import { digestOf, type Entries } from './entries.ts';

/** What a pull does about one key. */
export interface PullRow {
  readonly key: string;
  /** `write`: KV's value becomes the file's; `remove`: the file goes; `keep`: the file stays as it was edited here. */
  readonly action: 'write' | 'remove' | 'keep';
  /** The file was edited here since the last pull or push, and the action would lose that. */
  readonly losesEdit: boolean;
}

/**
 * Compares files, KV and what both were at the last pull or push: what changed in KV alone is taken over, what changed here
 * alone is kept, what changed on both sides is taken over too but needs a yes. Keys that are the same are left out.
 */
export function planPull(files: Entries, live: Entries, base: Base): PullRow[] {
  const keys = [...new Set([...files.keys(), ...live.keys()])].toSorted();
  return keys.flatMap((key): PullRow[] => {
    const here = optionalDigest(files.get(key));
    const there = optionalDigest(live.get(key));
    const then = lookUp(base.digests, key);
    if (here === there) return [];
    const editedHere = here !== undefined && here !== then;
    // Nothing happened in KV: what differs was done here, a deleted file included.
    if (there === then) return [{ key, action: 'keep', losesEdit: false }];
    return [{ key, action: there === undefined ? 'remove' : 'write', losesEdit: editedHere }];
  });
}

function optionalDigest(text: string | undefined): string | undefined {
  return text === undefined ? undefined : digestOf(text);
}
