import { describe, expect, it } from 'vitest';
import type { UpstreamCause, UpstreamFailure } from '../../../src/core/failure.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { runMachine } from '../../../src/core/machine.ts';
import type { SseEvent } from '../../../src/core/machine.ts';
import type { ReplyEvent } from '../../../src/core/reply.ts';
import { responsesTarget } from '../../../src/dialects/responses/index.ts';
import { mintingContext, replyOf, streamOf, wire } from './support.ts';

const read = (events: readonly SseEvent[]) => runMachine(responsesTarget.readStream(mintingContext()), events);
const readWhole = (body: JsonObject) => responsesTarget.readReply(body, mintingContext());

const model = 'gpt-5.1-2026-08-01';
const started = (id: string): ReplyEvent => ({ type: 'reply-start', id, model });
const text = (index: number, ...texts: string[]): ReplyEvent[] => [
  { type: 'part-start', index, part: 'text' },
  ...texts.map((piece): ReplyEvent => ({ type: 'part-delta', index, delta: { text: piece } })),
  { type: 'part-end', index },
];
const call = (index: number, id: string, ...pieces: string[]): ReplyEvent[] => [
  { type: 'part-start', index, part: 'tool-call', id, name: 'get_weather' },
  ...pieces.map((piece): ReplyEvent => ({ type: 'part-delta', index, delta: { text: piece } })),
  { type: 'part-end', index },
];
const usage = { input: 0, cachedRead: 0, cachedWrite: 0, output: 0, reasoning: 0 };
const cut: ReplyEvent = { type: 'reply-failed', failure: { kind: 'upstream', cause: 'cut' } };

describe('recorded streams', () => {
  it('reads text as one part', () => {
    expect(read(streamOf('text'))).toEqual([
      started('resp_text1'),
      ...text(0, 'Grüße', ' aus 東京', ' 👋'),
      { type: 'reply-end', stop: 'end', usage: { ...usage, input: 12, output: 9 } },
    ]);
  });

  it('streams the arguments of a call as they come and stops for the tool', () => {
    expect(read(streamOf('tool'))).toEqual([
      started('resp_tool1'),
      ...call(0, 'call_weather1', '{"', 'city', '":"', 'Oslo', '"}'),
      { type: 'reply-end', stop: 'tool', usage: { ...usage, input: 60, output: 18 } },
    ]);
  });

  it('puts interleaved calls one after the other and loses nothing', () => {
    expect(read(streamOf('parallel-tools'))).toEqual([
      started('resp_par1'),
      ...text(0, 'Both', ' at once.'),
      ...call(1, 'call_a1', '{"city":', '"Oslo"}'),
      ...call(2, 'call_b2', '{"city":"Ber', 'gen"}'),
      { type: 'reply-end', stop: 'tool', usage: { ...usage, input: 80, cachedRead: 64, output: 40 } },
    ]);
  });

  it('makes one thinking part of several summaries, with the encrypted content of the finished item', () => {
    expect(read(streamOf('reasoning'))).toEqual([
      started('resp_rs1'),
      { type: 'part-start', index: 0, part: 'thinking', id: 'rs_1' },
      { type: 'part-delta', index: 0, delta: { text: '**Adding**' } },
      { type: 'part-delta', index: 0, delta: { text: '\n\nTwo and two.' } },
      { type: 'part-delta', index: 0, delta: { text: '\n\n**Checking**' } },
      { type: 'part-delta', index: 0, delta: { encrypted: 'gAAAAABfull==' } },
      { type: 'part-end', index: 0 },
      ...text(1, '4'),
      { type: 'reply-end', stop: 'end', usage: { ...usage, input: 20, output: 140, reasoning: 128 } },
    ]);
  });

  it('reads a refusal as a part of its own kind', () => {
    expect(read(streamOf('refusal'))).toEqual([
      started('resp_ref1'),
      { type: 'part-start', index: 0, part: 'refusal' },
      { type: 'part-delta', index: 0, delta: { text: 'I cannot' } },
      { type: 'part-delta', index: 0, delta: { text: ' help with that.' } },
      { type: 'part-end', index: 0 },
      { type: 'reply-end', stop: 'end', usage: { ...usage, input: 15, output: 8 } },
    ]);
  });

  it('ends an incomplete reply for its length', () => {
    expect(read(streamOf('incomplete'))).toEqual([
      started('resp_inc1'),
      ...text(0, 'Once upon'),
      { type: 'reply-end', stop: 'length', usage: { ...usage, input: 10, output: 16 } },
    ]);
  });

  it('fails with the cause and the wait that the upstream named', () => {
    expect(read(streamOf('failed'))).toEqual([
      started('resp_fail1'),
      { type: 'part-start', index: 0, part: 'text' },
      { type: 'part-delta', index: 0, delta: { text: 'Let me' } },
      { type: 'reply-failed', failure: { kind: 'upstream', cause: 'provider-rate', retryAfterSeconds: 1.5 } },
    ]);
  });

  it('fails where the stream ends without its terminal event', () => {
    expect(read(streamOf('cut')).slice(-2)).toEqual([
      { type: 'part-delta', index: 0, delta: { text: 'Half a sen' } },
      cut,
    ]);
  });

  it.each(['text', 'tool', 'reasoning', 'refusal', 'incomplete'])(
    'reads the whole reply like its stream: %s',
    (name) => {
      expect(joined(readWhole(replyOf(name)))).toEqual(joined(read(streamOf(name))));
    },
  );
});

