import { refuse } from '../../core/failure.ts';
import { field } from '../../core/json.ts';

/*
 * Checks of request fields, in OpenAI's own words for a 400. Values are never quoted: they may hold prompt text, which
 * clients that sniff error messages would take for a cause (clients.md 4(iv).6). `null` counts as absent, as at OpenAI.
 */

/** More than any model writes in one answer; over it a number is a mistake or an attack on the money windows. */
const mostTokens = 10_000_000;

/** Smallest and largest value, both allowed. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** A field of the body, `undefined` where it is `null`. */
export function given(body: unknown, key: string): unknown {
  return field(body, key) ?? undefined;
}

/** A count of tokens: whole, from 1 to ten million. Strings, fractions and negative numbers are refused. */
export function tokenCount(body: unknown, key: string): number | undefined {
  return wholeNumber(body, key, { least: 1, most: mostTokens });
}

/** A whole number within bounds. Beyond 2^53 the digits were already lost in parsing, so such a number is refused too. */
export function wholeNumber(body: unknown, key: string, bounds: Bounds): number | undefined {
  const value = numberBetween(body, key, bounds);
  if (value === undefined || Number.isSafeInteger(value)) return value;
  return refuseValue(key, `a whole number from ${bounds.least} to ${bounds.most}`);
}

/** A number within bounds. */
export function numberBetween(body: unknown, key: string, { least, most }: Bounds): number | undefined {
  const value = given(body, key);
  if (value === undefined) return undefined;
  if (typeof value !== 'number') return refuseType(key, 'a number');
  return value >= least && value <= most ? value : refuseValue(key, `a number from ${least} to ${most}`);
}

/** `true`, `false` or absent; nothing that only looks like it. */
export function optionalBoolean(value: unknown, param: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' ? value : refuseType(param, 'a boolean');
}

/** A string, or absent. */
export function optionalText(value: unknown, param: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : refuseType(param, 'a string');
}

/** A string that must be there; `''` is one. */
export function requireText(value: unknown, param: string): string {
  return optionalText(value, param) ?? refuseMissing(param);
}

/** An array; absent counts as empty. */
export function optionalList(value: unknown, param: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : refuseType(param, 'an array');
}

/** Ends the request: the field is not there, or empty. */
export function refuseMissing(param: string): never {
  return refuse(`Missing required parameter: '${param}'.`, 'missing_required_parameter', param);
}

/** Ends the request: the field is of the wrong type. */
export function refuseType(param: string, expected: string): never {
  return refuse(`Invalid type for '${param}': expected ${expected}.`, 'invalid_type', param);
}

/** Ends the request: the field is of the right type and has a value that is not allowed. */
export function refuseValue(param: string, expected: string): never {
  return refuse(`Invalid value for '${param}': expected ${expected}.`, 'invalid_value', param);
}

/** A caller's own word as it may stand in the name of a loss: never more than a glimpse of it. */
export function glimpse(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 40) : typeof value;
}
