import { env } from 'cloudflare:workers';
import app from '../worker.ts';
import { realUrl } from './address.ts';

export * from '../worker.ts';

/** Cloudflare's hosts, which the stand-in plays. */
const played = new Set(['gateway.ai.cloudflare.com', 'api.cloudflare.com']);

/** The binding exists in the local environment alone, so the Worker's own `Env` does not know it. */
const { CLOUDFLARE: cloudflare } = env as unknown as { readonly CLOUDFLARE: Fetcher };

const realFetch = globalThis.fetch;

// The router itself stays as it is deployed: only here does its `fetch` lead to the stand-in.
globalThis.fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
  const url = new URL(input instanceof Request ? input.url : input);
  return played.has(url.hostname) ? cloudflare.fetch(input, init) : realFetch(input, init);
};

type Bindings = Parameters<typeof app.fetch>[1];

/** The router, and beside it the stand-in's API for the operator's commands. */
export default {
  fetch: (request: Request, bindings: Bindings, context: ExecutionContext): Response | Promise<Response> => {
    const url = realUrl(request.url);
    return url === undefined ? app.fetch(request, bindings, context) : cloudflare.fetch(new Request(url, request));
  },
};
