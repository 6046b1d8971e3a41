import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../../src/core/conversation.ts';
import { RouterError } from '../../../src/core/failure.ts';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import { chatClient, wantsUsage } from '../../../src/dialects/chat/index.ts';

const hi: JsonObject = { role: 'user', content: 'hi' };

function read(over: JsonObject): Conversation {
  return chatClient.readRequest({ model: 'm', messages: [hi], ...over });
}

function turnsOf(...messages: Json[]): Conversation['turns'] {
  return read({ messages }).turns;
}

function refusal(over: JsonObject): unknown {
  try {
    return read(over);
  } catch (error) {
    return error instanceof RouterError ? error.failure : error;
  }
}

function result(id: string, content: Json): JsonObject {
  return { role: 'tool', tool_call_id: id, name: 'f', content };
}

const plain: Conversation = {
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  sampling: {},
  stream: false,
  carried: new Map(),
  unread: [],
};

describe('options', () => {
  it('reads the least request', () => {
    expect(read({})).toEqual(plain);
  });

  it.each<[string, JsonObject, Partial<Conversation>]>([
    ['stream', { stream: true, stream_options: { include_usage: true } }, { stream: true }],
    ['max_tokens', { max_tokens: 5 }, { maxOutputTokens: 5 }],
    ['max_completion_tokens', { max_completion_tokens: 5 }, { maxOutputTokens: 5 }],
    ['the larger of both caps', { max_completion_tokens: 5, max_tokens: 9 }, { maxOutputTokens: 9 }],
    ['one stop sequence', { stop: 'END' }, { stop: ['END'] }],
    ['several stop sequences', { stop: ['a', 'b'] }, { stop: ['a', 'b'] }],
    ['reasoning_effort, unknown words kept', { reasoning_effort: 'ultra' }, { reasoning: { effort: 'ultra' } }],
    [
      'sampling',
      { temperature: 0, top_p: 0.9, top_k: 40, seed: -3, frequency_penalty: -2, presence_penalty: 2 },
      { sampling: { temperature: 0, topP: 0.9, topK: 40, seed: -3, frequencyPenalty: -2, presencePenalty: 2 } },
    ],
    ['parallel_tool_calls', { parallel_tool_calls: false }, { parallelTools: false }],
    ['text as the default format', { response_format: { type: 'text' } }, {}],
    ['json_object', { response_format: { type: 'json_object' } }, { output: { type: 'json' } }],
    [
      'json_object with a schema',
      { response_format: { type: 'json_object', schema: { type: 'object' } } },
      { output: { type: 'json-schema', schema: { type: 'object' } } },
    ],
    [
      'json_schema',
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'n', description: 'd', strict: true, schema: { type: 'object' } },
        },
      },
      { output: { type: 'json-schema', name: 'n', description: 'd', strict: true, schema: { type: 'object' } } },
    ],
    ['nulls as absent', { max_tokens: null, stop: null, tools: null, tool_choice: null, seed: null, user: null }, {}],
  ])('reads %s', (_name, over, expected) => {
    expect(read(over)).toEqual({ ...plain, ...expected });
  });

  it('carries every other field under its name, untouched', () => {
    const rest = { user: 'u', n: 2, logit_bias: { '50256': -100 }, __proto__x: [1], stream_options: { x: 1 } };
    expect(read(rest).carried).toEqual(new Map(Object.entries(rest)));
  });

  it('knows who wants usage', () => {
    expect(wantsUsage({ stream_options: { include_usage: true } })).toBe(true);
    expect(wantsUsage({ stream_options: { include_usage: 'yes' } })).toBe(false);
    expect(wantsUsage({})).toBe(false);
  });

  it.each<[string, JsonObject, string, string]>([
    ['a negative cap', { max_tokens: -1 }, 'max_tokens', 'invalid_value'],
    ['a cap of nothing', { max_tokens: 0 }, 'max_tokens', 'invalid_value'],
    ['half a token', { max_completion_tokens: 1.5 }, 'max_completion_tokens', 'invalid_value'],
    ['a huge cap', { max_tokens: 1e12 }, 'max_tokens', 'invalid_value'],
    ['a cap in words', { max_tokens: '5' }, 'max_tokens', 'invalid_type'],
    ['too hot', { temperature: 2.1 }, 'temperature', 'invalid_value'],
    ['a seed that parsing has changed', { seed: 2 ** 53 }, 'seed', 'invalid_value'],
    ['a stream in words', { stream: 'true' }, 'stream', 'invalid_type'],
    ['a stream of null', { stream: null }, 'stream', 'invalid_type'],
    ['stop with a number', { stop: ['a', 1] }, 'stop', 'invalid_value'],
    ['an effort as a number', { reasoning_effort: 3 }, 'reasoning_effort', 'invalid_value'],
    ['parallel in words', { parallel_tool_calls: 'no' }, 'parallel_tool_calls', 'invalid_type'],
    ['an unknown format', { response_format: { type: 'xml' } }, 'response_format.type', 'invalid_value'],
    [
      'a format without its schema',
      { response_format: { type: 'json_schema', json_schema: { name: 'n' } } },
      'response_format.json_schema.schema',
      'missing_required_parameter',
    ],
    ['tools that are no list', { tools: {} }, 'tools', 'invalid_type'],
    ['a tool without a type', { tools: [{}] }, 'tools[0].type', 'missing_required_parameter'],
    [
      'a tool without a name',
      { tools: [{ type: 'function', function: {} }] },
      'tools[0].function.name',
      'missing_required_parameter',
    ],
    ['an unknown tool choice', { tool_choice: 'perhaps' }, 'tool_choice', 'invalid_value'],
    ['legacy functions', { functions: [] }, 'functions', 'unsupported_parameter'],
    ['no messages', { messages: [] }, 'messages', 'invalid_value'],
    ['messages that are no list', { messages: 'hi' }, 'messages', 'invalid_value'],
    ['an unknown role', { messages: [{ role: 'robot' }] }, 'messages[0].role', 'invalid_value'],
    ['no role', { messages: [hi, { content: 'x' }] }, 'messages[1].role', 'invalid_value'],
    ['a role of Object.prototype', { messages: [{ role: 'constructor' }] }, 'messages[0].role', 'invalid_value'],
    ['the legacy role', { messages: [{ role: 'function' }] }, 'messages[0].role', 'unsupported_value'],
    [
      'a legacy call',
      { messages: [{ role: 'assistant', function_call: { name: 'f' } }] },
      'messages[0].function_call',
      'unsupported_parameter',
    ],
    [
      'a result without its call',
      { messages: [{ role: 'tool', content: 'x' }] },
      'messages[0].tool_call_id',
      'missing_required_parameter',
    ],
    [
      'a call without an id',
      { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f' } }] }] },
      'messages[0].tool_calls[0].id',
      'missing_required_parameter',
    ],
    ['content of no known kind', { messages: [{ role: 'user', content: 7 }] }, 'messages[0].content', 'invalid_type'],
    [
      'a text part without text',
      { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages[0].content[0].text',
      'missing_required_parameter',
    ],
    [
      'an image without a URL',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      'messages[0].content[0].image_url.url',
      'missing_required_parameter',
    ],
    [
      'a file by URL',
      { messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: 'https://x/y.pdf' } }] }] },
      'messages[0].content[0].file.file_data',
      'invalid_value',
    ],
  ])('refuses %s', (_name, over, param, code) => {
    expect(refusal(over)).toMatchObject({ kind: 'bad-request', param, code });
  });

  it('never says the value that it refuses', () => {
    expect(refusal({ tool_choice: 'rate limit' })).toEqual({
      kind: 'bad-request',
      code: 'invalid_value',
      param: 'tool_choice',
      message:
        'Invalid value for \'tool_choice\': expected "auto", "none", "required" or {"type":"function","function":{"name":...}}.',
    });
  });
});

