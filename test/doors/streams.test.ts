import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { anthropic } from './anthropic-messages.ts';
import { openai } from './openai-chat.ts';
import { collect, startChat, startMessages, startResponses } from './raw.ts';
import { openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

const text = 'Two words.';
const prompt = 'one two three';

// Raw iteration sees every event that the router sends; the helpers of the other tests only let them pass.
describe('chat chunks', () => {
  it.each(targets)('have all that strict clients want, from $name', async ({ model }) => {
    const chunks = await collect(await startChat(model, `!say ${text}`));
    const choices = chunks.map((chunk) => chunk.choices[0]);
    expect(choices[0]?.delta.role).toBe('assistant');
    expect(choices.map((choice) => choice?.index)).toEqual(chunks.map(() => 0));
    expect(new Set(chunks.map(({ id, object, model }) => `${id} ${object} ${model}`)).size).toBe(1);
    expect(choices.map((choice) => choice?.delta.content ?? '').join('')).toBe(text);
    expect(choices.map((choice) => choice?.finish_reason ?? '').join('')).toBe('stop');
  });
});

describe('messages events', () => {
  it.each(targets)('come in their order, from $name', async ({ model }) => {
    const events = await collect(await startMessages(model, `!say ${text}`));
    const types = events.map(({ type }) => type).filter((type: string) => type !== 'ping');
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const deltas = events.flatMap((event) => (event.type === 'content_block_delta' ? [event.delta] : []));
    expect(deltas.map((delta) => (delta.type === 'text_delta' ? delta.text : delta.type)).join('')).toBe(text);
  });
});

describe('responses events', () => {
  it.each(targets)('come in their order and numbered, from $name', async ({ model }) => {
    const events = await collect(await startResponses(model, `!say ${text}`));
    const types = events.map(({ type }) => type);
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, at) => at));
    const deltas = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''));
    expect(deltas.join('')).toBe(text);
  });
});

describe('chat usage in a stream', () => {
  it.each(targets)('comes once, in the last chunk, from $name where it was asked for', async ({ model }) => {
    const chunks = await collect(await startChat(model, prompt, { includeUsage: true }));
    const told = chunks.map(({ usage }) => usage ?? undefined);
    expect(told.slice(0, -1).filter((usage) => usage !== undefined)).toEqual([]);
    expect(told.at(-1)).toMatchObject({ prompt_tokens: 3, completion_tokens: 7, total_tokens: 10 });
    expect(chunks.at(-1)?.choices).toEqual([]);
  });

  it.each(targets)('is not shown from $name to who did not ask', async ({ model }) => {
    const chunks = await collect(await startChat(model, prompt));
    const told = chunks.filter(({ usage, choices }) => (usage ?? undefined) !== undefined || choices.length === 0);
    expect(told).toEqual([]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });
});

describe('messages usage in a stream', () => {
  it.each(targets)('stands in message_start and is exact at the end, from $name', async ({ model }) => {
    const events = await collect(await startMessages(model, prompt));
    const started = events.flatMap((event) => (event.type === 'message_start' ? [event.message.usage] : []));
    const ended = events.flatMap((event) => (event.type === 'message_delta' ? [event.usage] : []));
    expect(started).toEqual([expect.objectContaining({ output_tokens: expect.any(Number) })]);
    expect(started[0]?.input_tokens).toBeGreaterThan(0);
    expect(ended).toEqual([expect.objectContaining({ input_tokens: 3, output_tokens: 7 })]);
  });
});

describe('prompt caches', () => {
  it('keep their marks on the way to Anthropic, and are counted', async () => {
    const asked: Anthropic.MessageCreateParamsNonStreaming = {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      system: [{ type: 'text', text: 'a b c d', cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: prompt }],
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
  return openai().chat.completions.create({
    model: 'openai/gpt-5.1',
    messages: [{ role: 'user', content: prompt }],
    prompt_cache_key: 'k',
  });
}

function askResponses() {
  return openai().responses.create({ model: 'openai/gpt-5.1', input: prompt, prompt_cache_key: 'k' });
}