/** Adjacent text deltas as one: a whole reply has no chunks. */
function joined(events: readonly ReplyEvent[]): ReplyEvent[] {
  const out: ReplyEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    const piece = event.type === 'part-delta' && 'text' in event.delta ? event.delta.text : undefined;
    const before = last?.type === 'part-delta' && 'text' in last.delta ? last.delta.text : undefined;
    if (piece === undefined || before === undefined || event.type !== 'part-delta') out.push(event);
    else out[out.length - 1] = { ...event, delta: { text: before + piece } };
  }
  return out;
}

const message = (texts: readonly string[], id = 'msg_1') => ({
  id,
  type: 'message',
  role: 'assistant',
  content: texts.map((piece) => ({ type: 'output_text', text: piece })),
});
const completed = (output: readonly JsonObject[] = []) => wire('response.completed', { response: { output } });
const done = (output_index: number, item: JsonObject) => wire('response.output_item.done', { output_index, item });
const delta = (output_index: number, piece: string) =>
  wire('response.output_text.delta', { output_index, content_index: 0, delta: piece });
const namedDelta = (item_id: string, piece: string, rest: JsonObject = {}) =>
  wire('response.output_text.delta', { item_id, delta: piece, ...rest });
const ended = (stop: 'end' | 'tool'): ReplyEvent => ({ type: 'reply-end', stop });
const bare: ReplyEvent = { type: 'reply-start' };

describe('streams of other servers', () => {
  it('reads items that come only whole', () => {
    expect(read([done(0, message(['a', 'b'])), completed()])).toEqual([
      bare,
      ...text(0, 'a'),
      ...text(1, 'b'),
      ended('end'),
    ]);
  });

  it('reads items that come only in the last event', () => {
    expect(read([completed([message(['all of it'])])])).toEqual([bare, ...text(0, 'all of it'), ended('end')]);
  });

  it('adds what the deltas left out when the item is done', () => {
    expect(read([delta(0, 'Hel'), done(0, message(['Hello'])), completed()])).toEqual([
      bare,
      ...text(0, 'Hel', 'lo'),
      ended('end'),
    ]);
  });

  it('finishes an open item from the last event where it never was done', () => {
    expect(read([delta(0, 'Hel'), completed([message(['Hello'])])])).toEqual([
      bare,
      ...text(0, 'Hel', 'lo'),
      ended('end'),
    ]);
  });

  it('takes deltas by output_index when every event has another item_id', () => {
    const events = [namedDelta('x1', 'a', { output_index: 0 }), namedDelta('x2', 'b', { output_index: 0 })];
    expect(read([...events, completed()])).toEqual([bare, ...text(0, 'a', 'b'), ended('end')]);
  });

  it('takes deltas by item_id where there is no output_index', () => {
    expect(read([namedDelta('m', 'a'), namedDelta('m', 'b'), completed()])).toEqual([
      bare,
      ...text(0, 'a', 'b'),
      ended('end'),
    ]);
  });

  it('reads event types from the data where there are no event lines', () => {
    const unnamed = streamOf('tool').map(({ data }) => ({ data }));
    expect(read(unnamed)).toEqual(read(streamOf('tool')));
  });

  it('reads raw reasoning text of open models', () => {
    const events = [
      wire('response.reasoning_text.delta', { output_index: 0, content_index: 0, delta: 'Hm' }),
      done(0, { id: 'rs_9', type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] }),
      completed(),
    ];
    expect(read(events)).toEqual([
      bare,
      { type: 'part-start', index: 0, part: 'thinking' },
      { type: 'part-delta', index: 0, delta: { text: 'Hm' } },
      { type: 'part-delta', index: 0, delta: { text: '.' } },
      { type: 'part-end', index: 0 },
      ended('end'),
    ]);
  });

  it('makes no part of reasoning that says nothing', () => {
    expect(read([done(0, { id: 'rs_1', type: 'reasoning', summary: [] }), completed()])).toEqual([bare, ended('end')]);
  });

  it('mints an id for a call without one and for the second of two with the same', () => {
    const item = { type: 'function_call', name: 'get_weather', arguments: '{}' };
    const same = { ...item, call_id: 'c' };
    expect(read([done(0, item), done(1, same), done(2, same), completed()])).toEqual([
      bare,
      ...call(0, 'minted1', '{}'),
      ...call(1, 'c', '{}'),
      ...call(2, 'minted2', '{}'),
      ended('tool'),
    ]);
  });

  it('waits for the name of a call that is added without one', () => {
    const events = [
      wire('response.output_item.added', { output_index: 0, item: { type: 'function_call', call_id: 'c' } }),
      wire('response.function_call_arguments.delta', { output_index: 0, delta: '{"a"' }),
      done(0, { type: 'function_call', call_id: 'c', name: 'get_weather', arguments: '{"a":1}' }),
      completed(),
    ];
    expect(read(events)).toEqual([bare, ...call(0, 'c', '{"a":1}'), ended('tool')]);
  });

  it('keeps the call of a custom tool, its text as input', () => {
    const item = { type: 'custom_tool_call', call_id: 'c', name: 'get_weather', input: 'in "Oslo"' };
    expect(read([done(0, item), completed()])).toEqual([
      bare,
      ...call(0, 'c', '{"input":"in \\"Oslo\\""}'),
      ended('tool'),
    ]);
  });

  it('leaves out items of hosted tools, unknown events and what follows the end', () => {
    const events = [
      wire('response.output_item.added', { output_index: 0, item: { id: 'ws_1', type: 'web_search_call' } }),
      wire('response.web_search_call.searching', { output_index: 0 }),
      done(0, { id: 'ws_1', type: 'web_search_call', status: 'completed' }),
      wire('keepalive'),
      wire('response.brand_new', { anything: [1] }),
      delta(1, 'ok'),
      completed([]),
      delta(2, 'late'),
      { data: '[DONE]' },
    ];
    expect(read(events)).toEqual([bare, ...text(0, 'ok'), ended('end')]);
  });

  it('starts the reply only once, whatever lifecycle events come', () => {
    const events = ['response.queued', 'response.created', 'response.in_progress'].map((type) =>
      wire(type, { response: { id: 'resp_1', model: 'm' } }),
    );
    expect(read([...events, completed()])).toEqual([{ type: 'reply-start', id: 'resp_1', model: 'm' }, ended('end')]);
  });
});

