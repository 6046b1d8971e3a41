import { describe, expect, it } from 'vitest';
import { describe as describeFailure } from '../../../src/core/describe.ts';
import { RouterError } from '../../../src/core/failure.ts';
import type { Failure } from '../../../src/core/failure.ts';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import { messagesClient, readCountRequest, writeCount } from '../../../src/dialects/messages/index.ts';
import { conversation } from './fixture.ts';

const base = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };
const read = (more: JsonObject) => messagesClient.readRequest({ ...base, ...more });
const readUser = (...content: Json[]) => read({ messages: [{ role: 'user', content }] });
const readAssistant = (...content: Json[]) => read({ messages: [{ role: 'assistant', content }] });

function failureOf(run: () => unknown): Failure | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof RouterError ? error.failure : undefined;
  }
}

describe('turns', () => {
  it('reads the smallest request', () => {
    expect(read({})).toEqual(conversation({ maxOutputTokens: 100 }));
  });

  it('reads system blocks, consecutive turns of one role, and system turns, in their order', () => {
    const { turns } = read({
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Cite.', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      messages: [
        { role: 'user', content: 'one' },
        { role: 'user', content: [{ type: 'text', text: 'two' }] },
        { role: 'system', content: 'From now on: French.' },
        { role: 'assistant', content: 'trois' },
      ],
    });
    expect(turns).toEqual([
      {
        role: 'system',
        parts: [
          { type: 'text', text: 'Be brief.' },
          { type: 'text', text: 'Cite.', cacheControl: { type: 'ephemeral', ttl: '1h' } },
        ],
      },
      { role: 'user', parts: [{ type: 'text', text: 'one' }] },
      { role: 'user', parts: [{ type: 'text', text: 'two' }] },
      { role: 'system', parts: [{ type: 'text', text: 'From now on: French.' }] },
      { role: 'assistant', parts: [{ type: 'text', text: 'trois' }] },
    ]);
  });

  it.each([
    [
      'image bytes',
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
    ],
    [
      'an image by address',
      { type: 'image', source: { type: 'url', url: 'https://x.example/a.png' }, cache_control: { type: 'ephemeral' } },
      {
        type: 'image',
        source: { kind: 'url', url: 'https://x.example/a.png' },
        cacheControl: { type: 'ephemeral' },
      },
    ],
    [
      'an image by id',
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
      { type: 'image', source: { kind: 'file', id: 'file_1' } },
    ],
    [
      'a PDF with its title',
      {
        type: 'document',
        title: 'Plan',
        source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' },
        citations: { enabled: false },
      },
      { type: 'file', name: 'Plan', source: { kind: 'data', mediaType: 'application/pdf', data: 'AAAA' } },
    ],
    [
      'a text document',
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'All.' } },
      { type: 'file', source: { kind: 'text', mediaType: 'text/plain', text: 'All.' } },
    ],
    [
      'a document of blocks',
      {
        type: 'document',
        source: {
          type: 'content',
          content: [
            { type: 'text', text: 'One.' },
            { type: 'text', text: 'Two.' },
          ],
        },
      },
      { type: 'file', source: { kind: 'text', mediaType: 'text/plain', text: 'One.\nTwo.' } },
    ],
    [
      'a tool result given as a string',
      { type: 'tool_result', tool_use_id: 'toolu_1', content: '71 degrees' },
      { type: 'tool-result', callId: 'toolu_1', content: [{ type: 'text', text: '71 degrees' }] },
    ],
    [
      'a failed tool result with an image',
      {
        type: 'tool_result',
        tool_use_id: 'toolu_1',
        is_error: true,
        content: [
          { type: 'text', text: 'broken' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        ],
      },
      {
        type: 'tool-result',
        callId: 'toolu_1',
        isError: true,
        content: [
          { type: 'text', text: 'broken' },
          { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
        ],
      },
    ],
    [
      'a tool result without content',
      { type: 'tool_result', tool_use_id: 'toolu_1' },
      { type: 'tool-result', callId: 'toolu_1', content: [] },
    ],
  ])('reads %s', (_name, block, part) => {
    const { turns, unread } = readUser(block);
    expect({ turns, unread }).toEqual({ turns: [{ role: 'user', parts: [part] }], unread: [] });
  });

  it.each([
    [
      'a tool call',
      { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 'x' }, caller: { type: 'direct' } },
      { type: 'tool-call', id: 'toolu_1', name: 'look', arguments: '{"at":"x"}' },
    ],
    [
      'arguments that were no JSON object',
      { type: 'tool_use', id: 'toolu_1', name: 'look', input: { _raw: '{"at":' } },
      { type: 'tool-call', id: 'toolu_1', name: 'look', arguments: '{"at":' },
    ],
    [
      'signed thinking byte for byte',
      { type: 'thinking', thinking: ' Hm.\n', signature: 'Eq+/==' },
      { type: 'thinking', text: ' Hm.\n', signature: 'Eq+/==' },
    ],
    [
      'a signature without thinking',
      { type: 'thinking', thinking: '', signature: 's' },
      { type: 'thinking', text: '', signature: 's' },
    ],
    [
      'thinking that nobody signed',
      { type: 'thinking', thinking: 'Hm.', signature: '' },
      { type: 'thinking', text: 'Hm.' },
    ],
    ['redacted thinking', { type: 'redacted_thinking', data: 'Em' }, { type: 'thinking', text: '', redacted: 'Em' }],
    [
      'OpenAI’s encrypted reasoning out of a signature',
      { type: 'thinking', thinking: '', signature: 'openai-reasoning:rs_1:gAAA:b' },
      { type: 'thinking', text: '', encrypted: 'gAAA:b', id: 'rs_1' },
    ],
    ['text with empty citations', { type: 'text', text: 'So.', citations: null }, { type: 'text', text: 'So.' }],
  ])('reads %s', (_name, block, part) => {
    const { turns, unread } = readAssistant(block);
    expect({ turns, unread }).toEqual({ turns: [{ role: 'assistant', parts: [part] }], unread: [] });
  });

  it('names every block that it cannot read, once', () => {
    const { unread } = readAssistant(
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'server_tool_use', id: 't', name: 'web_search', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
      { type: 'text', text: 'So.', citations: [{ type: 'char_location' }] },
    );
    expect(unread).toEqual(['server_tool_use block', 'web_search_tool_result block', 'citations on a text block']);
  });

  it('repeats no type that is not a plain word', () => {
    expect(readUser({ type: 'x\r\nset-cookie: y' }, {}, { type: 7 }).unread).toEqual(['unknown block']);
  });

  it('names what it cannot read of documents, images and search results', () => {
    const { unread } = readUser(
      { type: 'search_result', source: 'x', title: 't', content: [] },
      {
        type: 'document',
        context: 'c',
        citations: { enabled: true },
        source: { type: 'content', content: [{ type: 'image' }] },
      },
      {
        type: 'image',
        source: { type: 'url', url: 'https://x.example' },
        transformations: { oversized_image: 'error' },
      },
    );
    expect(unread).toEqual([
      'search_result block',
      'citations on a document',
      'context on a document',
      'image block in a document',
      'transformations on an image',
    ]);
  });
});

