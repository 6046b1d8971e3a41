import type { Refusal } from './errors.ts';
import { gatewayError } from './errors.ts';
import type { Gateway } from './keys.ts';
import { providerKey } from './keys.ts';
import { providerAuthHeaders } from './sites.ts';
import type { Site } from './sites.ts';

/** What the choice of a provider's credential depends on. */
export interface CredentialQuestion {
  readonly slug: string;
  readonly site: Site;
  readonly gateway: Gateway;
  readonly headers: Headers;
  /** Provider routes read `cf-aig-byok-alias`; compat and REST know the alias `default` alone. */
  readonly readsAlias: boolean;
}

/**
 * Chooses the provider's credential as AI Gateway does (contract sheet 2.3): a key on the request, else a stored key, else
 * Unified Billing. Gives the refusal, or nothing where there is a credential that the provider takes.
 */
export function refuseCredential(question: CredentialQuestion): Refusal | undefined {
  const { headers } = question;
  if (providerAuthHeaders.some((name) => headers.has(name))) return checkKey(question);
  const alias = question.readsAlias ? headers.get('cf-aig-byok-alias') : null;
  const stored = question.gateway.stored.get(question.slug) ?? [];
  if (alias !== null && !stored.includes(alias)) return unknownAlias(question.slug, alias, stored);
  if (alias === 'revoked') return question.site.voice.wrongKey('sk-stored-revoked-key', 'x-api-key');
  if (stored.includes(alias ?? 'default')) return undefined;
  if (question.gateway.byokOnly || headers.get('cf-aig-no-wholesale') === 'true') return nothingStored(question.slug);
  return question.site.unified ? undefined : question.site.voice.noKey();
}

function checkKey({ slug, site, headers }: CredentialQuestion): Refusal | undefined {
  const sent = site.auth.flatMap(([header, prefix]) => {
    const value = headers.get(header);
    return value !== null && value.startsWith(prefix) ? [{ header, key: value.slice(prefix.length) }] : [];
  });
  const [first] = sent;
  if (first === undefined || first.key === '') return site.voice.noKey();
  return first.key === providerKey(slug) ? undefined : site.voice.wrongKey(first.key, first.header);
}

function unknownAlias(slug: string, alias: string, stored: readonly string[]): Refusal {
  const known = stored.length === 0 ? 'none' : stored.join(', ');
  return gatewayError(
    400,
    2040,
    `Provider '${slug}' has no BYOK credential named '${alias}'. Configured aliases: ${known}`,
  );
}

/** Neither the code nor the text of this refusal is documented, only the status (uncertain). */
function nothingStored(slug: string): Refusal {
  return gatewayError(400, 2005, `Provider credentials are required: no BYOK credential is configured for '${slug}'`);
}
