import * as z from 'zod/mini';
import { RouterError } from '../core/failure.ts';
import { parseJson } from '../core/json.ts';
import type { Timer } from '../wire/stream.ts';

/** Where policies are kept: KV, or a map in tests. */
export interface PolicySource {
  get(key: string): Promise<string | null>;
  list(prefix: string): Promise<string[]>;
}

/** Policies of this isolate, read through a memo. */
export interface PolicyStore {
  /** The value under a key; `undefined` where there is none. Throws `broken-policy` where there is one that cannot be used. */
  find<T>(key: string, schema: z.core.$ZodType<T>): Promise<T | undefined>;
  /** The keys under a prefix, without the prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Keys whose last good value stood in so far: what is there now is broken, or KV could not be read. */
  readonly lastGood: ReadonlySet<string>;
}

interface Entry {
  readonly text: string | null;
  readonly value: unknown;
  /** Why `text` cannot be used; `value` is then the last good one, if there ever was one. */
  readonly fault: string | undefined;
  /** When KV last gave it, and when KV was last asked: not the same while KV fails. */
  readonly readAt: number;
  readonly askedAt: number;
}

/** Not asked for again for this long, in milliseconds, whether KV answered or failed; KV itself is up to 60 seconds late. */
const freshMs = 30_000;
/** Served past that when KV fails, in milliseconds: last-good policy must outlive an outage by hours. */
const staleMs = 86_400_000;
/** A caller may ask for any name, and misses are remembered too: the memo is bounded. */
const mostEntries = 1_000;
const kvTimeoutMs = 1_000;

/** A memo of policies. One lives for the whole isolate: it shares values between requests, never promises. */
export type PolicyMemo = Map<string, Entry>;

/** Builds the store over a source, a memo that outlives the request, and a timer. */
export function openPolicyStore(options: {
  source: PolicySource;
  memo: PolicyMemo;
  timer: Timer;
  warn: (fields: Record<string, string>) => void;
}): PolicyStore {
  async function refresh(key: string, read: () => Promise<Entry>): Promise<Entry> {
    const known = options.memo.get(key);
    if (known !== undefined && options.timer.now() - known.askedAt < freshMs) return known;
    const entry = await inTime(read(), options.timer).catch((cause: unknown) => {
      if (known === undefined || options.timer.now() - known.readAt > staleMs) throw unreadable(key, cause);
      options.warn({
        event: 'policy-stale',
        key,
        ageSeconds: String(Math.round((options.timer.now() - known.readAt) / 1000)),
      });
      return { ...known, askedAt: options.timer.now() };
    });
    remember(options.memo, key, entry);
    return entry;
  }

  const lastGood = new Set<string>();
  return {
    lastGood,
    async find<T>(key: string, schema: z.core.$ZodType<T>): Promise<T | undefined> {
      const entry = await refresh(key, async () => {
        const text = await options.source.get(key);
        const read = readEntry({ text, schema, known: options.memo.get(key), now: options.timer.now() });
        if (read.fault !== undefined) options.warn({ event: 'policy-broken', key, fault: read.fault });
        return read;
      });
      if (entry.fault !== undefined && entry.value === undefined) {
        throw new RouterError({ kind: 'broken-policy', name: key, message: entry.fault });
      }
      if (entry.fault !== undefined || entry.readAt !== entry.askedAt) lastGood.add(key);
      // The memo holds under each key only what this key's schema gave.
      return entry.value as T | undefined;
    },
    async list(prefix) {
      const entry = await refresh(`list ${prefix}`, async () => {
        const keys = await options.source.list(prefix);
        const names = keys.map((key) => key.slice(prefix.length)).toSorted();
        return entryOf({ text: null, value: names, now: options.timer.now() });
      });
      return entry.value as string[];
    },
  };
}

function readEntry<T>(options: {
  text: string | null;
  schema: z.core.$ZodType<T>;
  known: Entry | undefined;
  now: number;
}): Entry {
  const { text, schema, known, now } = options;
  if (text === null) return entryOf({ text, value: undefined, now });
  // Parsed once per change and isolate.
  if (known?.text === text) return { ...known, readAt: now, askedAt: now };
  const json = parseJson(text);
  const parsed = z.safeParse(schema, json);
  if (parsed.success) return entryOf({ text, value: parsed.data, now });
  const fault = json === undefined ? 'is not valid JSON' : sayFaults(parsed.error);
  return entryOf({ text, value: known?.value, fault, now });
}

function entryOf(read: { text: string | null; value: unknown; fault?: string; now: number }): Entry {
  return { text: read.text, value: read.value, fault: read.fault, readAt: read.now, askedAt: read.now };
}

/** The first faults of a value in plain words: `targets[0].secret: is needed with ...`. */
export function sayFaults(error: z.core.$ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${sayPath(issue.path)}${issue.message}`)
    .join('; ');
}

function sayPath(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text === '' ? '' : `${text.replace(/^\./, '')}: `;
}

/** Keeps an entry. A full memo gives up names that were asked for in vain first: a caller can ask for any number of them. */
function remember(memo: PolicyMemo, key: string, entry: Entry): void {
  memo.delete(key);
  if (memo.size >= mostEntries) memo.delete(oldestMiss(memo) ?? memo.keys().next().value ?? '');
  memo.set(key, entry);
}

function oldestMiss(memo: PolicyMemo): string | undefined {
  return memo.entries().find(([, { text, value }]) => text === null && value === undefined)?.[0];
}

async function inTime<T>(reading: Promise<T>, timer: Timer): Promise<T> {
  const over = new AbortController();
  const late = timer.wait(kvTimeoutMs, over.signal).then(() => {
    throw new Error('KV did not answer in time');
  });
  return Promise.race([reading, late]).finally(() => over.abort());
}

function unreadable(key: string, cause: unknown): RouterError {
  const message = 'KV cannot be read at the moment';
  return new RouterError({ kind: 'broken-policy', name: key, message, passing: true }, { cause });
}
