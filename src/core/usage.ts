/**
 * Tokens of one answer, by kind. `input` counts every prompt token once, cached ones included (OpenAI's way of counting;
 * Anthropic's `input_tokens` leaves the cached ones out and is added up when read). `output` includes `reasoning`.
 */
export interface Usage {
  readonly input: number;
  /** Part of `input` that was read from a prompt cache. */
  readonly cachedRead: number;
  /** Part of `input` that was written to a prompt cache. */
  readonly cachedWrite: number;
  readonly output: number;
  /** Part of `output` spent on reasoning, where the upstream says so. */
  readonly reasoning: number;
}

export const noUsage: Usage = { input: 0, cachedRead: 0, cachedWrite: 0, output: 0, reasoning: 0 };
