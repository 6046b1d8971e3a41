import { describe, expect, it } from 'vitest';
import { anthropic } from './anthropic-messages.ts';
import { openai } from './openai-chat.ts';
import { openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

const text = 'Two words.';

// Raw iteration sees every event that the router sends; the helpers of the other tests only let them pass.
describe('chat chunks', () => {
  it.each(targets)('have all that strict clients want, from $name', async ({ model }) => {
    const asked = { model, messages: [{ role: 'user', content: `!say ${text}` }], stream: true } as const;
    const chunks = await Array.fromAsync(await openai().chat.completions.create(asked));
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
    const asked = { model, max_tokens: 100, messages: [{ role: 'user', content: `!say ${text}` }], stream: true } as const;
    const events = await Array.fromAsync(await anthropic().messages.create(asked));
    const types = events.map(({ type }) => type).filter((type) => String(type) !== 'ping');
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
    const asked = { model, input: `!say ${text}`, stream: true } as const;
    const events = await Array.fromAsync(await openai().responses.create(asked));
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
