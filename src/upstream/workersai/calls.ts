import { field, isObject, parseJson, textOf } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';

/** A tool call as Workers AI's answers hold it, whatever the family. */
export interface FoundCall {
  readonly id?: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** Reads `tool_calls` of an answer: the legacy `{name, arguments: object}` as well as OpenAI's shape. */
export function readCalls(value: unknown): FoundCall[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((entry) => readCall(entry) ?? []);
}

function readCall(entry: unknown): FoundCall | undefined {
  const called = field(entry, 'function') ?? entry;
  const name = textOf(field(called, 'name'));
  if (name === undefined) return undefined;
  const id = textOf(field(entry, 'id'));
  const input = field(called, 'arguments') ?? field(called, 'parameters') ?? {};
  return {
    ...(id !== undefined && { id }),
    name,
    arguments: typeof input === 'string' ? input : JSON.stringify(input),
  };
}

/** Writes calls as OpenAI's `tool_calls`, each with an id. `numbered`: with the `index` that streams need. */
export function writeCalls(calls: readonly FoundCall[], options: { mintId: () => string; numbered: boolean }): Json[] {
  return calls.map((call, index): JsonObject => {
    const text = call.arguments.trim() === '' ? '{}' : call.arguments;
    return {
      ...(options.numbered && { index }),
      id: call.id ?? options.mintId(),
      type: 'function',
      function: { name: call.name, arguments: text },
    };
  });
}

/** Longest text that is looked at for a leaked call: more than any call's arguments should be. */
export const mostLeakedLength = 65_536;

/**
 * Finds tool calls that gpt-oss answered as JSON text although a call was demanded (contract sheet 4.2): one object or an
 * array of objects with `name` and `arguments` (or `parameters`), every name among the declared ones. Which shapes
 * leak is not documented; whatever else the text holds, it stays text.
 */
export function salvageCalls(text: string, declared: ReadonlySet<string>): FoundCall[] {
  if (text.length > mostLeakedLength || !mayBeLeaked(text)) return [];
  const value = parseJson(text);
  const inner = field(value, 'tool_calls') ?? value;
  const list: unknown[] = Array.isArray(inner) ? inner : [inner];
  const calls = readCalls(list.filter(hasArguments));
  return calls.length === list.length && calls.every((call) => declared.has(call.name)) ? calls : [];
}

/** Whether text that begins like this can still turn out to be a leaked call. */
export function mayBeLeaked(text: string): boolean {
  const start = text.trimStart();
  return start === '' || start.startsWith('{') || start.startsWith('[');
}

function hasArguments(entry: unknown): boolean {
  const called = field(entry, 'function') ?? entry;
  return (
    isObject(field(called, 'arguments') ?? field(called, 'parameters')) ||
    textOf(field(called, 'arguments')) !== undefined
  );
}
