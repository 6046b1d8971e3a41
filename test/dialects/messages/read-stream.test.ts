import { describe, expect, it } from 'vitest';
import { runMachine } from '../../../src/core/machine.ts';
import type { SseEvent } from '../../../src/core/machine.ts';
import type { ReplyEvent } from '../../../src/core/reply.ts';
import { messagesTarget } from '../../../src/dialects/messages/index.ts';
import { readContext, readFixture, sse, usage } from './fixture.ts';

const read = (events: SseEvent[], more = {}): ReplyEvent[] =>
  runMachine(messagesTarget.readStream(readContext(more)), events);

const model = 'claude-sonnet-4-5-20250929';
const block = (index: number, start: object, ...deltas: object[]): ReplyEvent[] => [
  { type: 'part-start', index, ...start } as ReplyEvent,
  ...deltas.map((delta) => ({ type: 'part-delta', index, delta }) as ReplyEvent),
  { type: 'part-end', index },
];

describe('fixtures', () => {
  it('adds the cached tokens to the input', () => {
    expect(read(readFixture('text'))).toEqual([
      {
        type: 'reply-start',
        id: 'msg_text1',
        model,
        usage: usage({ input: 132, cachedRead: 100, cachedWrite: 7, output: 2 }),
      },
      ...block(0, { part: 'text' }, { text: 'Hello' }, { text: ', wörld ' }, { text: '👋' }),
      {
        type: 'reply-end',
        stop: 'end',
        usage: usage({ input: 132, cachedRead: 100, cachedWrite: 7, output: 12 }),
      },
    ]);
  });

  it('streams arguments as they come, and keeps the input tokens of the start', () => {
    expect(read(readFixture('tool'))).toEqual([
      { type: 'reply-start', id: 'msg_tool1', model, usage: usage({ input: 300, output: 1 }) },
      ...block(0, { part: 'text' }, { text: 'Let me look.' }),
      ...block(
        1,
        { part: 'tool-call', id: 'toolu_a1', name: 'get_weather' },
        { text: '{"city":' },
        { text: ' "Malmö"}' },
      ),
      { type: 'reply-end', stop: 'tool', usage: usage({ input: 300, output: 40 }) },
    ]);
  });

  it('reads parallel calls in order, and gives a call without arguments an empty object', () => {
    expect(read(readFixture('parallel')).slice(1, -1)).toEqual([
      ...block(0, { part: 'tool-call', id: 'toolu_p1', name: 'get_weather' }, { text: '{"city":"Oslo"}' }),
      ...block(1, { part: 'tool-call', id: 'toolu_p2', name: 'get_time' }, { text: '{}' }),
    ]);
  });

  it('reads thinking with its signature, and reasoning tokens', () => {
    expect(read(readFixture('thinking')).slice(1)).toEqual([
      ...block(0, { part: 'thinking' }, { text: 'Two and ' }, { text: 'two.' }, { signature: 'EqQBCkgIARAB+sig==' }),
      ...block(1, { part: 'text' }, { text: 'Four.' }),
      { type: 'reply-end', stop: 'end', usage: usage({ input: 30, output: 60, reasoning: 48 }) },
    ]);
  });

  it('reads redacted and signature-only thinking', () => {
    expect(read(readFixture('redacted')).slice(1, -1)).toEqual([
      ...block(0, { part: 'thinking', redacted: 'EmwKAhgBEgy3va==' }),
      ...block(1, { part: 'thinking' }, { signature: 'only-signed==' }),
      ...block(2, { part: 'text' }, { text: 'Done.' }),
    ]);
  });

  it('ignores pings, unknown events, server tools and citations', () => {
    expect(read(readFixture('noise'))).toEqual([
      { type: 'reply-start', id: 'msg_noise1', model, usage: usage({ input: 9, output: 1 }) },
      ...block(0, { part: 'text' }, { text: 'Found.' }),
      { type: 'reply-end', stop: 'end', usage: usage({ input: 9, output: 7 }) },
    ]);
  });

  it('tells a refusal and a stop sequence', () => {
    expect([read(readFixture('refusal')).at(-1), read(readFixture('stop-sequence')).at(-1)]).toEqual([
      { type: 'reply-end', stop: 'refusal', usage: usage({ input: 12, output: 5 }) },
      { type: 'reply-end', stop: 'stop-sequence', stopSequence: 'three', usage: usage({ input: 12, output: 4 }) },
    ]);
  });

  it('fails where the stream ends without message_stop', () => {
    expect(read(readFixture('cut')).slice(1)).toEqual([
      { type: 'part-start', index: 0, part: 'text' },
      { type: 'part-delta', index: 0, delta: { text: 'Half an ans' } },
      { type: 'reply-failed', failure: { kind: 'upstream', cause: 'cut' }, usage: usage({ input: 12, output: 1 }) },
    ]);
  });

  it('fails once on an error event', () => {
    expect(read(readFixture('error')).at(-1)).toEqual({
      type: 'reply-failed',
      failure: { kind: 'upstream', cause: 'capacity' },
      usage: usage({ input: 12, output: 1 }),
    });
  });
});

