import type { Conversation, OutputFormat, Reasoning, Sampling } from '../../core/conversation.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { optional, refuseAt, requireObject, within } from './place.ts';
import type { Place } from './place.ts';

/** Reads `max_tokens`: Anthropic requires it. Its 0, which only warms a cache, has no counterpart and is refused. */
export function readMaxTokens(body: JsonObject, place: Place): number {
  const value = optional(body, 'max_tokens');
  const at = within(place, 'max_tokens');
  if (value === undefined) return refuseAt(at, 'Field required');
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
    ? value
    : refuseAt(at, 'must be a positive integer');
}

/** Reads temperature, top_p and top_k. */
export function readSampling(body: JsonObject, place: Place): Sampling {
  const temperature = readNumber(body, 'temperature', place);
  const topP = readNumber(body, 'top_p', place);
  const topK = readNumber(body, 'top_k', place);
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
  };
}

function readNumber(body: JsonObject, key: string, place: Place): number | undefined {
  const value = optional(body, key);
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  return refuseAt(within(place, key), 'must be a number');
}

const isText = (element: unknown): element is string => typeof element === 'string';

/** Reads `stop_sequences`. */
export function readStops(body: JsonObject, place: Place): Pick<Conversation, 'stop'> {
  const value = optional(body, 'stop_sequences');
  if (value === undefined) return {};
  if (Array.isArray(value) && value.every(isText)) return value.length === 0 ? {} : { stop: value };
  return refuseAt(within(place, 'stop_sequences'), 'must be an array of strings');
}

/** Reads `stream`; only `true` and `false` are known, so that the router and the upstream agree. */
export function readStream(body: JsonObject, place: Place): boolean {
  const value = optional(body, 'stream') ?? false;
  return typeof value === 'boolean' ? value : refuseAt(within(place, 'stream'), 'must be true or false');
}

const modes: ReadonlyMap<unknown, Reasoning['mode']> = new Map<unknown, Reasoning['mode']>([
  ['enabled', 'on'],
  ['adaptive', 'adaptive'],
  ['disabled', 'off'],
  // The least that Claude Sonnet 5.5 can be told: no thinking ahead of the answer.
  ['between_tools', 'off'],
]);

/** Reads `thinking` and `output_config.effort`. */
export function readReasoning(body: JsonObject, place: Place): Pick<Conversation, 'reasoning'> {
  const effort = textOf(field(field(body, 'output_config'), 'effort'));
  const thinking = readThinking(body, within(place, 'thinking'));
  const reasoning: Reasoning = { ...thinking, ...(effort !== undefined && { effort }) };
  return Object.keys(reasoning).length === 0 ? {} : { reasoning };
}

function readThinking(body: JsonObject, place: Place): Reasoning {
  const value = optional(body, 'thinking');
  if (value === undefined) return {};
  const thinking = requireObject(value, place);
  const mode = modes.get(field(thinking, 'type'));
  if (mode === undefined) return refuseAt(within(place, 'type'), 'must be "enabled", "adaptive" or "disabled"');
  const summary = textOf(field(thinking, 'display'));
  return {
    mode,
    ...(mode === 'on' && { budgetTokens: readBudget(thinking, within(place, 'budget_tokens')) }),
    ...(summary !== undefined && { summary }),
  };
}

function readBudget(thinking: JsonObject, place: Place): number {
  const budget = field(thinking, 'budget_tokens');
  return typeof budget === 'number' && Number.isSafeInteger(budget) && budget > 0
    ? budget
    : refuseAt(place, 'must be a positive integer');
}

/** Reads `output_config.format`, or `output_format`, its name in the beta. */
export function readOutput(body: JsonObject, place: Place): Pick<Conversation, 'output'> {
  const format = field(field(body, 'output_config'), 'format') ?? optional(body, 'output_format');
  if (format === undefined || format === null) return {};
  const at = within(place, 'output_config.format');
  const type = field(format, 'type');
  const schema = field(format, 'schema');
  if (type !== 'json_schema' || !isObject(schema)) return refuseAt(at, 'must be a json_schema with its schema');
  const output: OutputFormat = { type: 'json-schema', schema };
  return { output };
}
