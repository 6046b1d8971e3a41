import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import type { JsonSchema } from '../policy/json-schema.ts';
import { findingAt, type Finding } from './policy/finding.ts';
import { sayIssue, type SaidFault } from './policy/issue.ts';
import { readSource, type Source } from './policy/source.ts';

/** One file of a folder of declarations, read. */
export interface JsonFile<Value> {
  /** As messages show it: from the folder that the command was called in. */
  readonly path: string;
  /** The file's name without its ending. */
  readonly stem: string;
  readonly source: Source;
  /** `undefined` where it is not as the schema wants it. */
  readonly value: Value | undefined;
  /** What is wrong with it as JSON and by the schema. */
  readonly findings: readonly Finding[];
}

/** What the files of a folder must be. */
export interface FolderShape<Value> {
  readonly base: string;
  /** From the base, as messages show it. */
  readonly folder: string;
  readonly schema: z.core.$ZodType<Value>;
}

/** Reads all JSON and JSONC files of a folder, sorted by name; `undefined` where there is no such folder. */
export function readJsonFolder<Value>({ base, folder, schema }: FolderShape<Value>): JsonFile<Value>[] | undefined {
  const path = resolve(base, folder);
  if (!existsSync(path)) return undefined;
  const known = z.toJSONSchema(schema, { io: 'input' });
  return readdirSync(path)
    .filter((name) => /\.jsonc?$/.test(name) && !name.startsWith('.'))
    .toSorted()
    .map((name) => {
      const source = readSource(readFileSync(join(path, name), 'utf8'));
      const file = { path: join(folder, name), stem: name.replace(/\.jsonc?$/, ''), source };
      return { ...file, ...readValue(file, schema, known) };
    });
}

function readValue<Value>(
  file: Pick<JsonFile<Value>, 'path' | 'source'>,
  schema: z.core.$ZodType<Value>,
  known: JsonSchema,
): Pick<JsonFile<Value>, 'value' | 'findings'> {
  const { path, source } = file;
  const syntax = source.faults.map((fault) => ({ level: 'fault' as const, file: path, path: '', ...fault }));
  if (source.value === undefined) return { value: undefined, findings: syntax };
  const parsed = z.safeParse(schema, source.value, { reportInput: true });
  if (parsed.success) return { value: parsed.data, findings: syntax };
  const said: SaidFault[] = parsed.error.issues.flatMap((issue) => sayIssue(issue, known));
  return { value: undefined, findings: [...syntax, ...said.map((fault) => findingAt(file, fault))] };
}

/** Files that stand for something that another one stands for already. */
export function repeatedFiles<Value>(
  files: readonly JsonFile<Value>[],
  { nameOf, key, what }: { nameOf: (file: JsonFile<Value>) => string | undefined; key: string; what: string },
): Finding[] {
  const names = files.map(nameOf);
  return files.flatMap((file, index) => {
    const name = names[index];
    if (name === undefined || names.indexOf(name) === index) return [];
    return [findingAt(file, { path: [key], message: `the ${what} "${name}" has another file already` })];
  });
}