describe('tolerance', () => {
  const start = { type: 'message_start', message: { id: 'msg_1', model: 'm' } };
  const stop = { type: 'message_stop' };
  const end: ReplyEvent = { type: 'reply-end', stop: 'end' };
  const started: ReplyEvent = { type: 'reply-start', id: 'msg_1', model: 'm' };

  it('reads the type from the data where the event line is missing', () => {
    const nameless = sse(start, stop).map(({ data }) => ({ data }));
    expect(read(nameless)).toEqual([started, end]);
  });

  it('reads the type from the event line where the data has none', () => {
    expect(read([{ event: 'ping', data: '{}' }, ...sse(start), { event: 'message_stop', data: '{}' }])).toEqual([
      started,
      end,
    ]);
  });

  it('opens parts for deltas whose block never started, and closes blocks that never stop', () => {
    const events = sse(
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'A' } },
      { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', name: 'f', input: { x: 1 } } },
      stop,
    );
    expect(read(events)).toEqual([
      { type: 'reply-start' },
      ...block(0, { part: 'thinking' }, { text: 'Hm' }),
      ...block(1, { part: 'text' }, { text: 'A' }),
      ...block(2, { part: 'tool-call', id: 'minted1', name: 'f' }, { text: '{"x":1}' }),
      { type: 'reply-end', stop: 'tool' },
    ]);
  });

  it('passes over empty deltas and deltas of unknown types', () => {
    const events = sse(
      start,
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'sparkle_delta', sparkle: 1 } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{}' } },
      stop,
    );
    expect(read(events)).toEqual([started, ...block(0, { part: 'text' }), end]);
  });

  it('takes the largest usage that was told', () => {
    const events = sse(
      { type: 'message_start', message: { id: 'msg_1', model: 'm', usage: { input_tokens: 0, output_tokens: 0 } } },
      { type: 'message_delta', delta: {}, usage: { input_tokens: 8, output_tokens: -3, cache_read_input_tokens: 'x' } },
      stop,
    );
    expect(read(events).at(-1)).toEqual({ ...end, usage: usage({ input: 8 }) });
  });

  it.each(['<html>', '7', '[1]'])('fails on data that is no event: %s', (data) => {
    expect(read([...sse(start), { data }, ...sse(stop)])).toEqual([
      started,
      { type: 'reply-failed', failure: { kind: 'upstream', cause: 'garbage' } },
    ]);
  });

  it('passes over an OpenAI end mark and events after the end', () => {
    expect(read([...sse(start, stop), { data: '[DONE]' }, ...sse(start, { type: 'error', error: {} })])).toEqual([
      started,
      end,
    ]);
  });

  it('reads the calls of the stand-in tool as text', () => {
    const events = sse(
      start,
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 't', name: 'json_output', input: {} },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"a"' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: ':1}' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      stop,
    );
    expect(read(events, { jsonTool: 'json_output' })).toEqual([
      started,
      ...block(0, { part: 'text' }, { text: '{"a"' }, { text: ':1}' }),
      end,
    ]);
  });
});

describe('stop reasons', () => {
  it.each([
    ['end_turn', 'end'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['stop_sequence', 'stop-sequence'],
    ['refusal', 'refusal'],
    ['pause_turn', 'pause'],
    ['compaction', 'other'],
    ['constructor', 'other'],
    [null, 'end'],
  ])('reads %s as %s', (reason, stop) => {
    const events = sse({ type: 'message_delta', delta: { stop_reason: reason } }, { type: 'message_stop' });
    expect(read(events).at(-1)).toEqual({ type: 'reply-end', stop });
  });
});

describe('errors', () => {
  it.each([
    ['overloaded_error', 'Overloaded', { cause: 'capacity' }],
    ['rate_limit_error', 'slow down', { cause: 'provider-rate' }],
    ['authentication_error', 'invalid x-api-key sk-ant-1', { cause: 'provider-key' }],
    ['permission_error', 'no', { cause: 'provider-key' }],
    ['billing_error', 'pay', { cause: 'provider-billing' }],
    ['not_found_error', 'model: x', { cause: 'model-missing' }],
    ['request_too_large', 'big', { cause: 'too-large' }],
    ['api_error', 'oops', { cause: 'provider-error' }],
    ['timeout_error', 'late', { cause: 'provider-error' }],
    ['teapot_error', 'short', { cause: 'stream-error' }],
    ['invalid_request_error', 'tools.0: bad', { cause: 'invalid-request', detail: 'tools.0: bad' }],
    [
      'invalid_request_error',
      'Prompt is too long: 210000 tokens > 200000 maximum',
      { cause: 'context-overflow', detail: 'Prompt is too long: 210000 tokens > 200000 maximum' },
    ],
    [
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000',
      {
        cause: 'context-overflow',
        detail: 'input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000',
      },
    ],
    ['invalid_request_error', 'Your credit balance is too low', { cause: 'provider-billing' }],
  ])('reads %s "%s"', (type, message, failure) => {
    expect(read(sse({ type: 'error', error: { type, message } }))).toEqual([
      { type: 'reply-failed', failure: { kind: 'upstream', ...failure } },
    ]);
  });

  it('cuts what it quotes', () => {
    const long = 'x'.repeat(2000);
    const events = sse({ type: 'error', error: { type: 'invalid_request_error', message: long } });
    expect(read(events)).toEqual([
      {
        type: 'reply-failed',
        failure: { kind: 'upstream', cause: 'invalid-request', detail: 'x'.repeat(500) },
      },
    ]);
  });
});
