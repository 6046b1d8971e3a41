import type { Json, JsonObject } from '../../core/json.ts';
import type { Losses } from './losses.ts';

/** Carried fields as a Responses body takes them: at its top level, and inside `text`. */
export interface WrittenFields {
  readonly fields: JsonObject;
  readonly text: JsonObject;
}

const isText = (value: unknown): value is string => typeof value === 'string';

const serviceTiers: ReadonlySet<unknown> = new Set(['auto', 'default', 'flex', 'priority', 'scale']);
const retentions: ReadonlySet<unknown> = new Set(['in_memory', '24h']);
const isServiceTier = (value: unknown): value is string => isText(value) && serviceTiers.has(value);
const isRetention = (value: unknown): value is string => isText(value) && retentions.has(value);

interface Passage {
  readonly name: string;
  readonly fits: (value: unknown) => value is Json;
  readonly inText?: true;
}

/**
 * Fields that mean the same here as in the dialect they come from. `metadata` is not among them: Anthropic's is about
 * the user and OpenAI's is kept with a stored answer, of which there is none.
 */
const passages: ReadonlyMap<string, Passage> = new Map<string, Passage>([
  ['user', { name: 'user', fits: isText }],
  ['safety_identifier', { name: 'safety_identifier', fits: isText }],
  ['prompt_cache_key', { name: 'prompt_cache_key', fits: isText }],
  ['prompt_cache_retention', { name: 'prompt_cache_retention', fits: isRetention }],
  ['service_tier', { name: 'service_tier', fits: isServiceTier }],
  ['verbosity', { name: 'verbosity', fits: isText, inText: true }],
  ['text.verbosity', { name: 'verbosity', fits: isText, inText: true }],
]);

/** `store: false` and `n: 1` are what happens anyway. */
const inert: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['store', false],
  ['n', 1],
  ['logprobs', false],
]);

/** Writes the carried fields that Responses has, and reports every other one. */
export function writeCarried(carried: ReadonlyMap<string, unknown>, losses: Losses): WrittenFields {
  const fields: Record<string, Json> = {};
  const text: Record<string, Json> = {};
  for (const [key, value] of carried) {
    const passage = passages.get(key);
    if (inert.has(key) && inert.get(key) === value) continue;
    if (passage === undefined || !passage.fits(value)) losses.addCarried(key);
    else (passage.inText === true ? text : fields)[passage.name] = value;
  }
  return { fields, text };
}
