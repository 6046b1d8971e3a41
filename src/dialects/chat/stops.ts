import type { StopReason } from '../../core/reply.ts';

/** What an answer held, as far as it says more than its `finish_reason`. */
export interface Held {
  readonly tool: boolean;
  readonly refusal: boolean;
}

/** OpenAI's four words, the deprecated one, and those of servers that speak chat with an accent. */
const readings = new Map<string, StopReason>([
  ['stop', 'end'],
  ['length', 'length'],
  ['tool_calls', 'tool'],
  ['function_call', 'tool'],
  ['content_filter', 'content-filter'],
  // vLLM and TGI: 'eos', 'eos_token'; Mistral: 'model_length'; Anthropic's word seen behind proxies: 'end_turn', 'max_tokens'.
  ['eos', 'end'],
  ['eos_token', 'end'],
  ['end_turn', 'end'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['tool_use', 'tool'],
  ['refusal', 'refusal'],
]);

/**
 * Reads `finish_reason`. What was streamed decides over the word: an agent that is told `tool` without a call, or `stop`
 * beside one, goes wrong either way. A cut answer stays cut.
 */
export function readFinish(reason: string, held: Held): StopReason {
  const stop = readings.get(reason) ?? 'other';
  if (stop === 'length' || stop === 'content-filter') return stop;
  if (held.tool) return 'tool';
  const plain = stop === 'tool' ? 'end' : stop;
  return plain === 'end' && held.refusal ? 'refusal' : plain;
}

/** The four words that clients know (clients.md 4(ii)). */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

const writings: Readonly<Record<StopReason, FinishReason>> = {
  end: 'stop',
  length: 'length',
  tool: 'tool_calls',
  'stop-sequence': 'stop',
  refusal: 'content_filter',
  'content-filter': 'content_filter',
  pause: 'stop',
  other: 'stop',
};

/** Writes `finish_reason`. A refusal that was said in a `refusal` field ends in `stop`, as OpenAI's own do. */
export function writeFinish(stop: StopReason, held: Held): FinishReason {
  if (held.tool && writings[stop] === 'stop') return 'tool_calls';
  return stop === 'refusal' && held.refusal ? 'stop' : writings[stop];
}
