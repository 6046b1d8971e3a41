import { describe, expect, it } from 'vitest';
import type { Conversation, Turn } from '../../../src/core/conversation.ts';
import type { TargetTraits } from '../../../src/core/half.ts';
import { chatClient, chatLosses, chatTarget } from '../../../src/dialects/chat/index.ts';

const traits: TargetTraits = { model: 'gpt-5.1', name: 'openai/gpt-5.1' };
const hi: Turn = { role: 'user', parts: [{ type: 'text', text: 'hi' }] };
const tool = { name: 'f', parameters: { type: 'object' } };

const plain: Conversation = {
  turns: [hi],
  tools: [],
  sampling: {},
  stream: false,
  carried: new Map(),
  unread: [],
};

function write(over: Partial<Conversation>, target: Partial<TargetTraits> = {}) {
  return chatTarget.writeRequest({ ...plain, ...over }, { ...traits, ...target });
}

function result(callId: string, ...texts: string[]) {
  return { type: 'tool-result', callId, content: texts.map((text) => ({ type: 'text', text }) as const) } as const;
}

const least = { model: 'gpt-5.1', messages: [{ role: 'user', content: 'hi' }] };
const cacheControl = { type: 'ephemeral' };

describe('options', () => {
  it.each<[string, Partial<Conversation>, object, Partial<TargetTraits>?]>([
    ['the least request', {}, {}],
    ['a stream, always with its usage', { stream: true }, { stream: true, stream_options: { include_usage: true } }],
    ['a cap', { maxOutputTokens: 5 }, { max_tokens: 5 }],
    [
      'a cap under its newer name',
      { maxOutputTokens: 5 },
      { max_completion_tokens: 5 },
      { maxTokensField: 'max_completion_tokens' },
    ],
    ['stop sequences', { stop: ['a'] }, { stop: ['a'] }],
    ['no stop sequences', { stop: [] }, {}],
    [
      'sampling',
      { sampling: { temperature: 0, topP: 1, seed: 7, frequencyPenalty: 1, presencePenalty: -1 } },
      { temperature: 0, top_p: 1, seed: 7, frequency_penalty: 1, presence_penalty: -1 },
    ],
    ['JSON', { output: { type: 'json' } }, { response_format: { type: 'json_object' } }],
    [
      'a schema without a name',
      { output: { type: 'json-schema', schema: { type: 'object' } } },
      { response_format: { type: 'json_schema', json_schema: { name: 'output', schema: { type: 'object' } } } },
    ],
    [
      'a schema with everything',
      { output: { type: 'json-schema', name: 'n', description: 'd', schema: {}, strict: true } },
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'n', description: 'd', schema: {}, strict: true },
        },
      },
    ],
    [
      'tools',
      { tools: [{ ...tool, description: 'd', strict: false }] },
      {
        tools: [
          {
            type: 'function',
            function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: false },
          },
        ],
      },
    ],
    ['no fields about tools without tools', { toolChoice: { type: 'auto' }, parallelTools: false }, {}],
    ['an effort', { reasoning: { effort: 'xhigh' } }, { reasoning_effort: 'xhigh' }],
    ['an effort before a budget', { reasoning: { effort: 'low', budgetTokens: 9000 } }, { reasoning_effort: 'low' }],
    ['a small budget', { reasoning: { mode: 'on', budgetTokens: 2048 } }, { reasoning_effort: 'low' }],
    ['some budget', { reasoning: { mode: 'on', budgetTokens: 4000 } }, { reasoning_effort: 'medium' }],
    ['a large budget', { reasoning: { mode: 'on', budgetTokens: 31_999 } }, { reasoning_effort: 'high' }],
    ['thinking without a budget', { reasoning: { mode: 'on' } }, { reasoning_effort: 'medium' }],
    [
      'fields with the same meaning everywhere',
      {
        carried: new Map<string, unknown>([
          ['user', 'u'],
          ['text.verbosity', 'low'],
          ['n', 1],
          ['store', false],
        ]),
      },
      { user: 'u', verbosity: 'low' },
    ],
  ])('writes %s', (_name, over, expected, target = {}) => {
    expect(write(over, target)).toEqual({ body: { ...least, ...expected }, losses: [] });
  });

  it.each([
    [{ type: 'auto' }, 'auto'],
    [{ type: 'none' }, 'none'],
    [{ type: 'required' }, 'required'],
    [
      { type: 'named', name: 'f' },
      { type: 'function', function: { name: 'f' } },
    ],
  ] as const)('writes the choice %j', (toolChoice, expected) => {
    expect(write({ tools: [tool], toolChoice }).body['tool_choice']).toEqual(expected);
  });

  it('forbids parallel calls, and leaves their permission to the default', () => {
    expect(write({ tools: [tool], parallelTools: false }).body['parallel_tool_calls']).toBe(false);
    expect(Object.hasOwn(write({ tools: [tool], parallelTools: true }).body, 'parallel_tool_calls')).toBe(false);
  });
});

