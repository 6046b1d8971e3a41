import { env, exports } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { routerKey } from '../../src/local/keys.ts';
import type { RecordedRequest } from '../../src/local/records.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { policies } from './policies.ts';

/** What every client is given besides the path: the router's key, and a `fetch` that reaches it inside the runtime. */
export interface Access {
  readonly key: string;
  readonly fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;
}

/** A router of the name alone: `fetch` goes to the Worker under test. */
export const origin = 'https://router.example';

/** The Worker's default export as another Worker would reach it; its name is not in the types of this project. */
const { default: worker } = exports as unknown as { readonly default: Fetcher };

export const access: Access = {
  key: routerKey,
  fetch: (input, init) => worker.fetch(input, init),
};

/** The Worker's own KV namespace. */
const { POLICY: kv } = env as unknown as { readonly POLICY: KVNamespace };

/**
 * Puts the policies of these tests into KV and empties the stand-in's records before each test. Behind every test stands one
 * claim more: the router's own key never went upstream. The Worker's log is kept off the screen.
 */
export function openRouter(): void {
  beforeAll(async () => {
    for (const [key, value] of Object.entries(policies)) await kv.put(key, JSON.stringify(value));
    // The first request loads the Worker, which on a busy machine takes longer than a test may.
    await access.fetch(`${origin}/healthz`);
  }, 60_000);
  beforeEach(async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await clearRequests();
  });
  afterEach(async () => {
    expect(JSON.stringify(await recordedRequests())).not.toContain(routerKey);
    vi.restoreAllMocks();
  });
}

/** Where a request arrived, for which model, and with which credentials. */
export interface Arrival {
  readonly surface: RecordedRequest['surface'];
  /** After the gateway's id, or after `/ai/`; empty for the binding. */
  readonly path: string;
  readonly model: string | undefined;
  /** Every header in which a credential can stand, and those that steer which credential is used. */
  readonly keys: Readonly<Record<string, string>>;
}

const keyHeaders = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cf-aig-authorization',
  'cf-aig-no-wholesale',
  'cf-aig-byok-alias',
];

/** The arrivals at the stand-in since the test began. */
export async function arrivals(): Promise<Arrival[]> {
  return (await recordedRequests()).map(({ surface, url, model, headers }) => ({
    surface,
    path: url.replace(/^.*\/(ai-edge-router|ai)\//, ''),
    model,
    keys: Object.fromEntries(headers.filter(([name]) => keyHeaders.includes(name))),
  }));
}
