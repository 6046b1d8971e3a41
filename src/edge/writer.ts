import { RouterError } from '../core/failure.ts';
import type { Listed, PolicyWriter } from '../policy/admin.ts';

/** Pages of a thousand names: more than that many are more than an isolate's memory likes. */
const mostPages = 100;

/** Policies, callers and keys in KV, for whoever changes them. Throws `broken-policy` where KV does not do it. */
export function kvWriter(kv: KVNamespace): PolicyWriter {
  return {
    get: async (key) => kv.get(key, { cacheTtl: 30 }).catch(passing(key)),
    put: async (key, value, metadata) =>
      kv.put(key, value, metadata === undefined ? {} : { metadata }).catch(passing(key)),
    delete: async (key) => kv.delete(key).catch(passing(key)),
    async list(prefix) {
      const listed: Listed[] = [];
      let cursor: string | null = null;
      // To the end or not at all: a key that is in no list cannot be taken away.
      for (let page = 0; page < mostPages; page += 1) {
        const found: KVNamespaceListResult<unknown> = await kv.list({ prefix, cursor }).catch(passing(prefix));
        for (const { name, metadata } of found.keys) listed.push({ name, metadata });
        if (found.list_complete) return listed;
        cursor = found.cursor;
      }
      return passing(prefix)('too many names');
    },
  };
}

function passing(name: string): (cause: unknown) => never {
  return (cause) => {
    const message = 'KV does not answer at the moment, or was told to write one key more than once a second';
    throw new RouterError({ kind: 'broken-policy', name, message, passing: true }, { cause });
  };
}
