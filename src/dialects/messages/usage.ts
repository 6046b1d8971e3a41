import { countOf, field, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

/**
 * Collects usage as a stream tells it. The numbers are cumulative and an event may leave some out, so the largest
 * told counts: some copies of the API send zeros in one of the two events.
 */
export interface UsageTally {
  /** Takes a `usage` object; anything else is ignored. */
  add(told: unknown): void;
  /** All that was told, or `undefined` where nothing was. */
  total(): Usage | undefined;
}

/** Starts a tally. Anthropic's `input_tokens` leaves the cached tokens out; the neutral `input` counts them. */
export function tallyUsage(): UsageTally {
  let told = false;
  let uncached = 0;
  let cachedRead = 0;
  let cachedWrite = 0;
  let output = 0;
  let reasoning = 0;
  return {
    add(usage) {
      if (!isObject(usage)) return;
      told = true;
      uncached = Math.max(uncached, countOf(field(usage, 'input_tokens')) ?? 0);
      cachedRead = Math.max(cachedRead, countOf(field(usage, 'cache_read_input_tokens')) ?? 0);
      cachedWrite = Math.max(cachedWrite, countOf(field(usage, 'cache_creation_input_tokens')) ?? 0);
      output = Math.max(output, countOf(field(usage, 'output_tokens')) ?? 0);
      reasoning = Math.max(reasoning, countOf(field(field(usage, 'output_tokens_details'), 'thinking_tokens')) ?? 0);
    },
    total: () =>
      told ? { input: uncached + cachedRead + cachedWrite, cachedRead, cachedWrite, output, reasoning } : undefined,
  };
}

/** Reads the `usage` of a whole message. */
export function readUsage(body: JsonObject): Usage | undefined {
  const tally = tallyUsage();
  tally.add(field(body, 'usage'));
  return tally.total();
}

/** Writes Anthropic's `usage`: all four counts, because the SDKs' helpers crash without them (clients.md, finding 15). */
export function writeUsage(usage: Usage): JsonObject {
  return {
    input_tokens: Math.max(0, usage.input - usage.cachedRead - usage.cachedWrite),
    cache_creation_input_tokens: usage.cachedWrite,
    cache_read_input_tokens: usage.cachedRead,
    output_tokens: usage.output,
    ...(usage.reasoning > 0 && { output_tokens_details: { thinking_tokens: usage.reasoning } }),
  };
}
