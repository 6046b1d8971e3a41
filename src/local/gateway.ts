import { field, parseJson, textOf } from '../core/json.ts';
import { findGateway, findRoute, hasProvider } from './account.ts';
import { refuseCredential } from './credential.ts';
import { cloudflareError, gatewayError, textOfCode } from './errors.ts';
import type { Refusal } from './errors.ts';
import { accountId, cloudflareToken, gatewayToken } from './keys.ts';
import type { Gateway } from './keys.ts';
import { catalogue, compatCatalogue } from './catalogue.ts';
import { refuseHeaders } from './options.ts';
import { askProvider } from './provider.ts';
import { refuse } from './serve.ts';
import { findEndpoint, sites } from './sites.ts';
import type { Site } from './sites.ts';
import type { Listener } from './stream.ts';
import { openaiVoice } from './voices-openai.ts';
import { couldNotRoute, workersAiHttpVoice } from './voices-workers.ts';
import { runChat, runEmbeddings, runNative } from './workers.ts';
import type { WorkersRequest } from './workers.ts';

/** A request on its way through the gateway. */
export interface GatewayRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  readonly listener: Listener;
  /** The binding needs no gateway token. */
  readonly authenticated: boolean;
}

/** One gateway, and what remains of the path after it. */
interface Visit extends GatewayRequest {
  readonly gateway: Gateway;
  readonly gatewayId: string;
  readonly slug: string;
  readonly path: string;
}

/** Plays `gateway.ai.cloudflare.com/v1/{account}/{gateway}/{provider}/{path}` (contract sheet 1.3 to 1.7, 2.2 to 2.5). */
export async function visitGateway(request: GatewayRequest): Promise<Response> {
  const [version, account, id = '', slug, ...rest] = request.url.pathname.slice(1).split('/');
  if (version !== 'v1' || account !== accountId || slug === undefined) {
    return refuse(couldNotRoute(request.url.pathname));
  }
  const gateway = findGateway(id);
  if (gateway === undefined) return refuse(gatewayError(400, 2001, textOfCode(2001)));
  const sent = request.headers.get('cf-aig-authorization');
  if (gateway.authentication && !request.authenticated && sent !== `Bearer ${gatewayToken}`) {
    return refuse(gatewayError(401, 2009, 'Unauthorized'));
  }
  const refusal = refuseHeaders(request.headers);
  if (refusal !== undefined) return refuse(refusal);
  const visit: Visit = { ...request, gateway, gatewayId: id, slug, path: decodePath(rest.join('/')) };
  if (slug === 'compat') return visitCompat(visit);
  return slug === 'workers-ai' ? visitWorkersAi(visit) : visitProvider(visit);
}

/** The path with its escapes undone; as it is where they are broken. */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function visitProvider(visit: Visit): Promise<Response> {
  const { slug, path, headers, listener } = visit;
  const site = findSite(slug);
  if (site === undefined) return refuse(gatewayError(400, 2008, textOfCode(2008)));
  const refusal = refuseCredential({ slug, site, gateway: visit.gateway, headers, readsAlias: true });
  if (refusal !== undefined) return refuse(refusal);
  const found = findEndpoint(site, path);
  const method = found?.endpoint === 'models' ? 'GET' : 'POST';
  if (found === undefined || visit.method !== method) return refuse(site.voice.unknownPath(visit.method, `/${path}`));
  if (found.endpoint === 'models') return Response.json(catalogue(slug));
  if (found.model !== undefined && !visit.url.searchParams.has('api-version')) {
    return refuse({ status: 404, body: { error: { code: '404', message: 'Resource not found' } } });
  }
  const body = parseJson(visit.body);
  const { endpoint, model } = found;
  return askProvider({
    site,
    endpoint,
    body,
    raw: visit.body,
    headers,
    listener,
    ...(model !== undefined && { model }),
  });
}

/** A custom provider speaks whatever it is asked in, once the account has it. */
function findSite(slug: string): Site | undefined {
  if (!slug.startsWith('custom-')) return sites.get(slug);
  return hasProvider(slug.slice('custom-'.length)) ? sites.get('custom-local') : undefined;
}

