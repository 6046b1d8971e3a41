import * as z from 'zod/mini';
import { parseJson } from '../../core/json.ts';
import type { Kv, KvEntry } from '../kv.ts';
import { countChanges } from './show.ts';
import { changesOf, digestOfAll, type Entries } from './entries.ts';
import { keyPrefixes, readKey, singleKeys } from './kinds.ts';

/** KV key of the newest revision's record: `{ revision, atIso, digest }`. Written last of a push. */
const recordKey = 'policy-revision';
/** KV keys of whole snapshots, `policy-history:<revision>`. What a listing shows of them is their metadata. */
const historyPrefix = 'policy-history:';
const mostSnapshots = 50;

const RevisionRecord = z.object({ revision: z.int(), atIso: z.string(), digest: z.string() });
const Metadata = z.object({ atIso: z.string(), change: z.string(), counts: z.string() });
const Snapshot = z.extend(Metadata, { entries: z.record(z.string(), z.string()) });

/** The policies in KV at one moment. */
export interface Live {
  readonly entries: Entries;
  /** Of the last push; 0 where there was none. */
  readonly revision: number;
  /** Whether the policies are what the last push wrote: they are not when KV was written by other means. */
  readonly isRecorded: boolean;
}

/** One row of the history. */
export interface Revision {
  readonly revision: number;
  readonly atIso: string;
  /** What made it: `push`, `rollback to 3`, or `found in KV`. */
  readonly change: string;
  /** What it changed: `1 added, 2 changed`. */
  readonly counts: string;
}

/** Reads all policies. Other keys of the namespace are nobody's business here. */
export async function readLive(kv: Kv): Promise<Live> {
  const named = await Promise.all(keyPrefixes.map((prefix) => kv.list(prefix)));
  const keys = [...singleKeys, ...named.flat().flatMap(({ name }) => (readKey(name) === undefined ? [] : [name]))];
  const values = await kv.get([...keys, recordKey]);
  const { data: record } = z.safeParse(RevisionRecord, parseJson(values.get(recordKey) ?? ''));
  const entries = new Map([...values].filter(([key]) => key !== recordKey));
  return {
    entries,
    revision: record?.revision ?? 0,
    isRecorded: record === undefined ? entries.size === 0 : record.digest === digestOfAll(entries),
  };
}

/** What a push or a rollback writes. */
export interface NewRevision {
  readonly live: Live;
  readonly entries: Entries;
  readonly change: string;
  readonly atIso: string;
}

/**
 * Writes a new revision and gives its number. What somebody else left in KV becomes a revision of its own first, so that it
 * is not lost. New values go before old ones are deleted: in between a caller finds too much rather than too little.
 */
export async function writeRevision(kv: Kv, { live, entries, change, atIso }: NewRevision): Promise<number> {
  const changes = changesOf(live.entries, entries);
  const foundFirst = !live.isRecorded && live.entries.size > 0;
  const found = live.revision + 1;
  const revision = foundFirst ? found + 1 : found;
  const before = { revision: found, atIso, change: 'found in KV', counts: countPoliciesIn(live.entries) };
  await kv.put([
    ...changes.flatMap(({ key, after }) => (after === undefined ? [] : [{ key, value: after }])),
    ...(foundFirst ? [snapshotEntry(before, live.entries)] : []),
    snapshotEntry({ revision, atIso, change, counts: countChanges(changes) }, entries),
    { key: recordKey, value: JSON.stringify({ revision, atIso, digest: digestOfAll(entries) }) },
  ]);
  await kv.delete([
    ...changes.filter((row) => row.change === 'removed').map(({ key }) => key),
    ...outdatedKeys(revision),
  ]);
  return revision;
}

/** The snapshots that a new revision pushes out, and the few before them, should an earlier deletion have failed. */
function outdatedKeys(revision: number): string[] {
  const outdated = Array.from({ length: 5 }, (_, index) => revision - mostSnapshots - index);
  return outdated.filter((old) => old > 0).map((old) => historyPrefix + old);
}

/** The revisions that are kept, newest first. */
export async function readRevisions(kv: Kv): Promise<Revision[]> {
  const listed = await kv.list(historyPrefix);
  return listed
    .flatMap(({ name, metadata }) => {
      const revision = Number(name.slice(historyPrefix.length));
      const { data } = z.safeParse(Metadata, metadata);
      const { atIso = '', change = 'unknown', counts = '' } = data ?? {};
      return Number.isInteger(revision) && revision > 0 ? [{ revision, atIso, change, counts }] : [];
    })
    .toSorted((a, b) => b.revision - a.revision);
}

/** The policies of an old revision; `undefined` where it is not kept or cannot be read. */
export async function readSnapshot(kv: Kv, revision: number): Promise<Entries | undefined> {
  const key = historyPrefix + revision;
  const values = await kv.get([key]);
  const { data } = z.safeParse(Snapshot, parseJson(values.get(key) ?? ''));
  return data === undefined ? undefined : new Map(Object.entries(data.entries));
}

function snapshotEntry({ revision, ...metadata }: Revision, entries: Entries): KvEntry {
  const value = JSON.stringify({ revision, ...metadata, entries: Object.fromEntries(entries) });
  return { key: historyPrefix + revision, value, metadata };
}

function countPoliciesIn(entries: Entries): string {
  return countChanges(changesOf(new Map(), entries));
}
