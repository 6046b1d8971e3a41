import type * as z from 'zod/mini';
import {
  defaultsJsonSchema,
  oidcJsonSchema,
  patternsJsonSchema,
  pricesJsonSchema,
  routeJsonSchema,
  type JsonSchema,
} from '../../policy/json-schema.ts';
import { OidcPolicy } from '../../policy/oidc-schema.ts';
import { PriceOverrides } from '../../policy/prices.ts';
import { Defaults, Patterns, RoutePolicy } from '../../policy/schema.ts';

export type KindName = 'route' | 'patterns' | 'defaults' | 'oidc' | 'prices';

/** What is known of one kind of policy: a new kind is a new row. */
export interface PolicyKind {
  /** Whether there are several, each under `<kind>:<name>`; else there is one, under the kind's own name. */
  readonly isNamed: boolean;
  readonly schema: z.core.$ZodType;
  readonly jsonSchema: () => JsonSchema;
}

export const policyKinds: Readonly<Record<KindName, PolicyKind>> = {
  route: { isNamed: true, schema: RoutePolicy, jsonSchema: routeJsonSchema },
  patterns: { isNamed: false, schema: Patterns, jsonSchema: patternsJsonSchema },
  defaults: { isNamed: false, schema: Defaults, jsonSchema: defaultsJsonSchema },
  oidc: { isNamed: false, schema: OidcPolicy, jsonSchema: oidcJsonSchema },
  prices: { isNamed: false, schema: PriceOverrides, jsonSchema: pricesJsonSchema },
};

// The table's keys are kinds by its type; `Object.keys` forgets it.
const kindNames = Object.keys(policyKinds) as KindName[];

/** The KV keys of the kinds that there is one of. */
export const singleKeys: readonly string[] = kindNames.filter((kind) => !policyKinds[kind].isNamed);

/** The beginnings of the KV keys of the kinds that there are several of. */
export const keyPrefixes: readonly string[] = kindNames
  .filter((kind) => policyKinds[kind].isNamed)
  .map((kind) => `${kind}:`);

/** A policy's place in KV, taken apart. `name` is empty for the kinds that there is one of. */
export interface PolicyKey {
  readonly kind: KindName;
  readonly name: string;
}

/** Takes a KV key apart; `undefined` for keys that are no policy. */
export function readKey(key: string): PolicyKey | undefined {
  return readNamed(key, ':');
}

/** Takes a file's name without its ending apart: `route.eu%2Fchat` is the route `eu/chat`. */
export function readStem(stem: string): PolicyKey | undefined {
  const read = readNamed(stem, '.');
  const name = read === undefined ? undefined : decode(read.name);
  return read === undefined || name === undefined ? undefined : { kind: read.kind, name };
}

/** The KV key of a policy. */
export function keyOf({ kind, name }: PolicyKey): string {
  return policyKinds[kind].isNamed ? `${kind}:${name}` : kind;
}

/** The file name of a policy, without its ending. What could climb out of the folder is written with `%`. */
export function stemOf({ kind, name }: PolicyKey): string {
  return policyKinds[kind].isNamed ? `${kind}.${name.replace(/[^A-Za-z0-9@._-]/gu, encodeURIComponent)}` : kind;
}

function readNamed(text: string, between: ':' | '.'): PolicyKey | undefined {
  for (const kind of kindNames) {
    const start = kind + between;
    if (policyKinds[kind].isNamed && text.length > start.length && text.startsWith(start))
      return { kind, name: text.slice(start.length) };
    if (!policyKinds[kind].isNamed && text === kind) return { kind, name: '' };
  }
  return undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
