import type { Dialect } from '../../core/dialect.ts';
import { dialectNames } from '../../core/dialect.ts';
import { dialectsOf } from '../../core/providers.ts';
import { carrierOf } from '../../policy/check.ts';
import type { Condition } from '../../policy/condition.ts';
import { readDirectName } from '../../policy/names.ts';
import type { TargetRow } from '../../policy/schema.ts';
import { findingAt, type Finding } from './finding.ts';
import type { PolicySet, Read } from './policies.ts';
import type { RoutePolicy } from '../../policy/schema.ts';

/** Targets that no request can reach, and targets that serve less than the route they stand in. */
export function checkTargets({ routes }: PolicySet): Finding[] {
  return routes.flatMap((route) => [
    ...route.policy.targets.flatMap((row, index) => checkRow(route, row, index)),
    ...checkMixture(route),
  ]);
}

function checkRow({ file }: Read<RoutePolicy>, row: TargetRow, index: number): Finding[] {
  const path = ['targets', index];
  const { provider, carrier, spoken } = wayOf(row);
  const unreachable = spoken.length === 0 && `${provider} by ${carrier} serves none of the router's endpoints`;
  const conditions = (row.when ?? []).flatMap((condition, place) => {
    const message = unknownDialect(condition);
    return message === undefined ? [] : [findingAt(file, { path: [...path, 'when', place], message })];
  });
  if (unreachable !== false)
    return [findingAt(file, { path: [...path, 'model'], message: unreachable }), ...conditions];
  if (!spoken.includes('embeddings') && embeds(row.model)) {
    const message = `looks like an embedding model, and ${provider} by ${carrier} has no embeddings`;
    return [findingAt(file, { level: 'warning', path: [...path, 'model'], message }), ...conditions];
  }
  return conditions;
}

/** Embedding models and others in one route: whichever the request is, some of its targets cannot answer it. */
function checkMixture({ file, policy }: Read<RoutePolicy>): Finding[] {
  const kinds = policy.targets.map((row) => servesOnlyEmbeddings(row));
  const odd = kinds.findIndex((kind) => kind !== kinds[0]);
  if (odd < 0) return [];
  const message =
    'one of this and the targets before it answers embeddings, the other conversations; make two routes of them';
  return [findingAt(file, { level: 'warning', path: ['targets', odd, 'model'], message })];
}

function servesOnlyEmbeddings(row: TargetRow): boolean {
  const { spoken } = wayOf(row);
  return spoken.includes('embeddings') && (spoken.length === 1 || embeds(row.model));
}

function wayOf(row: TargetRow): { provider: string; carrier: string; spoken: readonly Dialect[] } {
  // The schema has seen to it that the model is a direct name; `{model}` stands for any.
  const provider = readDirectName(row.model.replaceAll('{model}', 'any'))?.provider ?? '';
  const carrier = row.carrier ?? carrierOf(provider, row.credentials);
  return { provider, carrier, spoken: dialectsOf(provider, carrier) };
}

/** Embedding models are told by their names alone, so what follows from it is a warning. */
export function embeds(model: string): boolean {
  return /embed|\/bge-/i.test(model);
}

/** A condition on a dialect that does not exist never holds. */
function unknownDialect(condition: Condition): string | undefined {
  if (condition.field !== 'dialect') return undefined;
  const named = [...(condition.equals === undefined ? [] : [condition.equals]), ...(condition.in ?? [])];
  const unknown = named.find((name) => !Object.hasOwn(dialectNames, name));
  if (unknown === undefined) return undefined;
  return `there is no dialect "${unknown}"; they are ${Object.keys(dialectNames).join(', ')}`;
}