describe('tools', () => {
  it('reads functions, their marks and their schema untouched', () => {
    const parameters = { type: 'object', properties: { '2': {}, '1': {} }, $schema: 'x' };
    expect(
      read({
        tools: [
          { type: 'function', function: { name: 'f', description: 'd', parameters, strict: true } },
          { type: 'function', function: { name: 'g' }, cache_control: { type: 'ephemeral' } },
        ],
      }).tools,
    ).toEqual([
      { name: 'f', description: 'd', parameters, strict: true },
      { name: 'g', parameters: { type: 'object', properties: {} }, cacheControl: { type: 'ephemeral' } },
    ]);
  });

  it('names hosted and custom tools, as offered only', () => {
    const { tools, unread, unreadMarks } = read({ tools: [{ type: 'web_search' }, { type: 'custom', custom: {} }] });
    expect({ tools, unread, unreadMarks }).toEqual({
      tools: [],
      unread: ['tool of type "web_search"', 'tool of type "custom"'],
      unreadMarks: new Map([
        ['tool of type "web_search"', 'offered'],
        ['tool of type "custom"', 'offered'],
      ]),
    });
  });

  it.each<[Json, unknown]>([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    ['any', { type: 'required' }],
    [{ type: 'auto' }, { type: 'auto' }],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'named', name: 'f' },
    ],
    [{ type: 'allowed_tools', allowed_tools: {} }, undefined],
  ])('reads the choice %j', (choice, expected) => {
    expect(read({ tool_choice: choice }).toolChoice).toEqual(expected);
  });

  it('names a choice that the neutral form cannot hold', () => {
    expect(read({ tool_choice: { type: 'allowed_tools' } }).unread).toEqual(['tool_choice of type "allowed_tools"']);
  });
});

