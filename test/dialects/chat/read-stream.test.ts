import { describe, expect, it } from 'vitest';
import type { SseEvent } from '../../../src/core/machine.ts';
import { runMachine } from '../../../src/core/machine.ts';
import type { ReplyEvent } from '../../../src/core/reply.ts';
import { chatTarget } from '../../../src/dialects/chat/index.ts';
import { calls, context, delta, done } from './support.ts';
import { sse } from '../../support/events.ts';

const start: ReplyEvent = { type: 'reply-start' };

function read(...events: SseEvent[]): ReplyEvent[] {
  return runMachine(chatTarget.readStream(context()), events);
}

function text(index: number, ...pieces: string[]): ReplyEvent[] {
  return spoken('text', index, pieces);
}

function spoken(part: 'text' | 'thinking' | 'refusal', index: number, pieces: string[]): ReplyEvent[] {
  return [{ type: 'part-start', index, part }, ...deltas(index, pieces), { type: 'part-end', index }];
}

function tool(index: number, id: string, name: string, ...pieces: string[]): ReplyEvent[] {
  return [
    { type: 'part-start', index, part: 'tool-call', id, name },
    ...deltas(index, pieces),
    { type: 'part-end', index },
  ];
}

function deltas(index: number, pieces: string[]): ReplyEvent[] {
  return pieces.map((piece) => ({ type: 'part-delta', index, delta: { text: piece } }));
}

function named(over: object, name: string, args: string): object {
  return { ...over, function: { name, arguments: args } };
}

function more(over: object, args: string): object {
  return { ...over, function: { arguments: args } };
}

describe('a well-formed stream', () => {
  const head = { id: 'chatcmpl-1', model: 'gpt-5-nano-2025-08-07', object: 'chat.completion.chunk' };
  const chunk = (delta: object, finish: string | null = null) =>
    sse({ ...head, choices: [{ index: 0, delta, finish_reason: finish }], usage: null });

  it('reads text, the finish and the usage behind it', () => {
    const usage = {
      prompt_tokens: 13,
      completion_tokens: 7,
      total_tokens: 20,
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 3 },
    };
    expect(
      read(
        chunk({ role: 'assistant', content: '', refusal: null }),
        chunk({ content: 'Hel' }),
        chunk({ content: 'lo' }),
        chunk({}, 'stop'),
        sse({ ...head, choices: [], usage }),
        done,
      ),
    ).toEqual([
      { type: 'reply-start', id: 'chatcmpl-1', model: 'gpt-5-nano-2025-08-07' },
      ...text(0, 'Hel', 'lo'),
      {
        type: 'reply-end',
        stop: 'end',
        usage: { input: 13, cachedRead: 4, cachedWrite: 2, output: 7, reasoning: 3 },
      },
    ]);
  });

  it('streams the arguments of a tool call as they come', () => {
    const reader = chatTarget.readStream(context());
    const first = { index: 0, id: 'call_a', type: 'function', function: { name: 'get', arguments: '' } };
    expect(reader.push(calls(first))).toEqual([
      start,
      { type: 'part-start', index: 0, part: 'tool-call', id: 'call_a', name: 'get' },
    ]);
    expect(reader.push(calls({ index: 0, function: { arguments: '{"q"' } }))).toEqual(deltas(0, ['{"q"']));
    expect(reader.push(calls({ index: 0, function: { arguments: ':1}' } }))).toEqual(deltas(0, [':1}']));
  });

  it('ends a part when another begins and numbers them in order', () => {
    expect(
      read(
        delta({ reasoning_content: 'hm' }),
        delta({ content: 'a' }),
        calls({ index: 0, id: 'call_a', function: { name: 'f', arguments: '{}' } }),
        delta({ content: 'b' }),
        delta({}, 'tool_calls'),
      ),
    ).toEqual([
      start,
      ...spoken('thinking', 0, ['hm']),
      ...text(1, 'a'),
      ...tool(2, 'call_a', 'f', '{}'),
      ...text(3, 'b'),
      { type: 'reply-end', stop: 'tool' },
    ]);
  });
});

