import { describe, expect, it } from 'vitest';
import type { Conversation, Turn } from '../../src/core/conversation.ts';
import { estimateConversation, estimateTokens } from '../../src/dialects/estimate.ts';

const user = (...parts: (Turn & { role: 'user' })['parts']): Turn => ({ role: 'user', parts });

describe('tokens of a text', () => {
  it.each([
    ['nothing', '', 0],
    ['one word', 'hello', 1],
    ['a sentence', 'What is the capital of France?', 8],
    ['one very long word', 'a'.repeat(54), 10],
    ['digits', '1234567890', 5],
    ['Chinese', '今天天气很好', 6],
    ['Russian', 'привет мир', 5],
    ['a pictograph', '🎉', 2],
    ['an indent', `${' '.repeat(16)}x`, 3],
  ])('of %s', (_name, text, tokens) => {
    expect(estimateTokens(text)).toBe(tokens);
  });

  it('comes near what was recorded for a piece of prose', () => {
    const prose =
      'Nice idea to explore further. Here are some good next steps, depending on how you want to investigate: write a ' +
      'small script that iterates all times, joins them as four digits, and tallies each digit.';
    // o200k counts 39.
    expect(estimateTokens(prose)).toBeGreaterThanOrEqual(35);
    expect(estimateTokens(prose)).toBeLessThanOrEqual(43);
  });

  it('never falls when text is added', () => {
    const text = 'The 3 of us, {"a": [1, 22, 333]}\n\n  привет 今天 🎉!';
    const counts = Array.from({ length: text.length }, (_, at) => estimateTokens(text.slice(0, at)));
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });
});

describe('tokens of a request', () => {
  const plain: Conversation = { turns: [], tools: [], sampling: {}, stream: false, carried: new Map(), unread: [] };

  it.each<[string, Turn[], number]>([
    ['nothing', [], 0],
    ['a word', [user({ type: 'text', text: 'hello' })], 5],
    ['an image', [user({ type: 'image', source: { kind: 'file', id: 'x' } })], 1004],
    ['a small image', [user({ type: 'image', detail: 'low', source: { kind: 'file', id: 'x' } })], 89],
    ['audio', [user({ type: 'audio', format: 'wav', data: 'A'.repeat(8000) })], 6],
    [
      'a file in place',
      [user({ type: 'file', source: { kind: 'data', mediaType: 'application/pdf', data: 'A'.repeat(3300) } })],
      104,
    ],
    ['a file elsewhere', [user({ type: 'file', source: { kind: 'url', url: 'https://x' } })], 1004],
    ['a text file', [user({ type: 'file', source: { kind: 'text', mediaType: 'text/plain', text: 'hello' } })], 5],
    ['a tool result', [user({ type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'hello' }] })], 9],
    [
      'an assistant turn',
      [
        {
          role: 'assistant',
          parts: [
            { type: 'thinking', text: 'hello' },
            { type: 'refusal', text: 'no' },
            { type: 'tool-call', id: 'a', name: 'now', arguments: '{}' },
          ],
        },
      ],
      13,
    ],
  ])('counts %s', (_name, turns, tokens) => {
    expect(estimateConversation({ ...plain, turns })).toBe(tokens + 3);
  });

  it('counts tools with their schema, and the schema of the answer', () => {
    const tool = { name: 'now', parameters: { type: 'object', properties: {} } };
    expect(estimateConversation({ ...plain, tools: [tool] })).toBe(104);
    expect(estimateConversation({ ...plain, tools: [tool, tool] })).toBe(120);
    expect(estimateConversation({ ...plain, output: { type: 'json-schema', schema: { type: 'object' } } })).toBe(7);
  });
});