describe('tools', () => {
  const tool = { name: 'look', input_schema: { type: 'object', properties: { 2: {}, 1: {} } } };

  it('reads a tool with its schema untouched, and leaves eager_input_streaming out', () => {
    const { tools, unread } = read({
      tools: [
        {
          ...tool,
          type: 'custom',
          description: 'Looks.',
          strict: true,
          eager_input_streaming: true,
          cache_control: { type: 'ephemeral' },
          allowed_callers: ['direct'],
          defer_loading: false,
        },
      ],
    });
    expect({ tools, unread }).toEqual({
      tools: [
        {
          name: 'look',
          description: 'Looks.',
          parameters: tool.input_schema,
          strict: true,
          cacheControl: { type: 'ephemeral' },
        },
      ],
      unread: [],
    });
  });

  it.each([
    [undefined, 'offered'],
    [{ type: 'auto' }, 'offered'],
    [{ type: 'any' }, undefined],
    [{ type: 'tool', name: 'web_search' }, undefined],
    [{ type: 'tool', name: 'look' }, 'offered'],
  ])('names a hosted tool by its type; with tool_choice %j it is %s', (choice, mark) => {
    const { tools, unread, unreadMarks } = read({
      tools: [{ type: 'web_search_20250305', name: 'web_search' }],
      ...(choice !== undefined && { tool_choice: choice }),
    });
    expect({ tools, unread, mark: unreadMarks?.get('tool web_search_20250305') }).toEqual({
      tools: [],
      unread: ['tool web_search_20250305'],
      mark,
    });
  });

  it.each([
    [{ type: 'auto' }, { toolChoice: { type: 'auto' } }],
    [
      { type: 'any', disable_parallel_tool_use: true },
      { toolChoice: { type: 'required' }, parallelTools: false },
    ],
    [
      { type: 'tool', name: 'look', disable_parallel_tool_use: false },
      { toolChoice: { type: 'named', name: 'look' }, parallelTools: true },
    ],
    [{ type: 'none' }, { toolChoice: { type: 'none' } }],
  ])('reads tool_choice %j', (choice, expected) => {
    expect(read({ tool_choice: choice })).toEqual(conversation({ maxOutputTokens: 100, ...expected } as object));
  });
});

