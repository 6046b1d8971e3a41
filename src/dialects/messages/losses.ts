import type { Conversation, Loss } from '../../core/conversation.ts';
import type { LossRow } from '../../core/half.ts';

/** What this target cannot carry of the conversation itself, by the name that the writers use. */
export const lossRows = {
  seed: { feature: 'seed', harmless: false, why: 'Anthropic has no seed' },
  frequencyPenalty: { feature: 'frequency_penalty', harmless: false, why: 'Anthropic has no penalties' },
  presencePenalty: { feature: 'presence_penalty', harmless: false, why: 'Anthropic has no penalties' },
  temperature: {
    feature: 'temperature',
    harmless: false,
    why: 'refused by Claude Opus 4.7 and all newer models, and wherever the model thinks',
  },
  temperatureRange: { feature: 'temperature above 1', harmless: false, why: 'written as 1, the highest there is' },
  topP: {
    feature: 'top_p',
    harmless: false,
    why: 'refused by the newest models, below 0.95 wherever the model thinks, and beside temperature since Opus 4.1',
  },
  topK: { feature: 'top_k', harmless: false, why: 'refused by the newest models, and wherever the model thinks' },
  blankStop: { feature: 'stop of blanks alone', harmless: false, why: 'Anthropic refuses it' },
  maxTokens: {
    feature: 'max_tokens above the model’s maximum',
    harmless: true,
    why: 'written as the maximum, beyond which no model goes',
  },
  audio: { feature: 'input_audio', harmless: false, why: 'Anthropic takes no audio' },
  file: { feature: 'file that is neither PDF, text nor image', harmless: false, why: 'Anthropic takes no other files' },
  imageDetail: { feature: 'image detail', harmless: true, why: 'Anthropic looks at images in full' },
  earlierThinking: {
    feature: 'reasoning of earlier turns',
    harmless: true,
    why: 'only thinking that Anthropic has signed goes back to it',
  },
  systemTurn: {
    feature: 'rank of a later system message',
    harmless: true,
    why: 'stays in its place, as marked text of the user, where the model takes no system message there',
  },
  thinking: { feature: 'reasoning', harmless: false, why: 'the model does not think' },
  alwaysThinking: {
    feature: 'reasoning off',
    harmless: true,
    why: 'the model always thinks; it gets the least effort',
  },
  forcedThinking: {
    feature: 'reasoning beside a forced tool',
    harmless: true,
    why: 'Anthropic refuses the two together; the tool is forced',
  },
  effort: { feature: 'reasoning effort', harmless: true, why: 'written as the nearest that the model knows' },
  budget: {
    feature: 'thinking.budget_tokens',
    harmless: true,
    why: 'written as an effort where the model takes no budget, and kept below max_tokens',
  },
  display: { feature: 'thinking.display', harmless: true, why: 'older models always show their thinking' },
  toolChoice: { feature: 'tool_choice', harmless: false, why: 'the newest models cannot be forced to use a tool' },
  strict: {
    feature: 'strict tools',
    harmless: true,
    why: 'not on models without structured outputs, nor for more than 20 tools',
  },
  jsonMode: { feature: 'response_format json_object', harmless: false, why: 'Anthropic needs a schema' },
  schema: {
    feature: 'response_format json_schema that is no object',
    harmless: false,
    why: 'models without structured outputs get the schema as a tool, whose input is an object',
  },
  forcedSchema: {
    feature: 'response_format beside a forced tool',
    harmless: true,
    why: 'the answer is the call of that tool',
  },
  schemaDescription: { feature: 'response_format description', harmless: true, why: 'Anthropic has no place for it' },
} as const satisfies Record<string, LossRow>;

/** A carried field: its name, and the values that ask for nothing. */
interface CarriedRow extends LossRow {
  readonly neutral?: readonly unknown[];
}

const refused = 'Anthropic has nothing like it';
const unheard = 'changes nothing about the answer';

/** Top-level fields of other dialects, by their wire name. One that is not here is lost under its own name. */
export const carriedRows: readonly CarriedRow[] = [
  { feature: 'n', harmless: false, why: 'one answer a request', neutral: [1] },
  { feature: 'logprobs', harmless: false, why: refused, neutral: [false] },
  { feature: 'top_logprobs', harmless: false, why: refused, neutral: [0] },
  { feature: 'logit_bias', harmless: false, why: refused },
  { feature: 'audio', harmless: false, why: 'Anthropic makes no audio' },
  { feature: 'modalities', harmless: false, why: 'Anthropic answers in text alone' },
  { feature: 'verbosity', harmless: false, why: refused, neutral: ['medium'] },
  { feature: 'text.verbosity', harmless: false, why: refused, neutral: ['medium'] },
  { feature: 'web_search_options', harmless: false, why: 'hosted tools are carried by relay alone' },
  { feature: 'functions', harmless: false, why: 'replaced by tools long ago' },
  { feature: 'function_call', harmless: false, why: 'replaced by tool_choice long ago', neutral: ['auto', 'none'] },
  { feature: 'previous_response_id', harmless: false, why: 'the conversation is held by OpenAI' },
  { feature: 'conversation', harmless: false, why: 'the conversation is held by OpenAI' },
  { feature: 'prompt', harmless: false, why: 'the prompt is held by OpenAI' },
  { feature: 'store', harmless: false, why: 'Anthropic stores no answers', neutral: [false] },
  { feature: 'background', harmless: false, why: refused, neutral: [false] },
  { feature: 'truncation', harmless: false, why: refused, neutral: ['disabled'] },
  { feature: 'max_tool_calls', harmless: false, why: refused },
  { feature: 'include', harmless: false, why: 'there is nothing more to include' },
  { feature: 'stream_options', harmless: true, why: 'obeyed by the router itself' },
  { feature: 'prediction', harmless: true, why: 'only makes an answer faster' },
  { feature: 'metadata', harmless: true, why: `${unheard}; a user_id in it is carried` },
  { feature: 'client_metadata', harmless: true, why: unheard },
  { feature: 'user', harmless: true, why: 'carried as metadata.user_id up to 256 characters' },
  { feature: 'safety_identifier', harmless: true, why: 'carried as metadata.user_id up to 256 characters' },
  { feature: 'service_tier', harmless: true, why: `${unheard}; auto and standard_only are carried` },
  { feature: 'prompt_cache_key', harmless: true, why: unheard },
  { feature: 'prompt_cache_retention', harmless: true, why: unheard },
];

/** All that this target cannot carry, for the README's table. */
export const messagesLosses: readonly LossRow[] = [
  ...Object.values(lossRows),
  ...carriedRows.map(({ feature, harmless, why }) => ({ feature, harmless, why })),
];

/** The losses of one request, each feature once. */
export interface LossTally {
  add(loss: Loss): void;
  list(): Loss[];
}

/** Starts a tally with the features that were never read. */
export function tallyLosses({ unread, unreadMarks }: Pick<Conversation, 'unread' | 'unreadMarks'>): LossTally {
  const losses = new Map<string, boolean>();
  for (const feature of unread) losses.set(feature, unreadMarks?.get(feature) === 'harmless');
  return {
    add: ({ feature, harmless }) => void losses.set(feature, harmless),
    list: () => [...losses].map(([feature, harmless]) => ({ feature, harmless })),
  };
}
