import { describe, expect, it } from 'vitest';
import type { Conversation, Turn } from '../../../src/core/conversation.ts';
import { messagesClient, messagesLosses, messagesTarget } from '../../../src/dialects/messages/index.ts';
import { conversation } from './fixture.ts';

const older = 'claude-sonnet-4-20250514';
const newest = 'claude-opus-5-5';

function write(more: Partial<Conversation>, model = older) {
  return messagesTarget.writeRequest(conversation(more), { model, name: `anthropic/${model}` });
}
const lost = (more: Partial<Conversation>, model = older) => write(more, model).losses;
const writeTurns = (turns: Turn[], model = older) => {
  const { system, messages } = write({ turns }, model).body;
  return { ...(system !== undefined && { system }), messages };
};
const text = (value: string) => ({ type: 'text', text: value }) as const;
const user = (value: string): Turn => ({ role: 'user', parts: [text(value)] });
const assistant = (value: string): Turn => ({ role: 'assistant', parts: [text(value)] });
const system = (value: string): Turn => ({ role: 'system', parts: [text(value)] });
const call = (id: string, argumentsText = '{}') =>
  ({ type: 'tool-call', id, name: 'look', arguments: argumentsText }) as const;
const result = (callId: string, value: string) => ({ type: 'tool-result', callId, content: [text(value)] }) as const;

const writePart = (part: Extract<Turn, { role: 'user' }>['parts'][number]) => {
  const { body, losses } = write({ turns: [{ role: 'user', parts: [text('See:'), part] }] });
  return { content: body['messages'], losses };
};

describe('the whole', () => {
  it('merges tens of thousands of neighbours in linear time', () => {
    const { messages } = writeTurns(Array.from({ length: 30_000 }, () => user('a')));
    expect(messages).toHaveLength(1);
  }, 2000);

  it('writes the smallest request with the model’s own maximum', () => {
    expect(write({})).toEqual({
      body: { model: older, max_tokens: 64_000, messages: [{ role: 'user', content: 'Hi' }] },
      losses: [],
    });
  });

  it('writes a request that the reader gives back', () => {
    const before = conversation({
      turns: [
        { role: 'system', parts: [text('One.'), { ...text('Two.'), cacheControl: { type: 'ephemeral' } }] },
        {
          role: 'user',
          parts: [{ type: 'image', source: { kind: 'url', url: 'https://x.example/a.png' } }, text('What?')],
        },
        { role: 'assistant', parts: [{ type: 'thinking', text: 'Hm', signature: 's' }, call('toolu_1', '{"a":1}')] },
        { role: 'user', parts: [{ ...result('toolu_1', 'A cat.'), isError: false }] },
      ],
      tools: [{ name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } }],
      toolChoice: { type: 'auto' },
      parallelTools: false,
      maxOutputTokens: 500,
      stop: ['END'],
      sampling: { temperature: 0.5, topK: 3 },
      stream: true,
      carried: new Map<string, unknown>([
        ['metadata', { user_id: 'u' }],
        ['cache_control', { type: 'ephemeral' }],
      ]),
    });
    const { body, losses } = write(before);
    expect({ read: messagesClient.readRequest(body), losses }).toEqual({ read: before, losses: [] });
  });

  it('caps max_tokens at the model’s maximum', () => {
    const { body, losses } = write({ maxOutputTokens: 100_000 });
    expect([body['max_tokens'], losses]).toEqual([
      64_000,
      [{ feature: 'max_tokens above the model’s maximum', harmless: true }],
    ]);
  });
});

