import type * as z from 'zod';
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
  find<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined>;
  /** The keys under a prefix, without the prefix, sorted. */
  list(prefix: string): Promise<string[]>;
}

interface Entry {
  readonly text: string | null;
  readonly value: unknown;
  /** Why `text` cannot be used; `value` is then the last good one, if there ever was one. */
  readonly fault: string | undefined;
  readonly readAt: number;
}

/** Fresh for this long, in milliseconds; KV itself answers up to 60 seconds late. */
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
    if (known !== undefined && options.timer.now() - known.readAt < freshMs) return known;
    const entry = await inTime(read(), options.timer).catch((cause: unknown) => {
      if (known === undefined || options.timer.now() - known.readAt > staleMs) throw unreadable(key, cause);
      options.warn({
        event: 'policy-stale',
        key,
        ageSeconds: String(Math.round((options.timer.now() - known.readAt) / 1000)),
      });
      return known;
    });
    remember(options.memo, key, entry);
    return entry;
  }

  return {
    async find<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined> {
      const entry = await refresh(key, async () => {
        const text = await options.source.get(key);
        return readEntry({ text, schema, known: options.memo.get(key), now: options.timer.now() });
      });
      if (entry.fault !== undefined) options.warn({ event: 'policy-broken', key, fault: entry.fault });
      if (entry.fault !== undefined && entry.value === undefined) {
        throw new RouterError({ kind: 'broken-policy', name: key, message: entry.fault });
      }
      // The memo holds under each key only what this key's schema gave.
      return entry.value as T | undefined;
    },
    async list(prefix) {
      const entry = await refresh(`list ${prefix}`, async () => {
        const keys = await options.source.list(prefix);
        return {
          text: null,
          value: keys.map((key) => key.slice(prefix.length)).toSorted(),
          fault: undefined,
          readAt: options.timer.now(),
        };
      });
      return entry.value as string[];
    },
  };
}

function readEntry<T>(options: {
  text: string | null;
  schema: z.ZodType<T>;
  known: Entry | undefined;
  now: number;
}): Entry {
  const { text, schema, known, now } = options;
  if (text === null) return { text, value: undefined, fault: undefined, readAt: now };
  // Parsed once per change and isolate.
  if (known?.text === text) return { ...known, readAt: now };
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return { text, value: parsed.data, fault: undefined, readAt: now };
  return { text, value: known?.value, fault: sayFaults(parsed.error), readAt: now };
}

/** The first faults of a value in plain words: `targets[0].secret: is needed with ...`. */
export function sayFaults(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${sayPath(issue.path)}${issue.message}`)
    .join('; ');
}

function sayPath(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text === '' ? '' : `${text.replace(/^\./, '')}: `;
}

function remember(memo: PolicyMemo, key: string, entry: Entry): void {
  memo.delete(key);
  memo.set(key, entry);
  const oldest = memo.keys().next();
  if (memo.size > mostEntries && oldest.done !== true) memo.delete(oldest.value);
}

async function inTime<T>(reading: Promise<T>, timer: Timer): Promise<T> {
  const late = timer.wait(kvTimeoutMs).then(() => {
    throw new Error('KV did not answer in time');
  });
  return Promise.race([reading, late]);
}

function unreadable(key: string, cause: unknown): RouterError {
  return new RouterError({ kind: 'broken-policy', name: key, message: 'KV cannot be read at the moment' }, { cause });
}
