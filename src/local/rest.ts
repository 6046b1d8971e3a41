import { parseJson } from '../core/json.ts';
import { findGateway, findRoute } from './account.ts';
import { refuseCredential } from './credential.ts';
import { apiError, gatewayError, textOfCode } from './errors.ts';
import { decodePath, envelope, refuseCloudflareToken, workersRequest } from './gateway.ts';
import type { GatewayRequest } from './gateway.ts';
import { accountId } from './keys.ts';
import { refuseHeaders } from './options.ts';
import { askProvider } from './provider.ts';
import type { ProviderRequest } from './provider.ts';
import { refuse } from './serve.ts';
import { sites } from './sites.ts';
import { couldNotRoute } from './voices-workers.ts';
import { runChat, runEmbeddings, runNative, runResponses } from './workers.ts';
import type { WorkersRequest } from './workers.ts';

/** The OpenAI- and Anthropic-shaped endpoints under `/ai`, and who serves `@cf` models there; `messages` nobody. */
const endpoints: ReadonlyMap<
  string,
  { readonly endpoint: ProviderRequest['endpoint']; readonly workers?: (request: WorkersRequest) => Promise<Response> }
> = new Map([
  ['v1/chat/completions', { endpoint: 'chat', workers: runChat }],
  ['v1/responses', { endpoint: 'responses', workers: runResponses }],
  ['v1/embeddings', { endpoint: 'embeddings', workers: runEmbeddings }],
  ['v1/messages', { endpoint: 'messages' }],
]);

/** The authors of third-party models on this surface (contract sheet 1.2), by the slug that they have on the gateway. */
const authors: ReadonlyMap<string, string> = new Map([
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['google', 'google-ai-studio'],
  ['xai', 'grok'],
  ['groq', 'groq'],
  ['deepseek', 'deepseek'],
]);

/** Plays `api.cloudflare.com/client/v4/accounts/{account}/ai/...` (contract sheet 1.1). */
export async function visitRest(request: GatewayRequest): Promise<Response> {
  const { pathname } = request.url;
  const start = `/client/v4/accounts/${accountId}/ai/`;
  if (!pathname.startsWith(start)) return refuse(couldNotRoute(pathname));
  const refusal = refuseCloudflareToken(request.headers) ?? refuseHeaders(request.headers);
  if (refusal !== undefined) return refuse(refusal);
  const path = decodePath(pathname.slice(start.length));
  const known = endpoints.has(path) || path === 'v1/models' || path.startsWith('run/@cf/');
  if (!known) return refuse(couldNotRoute(pathname));
  if (request.method !== 'POST' || path === 'v1/models') {
    return refuse(apiError(405, 7001, `${request.method} not supported for requested URI.`));
  }
  const gateway = request.headers.get('cf-aig-gateway-id');
  if (gateway !== null && findGateway(gateway) === undefined) return refuse(gatewayError(400, 2001, textOfCode(2001)));
  return askModel(request, path);
}

async function askModel(request: GatewayRequest, path: string): Promise<Response> {
  const asked = workersRequest(request.headers, parseJson(request.body), request.listener);
  const found = endpoints.get(path);
  if (found === undefined) return runNative({ ...asked, model: path.slice('run/'.length), wrap: envelope });
  if (!asked.model.startsWith('@cf/')) return askThirdParty(request, found.endpoint, asked.model);
  return found.workers?.(asked) ?? refuse(apiError(404, 7003, `Model not found: ${asked.model}`));
}

/** A third party's model: paid by the key stored as `default`, or by Unified Billing; there is no other alias here. */
async function askThirdParty(
  request: GatewayRequest,
  endpoint: ProviderRequest['endpoint'],
  name: string,
): Promise<Response> {
  const body = parseJson(request.body);
  const gatewayId = request.headers.get('cf-aig-gateway-id') ?? 'default';
  const [author, model] = resolve(gatewayId, name);
  const slug = authors.get(author);
  const site = slug === undefined ? undefined : sites.get(slug);
  if (slug === undefined || site === undefined) return refuse(unknownAuthor(author, name));
  const gateway = findGateway(gatewayId);
  if (gateway === undefined) return refuse(gatewayError(400, 2001, textOfCode(2001)));
  const headers = new Headers(request.headers);
  // The Cloudflare token ends here: it is not the provider's.
  headers.delete('authorization');
  const refusal = refuseCredential({ slug, site, gateway, headers, readsAlias: false });
  if (refusal !== undefined) return refuse(refusal);
  // The surface speaks for the caller: who sends no version to it still gets an answer.
  if (!headers.has('anthropic-version')) headers.set('anthropic-version', '2023-06-01');
  return askProvider({ site, endpoint, body, raw: request.body, model, headers, listener: request.listener });
}

/** Author and model of a name; a dynamic route gives those of its model node (works live, though undocumented: 1.7). */
function resolve(gatewayId: string, name: string): [author: string, model: string] {
  const route = name.startsWith('dynamic/') ? findRoute(gatewayId, name.slice('dynamic/'.length)) : undefined;
  if (route !== undefined) return [route.provider, route.model];
  const slash = name.indexOf('/');
  return [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)];
}

function unknownAuthor(author: string, name: string): ReturnType<typeof apiError> {
  if (author === 'perplexity') return gatewayError(402, 2021, textOfCode(2021));
  return apiError(404, 7003, `Model not found: ${name}`);
}