describe('options', () => {
  it.each([
    [{ stream: true }, { stream: true }],
    [{ stop_sequences: ['a', 'b'] }, { stop: ['a', 'b'] }],
    [{ stop_sequences: [] }, {}],
    [{ temperature: 0, top_p: 0.5, top_k: 4 }, { sampling: { temperature: 0, topP: 0.5, topK: 4 } }],
    [
      { thinking: { type: 'enabled', budget_tokens: 2000, display: 'omitted' } },
      { reasoning: { mode: 'on', budgetTokens: 2000, summary: 'omitted' } },
    ],
    [
      { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } },
      { reasoning: { mode: 'adaptive', effort: 'xhigh' } },
    ],
    [{ thinking: { type: 'disabled' } }, { reasoning: { mode: 'off' } }],
    [{ thinking: { type: 'between_tools' } }, { reasoning: { mode: 'off' } }],
    [
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      { output: { type: 'json-schema', schema: { type: 'object' } } },
    ],
    [
      { output_format: { type: 'json_schema', schema: { type: 'object' } } },
      { output: { type: 'json-schema', schema: { type: 'object' } } },
    ],
    [{ temperature: null, thinking: null, metadata: null }, {}],
    [
      { metadata: { user_id: 'u' }, service_tier: 'auto', output_config: { task_budget: { total: 9 } } },
      {
        carried: new Map<string, unknown>([
          ['metadata', { user_id: 'u' }],
          ['service_tier', 'auto'],
          ['output_config.task_budget', { total: 9 }],
        ]),
      },
    ],
  ])('reads %j', (fields, expected) => {
    expect(read(fields)).toEqual(conversation({ maxOutputTokens: 100, ...expected } as object));
  });

  it('carries a field named like a prototype property', () => {
    const body = JSON.parse(
      '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"__proto__":{"a":1}}',
    );
    expect([...messagesClient.readRequest(body).carried]).toEqual([['__proto__', { a: 1 }]]);
  });
});

describe('refusals', () => {
  it.each<[JsonObject, string, string]>([
    [{ max_tokens: null }, 'max_tokens', 'max_tokens: Field required'],
    [{ max_tokens: 0 }, 'max_tokens', 'max_tokens: must be a positive integer'],
    [{ max_tokens: 1.5 }, 'max_tokens', 'max_tokens: must be a positive integer'],
    [{ max_tokens: '5' }, 'max_tokens', 'max_tokens: must be a positive integer'],
    [{ messages: null }, 'messages', 'messages: Field required'],
    [{ messages: [] }, 'messages', 'messages: at least one message is required'],
    [{ messages: ['x'] }, 'messages.0', 'messages.0: must be an object'],
    [
      { messages: [{ role: 'tool', content: 'x' }] },
      'messages.0.role',
      'messages.0.role: must be "user", "assistant" or "system"',
    ],
    [
      { messages: [{ role: 'user', content: 7 }] },
      'messages.0.content',
      'messages.0.content: must be a string or an array of content blocks',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_use' }] }] },
      'messages.0.content.0',
      'messages.0.content.0: tool_use blocks belong in assistant messages',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'ftp' } }] }] },
      'messages.0.content.0.source.type',
      'messages.0.content.0.source.type: must be "base64", "url" or "file"',
    ],
    [{ stream: 'true' }, 'stream', 'stream: must be true or false'],
    [{ temperature: 'hot' }, 'temperature', 'temperature: must be a number'],
    [{ stop_sequences: 'x' }, 'stop_sequences', 'stop_sequences: must be an array of strings'],
    [{ thinking: { type: 'enabled' } }, 'thinking.budget_tokens', 'thinking.budget_tokens: must be a positive integer'],
    [{ tools: [{ name: 'x' }] }, 'tools.0.input_schema', 'tools.0.input_schema: must be an object'],
    [{ tool_choice: { type: 'tool' } }, 'tool_choice.name', 'tool_choice.name: must be a string'],
    [
      { output_config: { format: { type: 'yaml' } } },
      'output_config.format',
      'output_config.format: must be a json_schema with its schema',
    ],
  ])('refuses %j, naming the field', (fields, param, message) => {
    expect(failureOf(() => read(fields))).toEqual({ kind: 'bad-request', code: 'invalid_value', param, message });
  });

  it('refuses a thread in the way that makes the SDK send the whole history', () => {
    const failure = failureOf(() => read({ thread: { type: 'create' } })) ?? { kind: 'internal' };
    expect(messagesClient.errorBody(describeFailure(failure), 'req_test')).toEqual({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'thread: threads are not supported for this model. Send the full conversation without thread.',
        details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
      },
      request_id: 'req_test',
    });
  });
});

describe('count_tokens', () => {
  it('needs no max_tokens', () => {
    expect(readCountRequest({ model: 'm', messages: base.messages })).toEqual(conversation());
  });

  it('answers with input_tokens', () => {
    expect(writeCount(42)).toEqual({ input_tokens: 42 });
  });
});
