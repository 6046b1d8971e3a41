import { describe, expect, it } from 'vitest';
import type { ReplyContext } from '../../../src/core/half.ts';
import { field } from '../../../src/core/json.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { runMachine } from '../../../src/core/machine.ts';
import type { PartDelta, PartStart, ReplyEvent, StopReason } from '../../../src/core/reply.ts';
import { responsesClient } from '../../../src/dialects/responses/index.ts';
import { unsealThinking } from '../../../src/dialects/responses/seal.ts';
import { bodiesOf, question, replyContext } from './support.ts';

const part = (index: number, start: PartStart, ...deltas: PartDelta[]): ReplyEvent[] => [
  { type: 'part-start', index, ...start },
  ...deltas.map((delta): ReplyEvent => ({ type: 'part-delta', index, delta })),
  { type: 'part-end', index },
];
const reply = (stop: StopReason, ...parts: ReplyEvent[][]): ReplyEvent[] => [
  { type: 'reply-start', id: 'chatcmpl-A_1', model: 'upstream-model' },
  ...parts.flat(),
  { type: 'reply-end', stop, usage: { input: 10, cachedRead: 4, cachedWrite: 1, output: 6, reasoning: 2 } },
];
const call: PartStart = { part: 'tool-call', id: 'call_1', name: 'get_weather' };

function write(events: readonly ReplyEvent[], context: ReplyContext = replyContext): JsonObject[] {
  return bodiesOf(runMachine(responsesClient.writeStream(context), events));
}

/** What a stream says between its lifecycle events. */
const itemsOf = (events: readonly ReplyEvent[]) => write(events).slice(2, -1);
const lastResponse = (events: readonly ReplyEvent[]) => field(write(events).at(-1), 'response');
const outputOf = (events: readonly ReplyEvent[]) => field(lastResponse(events), 'output');