const failed = (cause: UpstreamCause, rest: Partial<UpstreamFailure> = {}): ReplyEvent[] => [
  { type: 'reply-failed', failure: { kind: 'upstream', cause, ...rest } },
];

describe('failures', () => {
  it.each<[string, SseEvent, ReplyEvent[]]>([
    ['an event that is no JSON', { data: '{"type":' }, failed('garbage')],
    ['an event that is no object', { data: '3' }, failed('garbage')],
    ['an event without a type', { data: '{"choices":[]}' }, failed('garbage')],
    ['a call without a name', done(0, { type: 'function_call', call_id: 'c', arguments: '{}' }), failed('garbage')],
    ['a flat error event', wire('error', { code: 'server_error', message: 'x' }), failed('provider-error')],
    ['a nested error event', wire('error', { error: { type: 'overloaded_error' } }), failed('capacity')],
    ['an error without a type', { data: '{"error":{"code":"insufficient_quota"}}' }, failed('provider-billing')],
    ['a failed response', wire('response.failed', { response: { error: null } }), failed('stream-error')],
  ])('ends on %s, and only once', (_, event, expected) => {
    expect(read([event, completed([message(['late'])])])).toEqual(expected);
  });

  it('keeps the usage that a failed response tells', () => {
    const response = { error: { code: 'server_error' }, usage: { input_tokens: 3, output_tokens: 1 } };
    expect(read([wire('response.failed', { response })])).toEqual([
      {
        type: 'reply-failed',
        failure: { kind: 'upstream', cause: 'provider-error' },
        usage: { ...usage, input: 3, output: 1 },
      },
    ]);
  });

  it('ends where an upstream opens items without end', () => {
    const events = Array.from({ length: 10_001 }, (_, at) =>
      wire('response.output_item.added', { output_index: at, item: { type: 'message' } }),
    );
    expect(read(events)).toEqual(failed('garbage'));
  });

  it.each<[string, JsonObject, ReplyEvent[]]>([
    [
      'an error body',
      { error: { type: 'invalid_request_error', message: 'No.' } },
      failed('invalid-request', { detail: 'No.' }),
    ],
    ['a body of another kind', { choices: [] }, failed('garbage')],
    ['a response that is not over', { status: 'queued', output: [] }, failed('garbage')],
    ['a response that was cancelled', { status: 'cancelled', output: [] }, failed('stream-error')],
  ])('gives one failure for %s', (_, body, expected) => {
    expect(readWhole(body)).toEqual(expected);
  });

  it('fails for the content filter’s reason and for one it does not know', () => {
    const stops = ['content_filter', 'new_reason'].map((reason) =>
      readWhole({ status: 'incomplete', incomplete_details: { reason }, output: [] }),
    );
    expect(stops).toEqual([
      [bare, { type: 'reply-end', stop: 'content-filter' }],
      [bare, { type: 'reply-end', stop: 'other' }],
    ]);
  });
});
