import { countOf, field, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

/** Reads a `usage` object; `undefined` where it tells nothing. Parts are never more than their whole. */
export function readUsageObject(usage: unknown): Usage | undefined {
  const input = countOf(field(usage, 'input_tokens'));
  const output = countOf(field(usage, 'output_tokens'));
  if (input === undefined && output === undefined) return undefined;
  const inputDetails = field(usage, 'input_tokens_details');
  const outputDetails = field(usage, 'output_tokens_details');
  return {
    input: input ?? 0,
    cachedRead: partOf(input, inputDetails, 'cached_tokens'),
    cachedWrite: partOf(input, inputDetails, 'cache_write_tokens'),
    output: output ?? 0,
    reasoning: partOf(output, outputDetails, 'reasoning_tokens'),
  };
}

function partOf(whole: number | undefined, details: unknown, key: string): number {
  return Math.min(countOf(field(details, key)) ?? 0, whole ?? 0);
}

/** Writes `usage`; all counts are integers, which Codex insists on (clients.md 3.10). */
export function writeUsageObject(usage: Usage): JsonObject {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cachedRead, cache_write_tokens: usage.cachedWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}

/** Usage of a whole reply body, or of the `response` that a lifecycle event holds. */
export function readUsage(response: unknown): Usage | undefined {
  return isObject(response) ? readUsageObject(field(response, 'usage')) : undefined;
}
