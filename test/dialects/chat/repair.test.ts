import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { SseEvent } from '../../../src/core/machine.ts';
import { runMachine } from '../../../src/core/machine.ts';
import { chatTarget, hideUsage, repairReply, repairStream } from '../../../src/dialects/chat/index.ts';
import { calls, context, delta, done, parsed } from './support.ts';
import { sse } from '../../support/events.ts';

const head = { id: 'chatcmpl-req1', object: 'chat.completion.chunk', created: 1_763_000_000, model: 'asked-model' };

function repair(...events: SseEvent[]): unknown[] {
  return parsed(runMachine(repairStream(context()), events));
}

function chunk(said: object, finish: string | null = null): object {
  return { choices: [{ index: 0, delta: said, finish_reason: finish }], ...head };
}

const named = (over: object, name: string, args: string) => ({ ...over, function: { name, arguments: args } });
const more = (over: object, args: string) => ({ ...over, function: { arguments: args } });

describe('a stream under repair', () => {
  it('gets its envelope, its role, its index and its [DONE]', () => {
    expect(
      repair(sse({ choices: [{ delta: { content: 'a' } }] }), sse({ choices: [{ delta: {}, finish_reason: 'stop' }] })),
    ).toEqual([chunk({ role: 'assistant', content: 'a' }), chunk({}, 'stop'), '[DONE]']);
  });

  it('keeps what it does not know, and the upstream’s own envelope', () => {
    const own = { id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'm', x_extra: { a: 1 } };
    const event = {
      ...own,
      choices: [
        { index: 0, delta: { role: 'assistant', content: 'a', z: 1 }, logprobs: { content: [] }, finish_reason: null },
      ],
    };
    expect(repair(sse(event))).toEqual([event]);
  });

  it('numbers tool calls and names each one once', () => {
    expect(
      repair(
        delta({ role: 'assistant', content: null }),
        calls(named({ id: 'call_a', type: 'function' }, 'f', '')),
        calls(more({}, '{"a":1}')),
        calls({ index: 0, id: null, type: null, function: { name: null, arguments: '' } }),
        calls(named({}, 'now', '')),
        delta({}, 'stop'),
        done,
      ),
    ).toEqual([
      chunk({ role: 'assistant', content: '' }),
      chunk({ tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'f', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] }),
      chunk({ tool_calls: [{ index: 1, id: 'minted0', type: 'function', function: { name: 'now', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }, 'tool_calls'),
      '[DONE]',
    ]);
  });

  it('holds arguments until their name has come', () => {
    expect(
      repair(
        delta({ role: 'assistant' }),
        calls(more({ index: 0, id: 'a' }, '{"a"')),
        calls(named({ index: 0 }, 'f', ':1}')),
      ),
    ).toEqual([
      chunk({ role: 'assistant', content: '' }),
      chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] }),
    ]);
  });

  it('gives out no id that the conversation already holds', () => {
    const machine = repairStream({ ...context(), takenIds: new Set(['call_0']) });
    const out = parsed(machine.push(calls(named({ index: 0, id: 'call_0' }, 'f', '{}'))));
    expect(out).toMatchObject([{ choices: [{ delta: { tool_calls: [{ id: 'minted0' }] } }] }]);
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content_filter'],
    ['eos_token', 'stop'],
    ['tool_calls', 'stop'],
    ['error', 'error'],
  ])('ends in %s as %s where no tool was called', (finish, written) => {
    expect(repair(delta({ content: 'a' }, finish))[0]).toEqual(chunk({ role: 'assistant', content: 'a' }, written));
  });

  it.each<[string, SseEvent[]]>([
    ['no finish reason', []],
    ['[DONE] and no finish reason', [done]],
  ])('stays cut with %s', (_name, events) => {
    expect(repair(delta({ content: 'a' }), ...events)).toEqual([chunk({ role: 'assistant', content: 'a' })]);
  });

  it('says nothing at all where nothing came', () => {
    expect(repair(done)).toEqual([]);
  });

  it('lets usage through behind the finish, and nothing else', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, neurons: 3 };
    expect(
      repair(
        delta({ content: 'a' }, 'stop'),
        delta({}, 'stop'),
        sse({ choices: [], usage }),
        done,
        delta({ content: 'b' }),
      ),
    ).toEqual([chunk({ role: 'assistant', content: 'a' }, 'stop'), { ...head, choices: [], usage }, '[DONE]']);
  });

  it('leaves errors and junk to the meter and drops pings', () => {
    const error = { error: { message: 'x', type: 'server_error' } };
    expect(runMachine(repairStream(context()), [sse({}), sse(''), sse(error), sse('<html>')])).toEqual([
      sse(error),
      sse('<html>'),
    ]);
  });

  it('repairs every choice for itself', () => {
    const choice = { index: 1, delta: { content: 'b' }, finish_reason: 'stop' };
    expect(repair(sse({ choices: [{ delta: { content: 'a' } }, choice] }))).toEqual([
      {
        ...head,
        choices: [
          { index: 0, delta: { role: 'assistant', content: 'a' }, finish_reason: null },
          { index: 1, delta: { role: 'assistant', content: 'b' }, finish_reason: 'stop' },
        ],
      },
    ]);
  });
});

