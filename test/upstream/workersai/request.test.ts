import { describe, expect, it } from 'vitest';
import { RouterError } from '../../../src/core/failure.ts';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import { chooseEffort } from '../../../src/upstream/workersai/models.ts';
import { writeWorkersAiInput } from '../../../src/upstream/workersai/request.ts';

const messages: Json = [{ role: 'user', content: 'hi' }];
const unchanged = { runWithoutStream: false, toolCallIds: new Set(), changed: [] };

function write(over: JsonObject) {
  return writeWorkersAiInput({ model: '@cf/x/y', messages, ...over });
}

function messagesOf(...list: Json[]) {
  return write({ messages: list }).input['messages'];
}

describe('the input', () => {
  it('is the body without its model, unknown fields kept', () => {
    expect(write({ stream: true, lora: 'x', options: { rejectIfBusy: true } })).toEqual({
      input: { messages, stream: true, lora: 'x', options: { rejectIfBusy: true } },
      notes: unchanged,
    });
  });

  it.each<[string, JsonObject, JsonObject, string[]]>([
    ['the newer cap under its older name', { max_completion_tokens: 5 }, { max_tokens: 5 }, ['max_tokens']],
    ['the larger of two caps', { max_completion_tokens: 5, max_tokens: 9 }, { max_tokens: 9 }, []],
    ['any as required', { tool_choice: 'any' }, { tool_choice: 'required' }, ['tool_choice']],
    ['any in an object as required', { tool_choice: { type: 'any' } }, { tool_choice: 'required' }, ['tool_choice']],
    ['other choices as they are', { tool_choice: 'auto' }, { tool_choice: 'auto' }, []],
    [
      'the bare schema',
      {
        response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema: { type: 'object' } } },
      },
      { response_format: { type: 'json_schema', json_schema: { type: 'object' } } },
      ['response_format'],
    ],
    [
      'a schema that is bare already',
      { response_format: { type: 'json_schema', json_schema: { type: 'object' } } },
      { response_format: { type: 'json_schema', json_schema: { type: 'object' } } },
      [],
    ],
    [
      'tools without description: false',
      { tools: [{ type: 'function', function: { name: 'f', description: false, parameters: {} } }] },
      { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] },
      ['tools'],
    ],
  ])('holds %s', (_name, over, expected, changed) => {
    const { input, notes } = write(over);
    expect({ input, changed: notes.changed }).toEqual({ input: { messages, ...expected }, changed });
  });

  it('keeps model and envelope on the OpenAI-shaped surface', () => {
    const body = {
      model: '@cf/x/y',
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {} } },
    };
    expect(writeWorkersAiInput(body, 'openai')).toEqual({ input: body, notes: unchanged });
  });

  it('is run without a stream where JSON is asked for', () => {
    const format = { type: 'json_object' };
    expect(write({ stream: true, stream_options: { include_usage: true }, response_format: format })).toEqual({
      input: { messages, response_format: format },
      notes: { ...unchanged, runWithoutStream: true, changed: ['stream'] },
    });
  });

  it('leaves a whole answer in JSON whole', () => {
    expect(write({ response_format: { type: 'json_object' } }).notes.runWithoutStream).toBe(false);
  });

  it('does not change the body that it was given', () => {
    const body = Object.freeze({ model: 'm', messages, max_completion_tokens: 5, tool_choice: 'any' });
    writeWorkersAiInput(body);
    expect(body).toEqual({ model: 'm', messages, max_completion_tokens: 5, tool_choice: 'any' });
  });
});

describe('a demanded call', () => {
  const tools: Json = [{ type: 'function', function: { name: 'f' } }, { name: 'g' }, {}];

  it.each<[Json, string[] | undefined]>([
    ['required', ['f', 'g']],
    ['any', ['f', 'g']],
    [{ type: 'function', function: { name: 'g' } }, ['g']],
    ['auto', undefined],
  ])('by %j names the tools %j', (tool_choice, names) => {
    const forced = write({ tools, tool_choice }).notes.forcedTools;
    expect(forced).toEqual(names === undefined ? undefined : new Set(names));
  });

  it.each([
    [10, 256],
    [1000, 1000],
  ])('raises a cap of %d to %d', (max_tokens, raised) => {
    const { input, notes } = write({ tools, tool_choice: 'required', max_tokens });
    expect([input['max_tokens'], notes.maxOutputTokens]).toEqual([raised, raised]);
  });
});

