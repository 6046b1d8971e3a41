import { field, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';

/** Top-level fields that `readRequest` reads, or that are read elsewhere (`model`). */
const read: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'stream',
]);

/** Values that ask for nothing: what every translation does anyway. */
const inert: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  // A translated answer is never kept: nothing of it can be fetched or continued by id.
  ['store', false],
  ['background', false],
  ['truncation', 'disabled'],
  ['top_logprobs', 0],
]);

/** Fields of objects that are read in part: what is left of them is carried as `text.verbosity` and the like. */
const readInside: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['text', new Set(['format'])],
  ['reasoning', new Set(['effort', 'summary', 'generate_summary'])],
]);

/**
 * Every top-level field without a neutral place, untouched, under its wire name. `include` is carried without
 * `reasoning.encrypted_content`, which every translation gives where the target has it.
 */
export function readCarried(body: JsonObject): ReadonlyMap<string, unknown> {
  const carried = new Map<string, unknown>();
  for (const [key, value] of Object.entries(body)) {
    const inside = readInside.get(key);
    if (read.has(key) || saysNothing(value) || inert.get(key) === value) continue;
    if (inside !== undefined) carryRest(carried, key, value, inside);
    else if (key === 'include') carryInclude(carried, value);
    else if (key !== 'stream_options' || !isPlain(value)) carried.set(key, value);
  }
  return carried;
}

function carryRest(carried: Map<string, unknown>, key: string, value: unknown, inside: ReadonlySet<string>): void {
  if (!isObject(value)) return;
  for (const [name, rest] of Object.entries(value)) {
    if (!inside.has(name) && !saysNothing(rest)) carried.set(`${key}.${name}`, rest);
  }
}

function carryInclude(carried: Map<string, unknown>, value: unknown): void {
  const rest = Array.isArray(value) ? value.filter((name) => name !== 'reasoning.encrypted_content') : [value];
  if (rest.length > 0) carried.set('include', rest);
}

/** `include_obfuscation: false` asks to leave out padding, which translated streams do not have. */
function isPlain(streamOptions: unknown): boolean {
  return (
    isObject(streamOptions) &&
    Object.keys(streamOptions).every((key) => key === 'include_obfuscation') &&
    field(streamOptions, 'include_obfuscation') !== true
  );
}

function saysNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || (isObject(value) && Object.keys(value).length === 0);
}
