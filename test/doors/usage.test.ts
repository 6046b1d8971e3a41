import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { anthropic } from './anthropic-messages.ts';
import { openai } from './openai-chat.ts';
import { openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

const messages = [{ role: 'user', content: 'one two three' }] as const;

describe('chat usage in a stream', () => {
  it.each(targets)('comes once, in the last chunk, from $name where it was asked for', async ({ model }) => {
    const asked = { model, messages: [...messages], stream: true, stream_options: { include_usage: true } } as const;
    const chunks = await Array.fromAsync(await openai().chat.completions.create(asked));
    const told = chunks.map(({ usage }) => usage ?? undefined);
    expect(told.slice(0, -1).filter((usage) => usage !== undefined)).toEqual([]);
    expect(told.at(-1)).toMatchObject({ prompt_tokens: 3, completion_tokens: 7, total_tokens: 10 });
    expect(chunks.at(-1)?.choices).toEqual([]);
  });

  it.each(targets)('is not shown from $name to who did not ask', async ({ model }) => {
    const asked = { model, messages: [...messages], stream: true } as const;
    const chunks = await Array.fromAsync(await openai().chat.completions.create(asked));
    expect(chunks.filter(({ usage, choices }) => (usage ?? undefined) !== undefined || choices.length === 0)).toEqual([]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });
});

describe('messages usage in a stream', () => {
  it.each(targets)('stands in message_start and is exact at the end, from $name', async ({ model }) => {
    const asked = { model, max_tokens: 100, messages: [...messages] };
    const events = await Array.fromAsync(anthropic().messages.stream(asked));
    const started = events.flatMap((event) => (event.type === 'message_start' ? [event.message.usage] : []));
    const ended = events.flatMap((event) => (event.type === 'message_delta' ? [event.usage] : []));
    expect(started).toEqual([expect.objectContaining({ input_tokens: expect.any(Number), output_tokens: expect.any(Number) })]);
    expect(ended).toEqual([expect.objectContaining({ input_tokens: 3, output_tokens: 7 })]);
  });
});

describe('prompt caches', () => {
  it('keep their marks on the way to Anthropic, and are counted', async () => {
    const asked: Anthropic.MessageCreateParamsNonStreaming = {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      system: [{ type: 'text', text: 'a b c d', cache_control: { type: 'ephemeral' } }],
      messages: [...messages],
    };
    const usages = [await anthropic().messages.create(asked), await anthropic().messages.create(asked)].map(
      ({ usage }) => [usage.cache_creation_input_tokens, usage.cache_read_input_tokens, usage.input_tokens],
    );
    expect(usages).toEqual([
      [4, 0, 3],
      [0, 4, 3],
    ]);
  });

  it.each([
    ['chat', async () => (await askChat()).usage?.prompt_tokens_details?.cached_tokens],
    ['responses', async () => (await askResponses()).usage?.input_tokens_details.cached_tokens],
  ])('are counted for %s at OpenAI', async (_name, askCached) => {
    expect([await askCached(), await askCached()]).toEqual([0, 3]);
  });
});

function askChat() {
  return openai().chat.completions.create({ model: 'openai/gpt-5.1', messages: [...messages], prompt_cache_key: 'k' });
}

function askResponses() {
  return openai().responses.create({ model: 'openai/gpt-5.1', input: 'one two three', prompt_cache_key: 'k' });
}
