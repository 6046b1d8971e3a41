import type { Conversation, Loss } from '../../core/conversation.ts';
import type { LossRow } from '../../core/half.ts';

/** What a chat request cannot carry, wherever in the conversation it stands. */
const rows = {
  cacheControl: {
    feature: 'cache_control',
    harmless: true,
    why: 'chat has no cache marks; providers cache long prefixes by themselves',
  },
  thinking: {
    feature: 'thinking of earlier turns',
    harmless: true,
    why: 'only goes back to targets that name a field for it',
  },
  signature: {
    feature: 'signature of a thinking part',
    harmless: true,
    why: 'only its author can read it',
  },
  isError: {
    feature: 'is_error on a tool result',
    harmless: true,
    why: 'chat has no flag for it; the text of the result says what went wrong',
  },
  resultImage: {
    feature: 'image inside a tool result',
    harmless: false,
    why: 'tool messages hold text alone',
  },
  resultFile: {
    feature: 'file inside a tool result',
    harmless: false,
    why: 'tool messages hold text alone; plain text files are written as text',
  },
  imageId: { feature: 'image by file id', harmless: false, why: 'chat takes images by URL or in place' },
  fileUrl: { feature: 'file by URL', harmless: false, why: 'chat takes files in place or by id' },
  fileName: {
    feature: 'name of a text file',
    harmless: true,
    why: 'a plain text file is written as a text part',
  },
  topK: { feature: 'top_k', harmless: false, why: 'not in the API of OpenAI' },
  thinkingOff: {
    feature: 'thinking: disabled',
    harmless: true,
    why: 'models that do not think refuse the field that would say so; it is the default of the others at Anthropic',
  },
  thinkingMode: {
    feature: 'thinking: adaptive',
    harmless: true,
    why: 'chat models decide for themselves unless an effort is named',
  },
  thinkingSummary: {
    feature: 'reasoning summary',
    harmless: true,
    why: 'chat has no choice of how reasoning is shown',
  },
} as const satisfies Readonly<Record<string, LossRow>>;

export type LossName = keyof typeof rows;

/** Top-level fields that are passed on under their own name: their meaning in chat is the caller's, whatever its dialect. */
const passed: ReadonlySet<string> = new Set(['user', 'logit_bias', 'prediction', 'verbosity']);

/** The same field under the name that another dialect gives it. */
const renamed: ReadonlyMap<string, string> = new Map([['text.verbosity', 'verbosity']]);

/** Top-level fields that change nothing about the answer. */
const harmlessFields: Readonly<Record<string, string>> = {
  metadata: 'for the vendor’s dashboard; OpenAI refuses it where nothing is stored',
  service_tier: 'the vendors name different tiers; the target’s default is used',
  safety_identifier: 'for the vendor’s abuse checks',
  prompt_cache_key: 'for the vendor’s prompt cache',
  prompt_cache_retention: 'for the vendor’s prompt cache',
  prompt_cache_options: 'for the vendor’s prompt cache',
  client_metadata: 'for the vendor’s dashboard',
  stream_options: 'usage is counted in any case',
  context_management: 'older results stay in the prompt, which costs tokens and no more',
};

/** Anthropic's newer API has a cache mark for the whole request as well. */
const harmlessNames: ReadonlySet<string> = new Set([...Object.keys(harmlessFields), rows.cacheControl.feature]);

/** Values that ask for what happens anyway. */
const inert: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['n', 1],
  ['logprobs', false],
  ['top_logprobs', 0],
  ['store', false],
  ['background', false],
]);

/** The list of a chat target's losses. Top-level fields that stand in no list here are lost under their own name. */
export const chatLosses: readonly LossRow[] = [
  ...Object.values(rows),
  ...Object.entries(harmlessFields).map(([feature, why]) => ({ feature, harmless: true, why })),
  { feature: 'n', harmless: false, why: 'an answer has one choice; n: 1 is fine' },
  { feature: 'logprobs', harmless: false, why: 'answers carry no log probabilities' },
  { feature: 'top_logprobs', harmless: false, why: 'answers carry no log probabilities' },
  { feature: 'store', harmless: false, why: 'nothing is stored; store: false is fine' },
  { feature: 'modalities', harmless: false, why: 'answers are text' },
  { feature: 'audio', harmless: false, why: 'answers are text' },
  { feature: 'web_search_options', harmless: false, why: 'hosted tools are run by their vendor' },
];

/** The fields of `carried` that go into a chat body, under their chat names; the rest is named as lost. */
export function writeCarried(carried: Conversation['carried'], lose: (loss: Loss) => void): Map<string, unknown> {
  const kept = new Map<string, unknown>();
  for (const [key, value] of carried) {
    const name = renamed.get(key) ?? key;
    if (passed.has(name)) kept.set(name, value);
    else if (!inert.has(key) || inert.get(key) !== value) {
      lose({ feature: key, harmless: harmlessNames.has(key) });
    }
  }
  return kept;
}

/** Gathers the losses of one request, each feature once. */
export interface LossList {
  readonly list: Loss[];
  add(loss: Loss): void;
  /** A loss by its name in the table. */
  name(row: LossName): void;
}

/** Starts with what the reader could not hold. */
export function createLossList({ unread, unreadMarks }: Conversation): LossList {
  const list: Loss[] = [];
  const seen = new Set<string>();
  const add = (loss: Loss) => {
    if (seen.has(loss.feature)) return;
    seen.add(loss.feature);
    list.push({ feature: loss.feature, harmless: loss.harmless });
  };
  for (const feature of unread) add({ feature, harmless: unreadMarks?.get(feature) === 'harmless' });
  return { list, add, name: (row) => add(rows[row]) };
}