describe('a written stream', () => {
  it('writes text with every event of its part and item', () => {
    const place = { item_id: 'msg_req01ab0', output_index: 0, content_index: 0 };
    const whole = { type: 'output_text', text: 'Hello', annotations: [], logprobs: [] };
    const item = { id: 'msg_req01ab0', type: 'message', role: 'assistant' };
    expect(itemsOf(reply('end', part(0, { part: 'text' }, { text: 'Hel' }, { text: 'lo' })))).toEqual([
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...item, status: 'in_progress', content: [] },
        sequence_number: 2,
      },
      { type: 'response.content_part.added', ...place, part: { ...whole, text: '' }, sequence_number: 3 },
      { type: 'response.output_text.delta', ...place, delta: 'Hel', logprobs: [], sequence_number: 4 },
      { type: 'response.output_text.delta', ...place, delta: 'lo', logprobs: [], sequence_number: 5 },
      { type: 'response.output_text.done', ...place, text: 'Hello', logprobs: [], sequence_number: 6 },
      { type: 'response.content_part.done', ...place, part: whole, sequence_number: 7 },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { ...item, status: 'completed', content: [whole] },
        sequence_number: 8,
      },
    ]);
  });

  it('writes a call with its arguments as they come', () => {
    const place = { item_id: 'fc_req01ab0', output_index: 0 };
    const item = { id: 'fc_req01ab0', type: 'function_call', call_id: 'call_1', name: 'get_weather' };
    expect(itemsOf(reply('tool', part(0, call, { text: '{"a"' }, { text: ':1}' })))).toEqual([
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...item, status: 'in_progress', arguments: '' },
        sequence_number: 2,
      },
      { type: 'response.function_call_arguments.delta', ...place, delta: '{"a"', sequence_number: 3 },
      { type: 'response.function_call_arguments.delta', ...place, delta: ':1}', sequence_number: 4 },
      { type: 'response.function_call_arguments.done', ...place, arguments: '{"a":1}', sequence_number: 5 },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { ...item, status: 'completed', arguments: '{"a":1}' },
        sequence_number: 6,
      },
    ]);
  });

  it('writes thinking as one summary part, with OpenAI’s encrypted content as it came', () => {
    const place = { item_id: 'rs_7', output_index: 0, summary_index: 0 };
    const summary = { type: 'summary_text', text: 'Hm.' };
    const thinking = part(0, { part: 'thinking', id: 'rs_7' }, { text: 'Hm' }, { text: '.' }, { encrypted: 'gAAA' });
    expect(itemsOf(reply('end', thinking))).toEqual([
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { id: 'rs_7', type: 'reasoning', summary: [] },
        sequence_number: 2,
      },
      { type: 'response.reasoning_summary_part.added', ...place, part: { ...summary, text: '' }, sequence_number: 3 },
      { type: 'response.reasoning_summary_text.delta', ...place, delta: 'Hm', sequence_number: 4 },
      { type: 'response.reasoning_summary_text.delta', ...place, delta: '.', sequence_number: 5 },
      { type: 'response.reasoning_summary_text.done', ...place, text: 'Hm.', sequence_number: 6 },
      { type: 'response.reasoning_summary_part.done', ...place, part: summary, sequence_number: 7 },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { id: 'rs_7', type: 'reasoning', summary: [summary], encrypted_content: 'gAAA' },
        sequence_number: 8,
      },
    ]);
  });

  it('begins with created and in_progress, and names every event on its event line', () => {
    const events = runMachine(responsesClient.writeStream(replyContext), reply('end'));
    const state = { id: 'resp_chatcmplA1', object: 'response', model: 'upstream-model', created_at: 1_790_000_000 };
    expect(events.map(({ event }) => event)).toEqual([
      'response.created',
      'response.in_progress',
      'response.completed',
    ]);
    expect(bodiesOf(events)).toEqual([
      {
        type: 'response.created',
        response: expect.objectContaining({ ...state, status: 'in_progress', usage: null }),
        sequence_number: 0,
      },
      {
        type: 'response.in_progress',
        response: expect.objectContaining({ ...state, status: 'in_progress' }),
        sequence_number: 1,
      },
      {
        type: 'response.completed',
        response: expect.objectContaining({ ...state, status: 'completed' }),
        sequence_number: 2,
      },
    ]);
  });

  it('puts adjacent text and refusals into one message, and other parts between messages', () => {
    const text = (index: number, piece: string) => part(index, { part: 'text' }, { text: piece });
    const refusal = part(1, { part: 'refusal' }, { text: 'no' });
    const events = reply('tool', text(0, 'a'), refusal, part(2, call, { text: '{}' }), text(3, 'b'));
    expect(outputOf(events)).toEqual([
      {
        id: 'msg_req01ab0',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'a', annotations: [], logprobs: [] },
          { type: 'refusal', refusal: 'no' },
        ],
      },
      {
        id: 'fc_req01ab1',
        type: 'function_call',
        status: 'completed',
        arguments: '{}',
        call_id: 'call_1',
        name: 'get_weather',
      },
      {
        id: 'msg_req01ab2',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'b', annotations: [], logprobs: [] }],
      },
    ]);
  });

  it('writes no item for parts that held nothing', () => {
    expect(itemsOf(reply('end', part(0, { part: 'text' }), part(1, { part: 'thinking', id: 'rs_1' })))).toEqual([]);
  });

  it('gives a call without arguments an empty object', () => {
    const bodies = itemsOf(reply('tool', part(0, call)));
    expect(bodies.map((body) => [field(body, 'type'), field(body, 'delta') ?? field(body, 'arguments')])).toEqual([
      ['response.output_item.added', undefined],
      ['response.function_call_arguments.delta', '{}'],
      ['response.function_call_arguments.done', '{}'],
      ['response.output_item.done', undefined],
    ]);
  });

  it.each<[string, ReplyEvent[], object]>([
    [
      'a signature in pieces',
      part(0, { part: 'thinking' }, { text: 'x' }, { signature: 'si' }, { signature: 'g' }),
      { signature: 'sig' },
    ],
    ['a signature without text', part(0, { part: 'thinking' }, { signature: 'sig' }), { signature: 'sig' }],
    ['a redacted block', part(0, { part: 'thinking', redacted: 'blob' }), { redacted: 'blob' }],
  ])('seals %s', (_, thinking, expected) => {
    const item = field(itemsOf(reply('end', thinking)).at(-1), 'item');
    expect(unsealThinking(String(field(item, 'encrypted_content')))).toEqual(expected);
  });

  it('calls a namespaced tool by its two names', () => {
    const origin = { namespace: 'mcp__git', name: 'log' };
    const conversation = { ...question, tools: [{ name: 'get_weather', parameters: {}, origin }] };
    const bodies = write(reply('tool', part(0, call, { text: '{}' })), { ...replyContext, conversation });
    expect(field(bodies[2], 'item')).toEqual({
      id: 'fc_req01ab0',
      type: 'function_call',
      status: 'in_progress',
      arguments: '',
      call_id: 'call_1',
      ...origin,
    });
  });
});

