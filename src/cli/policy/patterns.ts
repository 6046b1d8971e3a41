import { dialectsOf } from '../../core/providers.ts';
import { readDirectName } from '../../policy/names.ts';
import { matches } from '../../policy/plan.ts';
import type { Patterns } from '../../policy/schema.ts';
import { findingAt, type Finding } from './finding.ts';
import type { PolicySet } from './policies.ts';

type Row = Patterns[number];

/** Patterns that never get their turn, and patterns that lead nowhere. */
export function checkPatterns(policies: PolicySet): Finding[] {
  const { patterns } = policies;
  if (patterns === undefined) return [];
  const rows = patterns.policy;
  return rows.flatMap((row, index) => {
    const faults = [
      { field: 'match', message: shadowOf(row, rows.slice(0, index)) ?? namesake(row, policies) },
      { field: 'model', message: deadEnd(row, policies) },
    ];
    return faults.flatMap(({ field, message }) =>
      message === undefined ? [] : [findingAt(patterns.file, { path: [index, field], message })],
    );
  });
}

/** An earlier pattern that matches all that this one matches. */
function shadowOf(row: Row, earlier: readonly Row[]): string | undefined {
  const index = earlier.findIndex(({ match }) => covers(match, row.match));
  const shadow = earlier[index];
  if (shadow === undefined) return undefined;
  return `"${row.match}" never gets its turn: "${shadow.match}" at [${index}] comes first and matches all of it. Move it up, or take it out`;
}

/**
 * Whether one pattern matches every name that another does. `#` stands in no pattern, so whatever matches it is a `*`,
 * which then matches all that the other's `*` can stand for.
 */
export function covers(wide: string, narrow: string): boolean {
  return matches(narrow.replaceAll('*', '#'), wide);
}

/** A pattern without `*` that is also a route's name: the route answers first. */
function namesake({ match }: Row, { routeNames }: PolicySet): string | undefined {
  if (!routeNames.has(match)) return undefined;
  return `"${match}" never gets its turn: the route of that name comes first. Take one of them out`;
}

function deadEnd(row: Row, { routeNames, defaults }: PolicySet): string | undefined {
  if (leadsToRoute(row, routeNames)) return undefined;
  const direct = samplesOf(row)
    .map(readDirectName)
    .find((name) => name !== undefined);
  if (direct === undefined)
    return `"${row.model}" leads to no route of this folder and is no direct name such as openai/{model}`;
  if (defaults?.policy.directNames === false)
    return `"${row.model}" is a direct name, and defaults.directNames is false: no request would be served`;
  if (direct.provider !== 'dynamic' && dialectsOf(direct.provider, 'gateway').length === 0)
    return `"${row.model}" leads to ${direct.provider}, which serves none of the router's endpoints`;
  return undefined;
}

/** A route whose name is one of those that the pattern can give. */
function leadsToRoute({ match, model }: Row, routeNames: ReadonlySet<string>): boolean {
  const given = model.replaceAll('{model}', () => match);
  const isFixed = !model.includes('{model}');
  return isFixed ? routeNames.has(model) : [...routeNames].some((name) => matches(name, given));
}

/** Names that the pattern gives for some that it matches: Workers AI's names have more parts than others. */
function samplesOf({ match, model }: Row): string[] {
  return ['any', 'any/any', 'cf/any/any', '@cf/any/any'].map((part) =>
    model.replaceAll('{model}', () => match.replaceAll('*', part)),
  );
}
