import { describe, expect, it } from 'vitest';
import { describe as describeFailure } from '../../../src/core/describe.ts';
import { runMachine } from '../../../src/core/machine.ts';
import type { SseEvent } from '../../../src/core/machine.ts';
import type { PartDelta, PartStart, ReplyEvent, StopReason } from '../../../src/core/reply.ts';
import { messagesClient, messagesTarget } from '../../../src/dialects/messages/index.ts';
import { readContext, readFixture, replyContext, unpack, usage } from './fixture.ts';

const stream = (events: ReplyEvent[]) => unpack(runMachine(messagesClient.writeStream(replyContext), events));
const whole = (events: ReplyEvent[]) => messagesClient.writeReply(events, replyContext);
const read = (events: SseEvent[]) => runMachine(messagesTarget.readStream(readContext()), events);
const part = (index: number, start: PartStart, ...deltas: PartDelta[]): ReplyEvent[] => [
  { type: 'part-start', index, ...start },
  ...deltas.map((delta): ReplyEvent => ({ type: 'part-delta', index, delta })),
  { type: 'part-end', index },
];
const reply = (stop: StopReason, ...parts: ReplyEvent[][]): ReplyEvent[] => [
  { type: 'reply-start' },
  ...parts.flat(),
  { type: 'reply-end', stop },
];
const zeros = {
  input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 0,
};

describe('the stream', () => {
  it('tells ids, model, full usage, and event names', () => {
    const events: ReplyEvent[] = [
      { type: 'reply-start', id: 'chatcmpl-1/x', model: 'gpt', usage: usage({ input: 10, cachedRead: 4 }) },
      ...part(0, { part: 'text' }, { text: 'Hé' }, { text: 'llo' }),
      {
        type: 'reply-end',
        stop: 'stop-sequence',
        stopSequence: 'END',
        usage: usage({ input: 10, cachedRead: 4, cachedWrite: 1, output: 3, reasoning: 2 }),
      },
    ];
    expect(stream(events)).toEqual([
      [
        'message_start',
        {
          type: 'message_start',
          message: {
            id: 'msg_chatcmpl-1x',
            type: 'message',
            role: 'assistant',
            model: 'gpt',
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { ...zeros, input_tokens: 6, cache_read_input_tokens: 4 },
          },
        },
      ],
      ['content_block_start', { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }],
      ['content_block_delta', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hé' } }],
      ['content_block_delta', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'llo' } }],
      ['content_block_stop', { type: 'content_block_stop', index: 0 }],
      [
        'message_delta',
        {
          type: 'message_delta',
          delta: { stop_reason: 'stop_sequence', stop_sequence: 'END' },
          usage: {
            input_tokens: 5,
            cache_creation_input_tokens: 1,
            cache_read_input_tokens: 4,
            output_tokens: 3,
            output_tokens_details: { thinking_tokens: 2 },
          },
        },
      ],
      ['message_stop', { type: 'message_stop' }],
    ]);
  });

  it('falls back on the request for id and model', () => {
    expect(stream(reply('end'))[0]?.[1]).toMatchObject({ message: { id: 'msg_req_test', model: 'my-route' } });
  });

  it('never sends an empty block, and numbers the others without gaps', () => {
    const events = reply(
      'end',
      part(0, { part: 'text' }),
      part(1, { part: 'thinking' }),
      part(2, { part: 'text' }, { text: '' }),
      part(3, { part: 'tool-call', id: 'toolu_1', name: 'f' }),
      part(4, { part: 'refusal' }, { text: 'No.' }),
    );
    const blocks = stream(events).filter(([name]) => name === 'content_block_start');
    expect(blocks.map(([, event]) => event)).toEqual([
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
      },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
    ]);
  });

  it('sends a signature once and whole, because the SDKs overwrite it', () => {
    const events = reply(
      'end',
      part(0, { part: 'thinking' }, { signature: 'ab' }, { text: 'Hm' }, { signature: 'cd' }),
    );
    const deltas = stream(events).filter(([name]) => name === 'content_block_delta');
    expect(deltas.map(([, event]) => event)).toEqual([
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'abcd' } },
    ]);
  });

  it('sends OpenAI’s encrypted reasoning as a signature that the reader knows', () => {
    const events = reply('end', part(0, { part: 'thinking', id: 'rs_1' }, { encrypted: 'gAAA' }));
    const { content } = whole(events);
    expect(content).toEqual([{ type: 'thinking', thinking: '', signature: 'openai-reasoning:rs_1:gAAA' }]);
    const { turns } = messagesClient.readRequest({
      max_tokens: 1,
      messages: [{ role: 'assistant', content: content ?? null }],
    });
    expect(turns).toEqual([
      { role: 'assistant', parts: [{ type: 'thinking', text: '', encrypted: 'gAAA', id: 'rs_1' }] },
    ]);
  });

  it.each<[StopReason, PartStart['part'][], string]>([
    ['end', [], 'end_turn'],
    ['end', ['tool-call'], 'tool_use'],
    ['end', ['refusal'], 'refusal'],
    ['tool', ['text', 'tool-call'], 'tool_use'],
    ['tool', ['text'], 'end_turn'],
    ['other', [], 'end_turn'],
    ['length', ['tool-call'], 'max_tokens'],
    ['stop-sequence', [], 'stop_sequence'],
    ['refusal', [], 'refusal'],
    ['content-filter', [], 'refusal'],
    ['pause', [], 'pause_turn'],
  ])('writes the stop %s after %j as %s', (stop, parts, reason) => {
    const events = parts.map((kind, index) => part(index, { part: kind, id: 'i', name: 'n' }, { text: '{}' }));
    expect(whole(reply(stop, ...events))).toMatchObject({ stop_reason: reason });
  });

  it('ends a reply that breaks off in an error event', () => {
    expect(stream([{ type: 'reply-start' }, { type: 'part-start', index: 0, part: 'text' }]).slice(1)).toEqual([
      [
        'error',
        {
          type: 'error',
          error: { type: 'api_error', message: "The upstream's answer broke off before its end. Try again." },
          request_id: 'req_test',
        },
      ],
    ]);
  });

  it('sends nothing after an error event, and nothing before one that comes first', () => {
    const failed: ReplyEvent = { type: 'reply-failed', failure: { kind: 'upstream', cause: 'capacity' } };
    expect(stream([failed, { type: 'reply-start' }, failed]).map(([name]) => name)).toEqual(['error']);
  });
});

