import { openVisit, serve } from '../../src/edge/app.ts';
import type { UpstreamRequest } from '../../src/core/upstream.ts';
import type { Env } from '../../src/edge/ports.ts';
import { visitGateway } from '../../src/local/gateway.ts';
import { accountId, cloudflareToken, gatewayId, gatewayToken, providerKey, routerKey } from '../../src/local/keys.ts';
import { record } from '../../src/local/records.ts';
import { visitRest } from '../../src/local/rest.ts';
import { fakePorts } from '../support/ports.ts';

/** A deployed router: its policies, its secrets, its variables, and who answers in the place of Cloudflare. */
export interface Deployed {
  readonly policies?: Readonly<Record<string, unknown>>;
  /** By name; `undefined` takes one of the healthy ones away. */
  readonly secrets?: Readonly<Record<string, string | undefined>>;
  readonly accountId?: string;
  readonly gatewayId?: string;
  /** Answers instead of the stand-in, where it answers at all. */
  readonly upstream?: (url: string) => Response | undefined;
}

/** The secrets of a healthy router. */
export const healthySecrets: Readonly<Record<string, string>> = {
  ROUTER_KEY: routerKey,
  CF_AIG_TOKEN: gatewayToken,
  CLOUDFLARE_API_TOKEN: cloudflareToken,
  OPENAI_API_KEY: providerKey('openai'),
};

/** The policies of a healthy router: every way to a model once. */
export const healthyPolicies = {
  'route:edge': { targets: [{ model: '@cf/zai-org/glm-4.7-flash', credentials: 'binding' }] },
  'route:gpt': { targets: [{ model: 'openai/gpt-5.1', credentials: 'secret', secret: 'OPENAI_API_KEY' }] },
  'route:claude': { targets: [{ model: 'anthropic/claude-sonnet-4-5', credentials: 'stored' }] },
  'route:rest': {
    targets: [
      { model: '@cf/zai-org/glm-4.7-flash', credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN', carrier: 'rest' },
    ],
  },
  'route:embed': { targets: [{ model: 'openai/text-embedding-3-small', credentials: 'stored' }] },
};

/** The router itself, over memory, with the stand-in behind it: no runtime, no network. */
export function deployRouter(deployed: Deployed = {}): (request: Request) => Promise<Response> {
  const secrets = { ...healthySecrets, ...deployed.secrets };
  const ports = fakePorts({
    policies: deployed.policies ?? healthyPolicies,
    secrets: Object.entries(secrets).flatMap(([name, value]) => (value === undefined ? [] : [name])),
    settings: { accountId: deployed.accountId ?? accountId, gatewayId: deployed.gatewayId ?? gatewayId },
    answer: async (request) => answerUpstream(request, { secrets, deployed }),
  });
  // The door reads the two keys and nothing else of the bindings.
  const env = { ROUTER_KEY: secrets['ROUTER_KEY'] } as unknown as Env;
  return async (request) => serve(openVisit(request, { env, ports, isHttp: true }));
}

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: '@cf/zai-org/glm-4.7-flash',
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 },
};

async function answerUpstream(
  request: UpstreamRequest,
  { secrets, deployed }: { secrets: Readonly<Record<string, string | undefined>>; deployed: Deployed },
): Promise<Response> {
  const url = request.carrier === 'binding' ? 'binding' : request.url;
  const instead = deployed.upstream?.(url);
  if (instead !== undefined) return instead;
  if (request.carrier === 'binding') return Response.json(completion);
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : `${value.prefix}${'secret' in value ? secrets[value.secret] : ''}`,
  ]);
  return askCloudflare(new Request(url, { method: 'POST', headers, body: new TextDecoder().decode(request.body) }));
}

/** The stand-in's HTTP hosts, called as the router and the commands call them. */
export async function askCloudflare(request: Request): Promise<Response> {
  const { method, headers } = request;
  const url = new URL(request.url);
  const body = await request.text();
  const surface = url.hostname === 'api.cloudflare.com' ? 'rest' : 'gateway';
  const listener = { record: record({ surface, method, url: request.url, headers: [...headers], body }) };
  const visit = { method, url, headers, body, listener, authenticated: false };
  return surface === 'rest' ? visitRest(visit) : visitGateway(visit);
}