describe('turns', () => {
  it('writes one plain instruction as a string and several as blocks', () => {
    expect([writeTurns([system('A'), user('x')]), writeTurns([system('A'), system('B'), user('x')])]).toEqual([
      { system: 'A', messages: [{ role: 'user', content: 'x' }] },
      { system: [text('A'), text('B')], messages: [{ role: 'user', content: 'x' }] },
    ]);
  });

  it('merges neighbours of one role', () => {
    expect(writeTurns([user('a'), user('b'), assistant('c'), assistant('d'), user('e')])).toEqual({
      messages: [
        { role: 'user', content: [text('a'), text('b')] },
        { role: 'assistant', content: [text('c'), text('d')] },
        { role: 'user', content: 'e' },
      ],
    });
  });

  it('puts parallel results into one message, ids and order kept, before anything else', () => {
    const turns: Turn[] = [
      user('go'),
      { role: 'assistant', parts: [call('a'), call('b')] },
      user('Hurry.'),
      { role: 'user', parts: [result('a', '1')] },
      { role: 'user', parts: [result('b', '2')] },
    ];
    expect(writeTurns(turns).messages).toEqual([
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'look', input: {} },
          { type: 'tool_use', id: 'b', name: 'look', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: '1' },
          { type: 'tool_result', tool_use_id: 'b', content: '2' },
          text('Hurry.'),
        ],
      },
    ]);
  });

  it('writes ids that Anthropic takes, the same on call and result, and no two calls alike', () => {
    const turns: Turn[] = [
      user('go'),
      { role: 'assistant', parts: [call('fc:1'), call('fc.1')] },
      { role: 'user', parts: [result('fc.1', 'dot'), result('fc:1', 'colon')] },
      { role: 'assistant', parts: [call('fc:1'), call('')] },
      { role: 'user', parts: [result('fc:1', 'again'), result('', 'empty'), result('lost/1', 'orphan')] },
    ];
    const ids = JSON.stringify(writeTurns(turns)).match(/"(?:id|tool_use_id)":"[^"]*"/g);
    expect(ids).toEqual([
      '"id":"fc_1"',
      '"id":"fc_1_2"',
      '"tool_use_id":"fc_1_2"',
      '"tool_use_id":"fc_1"',
      '"id":"fc_1_3"',
      '"id":"call"',
      '"tool_use_id":"fc_1_3"',
      '"tool_use_id":"call"',
      '"tool_use_id":"lost_1"',
    ]);
  });

  it.each([
    ['{"a":{"b":[1]}}', { a: { b: [1] } }],
    ['', {}],
    ['{"a":', { _raw: '{"a":' }],
    ['[1]', { _raw: '[1]' }],
  ])('writes the arguments %s as an object', (argumentsText, input) => {
    const { messages } = writeTurns([user('x'), { role: 'assistant', parts: [call('a', argumentsText)] }]);
    expect(messages).toEqual([
      { role: 'user', content: 'x' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input }] },
    ]);
  });

  it('replays signed and redacted thinking, and leaves other reasoning behind', () => {
    const turns: Turn[] = [
      user('x'),
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'unsigned' },
          { type: 'thinking', text: '', encrypted: 'gAAA', id: 'rs_1' },
          { type: 'thinking', text: '', signature: 's' },
          { type: 'thinking', text: '', redacted: 'Em' },
          text('y'),
        ],
      },
      user('z'),
    ];
    const { body, losses } = write({ turns });
    expect([body['messages'], losses]).toEqual([
      [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: '', signature: 's' },
            { type: 'redacted_thinking', data: 'Em' },
            text('y'),
          ],
        },
        { role: 'user', content: 'z' },
      ],
      [{ feature: 'reasoning of earlier turns', harmless: true }],
    ]);
  });

  it('writes no blank text, and no turn that is left empty', () => {
    expect(writeTurns([system(' '), user('a'), assistant('\n'), user('b')])).toEqual({
      messages: [{ role: 'user', content: [text('a'), text('b')] }],
    });
  });

  it('writes a refusal as text and trims the beginning of an answer', () => {
    expect(writeTurns([user('a'), { role: 'assistant', parts: [{ type: 'refusal', text: 'No. \n' }] }])).toEqual({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'No.' },
      ],
    });
  });

  it('keeps cache_control everywhere', () => {
    const cacheControl = { type: 'ephemeral', ttl: '1h' };
    const turns: Turn[] = [
      { role: 'user', parts: [{ ...text('a'), cacheControl }] },
      { role: 'assistant', parts: [{ ...call('c'), cacheControl }] },
      { role: 'user', parts: [{ ...result('c', 'r'), cacheControl }] },
    ];
    const tools = [{ name: 'look', parameters: { type: 'object' }, cacheControl }];
    expect(
      JSON.stringify(write({ turns, tools }).body).match(/"cache_control":\{"type":"ephemeral","ttl":"1h"\}/g),
    ).toHaveLength(4);
  });
});

