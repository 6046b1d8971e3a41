import { RouterError } from '../core/failure.ts';
import { endpoints, type Call } from '../core/call.ts';
import { isConversation, type Dialect } from '../core/dialect.ts';
import type { CallerOption, GatewayOptions } from '../core/gateway.ts';
import { dialectsOf } from '../core/providers.ts';
import type { Target } from '../core/target.ts';
import { workersAiModels } from '../core/catalogue.ts';
import { carrierOf, checkTarget } from './check.ts';
import { isRouteName, nearestNames, readDirectName, showName, type DirectName } from './names.ts';
import type { PlannedTarget } from './choose.ts';
import {
  Defaults,
  Patterns,
  RoutePolicy,
  type CoolDown,
  type Parameters,
  type ProviderDefault,
  type TargetRow,
} from './schema.ts';
import type { PolicyStore } from './store.ts';

/** What the policy decided for one request: which targets, in which order, under which conditions. */
export interface Plan {
  /** The route's name; for a direct name, the canonical model name. */
  readonly route: string;
  readonly found: 'route' | 'pattern' | 'direct';
  readonly targets: readonly PlannedTarget[];
  readonly strategy: 'ordered' | 'weighted';
  readonly coolDown: CoolDown;
  /** The callers' own gateway options that are honoured. */
  readonly allow: readonly CallerOption[];
  readonly parameters: Parameters;
  /** `usual`: the policy says nothing; what an agent only offers its model is then reported, all else refused. */
  readonly losses: 'refuse' | 'report' | 'usual';
}

/**
 * Resolves a model name: a route in KV, a pattern, a direct name, in this order. Throws `unknown-model`,
 * `model-refused` or `broken-policy`.
 */
export async function planCall(
  call: Pick<Call, 'model' | 'endpoint' | 'pathProvider'>,
  store: PolicyStore,
): Promise<Plan> {
  const dialect = endpoints[call.endpoint].dialect;
  const asked = await findRoute(call.model, store);
  if (asked !== undefined)
    return planRoute({ name: call.model, asked: call.model, policy: asked, dialect, found: 'route' });
  const patterned = matchPattern(call.model, (await store.find('patterns', Patterns)) ?? []);
  if (patterned !== undefined) {
    const behind = await findRoute(patterned, store);
    if (behind !== undefined)
      return planRoute({ name: patterned, asked: call.model, policy: behind, dialect, found: 'pattern' });
  }
  const defaults = (await store.find('defaults', Defaults)) ?? {};
  const direct = readName(patterned ?? call.model, call.pathProvider);
  if (direct === undefined) throw await unknownModel(call.model, store, defaults);
  return planDirect({ direct, defaults, dialect, found: patterned === undefined ? 'direct' : 'pattern' });
}

/** Every name that a caller may ask for as it stands: routes, then the Workers AI models known by name. */
export async function listModels(store: PolicyStore): Promise<string[]> {
  const routes = await store.list('route:');
  const defaults = (await store.find('defaults', Defaults)) ?? {};
  return [...new Set([...routes, ...(defaults.directNames === false ? [] : workersAiModels)])];
}

async function findRoute(name: string, store: PolicyStore): Promise<RoutePolicy | undefined> {
  return isRouteName(name) ? store.find(`route:${name}`, RoutePolicy) : undefined;
}

function matchPattern(name: string, patterns: Patterns): string | undefined {
  const row = patterns.find(({ match }) => matches(name, match));
  return row?.model.replaceAll('{model}', () => name);
}

/** `*` stands for anything, the rest is literal. Walks the pieces instead of building a regular expression. */
export function matches(name: string, pattern: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return name === pattern;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = name.indexOf(piece, from);
    if (at < 0 || at + piece.length > name.length - last.length) return false;
    from = at + piece.length;
  }
  return true;
}

function readName(name: string, pathProvider: string | undefined): DirectName | undefined {
  return readDirectName(name) ?? (pathProvider === undefined ? undefined : readDirectName(`${pathProvider}/${name}`));
}

interface Found {
  readonly name: string;
  /** The name that the caller wrote: what `{model}` in a target stands for. */
  readonly asked: string;
  readonly policy: RoutePolicy;
  readonly dialect: Dialect;
  readonly found: Plan['found'];
}

function planRoute({ name, asked, policy, dialect, found }: Found): Plan {
  const gateway = policy.gateway ?? {};
  return {
    route: name,
    found,
    targets: policy.targets.map((row) =>
      targetOf({ ...row, model: row.model.replaceAll('{model}', asked) }, { dialect, gateway }),
    ),
    strategy: policy.strategy ?? 'ordered',
    coolDown: policy.coolDown ?? usualCoolDown,
    allow: policy.allow ?? [],
    parameters: policy.parameters ?? {},
    losses: policy.losses ?? 'usual',
  };
}

