import { describe, expect, it } from 'vitest';
import type { Conversation, Loss, Turn, UserPart } from '../../../src/core/conversation.ts';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import { responsesLosses, responsesTarget } from '../../../src/dialects/responses/index.ts';
import { question, traits } from './support.ts';

const write = (over: Partial<Conversation>) => responsesTarget.writeRequest({ ...question, ...over }, traits);
const inputOf = (...turns: Turn[]) => write({ turns }).body['input'];
const lossesOf = (over: Partial<Conversation>) => write(over).losses;
const harmless = (...features: string[]): Loss[] => features.map((feature) => ({ feature, harmless: true }));
const lost = (...features: string[]): Loss[] => features.map((feature) => ({ feature, harmless: false }));

const hi = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] };
const base: JsonObject = { model: 'gpt-5.1', input: [hi], store: false, include: ['reasoning.encrypted_content'] };
const cacheControl = { type: 'ephemeral' };

describe('the body', () => {
  it('stores nothing and always asks for encrypted reasoning', () => {
    expect(write({})).toEqual({ body: base, losses: [] });
  });

  const tools = [{ name: 'f', description: 'd', parameters: { type: 'object' } }];
  const wireTools = [{ type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: false }];

  it.each<[string, Partial<Conversation>, JsonObject]>([
    ['stream', { stream: true }, { stream: true }],
    ['sampling', { sampling: { temperature: 0, topP: 0.5 } }, { temperature: 0, top_p: 0.5 }],
    ['the output limit', { maxOutputTokens: 100 }, { max_output_tokens: 100 }],
    ['tools, which are not strict unless asked', { tools }, { tools: wireTools }],
    [
      'a forced tool, one at a time',
      { tools, toolChoice: { type: 'named', name: 'f' }, parallelTools: false },
      { tools: wireTools, tool_choice: { type: 'function', name: 'f' }, parallel_tool_calls: false },
    ],
    ['a plain choice', { tools, toolChoice: { type: 'required' } }, { tools: wireTools, tool_choice: 'required' }],
    ['no choice without tools', { toolChoice: { type: 'auto' }, parallelTools: true }, {}],
    ['JSON mode', { output: { type: 'json' } }, { text: { format: { type: 'json_object' } } }],
    [
      'a schema without a name',
      { output: { type: 'json-schema', schema: { type: 'object' } } },
      { text: { format: { type: 'json_schema', name: 'answer', schema: { type: 'object' } } } },
    ],
    [
      'a schema in full, beside verbosity',
      {
        output: { type: 'json-schema', schema: {}, name: 'n', description: 'd', strict: true },
        carried: new Map([['verbosity', 'low']]),
      },
      {
        text: {
          format: { type: 'json_schema', name: 'n', description: 'd', schema: {}, strict: true },
          verbosity: 'low',
        },
      },
    ],
  ])('writes %s', (_, over, expected) => {
    expect(write(over)).toEqual({ body: { ...base, ...expected }, losses: [] });
  });

  it.each<[Conversation['reasoning'] & object, Json | undefined]>([
    [
      { effort: 'xhigh', summary: 'detailed' },
      { effort: 'xhigh', summary: 'detailed' },
    ],
    [
      { mode: 'on', budgetTokens: 1_024 },
      { effort: 'low', summary: 'auto' },
    ],
    [
      { mode: 'on', budgetTokens: 4_096 },
      { effort: 'medium', summary: 'auto' },
    ],
    [{ mode: 'on', budgetTokens: 32_000, summary: 'omitted' }, { effort: 'high' }],
    [{ mode: 'adaptive', effort: 'low' }, { effort: 'low' }],
    [{ mode: 'off', effort: 'none' }, { effort: 'none' }],
  ])('writes reasoning %j', (reasoning, expected) => {
    const { body, losses } = write({ reasoning });
    expect([body['reasoning'], losses]).toEqual([expected, []]);
  });

  it.each<[Conversation['reasoning'] & object, Json | undefined]>([
    [{ mode: 'adaptive', summary: 'summarized' }, { summary: 'auto' }],
    [{ mode: 'adaptive' }, undefined],
  ])('leaves %j to the model and says so', (reasoning, expected) => {
    const { body, losses } = write({ reasoning });
    expect([body['reasoning'], losses]).toEqual([expected, [{ feature: 'thinking: adaptive', harmless: true }]]);
  });
});