describe('messages', () => {
  it('keeps instructions in their place and under their name', () => {
    expect(
      turnsOf({ role: 'developer', content: 'a' }, hi, { role: 'system', content: [{ type: 'text', text: 'b' }] }),
    ).toEqual([
      { role: 'developer', parts: [{ type: 'text', text: 'a' }] },
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      { role: 'system', parts: [{ type: 'text', text: 'b' }] },
    ]);
  });

  it('leaves out empty instructions and keeps an empty user turn', () => {
    expect(turnsOf({ role: 'system', content: '' }, { role: 'user', content: '' })).toEqual([
      { role: 'user', parts: [] },
    ]);
  });

  it('reads images, audio, files and cache marks', () => {
    const content: Json = [
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: 'b', prompt_cache_breakpoint: { mode: 'explicit' } },
      { type: 'text', text: '' },
      { type: 'image_url', image_url: { url: 'https://x/y.png', detail: 'low' } },
      { type: 'image_url', image_url: 'data:image/png;base64,AAAA' },
      { type: 'input_audio', input_audio: { data: 'BBBB', format: 'wav' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,CCCC' } },
      { type: 'file', file: { file_id: 'file-1' } },
      'c',
    ];
    expect(turnsOf({ role: 'user', content })).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'a', cacheControl: { type: 'ephemeral', ttl: '1h' } },
          { type: 'text', text: 'b', cacheControl: { type: 'ephemeral' } },
          { type: 'image', source: { kind: 'url', url: 'https://x/y.png' }, detail: 'low' },
          { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
          { type: 'audio', data: 'BBBB', format: 'wav' },
          { type: 'file', source: { kind: 'data', mediaType: 'application/pdf', data: 'CCCC' }, name: 'a.pdf' },
          { type: 'file', source: { kind: 'file', id: 'file-1' } },
          { type: 'text', text: 'c' },
        ],
      },
    ]);
  });

  it('reads an assistant turn in the order in which it was made', () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } };
    expect(
      turnsOf({ role: 'assistant', content: 'text', refusal: 'no', reasoning_content: 'hm', tool_calls: [call] }),
    ).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'hm' },
          { type: 'text', text: 'text' },
          { type: 'refusal', text: 'no' },
          { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{"a": 1}' },
        ],
      },
    ]);
  });

  it.each<[string, JsonObject, unknown[]]>([
    ['null content', { content: null }, []],
    ['empty content', { content: '' }, []],
    ['reasoning under its other name', { reasoning: 'hm' }, [{ type: 'thinking', text: 'hm' }]],
    ['a refusal part', { content: [{ type: 'refusal', refusal: 'no' }] }, [{ type: 'refusal', text: 'no' }]],
    [
      'arguments as an object',
      { tool_calls: [{ id: 'c', function: { name: 'f', arguments: { a: 1 } } }] },
      [{ type: 'tool-call', id: 'c', name: 'f', arguments: '{"a":1}' }],
    ],
  ])('reads an assistant message with %s', (_name, message, parts) => {
    expect(turnsOf({ role: 'assistant', ...message })).toEqual([{ role: 'assistant', parts }]);
  });

  it('gathers results that follow one another into one turn and keeps the next user turn apart', () => {
    expect(turnsOf(result('a', '1'), result('b', [{ type: 'text', text: '2' }]), hi, result('c', null))).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'tool-result', callId: 'a', content: [{ type: 'text', text: '1' }] },
          { type: 'tool-result', callId: 'b', content: [{ type: 'text', text: '2' }] },
        ],
      },
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      { role: 'user', parts: [{ type: 'tool-result', callId: 'c', content: [] }] },
    ]);
  });

  it('names what it cannot hold, and which of it is harmless', () => {
    const { unread, unreadMarks } = read({
      messages: [
        { role: 'user', name: 'ann', content: [{ type: 'video_url' }, { type: 'text', text: 'x', citations: {} }] },
        { role: 'system', content: [{ type: 'image_url', image_url: 'https://x/y' }] },
        { role: 'assistant', content: 'a', annotations: [], audio: null, reasoning_details: [{}] },
        { role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: {} }] },
      ],
    });
    expect({ unread, unreadMarks }).toEqual({
      unread: [
        'name on a message of role user',
        'content part of type "video_url"',
        'citations on a part of type text',
        'image part in a message of role system',
        'reasoning_details on a message of role assistant',
        'tool call of type "custom"',
      ],
      unreadMarks: new Map([['reasoning_details on a message of role assistant', 'harmless']]),
    });
  });
});

