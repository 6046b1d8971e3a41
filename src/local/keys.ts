/** Every account, gateway, token and key that the stand-in knows. All of them are made up and worth nothing. */

/** The account that the local environment belongs to. */
export const accountId = '0123456789abcdef0123456789abcdef';

/** `ROUTER_KEY` of the local environment: what callers of the router send. */
export const routerKey = 'sk-router-local-0000';

/** Opens the admin plane of `npm start`. */
export const adminKey = 'sk-admin-local-0000';

/** `CF_AIG_TOKEN`: an API token with the permission AI Gateway Run. It is good for `cf-aig-authorization` alone. */
export const gatewayToken = 'cf-local-gateway-run-token';

/** `CLOUDFLARE_API_TOKEN`: an API token with the permission Workers AI Read. */
export const cloudflareToken = 'cf-local-workers-ai-token';

/** The token of an operator's shell: it may read and change the account, and ask no model. */
export const operatorToken = 'cf-local-operator-token';

/** The token of somebody who may look at the account's gateways. */
export const readerToken = 'cf-local-reader-token';

/** The token of wrangler's own login: nothing of AI Gateway is among what it asks for. */
export const loginToken = 'cf-local-wrangler-login';

const workers = ['Workers KV Storage Read', 'Workers KV Storage Edit', 'Workers Scripts Read', 'Workers Scripts Edit'];

/** What each token may do in the account, by the names that Cloudflare's dashboard gives the permissions (contract sheet 2.1). */
export const tokens: ReadonlyMap<string, readonly string[]> = new Map([
  [gatewayToken, ['AI Gateway Run']],
  [cloudflareToken, ['Workers AI Read']],
  [operatorToken, ['AI Gateway Read', 'AI Gateway Edit', ...workers]],
  [loginToken, workers],
  [readerToken, ['AI Gateway Read']],
]);

/** The one key that a provider accepts on a request, e.g. `sk-local-openai`. */
export function providerKey(slug: string): string {
  return `sk-local-${slug}`;
}

/** The router's secrets in the local environment. They are made up, so they may stand in a command line. */
export const localSecrets = {
  ROUTER_KEY: routerKey,
  ADMIN_KEY: adminKey,
  CF_AIG_TOKEN: gatewayToken,
  CLOUDFLARE_API_TOKEN: cloudflareToken,
  OPENAI_API_KEY: providerKey('openai'),
  ANTHROPIC_API_KEY: providerKey('anthropic'),
};

/** A gateway of the account. */
export interface Gateway {
  /** `cf-aig-authorization` is asked for. */
  readonly authentication: boolean;
  /** "Require provider credentials": never falls through to Unified Billing. */
  readonly byokOnly: boolean;
  /** Aliases of the stored provider keys, by provider slug. Alias `revoked` holds a key that the provider refuses. */
  readonly stored: ReadonlyMap<string, readonly string[]>;
}

const nothingStored: ReadonlyMap<string, readonly string[]> = new Map();

/** The gateway that the router uses where nothing else is said. */
export const gatewayId = 'ai-edge-router';

/**
 * `ai-edge-router` stores keys for most providers. None is stored for `groq` and `grok` (Unified Billing answers) nor for
 * `perplexity-ai` and `cohere` (nobody answers). The other gateways differ from it in one thing each. These are there from
 * the start; what there is now `./account.ts` knows.
 */
export const firstGateways: ReadonlyMap<string, Gateway> = new Map<string, Gateway>([
  [
    gatewayId,
    {
      authentication: true,
      byokOnly: false,
      stored: new Map([
        ['openai', ['default', 'second', 'revoked']],
        ['anthropic', ['default', 'second', 'revoked']],
        ['google-ai-studio', ['default']],
        ['google-vertex-ai', ['default']],
        ['azure-openai', ['default']],
        ['aws-bedrock', ['default']],
        ['deepseek', ['default']],
        ['mistral', ['default']],
        ['openrouter', ['default']],
        ['cerebras', ['default']],
        ['fireworks', ['default']],
        ['baseten', ['default']],
        ['custom-local', ['default']],
      ]),
    },
  ],
  ['default', { authentication: true, byokOnly: false, stored: nothingStored }],
  ['bare', { authentication: true, byokOnly: false, stored: nothingStored }],
  ['byok-only', { authentication: true, byokOnly: true, stored: nothingStored }],
  ['open', { authentication: false, byokOnly: false, stored: nothingStored }],
]);

/** Dynamic routes of every gateway that is there from the start: the provider and model that their model node names. */
export const firstRoutes: ReadonlyMap<string, { readonly provider: string; readonly model: string }> = new Map([
  ['support', { provider: 'openai', model: 'gpt-5-mini' }],
  ['edge', { provider: 'workers-ai', model: '@cf/zai-org/glm-4.7-flash' }],
]);
