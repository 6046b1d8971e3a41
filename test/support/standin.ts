import { env } from 'cloudflare:workers';
import type { RecordedRequest } from '../../src/local/records.ts';

/** The local environment's binding to the stand-in, which the Worker's own `Env` does not know. */
const { CLOUDFLARE: standIn } = env as unknown as { readonly CLOUDFLARE: Fetcher };

/** Every request that the stand-in got since {@link clearRequests}, oldest first, exactly as received. */
export async function recordedRequests(): Promise<RecordedRequest[]> {
  const response = await standIn.fetch('http://cloudflare.local/requests');
  return response.json();
}

/** Makes the stand-in forget requests, cached answers and prompts, and count from 1 again. For `beforeEach`. */
export async function clearRequests(): Promise<void> {
  await standIn.fetch('http://cloudflare.local/requests', { method: 'DELETE' });
}

/** Asks the stand-in itself, as the router would: for tests of its strictness, and as an oracle beside the router. */
export function askStandIn(url: string, init?: RequestInit): Promise<Response> {
  return standIn.fetch(url, init);
}
