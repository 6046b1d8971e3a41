import { field } from '../core/json.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { accountId, firstGateways, firstRoutes } from './keys.ts';
import type { Gateway } from './keys.ts';
import { list } from './read.ts';

/** One saved state of a dynamic route. */
export interface RouteVersion {
  readonly id: string;
  readonly createdAt: string;
  readonly elements: readonly Json[];
}

/** A dynamic route of a gateway. */
export interface DynamicRoute {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly modifiedAt: string;
  /** Oldest first. */
  readonly versions: readonly RouteVersion[];
  /** Oldest first; the last one serves. */
  readonly deployments: readonly { readonly id: string; readonly createdAt: string; readonly versionId: string }[];
}

/** A gateway as the management API and the inference side both have it. */
export interface AccountGateway {
  /** As the management API shows it. */
  readonly settings: JsonObject;
  readonly stored: Gateway['stored'];
  /** By id. */
  readonly routes: Map<string, DynamicRoute>;
}

/** What the account holds, by id. Lives as long as the isolate, or until {@link forgetAccount}. */
export const account = {
  gateways: new Map<string, AccountGateway>(),
  providers: new Map<string, JsonObject>(),
  /** KV namespaces. */
  namespaces: new Map<string, JsonObject>(),
};

let moments = 0;
let ids = 0;

/** A moment later than every one before: one second each, so that what is compared is the same in every run. */
export function nextMoment(): string {
  moments += 1;
  return new Date(Date.UTC(2026, 10, 1) + moments * 1000).toISOString();
}

/** An id in UUID form. */
export function nextId(): string {
  ids += 1;
  return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
}

/** Puts the account back to what it was at the start. */
export function forgetAccount(): void {
  moments = 0;
  ids = 0;
  account.providers.clear();
  account.namespaces.clear();
  account.providers.set(firstProvider.id, { ...firstProvider, ...stamps() });
  account.gateways.clear();
  for (const [id, { authentication, byokOnly, stored }] of firstGateways) {
    const settings = {
      ...usualSettings,
      id,
      authentication,
      byok_only: byokOnly,
      ...stamps(),
      is_default: id === 'default',
    };
    const routes = [...firstRoutes].map(([name, node]) => routeOf(name, simpleElements(node)));
    account.gateways.set(id, { settings, stored, routes: new Map(routes.map((route) => [route.id, route])) });
  }
}

/** The custom provider that is there from the start, asked for as `custom-local`. */
const firstProvider = {
  id: '00000000-0000-4000-9000-000000000001',
  slug: 'local',
  name: 'Local',
  base_url: 'https://models.local.example',
  beta: false,
  enable: true,
};

/**
 * What the settings of a gateway are that were not said (contract sheet 5.1). `wholesale` was seen in live answers and is no
 * parameter of POST and PUT.
 */
export const usualSettings = {
  authentication: false,
  byok_only: false,
  cache_invalidate_on_update: true,
  cache_ttl: 0,
  collect_logs: true,
  log_management: null,
  log_management_strategy: null,
  logpush: false,
  otel: null,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
  rate_limiting_technique: 'fixed',
  retry_backoff: null,
  retry_delay: null,
  retry_max_attempts: null,
  spend_limits: null,
  stripe: null,
  wholesale: true,
  workers_ai_billing_mode: 'postpaid',
  zdr: false,
} as const satisfies JsonObject;

/** When something new was made. */
export function stamps(): { created_at: string; modified_at: string } {
  const moment = nextMoment();
  return { created_at: moment, modified_at: moment };
}

/** A new dynamic route; its first version serves at once (contract sheet 1.7). */
export function routeOf(name: string, elements: readonly Json[]): DynamicRoute {
  const createdAt = nextMoment();
  const version = { id: nextId(), createdAt, elements };
  const deployment = { id: nextId(), createdAt, versionId: version.id };
  return { id: nextId(), name, createdAt, modifiedAt: createdAt, versions: [version], deployments: [deployment] };
}

/** The version of a route that serves. */
export function servingVersion({ versions, deployments }: DynamicRoute): RouteVersion | undefined {
  return versions.find(({ id }) => id === deployments.at(-1)?.versionId);
}

/** A gateway as inference sees it. */
export function findGateway(id: string): Gateway | undefined {
  const found = account.gateways.get(id);
  if (found === undefined) return undefined;
  const { settings, stored } = found;
  return { authentication: settings['authentication'] === true, byokOnly: settings['byok_only'] === true, stored };
}

/** Whether the account has a custom provider of this slug that is switched on. */
export function hasProvider(slug: string): boolean {
  return [...account.providers.values()].some((one) => one['slug'] === slug && one['enable'] !== false);
}

/** How many elements of a route are walked at most: they may form a ring. */
const mostSteps = 50;

/**
 * The model that a dynamic route of a gateway leads to. Of every element's ways out the first is taken, so a condition
 * is always true here and nothing is ever over its limit.
 */
export function findRoute(gateway: string, name: string): { provider: string; model: string } | undefined {
  const routes = [...(account.gateways.get(gateway)?.routes.values() ?? [])];
  const route = routes.find((one) => one.name === name);
  const elements = route === undefined ? [] : (servingVersion(route)?.elements ?? []);
  let at = elements.find((element) => field(element, 'type') === 'start');
  for (let step = 0; step < mostSteps && at !== undefined; step += 1) {
    const { type, properties, outputs } = Object(at) as JsonObject;
    if (type === 'model') {
      return { provider: String(field(properties, 'provider')), model: String(field(properties, 'model')) };
    }
    const [way] = Object.values(Object(outputs) as JsonObject);
    at = elements.find((element) => field(element, 'id') === field(way, 'elementId'));
  }
  return undefined;
}

/** A route that asks one model. */
function simpleElements({ provider, model }: { provider: string; model: string }): Json[] {
  const end = { elementId: 'end' };
  return [
    { id: 'start', type: 'start', outputs: { next: { elementId: 'model' } } },
    {
      id: 'model',
      type: 'model',
      properties: { provider, model, timeout: 60_000, retries: 0 },
      outputs: { success: end, fallback: end },
    },
    { id: 'end', type: 'end', outputs: {} },
  ];
}

/** The stored keys of a gateway, as `provider_configs` lists them. */
export function providerConfigs(id: string): JsonObject[] {
  const stored = account.gateways.get(id)?.stored ?? new Map<string, readonly string[]>();
  return [...stored].flatMap(([slug, aliases]) =>
    aliases.map((alias) => ({
      id: `${id}_${slug}_${alias}`,
      alias,
      default_config: alias === 'default',
      gateway_id: id,
      modified_at: '2026-11-01T00:00:00.000Z',
      provider_slug: slug,
      secret_id: `${accountId.slice(0, 8)}_${slug}_${alias}`,
      secret_preview: 'sk-...cdef',
    })),
  );
}

/** The elements of a body that should hold some. */
export function elementsOf(body: unknown): readonly Json[] {
  return list(field(body, 'elements'));
}

forgetAccount();
