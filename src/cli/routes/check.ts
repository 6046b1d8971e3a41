import type { RouteElement } from './schema.ts';

/** What does not fit together in a route, and where. */
export interface Misfit {
  readonly level?: 'fault' | 'warning';
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Most ways out of a percentage (contract sheet 1.7). */
const mostShares = 5;

/** Everything in a route's elements that a schema cannot say. */
export function misfitsOf(elements: readonly RouteElement[]): Misfit[] {
  const ids = elements.map(({ id }) => id);
  return [
    ...ids.flatMap((id, index) =>
      ids.indexOf(id) === index
        ? []
        : [{ path: ['elements', index, 'id'], message: 'stands in an earlier element too; ids must differ' }],
    ),
    ...elements.flatMap((element, index) => [...lostWays(element, index, ids), ...wrongShares(element, index)]),
    ...wrongEnds(elements),
    ...walked(elements),
  ];
}

function lostWays({ outputs }: RouteElement, index: number, ids: readonly string[]): Misfit[] {
  return Object.entries(outputs).flatMap(([name, { elementId }]) =>
    ids.includes(elementId)
      ? []
      : [
          {
            path: ['elements', index, 'outputs', name, 'elementId'],
            message: `leads to "${elementId}", which is no element of this route`,
          },
        ],
  );
}

function wrongShares({ type, outputs }: RouteElement, index: number): Misfit[] {
  if (type !== 'percentage') return [];
  const shares = Object.keys(outputs).map((name) => Number.parseInt(name, 10));
  const sum = shares.reduce((total, share) => total + share, 0);
  const path = ['elements', index, 'outputs'];
  return [
    ...(sum === 100 ? [] : [{ path, message: `must add up to 100 %, and is ${sum} %` }]),
    ...(shares.length <= mostShares ? [] : [{ path, message: `must be at most ${mostShares} shares` }]),
  ];
}

function wrongEnds(elements: readonly RouteElement[]): Misfit[] {
  const count = (wanted: RouteElement['type']): number => elements.filter(({ type }) => type === wanted).length;
  return [
    ...(count('start') === 1 ? [] : [{ path: ['elements'], message: 'must have one element of the type "start"' }]),
    ...(count('end') > 0 ? [] : [{ path: ['elements'], message: 'must have an element of the type "end"' }]),
  ];
}

/** Walks the route from its start: a ring would never end, and what is never reached was not meant so. */
function walked(elements: readonly RouteElement[]): Misfit[] {
  const byId = new Map(elements.map((element) => [element.id, element]));
  const done = new Set<string>();
  const rings = new Set<string>();
  const walk = (id: string, above: ReadonlySet<string>): void => {
    if (above.has(id)) rings.add(id);
    if (done.has(id)) return;
    done.add(id);
    const below = new Set([...above, id]);
    for (const { elementId } of Object.values(byId.get(id)?.outputs ?? {})) walk(elementId, below);
  };
  const start = elements.find(({ type }) => type === 'start');
  if (start === undefined) return [];
  walk(start.id, new Set());
  return elements.flatMap(({ id }, index): Misfit[] => [
    ...(rings.has(id) ? [{ path: ['elements', index], message: `"${id}" leads back to itself` }] : []),
    ...(done.has(id)
      ? []
      : [{ level: 'warning' as const, path: ['elements', index], message: `"${id}" is reached from nowhere` }]),
  ]);
}
