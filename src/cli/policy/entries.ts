import { createHash } from 'node:crypto';
import { parseJson } from '../../core/json.ts';

/** Policies as KV holds them: the text by its key. */
export type Entries = ReadonlyMap<string, string>;

/** One key that differs between two sets of policies. */
export interface Change {
  readonly key: string;
  readonly change: 'added' | 'changed' | 'removed';
  readonly before?: string;
  readonly after?: string;
}

/** What turns one set of policies into another, by key. White space makes no difference. */
export function changesOf(before: Entries, after: Entries): Change[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return keys.flatMap((key) => changeOf(key, before.get(key), after.get(key)));
}

function changeOf(key: string, before: string | undefined, after: string | undefined): Change[] {
  if (before === undefined) return after === undefined ? [] : [{ key, change: 'added', after }];
  if (after === undefined) return [{ key, change: 'removed', before }];
  return digestOf(before) === digestOf(after) ? [] : [{ key, change: 'changed', before, after }];
}

/** The digest of one value, the same for every way of spacing it. */
export function digestOf(text: string): string {
  const value = parseJson(text);
  return sha256(value === undefined ? text : JSON.stringify(value)).slice(0, 32);
}

/** The digest of a whole set of policies. */
export function digestOfAll(entries: Entries): string {
  return sha256(JSON.stringify(digestsOf(entries))).slice(0, 32);
}

/** The digests of a set of policies, by key, sorted. */
export function digestsOf(entries: Entries): Record<string, string> {
  const rows = [...entries].map(([key, text]) => [key, digestOf(text)] as const);
  return Object.fromEntries(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
