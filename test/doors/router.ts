import { env, exports } from 'cloudflare:workers';
import { vi } from 'vitest';
import { routerKey } from '../../src/local/keys.ts';
import type { RecordedRequest } from '../../src/local/records.ts';
import { recordedRequests } from '../support/standin.ts';

/** What every client is given: where the router is, its key, and a `fetch` that reaches it inside the runtime. */
export const access = { key: routerKey, fetch: fetchRouter };

/** Sends a client's request to the Worker under test. */
export async function fetchRouter(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const worker: Fetcher = exports.default;
  return worker.fetch(input, init);
}
