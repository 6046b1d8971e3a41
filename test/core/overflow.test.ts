import { describe, expect, it } from 'vitest';
import { sayOverflow } from '../../src/core/overflow.ts';

const both = (count: number, limit: number) =>
  `prompt is too long: ${count} tokens > ${limit} maximum. This model's maximum context length is ${limit} tokens. ` +
  `However, your messages resulted in ${count} tokens`;

describe('sayOverflow', () => {
  it.each([
    ['prompt is too long: 210000 tokens > 200000 maximum', 210_000, 200_000],
    [
      'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length',
      209_573,
      200_000,
    ],
    [
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please reduce",
      9001,
      8192,
    ],
    [
      "This model's maximum context length is 128000 tokens. However, you requested 140000 tokens (130000 in the messages, 10000 in the completion).",
      140_000,
      128_000,
    ],
    [
      "This model's maximum context length is 131,072 tokens. However, you requested about 140,000 tokens",
      140_000,
      131_072,
    ],
    ['The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).', 1_200_000, 1_048_576],
    [
      'AiError: Ai: The estimated number of input and maximum output tokens (9001) exceeded this model context window limit (8192). (4294-11)',
      9001,
      8192,
    ],
    ['claude-3-5-sonnet-20241022: prompt is too long: 210000 tokens > 200000 maximum', 210_000, 200_000],
  ])('says %j in both vendors’ words', (text, count, limit) => {
    expect(sayOverflow(text)).toBe(both(count, limit));
  });

  it.each(["This model's maximum context length is 8192 tokens.", 'prompt is too long: 5 tokens > 8192 maximum'])(
    'says of %j the limit alone',
    (text) => {
      expect(sayOverflow(text)).toBe("prompt is too long: this model's maximum context length is 8192 tokens");
    },
  );

  it.each([
    '',
    'Your input exceeds the context window of this model.',
    'error 20241022 in gpt-4-0613',
    'x'.repeat(100_000),
  ])('finds no numbers in %.60j', (text) => {
    expect(sayOverflow(text)).toBeUndefined();
  });

  it('is done quickly with text made to keep it busy', () => {
    expect(sayOverflow('maximum context length is 1 tokens'.repeat(10_000))).toContain('maximum context length is 1');
    expect(sayOverflow('1'.repeat(100_000))).toBeUndefined();
  });
});
