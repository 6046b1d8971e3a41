import * as z from 'zod/mini';
import type { Asked, OptionRow } from '../asked.ts';
import { readJsonFolder, repeatedFiles, type JsonFile } from '../json-folder.ts';
import { findingAt, type Finding } from '../policy/finding.ts';
import { Stop } from '../stop.ts';
import { misfitsOf } from './check.ts';
import { RouteFile, RouteName, type RouteElement } from './schema.ts';

export const routesFolderOption: Readonly<Record<string, OptionRow>> = {
  dir: { value: '<folder>', says: 'the folder of route files (default: dynamic-routes)' },
};

/** A dynamic route as a file has it. */
export interface FileRoute {
  readonly name: string;
  readonly elements: readonly RouteElement[];
}

/** The files of the folder, read. */
export interface RouteFolder {
  readonly folder: string;
  /** Those that the schema finds good. */
  readonly routes: readonly FileRoute[];
  readonly findings: readonly Finding[];
}

/** Reads and checks all route files. Throws {@link Stop} where there is no such folder. */
export function readRoutes({ values }: Asked, base: string): RouteFolder {
  const folder = values.get('dir') ?? 'dynamic-routes';
  const files = readJsonFolder<RouteFile>({ base, folder, schema: RouteFile });
  if (files === undefined)
    throw new Stop(
      1,
      `Cannot read the dynamic routes: there is no folder ${folder}. Name another with --dir, or begin one with router routes show <name> > ${folder}/<name>.json.`,
    );
  const routes = files.flatMap(({ value, stem }) =>
    value === undefined ? [] : [{ name: value.name ?? stem, elements: value.elements }],
  );
  const repeated = repeatedFiles(files, {
    nameOf: ({ value, stem }) => (value === undefined ? undefined : (value.name ?? stem)),
    key: 'name',
    what: 'route',
  });
  return { folder, routes, findings: [...files.flatMap(findingsOf), ...repeated] };
}

function findingsOf(file: JsonFile<RouteFile>): Finding[] {
  const { value, stem, findings } = file;
  if (value === undefined) return [...findings];
  const { name = stem, elements } = value;
  const isName = z.safeParse(RouteName, name).success;
  const misnamed = isName ? [] : [{ path: [], message: `"${name}" is no name of a route; give the file another` }];
  return [...findings, ...[...misfitsOf(elements), ...misnamed].map((misfit) => findingAt(file, misfit))];
}
