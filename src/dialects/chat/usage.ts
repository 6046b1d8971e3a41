import { countOf, field, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

/**
 * Reads chat's `usage`, or gives `undefined` where it tells nothing. Some providers (xAI, Gemini's OpenAI-shaped path; seen,
 * not documented) leave reasoning out of `completion_tokens` and only count it in `total_tokens`: it is output all the same.
 */
export function readUsage(usage: unknown): Usage | undefined {
  const input = countOf(field(usage, 'prompt_tokens'));
  const written = countOf(field(usage, 'completion_tokens'));
  if (input === undefined && written === undefined) return undefined;
  const total = countOf(field(usage, 'total_tokens')) ?? 0;
  const hidden = Math.max(0, total - (input ?? 0) - (written ?? 0));
  const promptDetails = field(usage, 'prompt_tokens_details');
  const outputDetails = field(usage, 'completion_tokens_details');
  const cached = countOf(field(promptDetails, 'cached_tokens')) ?? countOf(field(usage, 'prompt_cache_hit_tokens'));
  return {
    input: input ?? 0,
    cachedRead: Math.min(cached ?? 0, input ?? 0),
    cachedWrite: countOf(field(promptDetails, 'cache_write_tokens')) ?? 0,
    output: (written ?? 0) + hidden,
    reasoning: countOf(field(outputDetails, 'reasoning_tokens')) ?? hidden,
  };
}

/** Usage of a whole reply, or of a chunk. */
export function readBodyUsage(body: JsonObject): Usage | undefined {
  const usage = field(body, 'usage');
  return isObject(usage) ? readUsage(usage) : undefined;
}

/** Writes chat's `usage`, with the details that cost calculators look for. */
export function writeUsage(usage: Usage): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cachedRead,
      ...(usage.cachedWrite > 0 && { cache_write_tokens: usage.cachedWrite }),
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
}