describe('the whole reply', () => {
  it('has the same content as the stream', () => {
    const events = reply(
      'tool',
      part(0, { part: 'thinking' }, { text: 'H' }, { text: 'm' }, { signature: 's' }),
      part(1, { part: 'thinking', redacted: 'Em' }),
      part(2, { part: 'text' }, { text: 'So' }, { text: '.' }),
      part(3, { part: 'tool-call', id: 'toolu_1', name: 'f' }, { text: '{"a":' }, { text: '1}' }),
      part(4, { part: 'tool-call', id: 'toolu_2', name: 'g' }),
      part(5, { part: 'tool-call', id: 'toolu_3', name: 'h' }, { text: '{"cut' }),
    );
    expect(whole(events)).toEqual({
      id: 'msg_req_test',
      type: 'message',
      role: 'assistant',
      model: 'my-route',
      content: [
        { type: 'thinking', thinking: 'Hm', signature: 's' },
        { type: 'redacted_thinking', data: 'Em' },
        { type: 'text', text: 'So.' },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
        { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} },
        { type: 'tool_use', id: 'toolu_3', name: 'h', input: { _raw: '{"cut' } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: zeros,
    });
  });
});

describe('there and back', () => {
  it.each(['text', 'tool', 'parallel', 'thinking', 'redacted', 'refusal', 'stop-sequence', 'noise'])(
    'the client half writes what the target half read of %s so that it reads the same again',
    (name) => {
      const events = read(readFixture(name));
      const again = read(runMachine(messagesClient.writeStream(replyContext), events));
      const gathered = messagesTarget.readReply(whole(events), readContext());
      expect([again, gathered.at(-1)]).toEqual([events, events.at(-1)]);
    },
  );
});

describe('errors', () => {
  const overflow = { kind: 'upstream', cause: 'context-overflow' } as const;

  it.each([
    [
      "This model's maximum context length is 8192 tokens.",
      "prompt is too long: this model's maximum context length is 8192 tokens. Shorten the conversation.",
    ],
    [
      'prompt is too long: 9 tokens > 8 maximum',
      "prompt is too long: 9 tokens > 8 maximum. This model's maximum context length is 8 tokens. " +
        'However, your messages resulted in 9 tokens. Shorten the conversation.',
    ],
  ])('says the overflow %j in the words that clients know', (detail, message) => {
    expect(messagesClient.errorBody(describeFailure({ ...overflow, detail }), 'req_1')).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message },
      request_id: 'req_1',
    });
  });

  it('lists the attempts', () => {
    const attempts = [{ target: 'a/b', outcome: 'capacity', status: 529 }] as const;
    const body = messagesClient.errorBody(describeFailure({ kind: 'upstream', cause: 'capacity', attempts }), 'req_1');
    expect(body).toMatchObject({ error: { type: 'overloaded_error', attempts } });
  });

  it('ends a stream with an event: error', () => {
    const events = messagesClient.failureEvents(describeFailure({ kind: 'internal' }), replyContext);
    expect(unpack(events)).toEqual([
      ['error', messagesClient.errorBody(describeFailure({ kind: 'internal' }), 'req_test')],
    ]);
  });
});
