import { describe, expect, it } from 'vitest';
import type { SseEvent } from '../../../src/core/machine.ts';
import { chatTarget } from '../../../src/dialects/chat/index.ts';
import { calls, delta, done } from './support.ts';
import { sse } from '../../support/events.ts';

function watch(...events: SseEvent[]) {
  const meter = chatTarget.meter();
  for (const event of events) meter.push(event);
  return { state: meter.state, failure: meter.failure, usage: meter.usage };
}

function choice(index: number, finish: string | null): SseEvent {
  return sse({ choices: [{ index, delta: { content: 'a' }, finish_reason: finish }] });
}

const untold = { failure: undefined, usage: undefined };

describe('the state', () => {
  it.each([
    ['waiting', 'before anything', []],
    ['waiting', 'after the role alone', [delta({ role: 'assistant', content: '' })]],
    ['waiting', 'after pings', [sse({}), sse('')]],
    ['content', 'after text', [delta({ content: 'a' })]],
    ['content', 'after reasoning', [delta({ reasoning: 'hm' })]],
    ['content', 'after a tool call began', [calls({ index: 0, id: 'a', function: { name: 'f' } })]],
    ['ended', 'at the finish reason', [delta({ content: 'a' }), delta({}, 'stop')]],
    ['ended', 'of an empty answer', [delta({}, 'stop')]],
    ['ended', 'after [DONE] behind the finish', [delta({}, 'stop'), done]],
    ['ended', 'whatever comes behind the finish', [delta({}, 'stop'), sse('junk'), sse({ error: { message: 'x' } })]],
  ] as const)('is %s %s', (state, _when, events) => {
    expect(watch(...events)).toEqual({ ...untold, state });
  });

  it('waits for every choice where several are streamed', () => {
    const events = [choice(0, null), choice(1, null), choice(0, 'stop')];
    expect(watch(...events).state).toBe('content');
    expect(watch(...events, choice(1, 'stop')).state).toBe('ended');
  });

  it.each([
    ['an error chunk', [sse({ error: { type: 'server_error' } })], 'provider-error'],
    ['an error chunk after content', [delta({ content: 'a' }), sse({ error: { message: 'x' } })], 'stream-error'],
    ['a finish by error', [delta({}, 'error')], 'stream-error'],
    ['text that is no JSON', [sse('<html>')], 'garbage'],
    ['JSON that is no object', [sse('7')], 'garbage'],
    ['[DONE] without a finish reason', [delta({ content: 'a' }), done], 'cut'],
  ] as const)('is failed after %s', (_name, events, cause) => {
    expect(watch(...events)).toEqual({
      state: 'failed',
      failure: { kind: 'upstream', cause },
      usage: undefined,
    });
  });
});

describe('the usage', () => {
  const told = { input: 5, cachedRead: 0, cachedWrite: 0, output: 2, reasoning: 0 };
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };

  it.each([
    ['behind the finish', [delta({ content: 'a' }), delta({}, 'stop'), sse({ choices: [], usage })]],
    ['in the last chunk', [delta({ content: 'a' }), sse({ choices: [{ delta: {}, finish_reason: 'stop' }], usage })]],
    [
      'as last told',
      [sse({ choices: [], usage: { prompt_tokens: 5 } }), delta({}, 'stop'), sse({ choices: [], usage })],
    ],
  ])('is read %s', (_name, events) => {
    expect(watch(...events)).toEqual({ state: 'ended', failure: undefined, usage: told });
  });

  it('is not mistaken for text that looks like it', () => {
    const text = delta({ content: '"usage":{"prompt_tokens":9},"error":{"message":"x"}' });
    expect(watch(delta({ content: 'a' }), text)).toEqual({ ...untold, state: 'content' });
  });
});

describe('usage of a whole reply', () => {
  it.each([
    [
      'details',
      {
        prompt_tokens: 10,
        completion_tokens: 6,
        total_tokens: 16,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 5 },
      },
      { input: 10, cachedRead: 4, cachedWrite: 3, output: 6, reasoning: 5 },
    ],
    [
      'DeepSeek’s cache hits',
      { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 8 },
      { input: 10, cachedRead: 8, cachedWrite: 0, output: 1, reasoning: 0 },
    ],
    [
      'reasoning that only the total counts',
      { prompt_tokens: 10, completion_tokens: 6, total_tokens: 26 },
      { input: 10, cachedRead: 0, cachedWrite: 0, output: 16, reasoning: 10 },
    ],
    [
      'more cached tokens than there are',
      { prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } },
      { input: 3, cachedRead: 3, cachedWrite: 0, output: 1, reasoning: 0 },
    ],
  ])('counts %s', (_name, usage, expected) => {
    expect(chatTarget.readUsage({ usage })).toEqual(expected);
  });

  it.each([
    ['no usage', {}],
    ['null', { usage: null }],
    ['an empty object', { usage: {} }],
    ['nonsense', { usage: { prompt_tokens: -1, completion_tokens: '5' } }],
  ])('is undefined for %s', (_name, body) => {
    expect(chatTarget.readUsage(body)).toBeUndefined();
  });
});
