import * as z from 'zod/mini';
import { Defaults, Patterns, RoutePolicy } from '../../policy/schema.ts';
import type { PolicyFile } from './folder.ts';
import type { KindName } from './kinds.ts';

/** A policy that its schema takes, with the file that it stands in. */
export interface Read<T> {
  readonly file: PolicyFile;
  readonly policy: T;
}

/** All policies of a folder together, for the rules that look across files. */
export interface PolicySet {
  /** Names of all routes, of faulty ones too: what leads to them leads somewhere. */
  readonly routeNames: ReadonlySet<string>;
  readonly routes: readonly Read<RoutePolicy>[];
  readonly patterns: Read<Patterns> | undefined;
  readonly defaults: Read<Defaults> | undefined;
}

/** Reads the policies of files; those with faults are left out, they are told of elsewhere. */
export function readPolicies(files: readonly PolicyFile[]): PolicySet {
  const ofKind = (kind: KindName) => files.filter(({ key }) => key?.kind === kind);
  return {
    routeNames: new Set(ofKind('route').map(({ key }) => key?.name ?? '')),
    routes: ofKind('route').flatMap((file) => readAs(RoutePolicy, file)),
    patterns: ofKind('patterns').flatMap((file) => readAs(Patterns, file))[0],
    defaults: ofKind('defaults').flatMap((file) => readAs(Defaults, file))[0],
  };
}

function readAs<T>(schema: z.core.$ZodType<T>, file: PolicyFile): Read<T>[] {
  const { data } = z.safeParse(schema, file.source.value);
  return data === undefined ? [] : [{ file, policy: data }];
}