describe('losses', () => {
  it.each<[string, Partial<Conversation>, { feature: string; harmless: boolean }[]]>([
    ['top_k', { sampling: { topK: 5 } }, [{ feature: 'top_k', harmless: false }]],
    ['thinking that is off', { reasoning: { mode: 'off' } }, [{ feature: 'thinking: disabled', harmless: true }]],
    [
      'thinking as the model likes',
      { reasoning: { mode: 'adaptive' } },
      [{ feature: 'thinking: adaptive', harmless: true }],
    ],
    [
      'a summary of the reasoning',
      { reasoning: { effort: 'low', summary: 'auto' } },
      [{ feature: 'reasoning summary', harmless: true }],
    ],
    [
      'fields that change nothing, and others by name',
      {
        carried: new Map<string, unknown>([
          ['metadata', {}],
          ['previous_response_id', 'r'],
          ['n', 2],
          ['store', true],
        ]),
      },
      [
        { feature: 'metadata', harmless: true },
        { feature: 'previous_response_id', harmless: false },
        { feature: 'n', harmless: false },
        { feature: 'store', harmless: false },
      ],
    ],
    [
      'a field named like a method',
      { carried: new Map<string, unknown>([['constructor', 1]]) },
      [{ feature: 'constructor', harmless: false }],
    ],
    [
      'what the reader could not hold',
      { unread: ['citations', 'echo'], unreadMarks: new Map([['echo', 'harmless' as const]]) },
      [
        { feature: 'citations', harmless: false },
        { feature: 'echo', harmless: true },
      ],
    ],
    [
      'cache marks, once however many there are',
      {
        turns: [
          { role: 'system', parts: [{ type: 'text', text: 'a', cacheControl }] },
          { role: 'user', parts: [{ type: 'text', text: 'hi', cacheControl }] },
        ],
        tools: [{ ...tool, cacheControl }],
      },
      [{ feature: 'cache_control', harmless: true }],
    ],
  ])('names %s', (_name, over, losses) => {
    expect(write(over).losses).toEqual(losses);
  });

  it('lists every row once, with a reason', () => {
    const names = chatLosses.map((row) => row.feature);
    expect(new Set(names).size).toBe(names.length);
    expect(chatLosses.filter((row) => row.why === '')).toEqual([]);
  });
});

function messages(turns: Turn[], target: Partial<TargetTraits> = {}) {
  const { body, losses } = write({ turns }, target);
  return { messages: body['messages'], lost: losses.map((loss) => loss.feature) };
}

