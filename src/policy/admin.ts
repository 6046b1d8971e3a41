import * as z from 'zod/mini';
import type { JsonObject } from '../core/json.ts';
import { parseJson } from '../core/json.ts';
import { sayFaults } from './store.ts';

/** Where callers and keys are kept, for whoever changes them: KV by its binding, by wrangler, or a map in tests. */
export interface PolicyWriter {
  get(key: string): Promise<string | null>;
  /** `metadata` comes back in lists: at most 1,024 bytes of JSON. */
  put(key: string, value: string, metadata?: JsonObject): Promise<void>;
  delete(key: string): Promise<void>;
  /** All names under a prefix, whole, in KV's order. */
  list(prefix: string): Promise<readonly Listed[]>;
}

export interface Listed {
  readonly name: string;
  readonly metadata?: unknown;
}

/** Why an operation was not done: HTTP says 400, 404, 409, and 500 for a stored value that cannot be read. */
export interface AdminFault {
  readonly kind: 'invalid' | 'missing' | 'conflict' | 'broken';
  /** A sentence for people, without secrets. */
  readonly message: string;
}

/** What an operation came to. Nothing was changed where it failed. */
export type Done<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: AdminFault };

/** An operation that was done. */
export function done<T>(value: T): Done<T> {
  return { ok: true, value };
}

/** An operation that was not. */
export function failed(kind: AdminFault['kind'], message: string): { readonly ok: false; readonly fault: AdminFault } {
  return { ok: false, fault: { kind, message } };
}

/** Takes an operation's input through its schema. */
export function readInput<T>(schema: z.core.$ZodType<T>, input: unknown): Done<T> {
  const parsed = z.safeParse(schema, input);
  return parsed.success ? done(parsed.data) : failed('invalid', `Cannot take the input: ${sayFaults(parsed.error)}.`);
}

/** Reads a stored value; `undefined` where there is none. */
export async function readStored<T>(
  writer: PolicyWriter,
  key: string,
  schema: z.core.$ZodType<T>,
): Promise<Done<T | undefined>> {
  const text = await writer.get(key);
  if (text === null) return done(undefined);
  const parsed = z.safeParse(schema, parseJson(text));
  if (parsed.success) return done(parsed.data);
  return failed(
    'broken',
    `Cannot use what is stored under "${key}": ${sayFaults(parsed.error)}. Delete or correct it.`,
  );
}
