import { field, parseJson, textOf } from '../core/json.ts';
import { forgetAccount } from './account.ts';
import { forgetAnswers, throughCache } from './cache.ts';
import { visitGateway } from './gateway.ts';
import type { GatewayRequest } from './gateway.ts';
import { manage } from './management.ts';
import { keepMetadata } from './options.ts';
import { allRecords, forgetRecords, record } from './records.ts';
import type { RecordedRequest } from './records.ts';
import { visitRest } from './rest.ts';
import { stamp } from './stamp.ts';
import { forgetPrompts } from './tokens.ts';

export { WorkersAi } from './workersai.ts';

/** The hosts that this Worker plays, each with its records' name. */
const hosts: ReadonlyMap<
  string,
  { readonly surface: RecordedRequest['surface']; readonly visit: (request: GatewayRequest) => Promise<Response> }
> = new Map([
  ['gateway.ai.cloudflare.com', { surface: 'gateway', visit: visitGateway }],
  ['api.cloudflare.com', { surface: 'rest', visit: visitApi }],
]);

/**
 * A stand-in for Cloudflare's side: AI Gateway, the REST API and (as the entrypoint `WorkersAi`) the AI binding, by the
 * contract sheet. Under the host `cloudflare.local` it shows what it got: `GET /requests`, `GET /cancelled`, and
 * `DELETE /requests` to forget all of it, with what was changed in the account.
 */
export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const host = hosts.get(url.hostname);
    if (url.hostname === 'cloudflare.local') return control(request.method, url.pathname);
    if (host === undefined) return new Response(`Nothing is played at ${url.hostname}.`, { status: 421 });
    const { headers, method, signal } = request;
    const body = await request.text();
    const recorded = recordRequest(request, body, host.surface);
    const listener = { record: recorded, signal };
    const visited = await throughCache(headers, () =>
      host.visit({ method, url, headers, body, listener, authenticated: false }),
    );
    return stamp(visited, recorded, headers.get('cf-aig-event-id'));
  },
};

/** Below `/ai/` models are asked; the rest of the API manages the account. */
async function visitApi(request: GatewayRequest): Promise<Response> {
  const { url, method, headers, body } = request;
  if (/^\/client\/v4\/accounts\/[^/]+\/ai\//.test(url.pathname)) return visitRest(request);
  return manage(new Request(url, { method, headers, ...(body !== '' && { body }) }));
}

function recordRequest(request: Request, body: string, surface: RecordedRequest['surface']): RecordedRequest {
  const model = textOf(field(parseJson(body), 'model'));
  const metadata = request.headers.get('cf-aig-metadata');
  return record({
    surface,
    method: request.method,
    url: request.url,
    headers: [...request.headers],
    body,
    ...(model !== undefined && { model }),
    ...(metadata !== null && { metadata: keepMetadata(parseJson(metadata)) }),
  });
}

function control(method: string, path: string): Response {
  if (method === 'GET' && path === '/requests') return Response.json(allRecords());
  if (method === 'GET' && path === '/cancelled')
    return Response.json(allRecords().filter(({ cancelled }) => cancelled));
  if (method !== 'DELETE' || path !== '/requests') return new Response('Not found.', { status: 404 });
  forgetRecords();
  forgetPrompts();
  forgetAnswers();
  forgetAccount();
  return new Response(null, { status: 204 });
}
