import { carrierOf } from '../../policy/check.ts';
import { readDirectName } from '../../policy/names.ts';
import { defaultCredentials } from '../../policy/plan.ts';
import type { Defaults, ProviderDefault } from '../../policy/schema.ts';
import { secretsOf, type Credentialed } from '../../upstream/credentials.ts';
import type { PolicySet } from './policies.ts';

/** One place where a policy sends requests to a provider with a credential. */
export interface Use extends Credentialed {
  /** The file, or the KV key, that says so. */
  readonly by: string;
  /** The gateway, where the policy names another than `AI_GATEWAY_ID`. */
  readonly gatewayId?: string;
}

/** Every provider that policies lead to: targets of routes, patterns that end at a direct name, rows of the defaults. */
export function usesOf(policies: PolicySet): Use[] {
  const defaults = policies.defaults?.policy ?? {};
  const inRoutes = policies.routes.flatMap(({ file, policy }) =>
    policy.targets.flatMap((row) => useOf(row.model, row, { by: file.path, gatewayId: policy.gateway?.id })),
  );
  const inDefaults = Object.entries(defaults.providers ?? {}).map(([provider, row]) =>
    written(provider, row, { by: policies.defaults?.file.path ?? 'defaults', gatewayId: defaults.gateway?.id }),
  );
  return [...inRoutes, ...inDefaults, ...usesOfPatterns(policies, defaults)];
}

function usesOfPatterns({ patterns, routeNames }: PolicySet, defaults: Defaults): Use[] {
  if (patterns === undefined || defaults.directNames === false) return [];
  const where = { by: patterns.file.path, gatewayId: defaults.gateway?.id };
  return patterns.policy.flatMap(({ model }) =>
    routeNames.has(model) ? [] : useOf(model, undefined, where, defaults),
  );
}

interface Where {
  readonly by: string;
  readonly gatewayId: string | undefined;
}

/** The use of a direct name. `{model}` stands for any. */
function useOf(model: string, row: ProviderDefault | undefined, where: Where, defaults: Defaults = {}): Use[] {
  const provider = readDirectName(model.replaceAll('{model}', 'any'))?.provider;
  return provider === undefined ? [] : [written(provider, row ?? defaultCredentials(provider, defaults), where)];
}

function written(provider: string, row: ProviderDefault, { by, gatewayId }: Where): Use {
  const { credentials, carrier = carrierOf(provider, credentials), secret, byokAlias } = row;
  return {
    by,
    provider,
    carrier,
    credentials,
    ...(secret !== undefined && { secret }),
    ...(byokAlias !== undefined && { byokAlias }),
    ...(gatewayId !== undefined && { gatewayId }),
  };
}

/** A secret that the router or a policy needs. */
export interface SecretNeed {
  readonly name: string;
  /** Who names it: files or KV keys, or the router itself. */
  readonly by: readonly string[];
  /** `false`: the router runs without it. */
  readonly required: boolean;
}

/** Every secret that a router with these policies needs, and `ADMIN_KEY`, which opens its admin plane. */
export function secretNeeds(policies: PolicySet): SecretNeed[] {
  const named = usesOf(policies).flatMap((use) => secretsOf(use).map((name) => ({ name, by: use.by })));
  // Without a policy's word other providers than Workers AI go by the gateway.
  const direct = policies.defaults?.policy.directNames === false ? [] : [{ name: 'CF_AIG_TOKEN', by: 'direct names' }];
  const all = [{ name: 'ROUTER_KEY', by: 'the router' }, ...direct, ...named];
  const names = [...new Set(all.map(({ name }) => name))];
  const needs = names.map((name) => ({
    name,
    by: [...new Set(all.filter((row) => row.name === name).map(({ by }) => by))],
    required: true,
  }));
  return [...needs, { name: 'ADMIN_KEY', by: ['the admin plane'], required: false }];
}