describe('what servers do to text', () => {
  it.each([
    ['reasoning_content', { reasoning_content: 'hm' }, spoken('thinking', 0, ['hm'])],
    ['reasoning', { reasoning: 'hm' }, spoken('thinking', 0, ['hm'])],
    ['both names for the same', { reasoning: 'hm', reasoning_content: 'hm' }, spoken('thinking', 0, ['hm'])],
    ['a refusal', { refusal: 'no' }, spoken('refusal', 0, ['no'])],
    ['content in parts', { content: [{ type: 'text', text: 'a' }] }, text(0, 'a')],
    [
      'thinking in content parts',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
          { type: 'text', text: 'a' },
        ],
      },
      [...spoken('thinking', 0, ['hm']), ...text(1, 'a')],
    ],
    ['nothing', { content: '', reasoning: null, tool_calls: [] }, []],
    ['content of no known type', { content: 7 }, []],
  ])('reads %s', (_name, said, parts) => {
    expect(read(delta(said), delta({}, 'length'))).toEqual([start, ...parts, { type: 'reply-end', stop: 'length' }]);
  });

  it('reads a message in place of the delta', () => {
    expect(read(sse({ choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }] }))).toEqual([
      start,
      ...text(0, 'hi'),
      { type: 'reply-end', stop: 'end' },
    ]);
  });

  it('leaves out pings, blank events and other choices', () => {
    const other = sse({ choices: [{ index: 1, delta: { content: 'x' }, finish_reason: null }] });
    expect(read(sse({}), sse(''), other, delta({ content: 'a' }), delta({}, 'stop'))).toEqual([
      start,
      ...text(0, 'a'),
      { type: 'reply-end', stop: 'end' },
    ]);
  });
});

