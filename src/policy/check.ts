import type { ConversationDialect } from '../core/dialect.ts';
import { dialectsOf, findProvider, findSlug, sourcesOf } from '../core/providers.ts';
import type { Carrier, CredentialSource } from '../core/target.ts';
import { readDirectName, type DirectName } from './names.ts';

/** What is checked of one target row. The schema has already seen to each field alone. */
export interface TargetFields {
  readonly model: string;
  readonly credentials: CredentialSource;
  readonly secret?: string | undefined;
  readonly byokAlias?: string | undefined;
  readonly carrier?: Carrier | undefined;
  readonly dialect?: ConversationDialect | undefined;
}

export interface Fault {
  readonly field: 'model' | 'credentials' | 'secret' | 'byokAlias' | 'carrier' | 'dialect';
  readonly message: string;
}

/** Finds what does not fit together in one target: model, credential source, secret and carrier. */
export function checkTarget(row: TargetFields): Fault[] {
  // `{model}` stands for whatever a pattern's caller asks for; any plain name shows whether the rest fits.
  const direct = readDirectName(row.model.replaceAll('{model}', 'any'));
  if (direct === undefined) {
    return [
      {
        field: 'model',
        message: `"${row.model}" is no direct model name such as openai/gpt-5.1, @cf/... or dynamic/...`,
      },
    ];
  }
  return [
    ...checkSource(row, direct),
    ...checkSecret(row, direct),
    ...checkCarrier(row, direct),
    ...checkDialect(row, direct),
  ];
}

/** Finds what does not fit in the row that `defaults` holds for one provider's direct names; `model`: the provider itself. */
export function checkDefault(provider: string, row: Omit<TargetFields, 'model'>): Fault[] {
  const slug = findSlug(provider) ?? provider;
  if (slug !== provider) return [{ field: 'model', message: `is written ${slug} here` }];
  if (findProvider(slug) === undefined) return [{ field: 'model', message: 'is no provider that this router knows' }];
  return checkTarget({ ...row, model: slug === 'workers-ai' ? '@cf/any/model' : `${slug}/any` });
}

/** The carrier of a target where the policy names none. */
export function carrierOf(provider: string, credentials: CredentialSource): Carrier {
  if (credentials === 'binding') return 'binding';
  return findProvider(provider)?.compat === true ? 'compat' : 'gateway';
}

function checkSource(row: TargetFields, { provider }: DirectName): Fault[] {
  const fitting = sourcesOf(provider);
  if (fitting.includes(row.credentials)) return [];
  return [
    { field: 'credentials', message: `"${row.credentials}" does not fit ${provider}: use ${fitting.join(', ')}` },
  ];
}

function checkSecret(row: TargetFields, { provider }: DirectName): Fault[] {
  const faults: Fault[] = [];
  if (row.credentials === 'secret' && row.secret === undefined) {
    faults.push({ field: 'secret', message: 'is needed with credentials "secret": the name of the Worker secret' });
  }
  if (row.credentials !== 'secret' && row.secret !== undefined) {
    faults.push({ field: 'secret', message: `is not used with credentials "${row.credentials}"` });
  }
  if (row.credentials !== 'stored' && row.byokAlias !== undefined) {
    faults.push({ field: 'byokAlias', message: 'is only used with credentials "stored"' });
  }
  // The Cloudflare token belongs to Workers AI and Workers AI takes no other: either mix-up is the 401 everyone met.
  if (row.secret !== undefined && (row.secret === 'CLOUDFLARE_API_TOKEN') !== (provider === 'workers-ai')) {
    faults.push({
      field: 'secret',
      message: 'CLOUDFLARE_API_TOKEN is for Workers AI, and Workers AI takes no other secret',
    });
  }
  return faults;
}

function checkCarrier(row: TargetFields, { provider }: DirectName): Fault[] {
  const { carrier } = row;
  if (carrier === undefined) return [];
  const fault = carrierFault(carrier, row, provider);
  return fault === undefined ? [] : [{ field: 'carrier', message: fault }];
}

/** A dialect that the target does not speak would be posted to a path that takes another. */
function checkDialect(row: TargetFields, { provider }: DirectName): Fault[] {
  const carrier = row.carrier ?? carrierOf(provider, row.credentials);
  const spoken = dialectsOf(provider, carrier);
  if (row.dialect === undefined || spoken.includes(row.dialect)) return [];
  return [{ field: 'dialect', message: `${provider} does not speak "${row.dialect}" by ${carrier}` }];
}

function carrierFault(carrier: Carrier, row: TargetFields, provider: string): string | undefined {
  if ((carrier === 'binding') !== (row.credentials === 'binding'))
    return 'the carrier "binding" and the credentials "binding" go together';
  if (provider === 'dynamic' && carrier !== 'compat') return 'a dynamic route is reached by "compat" only';
  if (carrier === 'gateway' && findProvider(provider)?.compat === true)
    return `${provider} is reached by "compat" for chat`;
  if (carrier === 'compat' && findProvider(provider)?.compat === false)
    return `${provider} is not offered on the compat route`;
  if (carrier !== 'rest') return undefined;
  if (findProvider(provider)?.restName === false) return `${provider} is not offered on Cloudflare's REST API`;
  if (row.byokAlias !== undefined) return 'the REST API reads only the stored key with the alias "default"';
  const fits =
    provider === 'workers-ai' ? row.credentials === 'secret' : ['stored', 'unified'].includes(row.credentials);
  return fits
    ? undefined
    : 'on the REST API Workers AI takes credentials "secret" (CLOUDFLARE_API_TOKEN), others "stored" or "unified"';
}
