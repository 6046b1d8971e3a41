import { countOf, field } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { noUsage } from '../../core/usage.ts';
import type { Usage } from '../../core/usage.ts';

/** Usage of an OpenAI embeddings list; `undefined` where it tells none. Embeddings have no output tokens. */
export function readEmbeddingsUsage(body: JsonObject): Usage | undefined {
  const usage = field(body, 'usage');
  const input = countOf(field(usage, 'prompt_tokens')) ?? countOf(field(usage, 'total_tokens'));
  return input === undefined ? undefined : { ...noUsage, input };
}
