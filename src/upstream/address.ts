import { RouterError } from '../core/failure.ts';
import { dialectsOf, findProvider } from '../core/providers.ts';
import type { Dialect } from '../core/dialect.ts';
import type { Target } from '../core/target.ts';

/** The router's variables: where Cloudflare's side is. */
export interface Settings {
  readonly accountId: string;
  readonly gatewayId: string;
  /** Default `https://gateway.ai.cloudflare.com/v1`. */
  readonly gatewayBaseUrl: string;
  /** Default `https://api.cloudflare.com/client/v4`. */
  readonly apiBaseUrl: string;
}

/** What the request asks of the target: its dialect's main path, or Anthropic's token count. */
export type Purpose = Dialect | 'count-tokens';

/** Paths of the REST API by dialect (sheet 1.1). */
const restPaths: Readonly<Partial<Record<Dialect, string>>> = {
  chat: 'chat/completions',
  messages: 'messages',
  responses: 'responses',
  embeddings: 'embeddings',
};

/** The gateway that a target goes through: the policy's, else the router's. */
export function gatewayIdOf(target: Target, settings: Settings): string {
  const id = target.gateway.id ?? settings.gatewayId;
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(id) ? id : notConfigured('AI_GATEWAY_ID');
}

/**
 * The URL of a target on an HTTP carrier. Every piece is in a closed form before it comes here, the host is the
 * operator's, and the model stands in the body (only Azure's stands in the path). Throws `not-translatable` where the
 * carrier has no path for the purpose: a body of one kind posted to the path of another would be billed as a wrong answer.
 */
export function upstreamUrl(target: Target, purpose: Purpose, settings: Settings): string {
  const account = /^[0-9a-f]{32}$/.test(settings.accountId)
    ? settings.accountId
    : notConfigured('CLOUDFLARE_ACCOUNT_ID');
  const dialect = purpose === 'count-tokens' ? 'messages' : purpose;
  // Counting is documented for the provider's own route alone.
  const hasPath = purpose !== 'count-tokens' || target.carrier === 'gateway';
  if (!hasPath || !dialectsOf(target.provider, target.carrier).includes(dialect)) refuseUnspoken(target, dialect);
  if (target.carrier === 'rest') return `${settings.apiBaseUrl}/accounts/${account}/ai/v1/${restPaths[dialect] ?? ''}`;
  const base = `${settings.gatewayBaseUrl}/${account}/${gatewayIdOf(target, settings)}`;
  if (target.carrier === 'compat') return `${base}/compat/chat/completions`;
  return `${base}/${target.provider}/${providerPath(target, purpose)}`;
}

/** Throws `not-translatable` with what the target does speak on its carrier. */
export function refuseUnspoken(target: Target, dialect: Dialect): never {
  const spoken = dialectsOf(target.provider, target.carrier);
  const to = spoken.length === 0 ? "none of this router's formats" : spoken.join(' and ');
  throw new RouterError({ kind: 'not-translatable', from: dialect, to, target: target.name });
}

/** The model as the carrier wants it in the body (sheet 1.2). */
export function upstreamModel(target: Target): string {
  if (target.provider === 'dynamic' || target.provider === 'workers-ai') {
    return target.carrier === 'compat' && target.provider === 'workers-ai'
      ? `workers-ai/${target.model}`
      : target.model;
  }
  if (target.carrier === 'compat') return `${target.provider}/${target.model}`;
  if (target.carrier !== 'rest') return target.model;
  const row = findProvider(target.provider);
  return `${typeof row?.restName === 'string' ? row.restName : target.provider}/${target.model}`;
}

function providerPath(target: Target, purpose: Purpose): string {
  const path = findProvider(target.provider)?.paths[purpose === 'count-tokens' ? 'messages' : purpose] ?? '';
  const withModel = path.replace('{model}', target.model);
  const whole = purpose === 'count-tokens' ? `${withModel}/count_tokens` : withModel;
  return target.options['apiVersion'] === undefined ? whole : `${whole}?api-version=${target.options['apiVersion']}`;
}

function notConfigured(binding: string): never {
  throw new RouterError({ kind: 'not-configured', binding });
}