/** Three failures in a row, half a minute: short enough that a recovered target is missed for little. */
const usualCoolDown: CoolDown = { failures: 3, seconds: 30 };

function planDirect(options: { direct: DirectName; defaults: Defaults; dialect: Dialect; found: Plan['found'] }): Plan {
  const { direct, defaults, dialect, found } = options;
  if (defaults.directNames === false) {
    throw new RouterError({
      kind: 'model-refused',
      model: direct.name,
      reason: 'direct model names are switched off on this router',
    });
  }
  const row = { model: direct.name, ...defaultCredentials(direct.provider, defaults) };
  const fault = checkTarget(row)[0];
  if (fault !== undefined) {
    throw new RouterError({
      kind: 'broken-policy',
      name: 'defaults',
      message: `providers.${direct.provider}.${fault.field}: ${fault.message}`,
    });
  }
  return {
    route: direct.name,
    found,
    targets: [targetOf(row, { dialect, gateway: defaults.gateway ?? {} })],
    strategy: 'ordered',
    coolDown: usualCoolDown,
    allow: defaults.allow ?? [],
    parameters: {},
    losses: defaults.losses ?? 'usual',
  };
}

/** How a provider's direct names are served: as the defaults say, else Workers AI by the binding, others with a stored key. */
export function defaultCredentials(provider: string, defaults: Defaults): ProviderDefault {
  const rows = defaults.providers ?? {};
  const row = Object.hasOwn(rows, provider) ? rows[provider] : undefined;
  return row ?? { credentials: provider === 'workers-ai' ? 'binding' : 'stored' };
}

function targetOf(row: TargetRow, options: { dialect: Dialect; gateway: GatewayOptions }): PlannedTarget {
  const direct = readDirectName(row.model);
  // Only a `{model}` that was filled in can make a row that the schema has checked no direct name.
  if (direct === undefined) {
    throw new RouterError({ kind: 'unknown-model', model: showName(row.model), nearest: [] });
  }
  const carrier = row.carrier ?? carrierOf(direct.provider, row.credentials);
  return {
    name: direct.name,
    provider: direct.provider,
    model: direct.model,
    carrier,
    dialect: chooseDialect(dialectsOf(direct.provider, carrier), options.dialect, row.dialect),
    credentials: row.credentials,
    ...(row.secret !== undefined && { secret: row.secret }),
    ...(row.byokAlias !== undefined && { byokAlias: row.byokAlias }),
    gateway: options.gateway,
    options: row.options ?? {},
    ...(row.weight !== undefined && { weight: row.weight }),
    ...(row.when !== undefined && { when: row.when }),
    ...clocksOf(row),
  };
}

function clocksOf({ firstByteMs, idleMs, totalMs }: TargetRow): Pick<Target, 'clocks'> {
  if (firstByteMs === undefined && idleMs === undefined && totalMs === undefined) return {};
  return {
    clocks: {
      ...(firstByteMs !== undefined && { firstByteMs }),
      ...(idleMs !== undefined && { idleMs }),
      ...(totalMs !== undefined && { totalMs }),
    },
  };
}

/** The caller's own dialect where the target has it, so that bodies are relayed; else the target's first. */
function chooseDialect(spoken: readonly Dialect[], asked: Dialect, wanted: Dialect | undefined): Dialect {
  if (!isConversation(asked)) return asked;
  if (wanted !== undefined) return wanted;
  if (spoken.includes(asked)) return asked;
  return spoken.find(isConversation) ?? 'chat';
}

async function unknownModel(model: string, store: PolicyStore, defaults: Defaults): Promise<RouterError> {
  const known = await listModels(store);
  const guesses = guessProviders
    .filter(({ start }) => defaults.directNames !== false && model.toLowerCase().startsWith(start))
    .map(({ slug }) => `${slug}/${model}`)
    .filter((name) => readDirectName(name) !== undefined);
  const nearest = [...guesses, ...nearestNames(model, known)].slice(0, 3);
  return new RouterError({ kind: 'unknown-model', model: showName(model), nearest });
}

/** Bare vendor ids and the provider they are known from: only for the hint in a 404. */
const guessProviders = [
  { start: 'gpt', slug: 'openai' },
  { start: 'o1', slug: 'openai' },
  { start: 'o3', slug: 'openai' },
  { start: 'o4', slug: 'openai' },
  { start: 'text-embedding', slug: 'openai' },
  { start: 'claude', slug: 'anthropic' },
  { start: 'gemini', slug: 'google-ai-studio' },
  { start: 'grok', slug: 'grok' },
  { start: 'deepseek', slug: 'deepseek' },
];