describe('what servers do to tool calls', () => {
  it.each<[string, SseEvent[], ReplyEvent[]]>([
    [
      'no index, and no id after the first delta',
      [calls(named({ id: 'call_a' }, 'f', '')), calls(more({}, '{"a"')), calls(more({}, ':1}'))],
      tool(0, 'call_a', 'f', '{"a"', ':1}'),
    ],
    [
      'two calls without index',
      [
        calls(named({ id: 'call_a' }, 'f', '{')),
        calls(more({}, '}')),
        calls(named({ id: 'call_b' }, 'f', '{')),
        calls(more({}, '}')),
      ],
      [...tool(0, 'call_a', 'f', '{', '}'), ...tool(1, 'call_b', 'f', '{', '}')],
    ],
    [
      'index 0 for every call',
      [calls(named({ index: 0, id: 'call_a' }, 'f', '{}')), calls(named({ index: 0, id: 'call_b' }, 'g', '{}'))],
      [...tool(0, 'call_a', 'f', '{}'), ...tool(1, 'call_b', 'g', '{}')],
    ],
    [
      'index 0 and no id for whole calls',
      [calls(named({ index: 0 }, 'f', '{"a":1}')), calls(named({ index: 0 }, 'f', '{"a":2}'))],
      [...tool(0, 'minted0', 'f', '{"a":1}'), ...tool(1, 'minted1', 'f', '{"a":2}')],
    ],
    [
      'neither index nor id in one chunk',
      [calls(named({}, 'f', '{"a":1}'), named({}, 'f', '{"a":1}'))],
      [...tool(0, 'minted0', 'f', '{"a":1}'), ...tool(1, 'minted1', 'f', '{"a":1}')],
    ],
    [
      'arguments by position in the chunk',
      [calls(named({}, 'f', ''), named({}, 'g', '')), calls(more({}, '{"a":1}'), more({}, '{"b":2}'))],
      [...tool(0, 'minted0', 'f', '{"a":1}'), ...tool(1, 'minted1', 'g', '{"b":2}')],
    ],
    [
      'the id in every delta',
      [calls(named({ index: 0, id: 'call_a' }, 'f', '{')), calls(more({ index: 0, id: 'call_a' }, '}'))],
      tool(0, 'call_a', 'f', '{', '}'),
    ],
    [
      'a new id in every delta',
      [calls(named({ id: 'x1' }, 'f', '{')), calls(more({ id: 'x2' }, '}'))],
      tool(0, 'x1', 'f', '{', '}'),
    ],
    [
      'the name in every delta',
      [calls(named({ index: 0, id: 'call_a' }, 'f', '{')), calls(named({ index: 0 }, 'f', '}'))],
      tool(0, 'call_a', 'f', '{', '}'),
    ],
    [
      'a null-finalising chunk',
      [
        calls(named({ index: 0, id: 'call_a' }, 'f', '{}')),
        calls({ index: 0, id: null, type: null, function: { name: null, arguments: '' } }),
      ],
      tool(0, 'call_a', 'f', '{}'),
    ],
    [
      'the whole call said again at its end',
      [
        calls(named({ index: 0, id: 'call_a' }, 'f', '{"a":')),
        calls(more({ index: 0 }, '1}')),
        calls(named({ index: 0, id: 'call_a' }, 'f', '{"a":1}')),
      ],
      tool(0, 'call_a', 'f', '{"a":', '1}'),
    ],
    [
      'two calls under one id',
      [calls(named({ index: 0, id: 'call' }, 'f', '{}')), calls(named({ index: 1, id: 'call' }, 'g', '{}'))],
      [...tool(0, 'call', 'f', '{}'), ...tool(1, 'minted0', 'g', '{}')],
    ],
    [
      'an id that other providers would refuse',
      [calls(named({ index: 0, id: 'functions.f:0' }, 'f', '{}'))],
      tool(0, 'minted0', 'f', '{}'),
    ],
    [
      'the name after the arguments have begun',
      [calls(more({ index: 0, id: 'call_a' }, '{"a"')), calls(named({ index: 0 }, 'f', ':1}'))],
      tool(0, 'call_a', 'f', '{"a"', ':1}'),
    ],
    [
      'arguments as an object',
      [calls({ index: 0, function: { name: 'f', arguments: { a: 1 } } })],
      tool(0, 'minted0', 'f', '{"a":1}'),
    ],
    ['a call without arguments', [calls(named({ index: 0, id: 'call_a' }, 'f', ''))], tool(0, 'call_a', 'f')],
    [
      'the deprecated function_call',
      [delta({ function_call: { name: 'f', arguments: '{' } }), delta({ function_call: { arguments: '}' } })],
      tool(0, 'minted0', 'f', '{', '}'),
    ],
    [
      'interleaved calls: the second waits until the first is complete',
      [
        calls(named({ index: 0, id: 'call_a' }, 'f', '{"s":"}')),
        calls(named({ index: 1, id: 'call_b' }, 'g', '{"b"')),
        calls(more({ index: 0 }, '\\""}')),
        calls(more({ index: 1 }, ':2}')),
      ],
      [...tool(0, 'call_a', 'f', '{"s":"}', '\\""}'), ...tool(1, 'call_b', 'g', '{"b"', ':2}')],
    ],
    [
      'text between the pieces of a call',
      [calls(named({ index: 0, id: 'call_a' }, 'f', '{')), delta({ content: 'x' }), calls(more({ index: 0 }, '}'))],
      [...tool(0, 'call_a', 'f', '{', '}'), ...text(1, 'x')],
    ],
  ])('reads %s', (_name, events, parts) => {
    expect(read(...events, delta({}, 'stop'), done)).toEqual([start, ...parts, { type: 'reply-end', stop: 'tool' }]);
  });

  it('fails rather than lose arguments that come for a call that has ended', () => {
    const events = read(
      calls(named({ index: 0, id: 'call_a' }, 'f', '{}')),
      calls(named({ index: 1, id: 'call_b' }, 'g', '{}')),
      calls(more({ index: 0 }, '{"a":1}')),
    );
    expect(events.at(-1)).toEqual({ type: 'reply-failed', failure: { kind: 'upstream', cause: 'garbage' } });
  });

  it('fails rather than show a call that never got a name', () => {
    expect(read(calls(more({ index: 0, id: 'call_a' }, '{}')), delta({}, 'tool_calls'), done)).toEqual([
      start,
      { type: 'reply-failed', failure: { kind: 'upstream', cause: 'garbage' } },
    ]);
  });

  it('keeps no more than 256 calls apart', () => {
    const flood = Array.from({ length: 300 }, (_, index) => calls(named({ index, id: `call_${index}` }, 'f', '{}')));
    const starts = read(...flood, delta({}, 'tool_calls')).filter((event) => event.type === 'part-start');
    expect(starts.length).toBe(256);
  });
});

