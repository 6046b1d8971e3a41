import * as z from 'zod/mini';
import type { Json } from '../../core/json.ts';
import type { Asked, OptionRow } from '../asked.ts';
import type { World } from '../command.ts';
import { readJsonFolder, repeatedFiles, type JsonFile } from '../json-folder.ts';
import { findingAt, type Finding } from '../policy/finding.ts';
import { Stop } from '../stop.ts';
import { ProviderFile, ProviderSlug } from './schema.ts';

export const providersFolderOption: Readonly<Record<string, OptionRow>> = {
  dir: { value: '<folder>', says: 'the folder of provider files (default: custom-providers)' },
};

/** A custom provider as a file has it: what is sent, by the API's names. */
export interface FileProvider {
  readonly slug: string;
  readonly settings: Readonly<Record<string, Json>>;
}

/** The files of the folder, read. */
export interface ProviderFolder {
  readonly folder: string;
  readonly providers: readonly FileProvider[];
  readonly findings: readonly Finding[];
}

/** Reads and checks all provider files. Throws {@link Stop} where there is no such folder. */
export function readProviders({ values }: Asked, { folder: base, env }: World): ProviderFolder {
  const folder = values.get('dir') ?? 'custom-providers';
  const files = readJsonFolder<ProviderFile>({ base, folder, schema: ProviderFile });
  if (files === undefined)
    throw new Stop(
      1,
      `Cannot read the custom providers: there is no folder ${folder}. Name another with --dir, or write ${folder}/<slug>.json with "name" and "base_url".`,
    );
  const providers = files.flatMap((file): FileProvider[] => {
    if (file.value === undefined) return [];
    const { headers, slug = file.stem, ...rest } = file.value;
    const all = { ...rest, slug, headers: headers === undefined ? undefined : headersText(headers, env) };
    const said = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
    return [{ slug, settings: Object.fromEntries(said) }];
  });
  const repeated = repeatedFiles(files, {
    nameOf: ({ value, stem }) => (value === undefined ? undefined : (value.slug ?? stem)),
    key: 'slug',
    what: 'provider',
  });
  return { folder, providers, findings: [...files.flatMap((file) => findingsOf(file, env)), ...repeated] };
}

type Env = World['env'];

function findingsOf(file: JsonFile<ProviderFile>, env: Env): Finding[] {
  const { value, stem, findings } = file;
  if (value === undefined) return [...findings];
  const { slug = stem, headers = {} } = value;
  const isSlug = z.safeParse(ProviderSlug, slug).success;
  const unset = Object.entries(headers).flatMap(([name, given]) =>
    typeof given === 'string' || (env[given.env] ?? '') !== ''
      ? []
      : [{ path: ['headers', name, 'env'], message: `${given.env} is not set in this shell` }],
  );
  const misnamed = isSlug
    ? []
    : [{ path: [], message: `"${slug}" is no slug of a provider; give the file another name` }];
  return [...findings, ...[...unset, ...misnamed].map((misfit) => findingAt(file, misfit))];
}

/** The API takes headers as one text of JSON. */
function headersText(headers: NonNullable<ProviderFile['headers']>, env: Env): string {
  const filled = Object.entries(headers).map(
    ([name, given]) => [name, typeof given === 'string' ? given : (env[given.env] ?? '')] as const,
  );
  return JSON.stringify(Object.fromEntries(filled));
}