describe('turns', () => {
  it('puts a first system text into instructions and keeps the others in their place', () => {
    const { body } = write({
      turns: [
        { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'developer', parts: [{ type: 'text', text: 'Be kind.' }] },
        ...question.turns,
        { role: 'system', parts: [{ type: 'text', text: 'Be quick.' }] },
      ],
    });
    expect([body['instructions'], body['input']]).toEqual([
      'Be brief.',
      [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be kind.' }] },
        hi,
        { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'Be quick.' }] },
      ],
    ]);
  });

  it('keeps a first system turn of several texts as a message', () => {
    const parts = ['a', '', 'b'].map((text) => ({ type: 'text', text }) as const);
    expect(inputOf({ role: 'system', parts })).toEqual([
      {
        type: 'message',
        role: 'system',
        content: [
          { type: 'input_text', text: 'a' },
          { type: 'input_text', text: 'b' },
        ],
      },
    ]);
  });

  it('writes one item a tool result, in order, text around them apart', () => {
    const image: UserPart = { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'iVBO' } };
    const parts: UserPart[] = [
      { type: 'tool-result', callId: 'c1', content: [{ type: 'text', text: 'one' }] },
      { type: 'tool-result', callId: 'c2', content: [{ type: 'text', text: 'two' }, image] },
      { type: 'tool-result', callId: 'c3', content: [] },
      { type: 'text', text: 'next' },
    ];
    expect(inputOf({ role: 'user', parts })).toEqual([
      { type: 'function_call_output', call_id: 'c1', output: 'one' },
      {
        type: 'function_call_output',
        call_id: 'c2',
        output: [
          { type: 'input_text', text: 'two' },
          { type: 'input_image', image_url: 'data:image/png;base64,iVBO', detail: 'auto' },
        ],
      },
      { type: 'function_call_output', call_id: 'c3', output: '' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'next' }] },
    ]);
  });

  it('writes an answer’s parts in order and replays only what OpenAI has encrypted', () => {
    const { body, losses } = write({
      turns: [
        {
          role: 'assistant',
          parts: [
            { type: 'thinking', text: 'Hm', encrypted: 'gAAA', id: 'rs_1' },
            { type: 'thinking', text: '', encrypted: 'gBBB' },
            { type: 'thinking', text: 'signed', signature: 'sig' },
            { type: 'text', text: 'Looking.' },
            { type: 'text', text: '' },
            { type: 'refusal', text: 'No.' },
            { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a": 1}' },
          ],
        },
      ],
    });
    expect([body['input'], losses]).toEqual([
      [
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'gAAA' },
        { type: 'reasoning', summary: [], encrypted_content: 'gBBB' },
        {
          type: 'message',
          role: 'assistant',
          content: [
            { type: 'output_text', text: 'Looking.' },
            { type: 'refusal', refusal: 'No.' },
          ],
        },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a": 1}' },
      ],
      harmless('reasoning of earlier turns'),
    ]);
  });

  it('shortens long ids alike on calls and results, and no two to the same', () => {
    const ids = ['x'.repeat(65), `${'x'.repeat(65)}y`, ''];
    const calls: Turn = {
      role: 'assistant',
      parts: ids.map((id) => ({ type: 'tool-call', id, name: 'f', arguments: '{}' })),
    };
    const results: Turn = {
      role: 'user',
      parts: ids.map((callId) => ({ type: 'tool-result', callId, content: [] })),
    };
    const expected = [`call_0_${'x'.repeat(40)}`, `call_1_${'x'.repeat(40)}`, 'call_2_'];
    expect(inputOf(calls, results)).toEqual([
      ...expected.map((call_id) => ({ type: 'function_call', call_id, name: 'f', arguments: '{}' })),
      ...expected.map((call_id) => ({ type: 'function_call_output', call_id, output: '' })),
    ]);
  });

  it.each<[string, UserPart, JsonObject]>([
    [
      'an image by URL',
      { type: 'image', source: { kind: 'url', url: 'https://x/i.png' }, detail: 'low' },
      { type: 'input_image', image_url: 'https://x/i.png', detail: 'low' },
    ],
    [
      'an image by id',
      { type: 'image', source: { kind: 'file', id: 'file-1' } },
      { type: 'input_image', file_id: 'file-1', detail: 'auto' },
    ],
    [
      'a PDF without a name',
      { type: 'file', source: { kind: 'data', mediaType: 'application/pdf', data: 'JVBE' } },
      { type: 'input_file', filename: 'document.pdf', file_data: 'data:application/pdf;base64,JVBE' },
    ],
    [
      'a file by URL',
      { type: 'file', source: { kind: 'url', url: 'https://x/f.pdf' }, name: 'f.pdf' },
      { type: 'input_file', filename: 'f.pdf', file_url: 'https://x/f.pdf' },
    ],
    [
      'a text document',
      { type: 'file', source: { kind: 'text', mediaType: 'text/plain', text: 'body' }, name: 'a.txt' },
      { type: 'input_text', text: 'a.txt\n\nbody' },
    ],
  ])('writes %s', (_, part, expected) => {
    expect(inputOf({ role: 'user', parts: [part] })).toEqual([{ type: 'message', role: 'user', content: [expected] }]);
  });
});

