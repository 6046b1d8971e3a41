/** How a model thinks and what it is told. */
export interface ClaudeModel {
  /** Most tokens that one answer may have: `max_tokens` when the caller names none, and the cap when it does. */
  readonly maxOutputTokens: number;
  /** Takes `thinking: { type: 'enabled', budget_tokens }`. */
  readonly budget: boolean;
  /** Takes `thinking: { type: 'adaptive' }`. */
  readonly adaptive: boolean;
  /** Thinks when `thinking` is absent. */
  readonly thinksByDefault: boolean;
  /** What forbids thinking on a model that thinks by default; absent where nothing does. */
  readonly off?: 'disabled' | 'between_tools';
  /** The words that `output_config.effort` takes, least first. */
  readonly efforts: readonly Effort[];
  /** Takes `output_config.format`. */
  readonly structuredOutput: boolean;
  /** Takes `tool_choice` `any` and `tool`. */
  readonly forcedTools: boolean;
  /** `none`: temperature, top_p and top_k are refused. `one`: temperature and top_p exclude each other. */
  readonly sampling: 'none' | 'one' | 'all';
  /** Takes messages of the role `system` in mid-conversation. */
  readonly systemTurns: boolean;
}

/** Efforts that Anthropic knows, least first. */
export const effortsInOrder = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof effortsInOrder)[number];

const first: ClaudeModel = {
  maxOutputTokens: 4096,
  budget: false,
  adaptive: false,
  thinksByDefault: false,
  efforts: [],
  structuredOutput: false,
  forcedTools: true,
  sampling: 'all',
  systemTurns: false,
};
const four: ClaudeModel = { ...first, maxOutputTokens: 64_000, budget: true };
const fourFive: ClaudeModel = { ...four, structuredOutput: true, sampling: 'one' };
const fourSix: ClaudeModel = {
  ...fourFive,
  maxOutputTokens: 128_000,
  adaptive: true,
  efforts: ['low', 'medium', 'high', 'max'],
};
const fourSeven: ClaudeModel = { ...fourSix, budget: false, sampling: 'none', efforts: effortsInOrder };
const alwaysThinking: ClaudeModel = { ...fourSeven, thinksByDefault: true, forcedTools: false };
const five: ClaudeModel = { ...alwaysThinking, forcedTools: true, off: 'disabled' };

/**
 * What each family takes, by the beginning of its id; the longest that fits counts. Source: Anthropic's model pages,
 * migration guides and the pages on thinking, effort, structured outputs and mid-conversation system messages, as of
 * November 2026. Uncertain, and so on the careful side: whether Opus 4.1 takes `output_config.format` (here: no), the
 * output limit of Mythos Preview, and `systemTurns` of the models since Opus 4.8 other than Opus 5 and 5.5.
 */
const families: readonly (readonly [prefix: string, model: ClaudeModel])[] = [
  ['claude-3-', first],
  ['claude-3-5-', { ...first, maxOutputTokens: 8192 }],
  ['claude-3-7-', four],
  ['claude-opus-4', { ...four, maxOutputTokens: 32_000 }],
  ['claude-opus-4-1', { ...four, maxOutputTokens: 32_000, sampling: 'one' }],
  ['claude-sonnet-4', four],
  ['claude-haiku-4-5', fourFive],
  ['claude-sonnet-4-5', fourFive],
  ['claude-opus-4-5', { ...fourFive, efforts: ['low', 'medium', 'high'] }],
  ['claude-sonnet-4-6', fourSix],
  ['claude-opus-4-6', fourSix],
  ['claude-opus-4-7', fourSeven],
  ['claude-opus-4-8', { ...fourSeven, systemTurns: true }],
  ['claude-sonnet-5', five],
  ['claude-opus-5', { ...five, systemTurns: true }],
  ['claude-haiku-5', five],
  ['claude-sonnet-5-5', { ...alwaysThinking, off: 'between_tools' }],
  ['claude-opus-5-5', { ...alwaysThinking, systemTurns: true }],
  ['claude-mythos-preview', { ...alwaysThinking, efforts: ['low', 'medium', 'high', 'max'] }],
  // A Claude of a family that this table does not know is taken for one of the newest, which refuse the most.
  ['claude-', alwaysThinking],
];

/** Something else that speaks Messages: old-fashioned and small, as the copies of this API are. */
const stranger: ClaudeModel = { ...first, maxOutputTokens: 8192, budget: true };

/**
 * Finds what a model takes. Vendor prefixes (`anthropic/`, `us.anthropic.`) and dots for hyphens do not matter; a name
 * without `claude-` gets the row for strangers.
 */
export function findModel(id: string): ClaudeModel {
  const name = id.toLowerCase().replaceAll('.', '-');
  const start = name.lastIndexOf('claude-');
  if (start === -1) return stranger;
  const family = name.slice(start);
  let best: readonly [string, ClaudeModel] = ['', stranger];
  for (const row of families) {
    if (row[0].length > best[0].length && family.startsWith(row[0])) best = row;
  }
  return best[1];
}
