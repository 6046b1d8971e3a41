import type { Conversation, Loss } from '../../core/conversation.ts';
import type { LossRow } from '../../core/half.ts';

/** What this target cannot carry, by the name that the writers of requests use. */
export const lossRows = {
  stop: { feature: 'stop', harmless: false, why: 'Responses has no stop sequences' },
  topK: { feature: 'top_k', harmless: false, why: 'OpenAI has no top_k' },
  seed: { feature: 'seed', harmless: false, why: 'Responses has no seed' },
  frequencyPenalty: { feature: 'frequency_penalty', harmless: false, why: 'Responses has no penalties' },
  presencePenalty: { feature: 'presence_penalty', harmless: false, why: 'Responses has no penalties' },
  audio: { feature: 'input_audio', harmless: false, why: 'Responses takes no audio' },
  fewTokens: { feature: 'max_tokens below 16', harmless: true, why: 'written as 16, the least that OpenAI takes' },
  thinkingOff: {
    feature: 'reasoning off',
    harmless: true,
    why: 'left to the model: most OpenAI models refuse to be told',
  },
  thinkingMode: {
    feature: 'thinking: adaptive',
    harmless: true,
    why: 'OpenAI models decide for themselves unless an effort is named',
  },
  earlierThinking: {
    feature: 'reasoning of earlier turns',
    harmless: true,
    why: 'only reasoning that OpenAI has encrypted goes back to it',
  },
  toolError: { feature: 'tool_result.is_error', harmless: true, why: 'the result itself goes through' },
  textFile: { feature: 'text document', harmless: true, why: 'written as text with its name ahead' },
  cacheControl: { feature: 'cache_control', harmless: true, why: 'OpenAI caches prompts by itself' },
} as const satisfies Readonly<Record<string, LossRow>>;

export type LossName = keyof typeof lossRows;

/** Fields of any dialect that change nothing about the answer, and that OpenAI would refuse or misread as they stand. */
const carriedRows: readonly LossRow[] = [
  ...['metadata', 'service_tier', 'user', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_retention'].map(
    (feature) => ({ feature, harmless: true, why: 'goes through where OpenAI takes its value; changes no answer' }),
  ),
  { feature: 'stream_options', harmless: true, why: 'usage is always in the stream; the rest is padding' },
  { feature: 'client_metadata', harmless: true, why: 'meant for the vendor’s own books' },
  { feature: 'prediction', harmless: true, why: 'a hint that only saves time' },
  { feature: 'n', harmless: false, why: 'Responses gives one answer' },
  { feature: 'logprobs', harmless: false, why: 'the translated reply has no place for them' },
  { feature: 'top_logprobs', harmless: false, why: 'the translated reply has no place for them' },
  { feature: 'logit_bias', harmless: false, why: 'Responses has none' },
  { feature: 'modalities', harmless: false, why: 'Responses answers in text' },
  { feature: 'audio', harmless: false, why: 'Responses answers in text' },
  { feature: 'web_search_options', harmless: false, why: 'hosted tools are not translated' },
  { feature: 'store', harmless: false, why: 'a translated answer is never kept' },
  {
    feature: 'context_management',
    harmless: true,
    why: 'older results stay in the prompt, which costs tokens and no more',
  },
  { feature: 'container', harmless: false, why: 'Anthropic’s own' },
  { feature: 'mcp_servers', harmless: false, why: 'hosted tools are not translated' },
];

/** Everything that a request can lose on a Responses target. A field that stands nowhere here is a loss that matters. */
export const responsesLosses: readonly LossRow[] = [...Object.values(lossRows), ...carriedRows];

/** Anthropic's `cache_control` also stands at the top level. */
const carriedByName: ReadonlyMap<string, LossRow> = new Map(
  [...carriedRows, lossRows.cacheControl].map((row) => [row.feature, row]),
);

/** Collects the losses of one request, each once. */
export interface Losses {
  add(name: LossName): void;
  /** A carried field that was not written. */
  addCarried(name: string): void;
  list(): Loss[];
}

/** Starts with what the client half could not read. */
export function startLosses({ unread, unreadMarks }: Conversation): Losses {
  const losses = new Map<string, boolean>(unread.map((feature) => [feature, unreadMarks?.get(feature) === 'harmless']));
  const add = ({ feature, harmless }: Loss) => {
    if (!losses.has(feature)) losses.set(feature, harmless);
  };
  return {
    add: (name) => add(lossRows[name]),
    addCarried: (name) => add(carriedByName.get(name) ?? { feature: name, harmless: false }),
    list: () => [...losses].map(([feature, harmless]) => ({ feature, harmless })),
  };
}
