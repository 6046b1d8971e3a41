import type { JsonObject } from '../../src/core/json.ts';
import type { PolicyWriter } from '../../src/policy/admin.ts';
import type { KeyWorld } from '../../src/policy/key-admin.ts';

/** KV in memory, with everything that was written and deleted, in order. */
export interface AdminRig extends KeyWorld {
  readonly texts: Map<string, string>;
  readonly metadata: Map<string, JsonObject>;
  readonly changes: string[];
  readonly reads: string[];
  nowMs: number;
}

/** Operations over values as they would be in KV, at noon of a day in November; keys are made of counted bytes. */
export function adminRig(values: Readonly<Record<string, unknown>> = {}): AdminRig {
  const texts = new Map(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));
  const metadata = new Map<string, JsonObject>();
  const changes: string[] = [];
  const reads: string[] = [];
  const writer: PolicyWriter = {
    get: async (key) => {
      reads.push(key);
      return texts.get(key) ?? null;
    },
    put: async (key, value, about) => {
      changes.push(`put ${key}`);
      texts.set(key, value);
      metadata.delete(key);
      if (about !== undefined) metadata.set(key, about);
    },
    delete: async (key) => {
      changes.push(`delete ${key}`);
      texts.delete(key);
      metadata.delete(key);
    },
    list: async (prefix) =>
      [...texts.keys()]
        .filter((name) => name.startsWith(prefix))
        .map((name) => ({ name, ...(metadata.has(name) && { metadata: metadata.get(name) }) })),
  };
  let made = 0;
  const randomBytes = (count: number) => new Uint8Array(count).fill((made += 1));
  return { writer, texts, metadata, changes, reads, randomBytes, nowMs: Date.parse('2026-11-20T12:00:00Z') };
}