/** `compat/chat/completions` takes `{provider}/{model}` and `dynamic/{route}`, and always speaks Chat Completions. */
async function visitCompat(visit: Visit): Promise<Response> {
  if (visit.path === 'models' && visit.method === 'GET') return Response.json(compatCatalogue());
  if (visit.path !== 'chat/completions' || visit.method !== 'POST') {
    return refuse(openaiVoice.unknownPath(visit.method, `/${visit.path}`));
  }
  const body = parseJson(visit.body);
  const name = textOf(field(body, 'model')) ?? '';
  const slash = name.indexOf('/');
  const [slug, model] = [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)];
  if (slug === 'dynamic') return followRoute(visit, body, model);
  return askCompat(visit, body, slug, model);
}

async function askCompat(visit: Visit, body: unknown, slug: string, model: string): Promise<Response> {
  if (slug === 'workers-ai') return runOnWorkersAi(visit, (request) => runChat({ ...request, model }));
  const site = findSite(slug);
  if (site === undefined) return refuse(gatewayError(400, 2008, textOfCode(2008)));
  const { gateway, headers, listener } = visit;
  const compatSite = { ...site, auth: [['authorization', 'Bearer '] as const] };
  const refusal = refuseCredential({ slug, site: compatSite, gateway, headers, readsAlias: false });
  if (refusal !== undefined) return refuse(refusal);
  return askProvider({ site, endpoint: 'chat', body, raw: visit.body, model, headers, listener });
}

/** A dynamic route answers with its model node's model; the headers name it (1.7). Its credentials are the gateway's own. */
async function followRoute(visit: Visit, body: unknown, name: string): Promise<Response> {
  const route = findRoute(visit.gatewayId, name);
  // What the gateway answers to an unknown route is not documented (uncertain).
  if (route === undefined) return refuse(gatewayError(404, 7003, `Model not found: dynamic/${name}`));
  const headers = new Headers(visit.headers);
  if (route.provider === 'workers-ai') headers.set('authorization', `Bearer ${cloudflareToken}`);
  const inner = await askCompat({ ...visit, headers }, body, route.provider, route.model);
  const response = new Response(inner.body, inner);
  response.headers.set('cf-aig-model', route.model);
  response.headers.set('cf-aig-provider', route.provider);
  return response;
}

/** `workers-ai/...`: the OpenAI paths, and the native one with and without `run/`. */
async function visitWorkersAi(visit: Visit): Promise<Response> {
  const { path } = visit;
  if (visit.method !== 'POST') return refuse(couldNotRoute(`/${path}`));
  if (path === 'v1/chat/completions') return runOnWorkersAi(visit, runChat);
  if (path === 'v1/embeddings') return runOnWorkersAi(visit, runEmbeddings);
  const model = path.startsWith('run/') ? path.slice(4) : path;
  if (!model.startsWith('@cf/')) return refuse(couldNotRoute(`/${path}`));
  return runOnWorkersAi(visit, (request) => runNative({ ...request, model, wrap: envelope }));
}

async function runOnWorkersAi(visit: Visit, run: (request: WorkersRequest) => Promise<Response>): Promise<Response> {
  const refusal = refuseCloudflareToken(visit.headers);
  if (refusal !== undefined) return refuse(refusal);
  return run(workersRequest(visit.headers, parseJson(visit.body), visit.listener));
}

/** Workers AI over HTTP takes a Cloudflare token as `Authorization`, on every family (2.4). */
export function refuseCloudflareToken(headers: Headers): Refusal | undefined {
  const held = headers.get('authorization') === `Bearer ${cloudflareToken}`;
  return held ? undefined : workersAiHttpVoice.noKey();
}

/** A request to Workers AI over HTTP. */
export function workersRequest(headers: Headers, inputs: unknown, listener: Listener): WorkersRequest {
  const affinity = headers.get('x-session-affinity');
  return {
    model: textOf(field(inputs, 'model')) ?? '',
    inputs,
    listener,
    voice: workersAiHttpVoice,
    cloudflare: cloudflareError,
    ...(affinity !== null && { affinity }),
  };
}

/** What Cloudflare's API wraps around a whole answer. */
export function envelope(result: unknown): unknown {
  return { result, success: true, errors: [], messages: [] };
}
