import type { Json, JsonObject } from '../../core/json.ts';
import { apiError } from '../errors.ts';
import type { Refusal } from '../errors.ts';

/** One call of the management API, its path taken apart. */
export interface ManagementCall {
  /** What stands in the path for each `:name` of the row, decoded. */
  readonly named: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body parsed; `undefined` where there is none, or no JSON. */
  readonly body: unknown;
  /** The token of the caller. */
  readonly token: string;
}

/** What a row answers: a body with its status, or a refusal. */
export interface ManagementAnswer {
  readonly status?: number;
  readonly body: unknown;
}

/** One endpoint of the management API: a row of the table in `../management.ts`. */
export interface ManagementRow {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/client/v4`; `:account` is the stand-in's own or a refusal, any other `:name` is one segment of any text. */
  readonly path: string;
  /** One of these permissions opens it; empty: any token that is known. */
  readonly needs: readonly string[];
  readonly answer: (call: ManagementCall) => ManagementAnswer;
}

/** The API's envelope around one result. */
export function result(value: unknown): ManagementAnswer {
  return { body: { result: value, success: true, errors: [], messages: [] } };
}

const usualPage = 20;
const largestPage = 100;

/** The API's envelope around one page of a list. */
export function page(rows: readonly JsonObject[], query: URLSearchParams): ManagementAnswer {
  const number = Number(query.get('page') ?? 1);
  const size = Number(query.get('per_page') ?? usualPage);
  const isFit = Number.isInteger(number) && number >= 1 && Number.isInteger(size) && size >= 1 && size <= largestPage;
  if (!isFit) return invalid('page or per_page');
  const shown = rows.slice((number - 1) * size, number * size);
  const info = { page: number, per_page: size, count: shown.length, total_count: rows.length };
  return { body: { result: shown, success: true, errors: [], messages: [], result_info: info } };
}

/** A body that is refused: 400/7001 (contract sheet 2.6). Which words stand there is not documented (uncertain). */
export function invalid(what: string): Refusal {
  return apiError(400, 7001, `Invalid input: ${what}`);
}

/** Something that is not there. The code is not documented (uncertain). */
export function notFound(): Refusal {
  return apiError(404, 7002, 'Not Found');
}

/** What a field may hold. */
export type FieldCheck = (value: unknown) => boolean;

/** The first field of a body that is missing, unknown or out of range. */
export function wrongField(
  body: JsonObject,
  checks: ReadonlyMap<string, FieldCheck>,
  required: readonly string[],
): string | undefined {
  const missing = required.find((name) => !Object.hasOwn(body, name));
  if (missing !== undefined) return missing;
  return Object.entries(body).find(([name, value]) => checks.get(name)?.(value) !== true)?.[0];
}

export const isFlag: FieldCheck = (value) => typeof value === 'boolean';
export const isText: FieldCheck = (value) => typeof value === 'string' && value !== '';

/** A number between these, both included. */
export function isBetween(least: number, most: number): FieldCheck {
  return (value) => typeof value === 'number' && value >= least && value <= most;
}

export function isOneOf(...known: readonly Json[]): FieldCheck {
  return (value) => known.some((one) => one === value);
}

export function orNull(check: FieldCheck): FieldCheck {
  return (value) => value === null || check(value);
}