describe('the end', () => {
  const text = part(0, { part: 'text' }, { text: 'x' });
  const refusal = part(0, { part: 'refusal' }, { text: 'no' });

  it.each<[StopReason, ReplyEvent[], string, string | null]>([
    ['end', text, 'completed', null],
    ['tool', text, 'completed', null],
    ['stop-sequence', text, 'completed', null],
    ['pause', text, 'completed', null],
    ['other', text, 'completed', null],
    ['refusal', refusal, 'completed', null],
    ['refusal', text, 'incomplete', 'content_filter'],
    ['content-filter', text, 'incomplete', 'content_filter'],
    ['length', text, 'incomplete', 'max_output_tokens'],
  ])('of %s is told in the last event and in the last item', (stop, parts, status, reason) => {
    const last = write(reply(stop, parts)).at(-1);
    const response = field(last, 'response');
    const [item] = [field(response, 'output')].flat();
    expect([
      field(last, 'type'),
      field(response, 'status'),
      field(item, 'status'),
      field(response, 'incomplete_details'),
    ]).toEqual([`response.${status}`, status, status, reason === null ? null : { reason }]);
  });

  it('tells integer usage in full', () => {
    expect(field(lastResponse(reply('end', text)), 'usage')).toEqual({
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
      output_tokens: 6,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 16,
    });
  });

  it('echoes the request as far as it is known', () => {
    const conversation = {
      ...question,
      tools: [{ name: 'f', description: 'd', parameters: { type: 'object' }, strict: true }],
      toolChoice: { type: 'named', name: 'f' } as const,
      parallelTools: false,
      maxOutputTokens: 9,
      sampling: { temperature: 0.5, topP: 0.9 },
      output: { type: 'json-schema', schema: { type: 'object' }, name: 'n', strict: true } as const,
      reasoning: { effort: 'low', summary: 'auto' },
      carried: new Map([['metadata', { a: 'b' }]]),
    };
    expect(
      responsesClient.writeReply([{ type: 'reply-start' }, { type: 'reply-end', stop: 'end' }], {
        ...replyContext,
        conversation,
      }),
    ).toEqual({
      id: 'resp_req01ab',
      object: 'response',
      created_at: 1_790_000_000,
      status: 'completed',
      background: false,
      error: null,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: 9,
      model: 'gpt-5.1',
      output: [],
      parallel_tool_calls: false,
      previous_response_id: null,
      reasoning: { effort: 'low', summary: 'auto' },
      store: false,
      temperature: 0.5,
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } },
      tool_choice: { type: 'function', name: 'f' },
      tools: [{ type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true }],
      top_p: 0.9,
      truncation: 'disabled',
      usage: null,
      metadata: { a: 'b' },
    });
  });

  it('writes the whole reply as the stream’s last response', () => {
    const events = reply('tool', text, part(1, call, { text: '{}' }));
    expect(responsesClient.writeReply(events, replyContext)).toEqual(lastResponse(events));
  });
});

describe('failures', () => {
  const rate: ReplyEvent = {
    type: 'reply-failed',
    failure: { kind: 'upstream', cause: 'provider-rate', retryAfterSeconds: 2 },
  };
  const error = {
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached at the provider. Try again in a moment. Please try again in 2s.',
  };

  it('in mid-stream go on counting and keep what was done', () => {
    const events = [
      ...reply('end', part(0, { part: 'text' }, { text: 'x' })).slice(0, -1),
      ...part(1, call).slice(0, 1),
      rate,
    ];
    const last = write(events).at(-1);
    expect(last).toEqual({
      type: 'response.failed',
      sequence_number: 9,
      response: expect.objectContaining({
        id: 'resp_chatcmplA1',
        status: 'failed',
        error,
        output: [expect.objectContaining({ type: 'message', status: 'completed' })],
      }),
    });
  });

  it('in place of a start are one event', () => {
    expect(write([rate])).toEqual([
      {
        type: 'response.failed',
        sequence_number: 0,
        response: expect.objectContaining({ status: 'failed', error, output: [] }),
      },
    ]);
  });

  it('keep the usage that is known', () => {
    const usage = { input: 3, cachedRead: 0, cachedWrite: 0, output: 1, reasoning: 0 };
    expect(field(lastResponse([{ ...rate, usage }]), 'usage')).toEqual(expect.objectContaining({ total_tokens: 4 }));
  });

  const description = {
    status: 502,
    message: 'Cannot.',
    openaiType: 'server_error',
    openaiCode: 'upstream_error',
    param: null,
    anthropicType: 'api_error',
    shouldRetry: false,
  };

  it('of a relayed stream are one response.failed', () => {
    expect(bodiesOf(responsesClient.failureEvents(description, replyContext))).toEqual([
      {
        type: 'response.failed',
        sequence_number: 0,
        response: expect.objectContaining({
          id: 'resp_req01ab',
          status: 'failed',
          error: { code: 'upstream_error', message: 'Cannot.' },
        }),
      },
    ]);
  });

  it('before the stream are OpenAI’s error body, with the attempts where there were some', () => {
    const attempts = [{ target: 'a/b', outcome: 'cut', status: 200 }] as const;
    const told = { message: 'Cannot.', type: 'server_error', param: null, code: 'upstream_error' };
    expect([
      responsesClient.errorBody(description, 'req_1'),
      responsesClient.errorBody({ ...description, attempts }, 'req_1'),
    ]).toEqual([{ error: told }, { error: { ...told, attempts } }]);
  });
});