describe('losses', () => {
  const text = { type: 'text', text: 'x', cacheControl } as const;

  it.each<[string, Partial<Conversation>, Loss[]]>([
    ['stop sequences', { stop: ['END'] }, lost('stop')],
    ['an empty list of them', { stop: [] }, []],
    [
      'sampling that Responses has not',
      { sampling: { topK: 1, seed: 2, frequencyPenalty: 0, presencePenalty: 1 } },
      lost('top_k', 'seed', 'frequency_penalty', 'presence_penalty'),
    ],
    ['thinking turned off', { reasoning: { mode: 'off' } }, harmless('reasoning off')],
    ['an output limit that OpenAI refuses', { maxOutputTokens: 1 }, harmless('max_tokens below 16')],
    ['audio', { turns: [{ role: 'user', parts: [{ type: 'audio', data: '', format: 'wav' }] }] }, lost('input_audio')],
    [
      'marks on parts, results and tools, told once',
      {
        tools: [{ name: 'f', parameters: {}, cacheControl }],
        turns: [
          { role: 'system', parts: [text] },
          {
            role: 'user',
            parts: [text, { type: 'tool-result', callId: 'c', content: [text], isError: true, cacheControl }],
          },
        ],
      },
      harmless('cache_control', 'tool_result.is_error'),
    ],
    [
      'what the caller’s dialect could not read, by its mark',
      {
        unread: ['tools[].type web_search', 'input[].phase'],
        unreadMarks: new Map([
          ['tools[].type web_search', 'offered'],
          ['input[].phase', 'harmless'],
        ]),
      },
      [...lost('tools[].type web_search'), ...harmless('input[].phase')],
    ],
    [
      'carried fields: known harmless ones, and every other by name',
      {
        carried: new Map<string, unknown>([
          ['metadata', { a: 1 }],
          ['logprobs', true],
          ['cache_control', {}],
          ['never_heard_of', 1],
        ]),
      },
      [...harmless('metadata'), ...lost('logprobs'), ...harmless('cache_control'), ...lost('never_heard_of')],
    ],
  ])('reports %s', (_, over, expected) => {
    expect(lossesOf(over)).toEqual(expected);
  });

  it('writes carried fields that mean the same here', () => {
    const fields = {
      user: 'u',
      safety_identifier: 's',
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      service_tier: 'flex',
    };
    const inert = { store: false, n: 1, logprobs: false };
    const carried = new Map<string, unknown>(Object.entries({ ...fields, ...inert, 'text.verbosity': 'high' }));
    expect(write({ carried })).toEqual({ body: { ...base, ...fields, text: { verbosity: 'high' } }, losses: [] });
  });

  it('reports such a field where its value is another vendor’s', () => {
    const carried = new Map<string, unknown>([
      ['service_tier', 'standard_only'],
      ['user', 7],
    ]);
    expect(write({ carried })).toEqual({ body: base, losses: harmless('service_tier', 'user') });
  });

  it('lists every feature once, with a reason', () => {
    const features = responsesLosses.map((row) => row.feature);
    expect(new Set(features).size).toBe(features.length);
    expect(responsesLosses.filter((row) => row.why === '')).toEqual([]);
  });
});
