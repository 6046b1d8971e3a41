import { countOf, field } from '../core/json.ts';
import type { JsonObject } from '../core/json.ts';
import { noUsage } from '../core/usage.ts';
import type { Usage } from '../core/usage.ts';

/**
 * Usage of a whole answer of OpenAI's one-shot endpoints: `prompt_tokens` and `completion_tokens` of embeddings and
 * completions, `input_tokens` and `output_tokens` of images and transcriptions. `undefined` where it tells none, as moderations
 * and speech do, and transcriptions that are billed by the second.
 */
export function readOneShotUsage(body: JsonObject): Usage | undefined {
  const usage = field(body, 'usage');
  const input =
    countOf(field(usage, 'prompt_tokens')) ??
    countOf(field(usage, 'input_tokens')) ??
    countOf(field(usage, 'total_tokens'));
  const output = countOf(field(usage, 'completion_tokens')) ?? countOf(field(usage, 'output_tokens')) ?? 0;
  return input === undefined ? undefined : { ...noUsage, input, output };
}