describe('system turns in mid-conversation', () => {
  const turns = [system('first'), user('a'), system('later'), assistant('b'), user('c')];
  const rank = [{ feature: 'rank of a later system message', harmless: true }];

  it('stay system messages where the model takes them', () => {
    const { body, losses } = write({ turns }, newest);
    expect([body['system'], body['messages'], losses]).toEqual([
      'first',
      [
        { role: 'user', content: 'a' },
        { role: 'system', content: 'later' },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
      ],
      [],
    ]);
  });

  it('become marked text in their place where it does not', () => {
    const { body, losses } = write({ turns });
    expect([body['messages'], losses]).toEqual([
      [
        { role: 'user', content: [text('a'), text('<system>\nlater\n</system>')] },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
      ],
      rank,
    ]);
  });

  it('become marked text where the rules of placement forbid the role', () => {
    const { body, losses } = write({ turns: [user('a'), assistant('b'), system('later'), user('c')] }, newest);
    expect([body['messages'], losses]).toEqual([
      [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: [text('<system>\nlater\n</system>'), text('c')] },
      ],
      rank,
    ]);
  });

  it('do not come between a call and its result', () => {
    const { messages } = writeTurns([
      user('a'),
      { role: 'assistant', parts: [call('c')] },
      system('later'),
      { role: 'user', parts: [result('c', 'r')] },
    ]);
    expect(messages).toContainEqual({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'c', content: 'r' }, text('<system>\nlater\n</system>')],
    });
  });

  it('are the user’s message where there is nothing else', () => {
    const { body, losses } = write({ turns: [{ role: 'developer', parts: [text('Say ok.')] }] });
    expect([body['system'], body['messages'], losses]).toEqual([
      undefined,
      [{ role: 'user', content: 'Say ok.' }],
      rank,
    ]);
  });
});

describe('files', () => {
  it.each([
    [
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AA' } } as const,
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } },
    ],
    [
      { type: 'image', source: { kind: 'file', id: 'file_1' }, detail: 'auto' } as const,
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
    ],
    [
      { type: 'file', name: 'a.pdf', source: { kind: 'data', mediaType: 'application/pdf', data: 'AA' } } as const,
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA' }, title: 'a.pdf' },
    ],
    [
      { type: 'file', source: { kind: 'text', mediaType: 'text/markdown', text: '# A' } } as const,
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '# A' } },
    ],
    [
      { type: 'file', source: { kind: 'url', url: 'https://x.example/a.pdf' } } as const,
      { type: 'document', source: { type: 'url', url: 'https://x.example/a.pdf' } },
    ],
    [
      { type: 'file', source: { kind: 'data', mediaType: 'image/png', data: 'AA' } } as const,
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } },
    ],
  ])('writes %j', (part, block) => {
    expect(writePart(part)).toEqual({ content: [{ role: 'user', content: [text('See:'), block] }], losses: [] });
  });

  it.each([
    [{ type: 'audio', data: 'AA', format: 'wav' } as const, 'input_audio'],
    [
      { type: 'file', source: { kind: 'data', mediaType: 'application/zip', data: 'AA' } } as const,
      'file that is neither PDF, text nor image',
    ],
  ])('loses %j', (part, feature) => {
    expect(writePart(part)).toEqual({
      content: [{ role: 'user', content: 'See:' }],
      losses: [{ feature, harmless: false }],
    });
  });

  it('carries an image inside a tool result', () => {
    const image = { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AA' } } as const;
    const { messages } = writeTurns([
      { role: 'user', parts: [{ type: 'tool-result', callId: 'c', content: [image] }] },
    ]);
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'c',
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } }],
          },
        ],
      },
    ]);
  });
});

