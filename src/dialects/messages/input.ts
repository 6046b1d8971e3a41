import { isObject, parseJson } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';

/** Where arguments are kept that are no JSON object, because Anthropic's `input` must be one. */
const rawKey = '_raw';

/** A tool call's arguments as Anthropic's `input`. Text that is no JSON object is kept whole under `_raw`. */
export function inputOf(argumentsText: string): JsonObject {
  if (argumentsText.trim() === '') return {};
  const parsed = parseJson(argumentsText);
  return isObject(parsed) ? parsed : { [rawKey]: argumentsText };
}

/** Anthropic's `input` as arguments text, `_raw` taken back. */
export function argumentsOf(input: JsonObject): string {
  const raw = Object.hasOwn(input, rawKey) ? input[rawKey] : undefined;
  return typeof raw === 'string' && Object.keys(input).length === 1 ? raw : JSON.stringify(input);
}
