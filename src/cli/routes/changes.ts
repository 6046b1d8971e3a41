import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../policy/entries.ts';
import type { FileRoute } from './folder.ts';
import type { AccountRoute } from './schema.ts';

/** A route whose file and account differ. */
export interface RouteChange {
  readonly file: FileRoute;
  /** The route in the account; absent: there is none of the name. */
  readonly seen?: AccountRoute;
  /** For people and scripts. */
  readonly shown: Change;
}

/** What a push changes, by name. */
export function routeChanges(files: readonly FileRoute[], account: readonly AccountRoute[]): RouteChange[] {
  return files.flatMap((file): RouteChange[] => {
    const seen = account.find(({ name }) => name === file.name);
    const after = textOfElements(file.elements);
    if (seen === undefined) return [{ file, shown: { key: file.name, change: 'added', after } }];
    if (isAsFile(file, seen)) return [];
    const before = textOfElements(seen.elements);
    return [{ file, seen, shown: { key: file.name, change: 'changed', before, after } }];
  });
}

/** Whether the account's route has the elements of the file, in whatever order. */
export function isAsFile(file: FileRoute, seen: AccountRoute): boolean {
  return isDeepStrictEqual(sortedElements(file.elements), sortedElements(seen.elements));
}

/** A route as a file has it. */
export function fileText({ elements }: Pick<AccountRoute, 'elements'>): string {
  return JSON.stringify({ elements: elements.map(plainElement) }, null, 2);
}

type Element = AccountRoute['elements'][number];

function textOfElements(elements: readonly Element[]): string {
  return JSON.stringify({ elements: sortedElements(elements) }, null, 2);
}

function sortedElements(elements: readonly Element[]): Element[] {
  return elements.map(plainElement).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** An element without what the dashboard keeps beside it, in one order of names. */
function plainElement(element: Element): Element {
  const { id, type, properties, outputs } = element;
  return {
    id,
    type,
    ...(properties !== undefined && Object.keys(Object(properties)).length > 0 && { properties }),
    outputs: outputs ?? {},
  };
}
