import type { Call, Caller } from '../core/call.ts';
import { RouterError } from '../core/failure.ts';
import type { CredentialSource, Target } from '../core/target.ts';
import { readDirectName, showName } from './names.ts';
import { matches, planCall, type Plan } from './plan.ts';
import type { PolicyStore } from './store.ts';

/**
 * Resolves a model name for a caller: {@link planCall}, held against what the caller may use. Throws as it does, and
 * `model-refused`; names that an `unknown-model` would hint at are only those that the caller may ask for.
 */
export async function planFor(
  call: Pick<Call, 'model' | 'endpoint' | 'pathProvider' | 'caller'>,
  store: PolicyStore,
): Promise<Plan> {
  const plan = await planCall(call, store).catch((error: unknown) => {
    throw error instanceof RouterError ? withoutHidden(error, call.caller) : error;
  });
  requireModel(call.caller, call.model, plan);
  return plan;
}

/** What the policy made of a name. */
export type Resolved = Pick<Plan, 'route' | 'found'>;

type Grants = Pick<Caller, 'name' | 'models' | 'routes' | 'sources'>;

/**
 * Whether a caller may use what its request resolved to. `routes` grants routes of the policy by name; `models` grants
 * names as asked for or as resolved, so that `google-ai-studio/*` holds however the provider was spelled. A name that only
 * the path's provider completed counts as resolved alone: `gpt-*` must not open every provider that has such a model.
 */
export function allowsModel(caller: Grants, asked: string, { route, found }: Resolved): boolean {
  if (caller.models === undefined && caller.routes === undefined) return true;
  if (found !== 'direct' && caller.routes?.includes(route) === true) return true;
  const isWhole = found !== 'direct' || readDirectName(asked) !== undefined;
  return isListed(caller.models, route) || (isWhole && isListed(caller.models, asked));
}

/** Throws `model-refused` where the caller may not use what its request resolved to. */
function requireModel(caller: Grants, asked: string, resolved: Resolved): void {
  if (allowsModel(caller, asked, resolved)) return;
  const reason = `the caller "${caller.name}" may use ${sayGrants(caller)}`;
  throw new RouterError({ kind: 'model-refused', model: showName(asked), reason });
}

/** The names of a list (`listModels`, the nearest names of a 404) that a caller may ask for. */
export function allowedNames(caller: Grants, names: readonly string[]): string[] {
  if (caller.models === undefined && caller.routes === undefined) return [...names];
  return names.filter((name) => caller.routes?.includes(name) === true || isListed(caller.models, name));
}

/** Whether targets may use this credential source for a caller. */
export function allowsSource(caller: Grants, source: CredentialSource): boolean {
  return caller.sources?.includes(source) ?? true;
}

/** Why a target is skipped for a caller, or `undefined`. */
export function refusedSource(caller: Grants, target: Pick<Target, 'credentials'>): string | undefined {
  if (allowsSource(caller, target.credentials)) return undefined;
  return `the caller "${caller.name}" may not use ${target.credentials} credentials`;
}

function withoutHidden(error: RouterError, caller: Grants): RouterError {
  const { failure } = error;
  if (failure.kind !== 'unknown-model') return error;
  return new RouterError({ ...failure, nearest: allowedNames(caller, failure.nearest) });
}

function isListed(patterns: readonly string[] | undefined, name: string): boolean {
  return patterns?.some((pattern) => matches(name, pattern)) ?? false;
}

function sayGrants({ models = [], routes = [] }: Grants): string {
  const granted = [...new Set([...routes, ...models])];
  if (granted.length === 0) return 'no model at all';
  const shown = granted.slice(0, 5).join(', ');
  return granted.length > 5 ? `only ${shown} and ${granted.length - 5} more` : `only ${shown}`;
}
