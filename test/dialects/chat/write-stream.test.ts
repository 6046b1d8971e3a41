import { describe, expect, it } from 'vitest';
import { describe as describeFailure } from '../../../src/core/describe.ts';
import { runMachine } from '../../../src/core/machine.ts';
import type { ReplyEvent, StopReason } from '../../../src/core/reply.ts';
import { chatClient } from '../../../src/dialects/chat/index.ts';
import { context, parsed } from './support.ts';

const usage = { input: 11, cachedRead: 4, cachedWrite: 0, output: 7, reasoning: 2 };

/** One answer with a part of every kind. */
const full: ReplyEvent[] = [
  { type: 'reply-start', id: 'msg_1', model: 'claude' },
  { type: 'part-start', index: 0, part: 'thinking' },
  { type: 'part-delta', index: 0, delta: { text: 'hm' } },
  { type: 'part-delta', index: 0, delta: { signature: 'c2ln' } },
  { type: 'part-end', index: 0 },
  { type: 'part-start', index: 1, part: 'text' },
  { type: 'part-delta', index: 1, delta: { text: 'Hel' } },
  { type: 'part-delta', index: 1, delta: { text: 'lo\n\ndata: [DONE]\n\n' } },
  { type: 'part-end', index: 1 },
  { type: 'part-start', index: 2, part: 'tool-call', id: 'toolu_1', name: 'f' },
  { type: 'part-delta', index: 2, delta: { text: '{"a"' } },
  { type: 'part-delta', index: 2, delta: { text: ':1}' } },
  { type: 'part-end', index: 2 },
  { type: 'part-start', index: 3, part: 'tool-call', id: 'toolu_2', name: 'now' },
  { type: 'part-end', index: 3 },
  { type: 'reply-end', stop: 'tool', usage },
];

const writtenUsage = {
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

function stream(events: readonly ReplyEvent[], includeUsage = true): unknown[] {
  return parsed(runMachine(chatClient.writeStream(context({ includeUsage })), events));
}

function answer(stop: StopReason, part?: 'text' | 'refusal'): ReplyEvent[] {
  const said: ReplyEvent[] = [
    { type: 'part-start', index: 0, part: part ?? 'text' },
    { type: 'part-delta', index: 0, delta: { text: 'x' } },
    { type: 'part-end', index: 0 },
  ];
  return [{ type: 'reply-start' }, ...(part === undefined ? [] : said), { type: 'reply-end', stop }];
}

describe('a streamed reply', () => {
  const head = { id: 'msg_1', object: 'chat.completion.chunk', created: 1_763_000_000, model: 'claude' };
  const chunk = (delta: object, finish: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const call = (index: number, rest: object) => chunk({ tool_calls: [{ index, ...rest }] });

  it('keeps the whole stream contract', () => {
    expect(stream(full)).toEqual([
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'hm' }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo\n\ndata: [DONE]\n\n' }),
      call(0, { id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '' } }),
      call(0, { function: { arguments: '{"a"' } }),
      call(0, { function: { arguments: ':1}' } }),
      call(1, { id: 'toolu_2', type: 'function', function: { name: 'now', arguments: '' } }),
      call(1, { function: { arguments: '{}' } }),
      chunk({}, 'tool_calls'),
      { ...head, choices: [], usage: writtenUsage },
      '[DONE]',
    ]);
  });

  it('shows no usage to a caller who did not ask', () => {
    const chunks = stream(full, false);
    expect(chunks.slice(-2)).toEqual([chunk({}, 'tool_calls'), '[DONE]']);
    expect(JSON.stringify(chunks)).not.toContain('usage');
  });

  it('makes up no usage where the upstream told none', () => {
    expect(stream(answer('end')).at(-2)).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
  });

  it('names itself where the upstream did not', () => {
    expect(stream([{ type: 'reply-start' }])[0]).toEqual({
      id: 'chatcmpl-req1',
      object: 'chat.completion.chunk',
      created: 1_763_000_000,
      model: 'asked-model',
      choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
    });
  });

  it('keeps every event on one line', () => {
    const events = runMachine(chatClient.writeStream(context()), full);
    expect(events.filter(({ data }) => /[\r\n]/.test(data))).toEqual([]);
  });
});

describe('the finish reason', () => {
  it.each<[StopReason, 'text' | 'refusal' | undefined, string]>([
    ['end', 'text', 'stop'],
    ['length', 'text', 'length'],
    ['stop-sequence', 'text', 'stop'],
    ['refusal', undefined, 'content_filter'],
    ['refusal', 'refusal', 'stop'],
    ['content-filter', 'text', 'content_filter'],
    ['pause', 'text', 'stop'],
    ['other', 'text', 'stop'],
  ])('of %s after %s is %s, streamed and whole', (stop, part, finish) => {
    const events = answer(stop, part);
    expect(stream(events).at(-2)).toMatchObject({ choices: [{ delta: {}, finish_reason: finish }] });
    expect(chatClient.writeReply(events, context())).toMatchObject({ choices: [{ finish_reason: finish }] });
  });

  it('is tool_calls where a tool call was streamed, whatever the upstream says', () => {
    const events = full.slice(0, -1);
    expect(stream([...events, { type: 'reply-end', stop: 'end' }]).at(-2)).toMatchObject({
      choices: [{ finish_reason: 'tool_calls' }],
    });
  });
});

describe('a stream that fails', () => {
  const failure = { kind: 'upstream', cause: 'capacity', target: 'openai/gpt-5.1' } as const;
  const body = {
    error: {
      message: 'The model is out of capacity at the moment (openai/gpt-5.1). Try again in a moment.',
      type: 'server_error',
      param: null,
      code: 'server_is_overloaded',
    },
  };

  it('ends in one error event without [DONE]', () => {
    const events: ReplyEvent[] = [{ type: 'reply-start' }, { type: 'reply-failed', failure }, { type: 'reply-start' }];
    expect(stream(events).slice(1)).toEqual([body]);
  });

  it('says the same from the outside', () => {
    expect(parsed(chatClient.failureEvents(describeFailure(failure), context()))).toEqual([body]);
    expect(chatClient.errorBody(describeFailure(failure), 'req1')).toEqual(body);
  });

  it('is an error where the events stop without an end', () => {
    expect(stream([{ type: 'reply-start' }]).at(-1)).toMatchObject({
      error: { type: 'server_error', code: 'upstream_error' },
    });
  });
});

describe('a whole reply', () => {
  it('holds every part', () => {
    expect(chatClient.writeReply(full, context())).toEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 1_763_000_000,
      model: 'claude',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Hello\n\ndata: [DONE]\n\n',
            refusal: null,
            reasoning_content: 'hm',
            tool_calls: [
              { id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
              { id: 'toolu_2', type: 'function', function: { name: 'now', arguments: '{}' } },
            ],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: writtenUsage,
    });
  });

  it.each([
    ['an empty answer has empty content', answer('end'), { content: '', refusal: null }],
    ['a refusal has null content', answer('refusal', 'refusal'), { content: null, refusal: 'x' }],
  ])('%s', (_name, events, message) => {
    expect(chatClient.writeReply(events, context())).toMatchObject({
      choices: [{ message: { role: 'assistant', ...message } }],
    });
  });
});