describe('how a stream ends', () => {
  it.each([
    ['stop', 'end'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['tool_calls', 'end'],
    ['eos', 'end'],
    ['max_tokens', 'length'],
    ['something_new', 'other'],
  ])('reads finish_reason %s as %s where no tool was called', (finish, stop) => {
    expect(read(delta({ content: 'a' }, finish)).at(-1)).toEqual({ type: 'reply-end', stop });
  });

  it('says refusal where a refusal was streamed', () => {
    expect(read(delta({ refusal: 'no' }), delta({}, 'stop')).at(-1)).toEqual({ type: 'reply-end', stop: 'refusal' });
  });

  it('keeps a cut tool call cut', () => {
    const call = { index: 0, id: 'call_a', function: { name: 'f', arguments: '{"a' } };
    expect(read(calls(call), delta({}, 'length')).at(-1)).toEqual({ type: 'reply-end', stop: 'length' });
  });

  it.each<[string, SseEvent[]]>([
    ['ends without a finish reason', [delta({ content: 'a' })]],
    ['says [DONE] without a finish reason', [delta({ content: 'a' }), done]],
  ])('is cut when it %s', (_name, events) => {
    expect(read(...events).slice(-2)).toEqual([
      { type: 'part-delta', index: 0, delta: { text: 'a' } },
      { type: 'reply-failed', failure: { kind: 'upstream', cause: 'cut' } },
    ]);
  });

  it('is cut when nothing came at all', () => {
    expect(read()).toEqual([{ type: 'reply-failed', failure: { kind: 'upstream', cause: 'cut' } }]);
  });

  it('is garbage from an event that is no JSON, and nothing is read behind it', () => {
    expect(read(sse('<html>'), delta({ content: 'a' }, 'stop'))).toEqual([
      { type: 'reply-failed', failure: { kind: 'upstream', cause: 'garbage' } },
    ]);
  });

  it('takes usage from the last chunk, and nothing else from behind the finish', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    expect(
      read(
        sse({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }], usage }),
        delta({ content: 'late' }),
        sse('not json'),
        done,
        delta({ content: 'later' }),
      ),
    ).toEqual([
      { type: 'reply-start', usage: { input: 3, cachedRead: 0, cachedWrite: 0, output: 2, reasoning: 0 } },
      ...text(0, 'a'),
      {
        type: 'reply-end',
        stop: 'end',
        usage: { input: 3, cachedRead: 0, cachedWrite: 0, output: 2, reasoning: 0 },
      },
    ]);
  });

  it('fails in the middle with the usage that was told', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1 };
    const failed = read(
      sse({ choices: [{ index: 0, delta: { content: 'a' } }], usage }),
      sse({ error: { message: 'Overloaded', type: 'overloaded_error' } }),
      delta({ content: 'b' }),
    ).at(-1);
    expect(failed).toEqual({
      type: 'reply-failed',
      failure: { kind: 'upstream', cause: 'capacity' },
      usage: { input: 3, cachedRead: 0, cachedWrite: 0, output: 1, reasoning: 0 },
    });
  });

  it('fails on finish_reason "error" with or without an error beside it', () => {
    expect(read(delta({}, 'error')).at(-1)).toEqual({
      type: 'reply-failed',
      failure: { kind: 'upstream', cause: 'stream-error' },
    });
    const told = sse({ error: { code: 429, message: 'x' }, choices: [{ delta: {}, finish_reason: 'error' }] });
    expect(read(told)).toEqual([{ type: 'reply-failed', failure: { kind: 'upstream', cause: 'provider-rate' } }]);
  });
});
