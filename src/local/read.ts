import { field, isObject } from '../core/json.ts';
import type { Json } from '../core/json.ts';

/** The value's elements; nothing where it is no array. */
export function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []; // JSON.parse gave it, so its elements are JSON.
}

/** The value as text: a string itself, anything else as JSON. */
export function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}

/** Stop sequences: one string or an array of them. */
export function stopsOf(value: unknown): string[] {
  const given = typeof value === 'string' ? [value] : list(value);
  return given.filter((stop) => typeof stop === 'string' && stop !== '').map(String);
}

/**
 * Reads what form the answer must have. A schema stands under `json_schema.schema` (chat), under `schema` (Responses,
 * Anthropic's `output_config.format`), or is `json_schema` itself (Workers AI's native body).
 */
export function readFormat(format: unknown): { schema?: unknown } | undefined {
  const type = field(format, 'type');
  if (type === 'json_object') return {};
  if (type !== 'json_schema') return undefined;
  const envelope = field(format, 'json_schema');
  return { schema: field(envelope, 'schema') ?? field(format, 'schema') ?? envelope };
}

/** How deep a schema is followed: callers write schemas, so the walk must end. */
const deepest = 12;

/** A minimal value that fits a JSON Schema: only what is required, constants and first choices where there are some. */
export function minimalValue(schema: unknown, depth = 0): Json {
  const fixed = fixedValue(schema);
  if (fixed !== undefined) return fixed;
  const type = field(schema, 'type');
  const first: unknown = Array.isArray(type) ? type[0] : type;
  const alternative = list(field(schema, 'anyOf'))[0];
  if (alternative !== undefined && depth < deepest) return minimalValue(alternative, depth + 1);
  if (first === 'string') return 'text';
  if (first === 'integer' || first === 'number') return Number(field(schema, 'minimum') ?? 1);
  if (first === 'boolean') return true;
  if (first === 'null') return null;
  if (first === 'array') return minimalArray(schema, depth);
  return depth < deepest ? minimalObject(schema, depth) : {};
}

function fixedValue(schema: unknown): Json | undefined {
  const choices = list(field(schema, 'enum'));
  if (choices.length > 0) return choices[0];
  const constant = field(schema, 'const');
  return constant === undefined ? undefined : (constant as Json); // Own property of parsed JSON.
}

function minimalArray(schema: unknown, depth: number): Json {
  const count = Math.min(Number(field(schema, 'minItems') ?? 0), 10);
  if (depth >= deepest) return [];
  return Array.from({ length: count }, () => minimalValue(field(schema, 'items'), depth + 1));
}

function minimalObject(schema: unknown, depth: number): Json {
  const properties = field(schema, 'properties');
  const required = list(field(schema, 'required')).filter((name) => typeof name === 'string');
  if (!isObject(properties)) return {};
  return Object.fromEntries(required.map((name) => [name, minimalValue(field(properties, name), depth + 1)]));
}
