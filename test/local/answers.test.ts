import { beforeEach, describe, expect, it } from 'vitest';
import { answer } from '../../src/local/answers.ts';
import type { Answer } from '../../src/local/answers.ts';
import { readChat } from '../../src/local/read-chat.ts';
import { readMessages } from '../../src/local/read-messages.ts';
import { readResponses } from '../../src/local/read-responses.ts';
import { forgetPrompts } from '../../src/local/tokens.ts';

beforeEach(forgetPrompts);

const tools = ['weather', 'time'].map((name) => ({
  type: 'function',
  function: {
    name,
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city'],
    },
  },
}));

function say(text: string, more: Record<string, unknown> = {}): Answer {
  return answer(readChat({ model: 'gpt-5', messages: [{ role: 'user', content: text }], ...more }));
}

function spoken({ parts }: Answer): string {
  return parts.map((part) => (part.kind === 'tool' ? `${part.name}(${part.arguments})` : part.text)).join(' | ');
}

describe('the answer to a text', () => {
  it.each([
    ['one two three', {}, 'Hello from gpt-5. You said 3 words.', 'end'],
    ['!say a b\n!say c', {}, 'a b\nc', 'end'],
    ['!json {"a":1}', {}, '{"a":1}', 'end'],
    ['!long 3', {}, 'word1 word2 word3', 'end'],
    ['!long 9', { max_tokens: 2 }, 'word1 word2', 'length'],
    ['!say one STOP two', { stop: ['STOP'] }, 'one ', 'stop-sequence'],
    ['!think hi', {}, 'The user said 1 words. I answer. | Hello from gpt-5. You said 1 words.', 'end'],
    ['!refuse', {}, 'I cannot help with that.', 'refusal'],
    ['!only gpt !say yes', {}, 'yes', 'end'],
    ['!only claude !say yes', {}, 'Hello from gpt-5. You said 0 words.', 'end'],
    ['!tool weather {"city":"Oslo"}', { tools }, 'weather({"city":"Oslo"})', 'tool'],
    ['!say Wait.\n!tool weather {} !tool time {}', { tools }, 'Wait. | weather({}) | time({})', 'tool'],
    ['!tool weather {} !tool time {}', { tools, parallel_tool_calls: false }, 'weather({})', 'tool'],
    ['!tool other', { tools }, 'I may not call other: it was not declared, or no tool is allowed.', 'end'],
    ['hi', { tools, tool_choice: 'required' }, 'weather({"city":"text"})', 'tool'],
    ['hi', { tools, tool_choice: { type: 'function', function: { name: 'time' } } }, 'time({"city":"text"})', 'tool'],
    ['hi', { response_format: { type: 'json_object' } }, '{"answer":"text"}', 'end'],
  ])('%j with %j is %j', (text, more, parts, stop) => {
    const answered = say(text, more);
    expect([spoken(answered), answered.stop]).toEqual([parts, stop]);
  });

  it('is a minimal object where a schema is asked for', () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        kind: { enum: ['a', 'b'] },
        list: { type: 'array', minItems: 2, items: { type: 'integer', minimum: 4 } },
        maybe: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        left: { type: 'string' },
      },
      required: ['name', 'kind', 'list', 'maybe'],
    };
    const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    expect(spoken(say('hi', { response_format: format }))).toBe('{"name":"text","kind":"a","list":[4,4],"maybe":null}');
  });

  it('says which images and files came', () => {
    const content = [
      { type: 'text', text: 'look' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
      { type: 'image_url', image_url: { url: 'https://example.com/a.jpg' } },
    ];
    const answered = answer(readChat({ model: 'm', messages: [{ role: 'user', content }] }));
    expect(spoken(answered)).toBe('Hello from m. You said 1 words. I got 1 image (image/png), 1 image (url).');
  });
});

const call = (id: string): unknown => ({ id, type: 'function', function: { name: 'weather', arguments: '{}' } });
const asked = (...ids: string[]): unknown => ({ role: 'assistant', content: null, tool_calls: ids.map(call) });
const told = (id: string, content: string): unknown => ({ role: 'tool', tool_call_id: id, content });

describe('tool rounds', () => {
  const rounds = '!tool weather {"city":"A"} !then !tool weather {"city":"B"} !then !say done';
  const user = { role: 'user', content: rounds };

  it.each([
    ['the first command at first', [user], 'weather({"city":"A"})'],
    ['the second after one round', [user, asked('1', '2'), told('1', 'a'), told('2', 'b')], 'weather({"city":"B"})'],
    ['the third after two', [user, asked('1'), told('1', 'a'), asked('2'), told('2', 'b')], 'done'],
    [
      'the results once the commands are used up',
      [{ role: 'user', content: '!tool weather' }, asked('1', '2'), told('1', 'sun'), told('2', 'rain')],
      'The tools said: "sun", "rain".',
    ],
    [
      'a command that comes after the results',
      [user, asked('1'), told('1', 'a'), { role: 'user', content: '!say later' }],
      'later',
    ],
    [
      'the results where a text without command follows them',
      [user, asked('1'), told('1', 'a'), { role: 'user', content: 'go on' }],
      'The tools said: "a".',
    ],
  ])('answers %s', (_name, messages, expected) => {
    expect(spoken(answer(readChat({ model: 'gpt-5', messages, tools })))).toBe(expected);
  });

  it('reads the same from Anthropic’s blocks', () => {
    const messages = [
      { role: 'user', content: '!tool weather' },
      { role: 'assistant', content: [{ type: 'tool_use', id: '1', name: 'weather', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: '1', content: [{ type: 'text', text: 'sun' }] }] },
    ];
    expect(spoken(answer(readMessages({ model: 'm', messages })))).toBe('The tools said: "sun".');
  });

  it('reads the same from Responses items', () => {
    const input = [
      { role: 'user', content: [{ type: 'input_text', text: '!tool weather' }] },
      { type: 'function_call', call_id: '1', name: 'weather', arguments: '{}' },
      { type: 'function_call_output', call_id: '1', output: 'sun' },
    ];
    expect(spoken(answer(readResponses({ model: 'm', input })))).toBe('The tools said: "sun".');
  });
});

describe('tokens', () => {
  it('are words, of everything that was said', () => {
    const messages = [
      { role: 'system', content: 'be kind' },
      { role: 'user', content: 'hello you !think' },
    ];
    const { tokens } = answer(readChat({ model: 'gpt-5', messages }));
    expect(tokens).toEqual({ input: 5, cachedRead: 0, cachedWrite: 0, output: 14, reasoning: 7 });
  });

  it('are written to the cache once and read from it after, where cache_control marks them', () => {
    const system = [{ type: 'text', text: 'a long text', cache_control: { type: 'ephemeral' } }];
    const body = { model: 'm', system, messages: [{ role: 'user', content: 'hi' }] };
    const caches = [1, 2].map(() => answer(readMessages(body)).tokens);
    expect(caches).toMatchObject([
      { input: 4, cachedRead: 0, cachedWrite: 3 },
      { input: 4, cachedRead: 3, cachedWrite: 0 },
    ]);
  });

  it('are read from the cache of the same session', () => {
    const counts = ['one', 'two', 'one'].map((key) => say('hello you', { prompt_cache_key: key }).tokens.cachedRead);
    expect(counts).toEqual([0, 0, 2]);
  });
});