describe('cache_control on a message', () => {
  const mark = { type: 'ephemeral' };
  it('is the mark of its last part, and of the tool result that it holds', () => {
    const messages = [
      { role: 'system', content: 'be brief', cache_control: mark },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
        cache_control: mark,
      },
      {
        role: 'assistant',
        content: 'c',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        cache_control: mark,
      },
      { ...result('c1', 'd'), cache_control: mark },
    ];
    expect(read({ messages })).toEqual({
      ...plain,
      turns: [
        { role: 'system', parts: [{ type: 'text', text: 'be brief', cacheControl: mark }] },
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b', cacheControl: mark },
          ],
        },
        {
          role: 'assistant',
          parts: [
            { type: 'text', text: 'c' },
            { type: 'tool-call', id: 'c1', name: 'f', arguments: '{}', cacheControl: mark },
          ],
        },
        {
          role: 'user',
          parts: [{ type: 'tool-result', callId: 'c1', content: [{ type: 'text', text: 'd' }], cacheControl: mark }],
        },
      ],
    });
  });

  it('gives way to the part’s own', () => {
    const own = { type: 'ephemeral', ttl: '1h' };
    const content = [{ type: 'text', text: 'a', cache_control: own }];
    expect(read({ messages: [{ role: 'user', content, cache_control: mark }] })).toEqual({
      ...plain,
      turns: [{ role: 'user', parts: [{ type: 'text', text: 'a', cacheControl: own }] }],
    });
  });
});
