/** A JSON value as `JSON.parse` gives it. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object as received: own keys only, looked up through {@link field}, never merged into our own objects. */
export type JsonObject = { readonly [key: string]: Json };

/** Narrows to a JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads an own property, so that `__proto__` and `constructor` sent by a caller find nothing. */
export function field(object: unknown, key: string): unknown {
  return isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Parses JSON text, or gives `undefined` where it is not JSON. Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value when it is a string that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value as a count: a finite number, not negative, rounded down; anything else is `undefined`. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.floor(value) : undefined;
}

/**
 * Says that a value is JSON. The neutral forms hold schemas and carried fields as `unknown`, but all of them came out of
 * `JSON.parse`; `undefined`, which JSON does not know, becomes `null`.
 */
export function asJson(value: unknown): Json {
  // The cast is true for every value that was parsed from JSON text, see above.
  return value === undefined ? null : (value as Json);
}
