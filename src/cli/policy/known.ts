import { field, isObject } from '../../core/json.ts';
import type { JsonSchema } from '../../policy/json-schema.ts';

/** The property names that a schema allows in the object under a path. Where it offers alternatives, those of all of them. */
export function knownNames(schema: JsonSchema, path: readonly PropertyKey[]): string[] {
  let nodes: unknown[] = [schema];
  for (const step of path) nodes = alternativesOf(nodes).flatMap((node) => childrenOf(node, step));
  const names = alternativesOf(nodes).flatMap((node) => {
    const properties = field(node, 'properties');
    return isObject(properties) ? Object.keys(properties) : [];
  });
  return [...new Set(names)].filter((name) => name !== '$schema');
}

function alternativesOf(nodes: readonly unknown[]): unknown[] {
  return nodes.flatMap((node) => {
    const offered: unknown = field(node, 'oneOf') ?? field(node, 'anyOf');
    return Array.isArray(offered) ? offered.map((one: unknown) => one) : [node];
  });
}

function childrenOf(node: unknown, step: PropertyKey): unknown[] {
  if (typeof step === 'number') return present(field(node, 'items'));
  const named = field(field(node, 'properties'), String(step));
  return present(named ?? field(node, 'additionalProperties'));
}

function present(node: unknown): unknown[] {
  return isObject(node) ? [node] : [];
}