/** Feeds repaired chunks to the SDK's own accumulator, which throws at whatever is missing. */
async function assemble(events: SseEvent[]) {
  const chunks = parsed(runMachine(repairStream(context()), events)).filter((data) => data !== '[DONE]');
  const lines = chunks.map((data) => `${JSON.stringify(data)}\n`).join('');
  const completion = await ChatCompletionStream.fromReadableStream(new Blob([lines]).stream()).finalChatCompletion();
  return completion.choices[0];
}

describe('the strict helper of the official SDK', () => {
  it.each<[string, SseEvent[], object]>([
    [
      'no role, no index',
      [delta({ content: 'a' }), calls(named({ id: 'call_a' }, 'f', '{')), calls(more({}, '}')), delta({}, 'stop')],
      { content: 'a', tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'f', arguments: '{}' } }] },
    ],
    [
      'no ids and index 0 twice',
      [calls(named({ index: 0 }, 'f', '{"a":1}')), calls(named({ index: 0 }, 'g', '{}')), delta({}, 'tool_calls')],
      {
        tool_calls: [
          { id: 'minted0', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'minted1', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
    ],
  ])('takes a repaired stream that had %s', async (_name, events, message) => {
    expect(await assemble(events)).toMatchObject({
      message: { role: 'assistant', ...message },
      finish_reason: 'tool_calls',
    });
  });
});

const written = (id: string, name: string, args: string) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

describe('a whole reply under repair', () => {
  it('gets everything that clients count on', () => {
    const told = [
      { id: 'functions.f:0', function: { name: 'f', arguments: { a: 1 } } },
      { id: 'call_b', function: { name: 'g' } },
      { id: 'call_b', type: 'function', function: { name: 'h', arguments: ' ' } },
      { id: 'nameless', function: {} },
    ];
    const body: JsonObject = { choices: [{ message: { content: null, reasoning: 'hm', tool_calls: told } }], extra: 1 };
    expect(repairReply(body, context())).toEqual({
      extra: 1,
      id: 'chatcmpl-req1',
      object: 'chat.completion',
      created: 1_763_000_000,
      model: 'asked-model',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: null,
            reasoning: 'hm',
            tool_calls: [
              written('minted0', 'f', '{"a":1}'),
              written('call_b', 'g', '{}'),
              written('minted1', 'h', '{}'),
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
    });
  });

  it('joins content that came in parts', () => {
    const message = { content: ['a', { type: 'text', text: 'b' }, { type: 'image' }] };
    expect(repairReply({ choices: [{ message, finish_reason: 'length' }] }, context())).toMatchObject({
      choices: [{ message: { content: 'ab' }, finish_reason: 'length' }],
    });
  });

  it('leaves a body alone that is no chat reply', () => {
    const body = { error: { message: 'x' } };
    expect(repairReply(body, context())).toBe(body);
  });
});

describe('hiding the usage', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1 };

  it('leaves out the chunk that holds nothing else and takes it from the others', () => {
    const text = delta({ content: 'the "usage":{} of words' });
    const events = [
      sse({ choices: [], usage: null }),
      text,
      sse({ choices: [{ index: 0 }], usage }),
      sse({ choices: [], usage }),
      done,
    ];
    expect(runMachine(hideUsage(), events)).toEqual([
      sse({ choices: [] }),
      text,
      sse({ choices: [{ index: 0 }] }),
      done,
    ]);
  });

  it('stands behind the meter, which still sees it', () => {
    const meter = chatTarget.meter();
    const machine = hideUsage();
    const events = [delta({ content: 'a' }, 'stop'), sse({ choices: [], usage })];
    const out = events.flatMap((event) => {
      meter.push(event);
      return machine.push(event);
    });
    expect({ out, usage: meter.usage?.input }).toEqual({ out: events.slice(0, 1), usage: 1 });
  });
});