describe('messages', () => {
  it.each([
    [{ developerRole: true }, 'developer'],
    [{}, 'system'],
  ])('writes a developer turn for %j as %s', (target, role) => {
    const turn: Turn = { role: 'developer', parts: [{ type: 'text', text: 'a' }] };
    expect(messages([turn, hi, turn], target).messages).toEqual([
      { role, content: 'a' },
      { role: 'user', content: 'hi' },
      { role, content: 'a' },
    ]);
  });

  it('writes several texts as parts and none as an empty string', () => {
    const texts = ['a', 'b'].map((text) => ({ type: 'text', text }) as const);
    expect(
      messages([
        { role: 'system', parts: texts },
        { role: 'user', parts: [] },
      ]).messages,
    ).toEqual([
      { role: 'system', content: texts },
      { role: 'user', content: '' },
    ]);
  });

  it('writes one tool message a result, right behind the calls, ids and order kept', () => {
    const parts = [{ type: 'text', text: 'go on' } as const, result('b', '1'), result('a', '2', '3'), result('c')];
    expect(messages([{ role: 'user', parts }]).messages).toEqual([
      { role: 'tool', tool_call_id: 'b', content: '1' },
      {
        role: 'tool',
        tool_call_id: 'a',
        content: [
          { type: 'text', text: '2' },
          { type: 'text', text: '3' },
        ],
      },
      { role: 'tool', tool_call_id: 'c', content: '' },
      { role: 'user', content: 'go on' },
    ]);
  });

  it('names images and files inside a result, and says so of a failed one', () => {
    const image = { type: 'image', source: { kind: 'url', url: 'https://x/y' } } as const;
    const file = { type: 'file', source: { kind: 'url', url: 'https://x/y' } } as const;
    const text = { type: 'file', source: { kind: 'text', mediaType: 'text/plain', text: 'kept' }, name: 'n' } as const;
    const part = { type: 'tool-result', callId: 'a', content: [image, file, text], isError: true } as const;
    expect(messages([{ role: 'user', parts: [part] }])).toEqual({
      messages: [{ role: 'tool', tool_call_id: 'a', content: 'kept' }],
      lost: [
        'is_error on a tool result',
        'image inside a tool result',
        'file inside a tool result',
        'name of a text file',
      ],
    });
  });

  it('writes every part of a user turn that chat has a form for', () => {
    const { messages: written, lost } = messages([
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'a' },
          { type: 'image', source: { kind: 'url', url: 'https://x/y' }, detail: 'low' },
          { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
          { type: 'image', source: { kind: 'file', id: 'file_1' } },
          { type: 'audio', data: 'BBBB', format: 'wav' },
          { type: 'file', source: { kind: 'data', mediaType: 'application/pdf', data: 'CCCC' } },
          { type: 'file', source: { kind: 'file', id: 'file-1' } },
          { type: 'file', source: { kind: 'url', url: 'https://x/y.pdf' } },
          { type: 'file', source: { kind: 'text', mediaType: 'text/plain', text: 'plain' } },
        ],
      },
    ]);
    expect({ written, lost }).toEqual({
      written: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'image_url', image_url: { url: 'https://x/y', detail: 'low' } },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            { type: 'input_audio', input_audio: { data: 'BBBB', format: 'wav' } },
            { type: 'file', file: { filename: 'file', file_data: 'data:application/pdf;base64,CCCC' } },
            { type: 'file', file: { file_id: 'file-1' } },
            { type: 'text', text: 'plain' },
          ],
        },
      ],
      lost: ['image by file id', 'file by URL'],
    });
  });

  it('writes a user turn of which everything is lost as an empty text, for an empty list is refused', () => {
    const { body } = write({
      turns: [{ role: 'user', parts: [{ type: 'image', source: { kind: 'file', id: 'file-1' } }] }],
    });
    expect(body['messages']).toEqual([{ role: 'user', content: '' }]);
  });

  const thinking = { type: 'thinking', text: 'hm', signature: 'c2ln' } as const;
  const call = { type: 'tool-call', id: 'a', name: 'f', arguments: '' } as const;
  const writtenCall = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
  const signed = 'signature of a thinking part';

  it.each<[string, Turn & { role: 'assistant' }, Partial<TargetTraits>, object[], string[]]>([
    ['text', { role: 'assistant', parts: [{ type: 'text', text: 'a' }] }, {}, [{ content: 'a' }], []],
    ['nothing', { role: 'assistant', parts: [] }, {}, [{ content: '' }], []],
    ['calls alone', { role: 'assistant', parts: [call] }, {}, [{ content: null, tool_calls: [writtenCall] }], []],
    [
      'a refusal',
      { role: 'assistant', parts: [{ type: 'refusal', text: 'no' }] },
      {},
      [{ content: null, refusal: 'no' }],
      [],
    ],
    [
      'thinking for a target that takes it back',
      { role: 'assistant', parts: [thinking, call] },
      { reasoningField: 'reasoning' },
      [{ content: null, reasoning: 'hm', tool_calls: [writtenCall] }],
      [signed],
    ],
    [
      'thinking for a target that does not',
      { role: 'assistant', parts: [thinking, { type: 'text', text: 'a' }] },
      {},
      [{ content: 'a' }],
      [signed, 'thinking of earlier turns'],
    ],
    ['thinking alone', { role: 'assistant', parts: [thinking] }, {}, [], [signed, 'thinking of earlier turns']],
    [
      'a redacted block alone',
      { role: 'assistant', parts: [{ type: 'thinking', text: '', redacted: 'x' }] },
      { reasoningField: 'reasoning' },
      [],
      [signed],
    ],
  ])('writes an assistant turn of %s', (_name, turn, target, expected, lost) => {
    expect(messages([turn], target)).toEqual({
      messages: expected.map((message) => ({ role: 'assistant', ...message })),
      lost,
    });
  });
});

it('gives back what the client half reads from it', () => {
  const conversation: Conversation = {
    turns: [
      { role: 'system', parts: [{ type: 'text', text: 's' }] },
      hi,
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'hm' },
          { type: 'text', text: 'a' },
          { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x":1}' },
          { type: 'tool-call', id: 'b', name: 'f', arguments: '{}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool-result', callId: 'a', content: [{ type: 'text', text: '1' }] },
          { type: 'tool-result', callId: 'b', content: [] },
        ],
      },
      hi,
    ],
    tools: [tool],
    toolChoice: { type: 'named', name: 'f' },
    parallelTools: false,
    maxOutputTokens: 9,
    stop: ['x'],
    sampling: { temperature: 1, seed: 2 },
    output: { type: 'json-schema', name: 'n', schema: {}, strict: true },
    reasoning: { effort: 'low' },
    stream: true,
    carried: new Map([['user', 'u']]),
    unread: [],
  };
  const { body, losses } = chatTarget.writeRequest(conversation, { ...traits, reasoningField: 'reasoning_content' });
  expect(losses).toEqual([]);
  expect(chatClient.readRequest(body)).toEqual(conversation);
});
