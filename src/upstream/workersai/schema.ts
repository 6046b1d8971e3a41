import type { Json, JsonObject } from '../../core/json.ts';

/** Under these keys stand names that a schema's author chose, so a `description` there is no keyword. */
const nameMaps: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);

type Draft = { [key: string]: Json } | Json[];

/**
 * Takes `description: false` out of tool definitions and schemas, which Workers AI answers by 8001. Gives the value itself
 * back where there is none. Walks with a list of its own: a caller's JSON may be nested deeper than the call stack is.
 */
export function withoutFalseDescriptions(value: Json): Json {
  const root = emptyLike(value);
  if (root === undefined || !holdsFalseDescription(value)) return value;
  const open: { from: Json; into: Draft; names: boolean }[] = [{ from: value, into: root, names: false }];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    for (const [name, child] of entriesOf(step.from)) {
      if (!step.names && name === 'description' && child === false) continue;
      const copy = emptyLike(child);
      put(step.into, name, copy ?? child);
      if (copy !== undefined) open.push({ from: child, into: copy, names: !step.names && nameMaps.has(name) });
    }
  }
  return root;
}

function holdsFalseDescription(value: Json): boolean {
  const open: { value: Json; names: boolean }[] = [{ value, names: false }];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    for (const [name, child] of entriesOf(step.value)) {
      if (!step.names && name === 'description' && child === false) return true;
      if (typeof child === 'object') open.push({ value: child, names: !step.names && nameMaps.has(name) });
    }
  }
  return false;
}

function entriesOf(value: Json): [string, Json][] {
  if (typeof value !== 'object' || value === null) return [];
  // The cast is what `Array.isArray` cannot say of a readonly array: the rest is an object.
  return Array.isArray(value)
    ? (value as Json[]).map((item, at) => [String(at), item])
    : Object.entries(value as JsonObject);
}

function emptyLike(value: Json): Draft | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? [] : {};
}

/** Defines instead of assigning: a caller's `__proto__` is a key like any other. */
function put(into: Draft, key: string, value: Json): void {
  Object.defineProperty(into, key, { value, writable: true, enumerable: true, configurable: true });
}
