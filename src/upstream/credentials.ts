import { findProvider } from '../core/providers.ts';
import type { Target } from '../core/target.ts';
import type { HeaderValue } from '../core/upstream.ts';

/** The secret that opens AI Gateway: goes into `cf-aig-authorization` and nowhere else. */
export const gatewayToken = 'CF_AIG_TOKEN';
/** The secret that opens Workers AI and the REST API: goes to Cloudflare alone. */
export const cloudflareToken = 'CLOUDFLARE_API_TOKEN';

/** What of a target decides about its credentials. */
export type Credentialed = Pick<Target, 'provider' | 'carrier' | 'credentials' | 'secret' | 'byokAlias'>;

/**
 * The credential headers of one target, complete: what is not here is not sent. Contract sheet 2.4, row by row.
 * A provider auth header of any kind, a dummy too, switches the gateway's stored keys and Unified Billing off.
 */
export function credentialHeaders(target: Credentialed): Record<string, HeaderValue> {
  switch (target.carrier) {
    case 'binding':
      return {};
    case 'rest':
      return { authorization: { secret: cloudflareToken, prefix: 'Bearer ' }, ...onlyStored(target) };
    case 'gateway':
    case 'compat':
      return {
        'cf-aig-authorization': { secret: gatewayToken, prefix: 'Bearer ' },
        ...onlyStored(target),
        ...providerHeader(target),
      };
  }
}

/** The secrets that a target needs to be set. */
export function secretsOf(target: Credentialed): string[] {
  return Object.values(credentialHeaders(target)).flatMap((value) =>
    typeof value === 'object' && 'secret' in value ? [value.secret] : [],
  );
}

/** Forbids the silent fall-through to paid Unified Billing where a stored key is missing (sheet trap 5). */
function onlyStored(target: Credentialed): Record<string, HeaderValue> {
  if (target.credentials !== 'stored') return {};
  return {
    'cf-aig-no-wholesale': 'true',
    ...(target.byokAlias !== undefined && { 'cf-aig-byok-alias': target.byokAlias }),
  };
}

function providerHeader(target: Credentialed): Record<string, HeaderValue> {
  const auth = findProvider(target.provider)?.auth;
  if (auth === undefined) return {};
  // The compat route takes every provider's key as a Bearer and rewrites it itself (sheet 1.5).
  const { header, prefix } =
    target.carrier === 'compat' ? ({ header: 'authorization', prefix: 'Bearer ' } as const) : auth;
  switch (target.credentials) {
    case 'secret':
      return target.secret === undefined ? {} : { [header]: { secret: target.secret, prefix } };
    case 'caller':
      return { [header]: { callerKey: true, prefix } };
    case 'binding':
    case 'stored':
    case 'unified':
      return {};
  }
}