describe('messages', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['null content', { role: 'assistant', content: null }, { role: 'assistant', content: '' }],
    ['no content', { role: 'assistant' }, { role: 'assistant', content: '' }],
    [
      'text parts',
      { role: 'user', content: [{ type: 'text', text: 'a', cache_control: {} }, 'b'] },
      { role: 'user', content: 'a\nb' },
    ],
    ['no parts', { role: 'user', content: [] }, { role: 'user', content: '' }],
    ['the developer', { role: 'developer', content: 'a' }, { role: 'system', content: 'a' }],
    [
      'reasoning_content',
      { role: 'assistant', content: 'a', reasoning_content: 'hm' },
      { role: 'assistant', content: 'a', reasoning: 'hm' },
    ],
    [
      'reasoning under both names',
      { role: 'assistant', content: 'a', reasoning_content: 'x', reasoning: 'hm' },
      { role: 'assistant', content: 'a', reasoning: 'hm' },
    ],
    [
      'echoed nulls',
      { role: 'assistant', content: 'a', refusal: null, audio: null },
      { role: 'assistant', content: 'a' },
    ],
  ])('with %s are made fit', (_name, message, expected) => {
    const { input, notes } = write({ messages: [message] });
    expect({ messages: input['messages'], changed: notes.changed }).toEqual({
      messages: [expected],
      changed: ['messages'],
    });
  });

  it('with an image in place stay parts', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
    ];
    const message = { role: 'user', content };
    expect(messagesOf(message)).toEqual([message]);
  });

  it('tell the ids of their tool calls', () => {
    const calls = [{ id: 'call_a' }, {}, { id: 'call_b' }];
    expect(write({ messages: [{ role: 'assistant', content: '', tool_calls: calls }, 7] }).notes.toolCallIds).toEqual(
      new Set(['call_a', 'call_b']),
    );
  });

  it.each([{ url: 'https://x/y.png' }, 'http://169.254.169.254/', {}])('with the image %j are refused', (image_url) => {
    const image = { type: 'image_url', image_url } as JsonObject;
    const write = () => messagesOf({ role: 'user', content: [{ type: 'text', text: 'a' }, image] });
    expect(write).toThrow(
      new RouterError({
        kind: 'bad-request',
        code: 'unsupported_value',
        param: 'messages[0].content[1].image_url',
        message:
          'Cannot send the image to Workers AI: it is given by URL. Send it in place, as a data URL (data:image/png;base64,...).',
      }),
    );
  });

  it('that are no list are left to Workers AI', () => {
    expect(write({ messages: 'hi' }).input['messages']).toBe('hi');
  });
});

describe('reasoning', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['@cf/unknown/model', { reasoning_effort: 'minimal' }, { reasoning_effort: 'minimal' }],
    ['@cf/openai/gpt-oss-120b', { reasoning_effort: 'xhigh' }, { reasoning_effort: 'high' }],
    ['@cf/moonshotai/kimi-k2.6', { reasoning_effort: 'low' }, { reasoning_effort: 'high' }],
    ['@cf/moonshotai/kimi-k2.6', { reasoning_effort: 'none' }, { reasoning_effort: 'none' }],
    ['@cf/moonshotai/kimi-k2.7-code', { reasoning_effort: 'high' }, {}],
    ['@cf/zai-org/glm-4.7-flash', { reasoning_effort: 'none' }, { chat_template_kwargs: { enable_thinking: false } }],
    ['@cf/zai-org/glm-4.7-flash', { reasoning_effort: 'low' }, { chat_template_kwargs: { enable_thinking: true } }],
    [
      '@cf/zai-org/glm-4.7-flash',
      { reasoning_effort: 'low', chat_template_kwargs: { enable_thinking: false, clear_thinking: true } },
      { chat_template_kwargs: { enable_thinking: false, clear_thinking: true } },
    ],
    ['@cf/zai-org/glm-5.3', {}, {}],
  ])('of %s with %j becomes %j', (model, over, expected) => {
    expect(write({ model, ...over }).input).toEqual({ messages, ...expected });
  });

  it.each([
    ['medium', ['none', 'low', 'high', 'max'], 'high'],
    ['minimal', ['low', 'medium'], 'low'],
    ['none', ['low', 'high', 'max'], 'low'],
    ['max', ['low', 'medium', 'xhigh'], 'xhigh'],
    ['low', ['none', 'high'], 'high'],
    ['strange', ['low'], 'strange'],
    ['high', [], 'high'],
  ])('asked as %s among %j is %s', (asked, words, chosen) => {
    expect(chooseEffort(asked, words)).toBe(chosen);
  });
});
