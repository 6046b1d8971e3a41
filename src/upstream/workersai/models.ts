/** What is known of one Workers AI model, as far as requests must differ by it. */
export interface WorkersAiModel {
  /** `legacy` answers `{response}`, `chat` an OpenAI completion (contract sheet 4.1). A hint: readers go by content. */
  readonly output: 'legacy' | 'chat';
  /** How the model is told how much to think; absent: not known, so the caller's fields are left alone. */
  readonly reasoning?: ReasoningControl;
  /** Tokens of prompt and answer together, where known. */
  readonly contextTokens?: number;
}

export type ReasoningControl =
  /** The words that `reasoning_effort` takes, least first. Without `none` it cannot be switched off. */
  | { readonly kind: 'effort'; readonly words: readonly string[] }
  /** Only on or off, by `chat_template_kwargs.enable_thinking`. */
  | { readonly kind: 'switch' }
  /** Always on: nothing to tell it. */
  | { readonly kind: 'fixed' };

const legacy = { output: 'legacy' } as const;
const chat = { output: 'chat' } as const;

function effort(...words: string[]): WorkersAiModel {
  return { ...chat, reasoning: { kind: 'effort', words } };
}

/**
 * Output family and reasoning controls are those of the contract sheet, 4.1. Context windows are from the public model pages
 * as remembered in November 2026 (uncertain): they serve messages and plans, nothing is refused by them.
 */
const models: ReadonlyMap<string, WorkersAiModel> = new Map<string, WorkersAiModel>([
  ['@cf/meta/llama-3.3-70b-instruct-fp8-fast', { ...legacy, contextTokens: 24_000 }],
  ['@cf/meta/llama-3.1-8b-instruct', { ...legacy, contextTokens: 7968 }],
  ['@cf/meta/llama-3.1-8b-instruct-fp8', { ...legacy, contextTokens: 32_000 }],
  ['@cf/meta/llama-3.1-8b-instruct-fp8-fast', legacy],
  ['@cf/meta/llama-3.2-1b-instruct', { ...legacy, contextTokens: 60_000 }],
  ['@cf/meta/llama-3.2-3b-instruct', { ...legacy, contextTokens: 80_000 }],
  ['@cf/meta/llama-3.2-11b-vision-instruct', { ...legacy, contextTokens: 128_000 }],
  ['@cf/ibm-granite/granite-4.0-h-micro', { ...legacy, contextTokens: 131_000 }],
  ['@cf/deepseek-ai/deepseek-r1-distill-qwen-32b', { ...legacy, contextTokens: 80_000 }],
  ['@cf/openai/gpt-oss-120b', { ...effort('low', 'medium', 'high'), contextTokens: 128_000 }],
  ['@cf/openai/gpt-oss-20b', { ...effort('low', 'medium', 'high'), contextTokens: 128_000 }],
  ['@cf/moonshotai/kimi-k2.5', { ...chat, contextTokens: 256_000 }],
  ['@cf/moonshotai/kimi-k2.6', { ...effort('none', 'high'), contextTokens: 256_000 }],
  ['@cf/moonshotai/kimi-k2.7-code', { ...chat, reasoning: { kind: 'fixed' } }],
  ['@cf/zai-org/glm-4.7-flash', { ...chat, reasoning: { kind: 'switch' } }],
  ['@cf/zai-org/glm-5.2', effort('none', 'high', 'max')],
  ['@cf/zai-org/glm-5.3', effort('low', 'high', 'max')],
  ['@cf/zai-org/glm-5.3-flash', effort('low', 'high', 'max')],
  ['@cf/deepseek-ai/deepseek-v4-flash-0731', effort('none', 'low', 'high', 'max')],
  ['@cf/deepseek-ai/deepseek-v4-pro-0813', effort('none', 'low', 'high', 'max')],
  ['@cf/qwen/qwen3.8-27b', effort('low', 'medium', 'xhigh')],
  ['@cf/google/gemma-4-26b-a4b-it', chat],
  ['@cf/nvidia/nemotron-3-120b-a12b', chat],
]);

/** What is known of a model by its `@cf/...` name. */
export function findWorkersAiModel(model: string): WorkersAiModel | undefined {
  return models.get(model);
}

/** All effort words, least first. */
const ladder = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/**
 * The word that the model takes for the one that was asked: itself, else the next stronger one, else the strongest. `none` stays
 * `none` where it exists and is otherwise the weakest; nothing else becomes `none`. (The API itself maps `low` to `high` for
 * kimi-k2.6, contract sheet 4.1.) Words that nobody knows are left to the model.
 */
export function chooseEffort(asked: string, words: readonly string[]): string {
  const place = ladder.indexOf(asked);
  if (place < 0 || words.includes(asked)) return asked;
  const thinking = words.filter((word) => word !== 'none');
  return thinking.find((word) => ladder.indexOf(word) >= place) ?? thinking.at(-1) ?? asked;
}