describe('sampling and stops', () => {
  it.each([
    [older, { temperature: 0.2, topP: 0.5, topK: 2 }, { temperature: 0.2, top_p: 0.5, top_k: 2 }, []],
    ['claude-haiku-4-5', { temperature: 0.2, topP: 0.5 }, { temperature: 0.2 }, ['top_p']],
    ['claude-haiku-4-5', { topP: 0.5 }, { top_p: 0.5 }, []],
    [older, { temperature: 1.7 }, { temperature: 1 }, ['temperature above 1']],
    [newest, { temperature: 0, topP: 0.5, topK: 2 }, {}, ['temperature', 'top_p', 'top_k']],
    [newest, { temperature: 1, topP: 1 }, {}, []],
    [
      older,
      { seed: 7, frequencyPenalty: 1, presencePenalty: 1 },
      {},
      ['seed', 'frequency_penalty', 'presence_penalty'],
    ],
    [older, { frequencyPenalty: 0, presencePenalty: 0 }, {}, []],
  ])('to %s, writes %j', (model, sampling, fields, features) => {
    const { body, losses } = write({ sampling }, model);
    const { model: _model, max_tokens: _max, messages: _messages, ...rest } = body;
    expect([rest, losses]).toEqual([fields, features.map((feature) => ({ feature, harmless: false }))]);
  });

  it('leaves out stop sequences of blanks alone', () => {
    const { body, losses } = write({ stop: ['\n', 'END'] });
    expect([body['stop_sequences'], losses]).toEqual([['END'], [{ feature: 'stop of blanks alone', harmless: false }]]);
  });
});

describe('carried fields', () => {
  it.each<[string, unknown, { feature: string; harmless: boolean }[]]>([
    ['n', 1, []],
    ['n', 2, [{ feature: 'n', harmless: false }]],
    ['logprobs', false, []],
    ['logprobs', true, [{ feature: 'logprobs', harmless: false }]],
    ['store', false, []],
    ['store', true, [{ feature: 'store', harmless: false }]],
    ['modalities', ['text'], []],
    ['modalities', ['text', 'audio'], [{ feature: 'modalities', harmless: false }]],
    ['logit_bias', {}, []],
    ['prompt_cache_key', 'k', [{ feature: 'prompt_cache_key', harmless: true }]],
    ['metadata', { run: '7' }, [{ feature: 'metadata', harmless: true }]],
    ['service_tier', 'flex', [{ feature: 'service_tier', harmless: true }]],
    ['context_management', [{ type: 'compaction' }], [{ feature: 'context_management', harmless: false }]],
    ['previous_response_id', 'resp_1', [{ feature: 'previous_response_id', harmless: false }]],
    ['never_heard_of', 1, [{ feature: 'never_heard_of', harmless: false }]],
    ['never_heard_of', null, []],
    ['constructor', 1, [{ feature: 'constructor', harmless: false }]],
    ['a\nheader: x', 1, [{ feature: 'unknown', harmless: false }]],
  ])('loses of %s: %j what it asks for', (name, value, losses) => {
    expect(lost({ carried: new Map([[name, value]]) })).toEqual(losses);
  });

  it.each<[Record<string, unknown>, unknown]>([
    [{ user: 'u1' }, { user_id: 'u1' }],
    [{ user: 'u1', safety_identifier: 's1' }, { user_id: 's1' }],
    [{ user: 'u1', metadata: { user_id: 'm1', run: '7' } }, { user_id: 'm1' }],
    [{ user: 'x'.repeat(257) }, undefined],
  ])('writes the user of %j', (carried, metadata) => {
    expect(write({ carried: new Map(Object.entries(carried)) }).body['metadata']).toEqual(metadata);
  });

  it('keeps Anthropic’s own fields', () => {
    const carried = new Map<string, unknown>([
      ['service_tier', 'standard_only'],
      ['context_management', { edits: [] }],
      ['output_config.task_budget', { total: 5 }],
    ]);
    const { body, losses } = write({ carried });
    expect([body['service_tier'], body['context_management'], body['output_config'], losses]).toEqual([
      'standard_only',
      { edits: [] },
      { task_budget: { total: 5 } },
      [],
    ]);
  });

  it('reports what was never read, each with its mark', () => {
    const unread = ['tool web_search', 'obfuscation'];
    const unreadMarks = new Map([
      ['tool web_search', 'offered'],
      ['obfuscation', 'harmless'],
    ] as const);
    expect(lost({ unread, unreadMarks })).toEqual([
      { feature: 'tool web_search', harmless: false },
      { feature: 'obfuscation', harmless: true },
    ]);
  });
});

describe('the list of losses', () => {
  it('names every feature once, with a reason', () => {
    const features = messagesLosses.map(({ feature }) => feature);
    expect([new Set(features).size, messagesLosses.filter(({ why }) => why === '')]).toEqual([features.length, []]);
  });
});
