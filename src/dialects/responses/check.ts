import { refuse } from '../../core/failure.ts';
import { isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';

/*
 * Checks of single request fields, in the words of OpenAI's own 400s (`invalid_type`, `invalid_value`,
 * `missing_required_parameter`, with `param`). Values are never quoted: they may hold prompt text, which clients that
 * sniff error messages would take for a cause (clients.md 4(iv).6). `null` counts as absent, as it does at OpenAI.
 */

/** A string, or absent. */
export function optionalText(value: unknown, param: string): string | undefined {
  if (isAbsent(value)) return undefined;
  return typeof value === 'string' ? value : refuseType(value, param, 'a string');
}

/** A string that must be there; `''` is one. */
export function requireText(value: unknown, param: string): string {
  return optionalText(value, param) ?? refuseMissing(param);
}

/** A number from 0 to `most`, or absent. */
export function optionalNumber(value: unknown, param: string, most: number): number | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'number') return refuseType(value, param, 'a number');
  return value >= 0 && value <= most ? value : refuseValue(param, `a number from 0 to ${most}`);
}

/** A count of tokens, or absent: whole, from 1 to ten million, which is more than any model writes in one answer. */
export function optionalTokens(value: unknown, param: string): number | undefined {
  const number = optionalNumber(value, param, 10_000_000);
  if (number === undefined || (Number.isInteger(number) && number >= 1)) return number;
  return refuseValue(param, 'a whole number of at least 1');
}

/** A boolean, or absent. */
export function optionalBoolean(value: unknown, param: string): boolean | undefined {
  if (isAbsent(value)) return undefined;
  return typeof value === 'boolean' ? value : refuseType(value, param, 'a boolean');
}

/** A JSON object, or absent. */
export function optionalObject(value: unknown, param: string): JsonObject | undefined {
  if (isAbsent(value)) return undefined;
  return isObject(value) ? value : refuseType(value, param, 'an object');
}

/** A JSON object that must be there. */
export function requireObject(value: unknown, param: string): JsonObject {
  return optionalObject(value, param) ?? refuseMissing(param);
}

/** An array; absent counts as empty. */
export function optionalList(value: unknown, param: string): readonly unknown[] {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? value : refuseType(value, param, 'an array');
}

/** Ends the request: the field is not there. */
export function refuseMissing(param: string): never {
  return refuse(`Missing required parameter: '${param}'.`, 'missing_required_parameter', param);
}

/** Ends the request: the field is of the right type and has a value that is not allowed. */
export function refuseValue(param: string, expected: string): never {
  return refuse(`Invalid value for '${param}': expected ${expected}.`, 'invalid_value', param);
}

/** Ends the request: the field is of the wrong type. */
export function refuseType(value: unknown, param: string, expected: string): never {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${typeName(value)} instead.`;
  return refuse(message, 'invalid_type', param);
}

function typeName(value: unknown): string {
  if (isAbsent(value)) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
