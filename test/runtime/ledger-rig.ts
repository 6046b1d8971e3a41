import { env } from 'cloudflare:workers';
import type { Ledger } from '../../src/ledger/durable.ts';
import type { LeaseOptions } from '../../src/ledger/leased.ts';
import type { SliceMemo } from '../../src/ledger/slice.ts';

/** The binding as `wrangler.toml` makes it. */
export const namespace = (env as unknown as { readonly LEDGER: DurableObjectNamespace<Ledger> }).LEDGER;

let callers = 0;

/** A caller whom no other test knows. */
export function newCaller(): string {
  callers += 1;
  return `caller-${callers}-${crypto.randomUUID()}`;
}

/** An isolate with a real clock. What goes on after the answer is gathered in `after`. */
export function isolateOf(after: Promise<unknown>[] = []): LeaseOptions {
  return {
    namespace,
    timer: {
      now: () => Date.now(),
      wait: async (ms, signal) => scheduler.wait(ms, signal === undefined ? {} : { signal }),
    },
    slices: new Map() as SliceMemo,
    tallies: new Map(),
    later: (work) => void after.push(work),
    warn: () => undefined,
    newId: () => crypto.randomUUID(),
  };
}
