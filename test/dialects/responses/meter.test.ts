import { describe, expect, it } from 'vitest';
import type { SseEvent } from '../../../src/core/machine.ts';
import { responsesTarget } from '../../../src/dialects/responses/index.ts';
import { replyOf, streamOf, wire } from './support.ts';

function states(events: readonly SseEvent[]): string[] {
  const meter = responsesTarget.meter();
  return events.map((event) => {
    meter.push(event);
    return meter.state;
  });
}

function metered(events: readonly SseEvent[]) {
  const meter = responsesTarget.meter();
  for (const event of events) meter.push(event);
  return { state: meter.state, usage: meter.usage, failure: meter.failure };
}

describe('the meter', () => {
  it('waits through the lifecycle until the first delta, and ends with the last event', () => {
    const seen = states(streamOf('tool'));
    expect([seen.slice(0, 3), seen[3], seen.at(-2), seen.at(-1)]).toEqual([
      ['waiting', 'waiting', 'waiting'],
      'content',
      'content',
      'ended',
    ]);
  });

  it('tells the usage of the last event', () => {
    expect(metered(streamOf('parallel-tools'))).toEqual({
      state: 'ended',
      usage: { input: 80, cachedRead: 64, cachedWrite: 0, output: 40, reasoning: 0 },
      failure: undefined,
    });
  });

  it('counts the same where the stream has no event lines, or useless ones', () => {
    const bare = streamOf('reasoning').map(({ data }) => ({ data }));
    const useless = bare.map(({ data }) => ({ event: 'message', data }));
    expect([metered(bare), metered(useless)]).toEqual([metered(streamOf('reasoning')), metered(streamOf('reasoning'))]);
  });

  it.each(['incomplete', 'refusal'])('ends a reply that is %s', (name) => {
    expect(metered(streamOf(name)).state).toBe('ended');
  });

  it('says what a failed response says', () => {
    expect(metered(streamOf('failed'))).toEqual({
      state: 'failed',
      usage: undefined,
      failure: { kind: 'upstream', cause: 'provider-rate', retryAfterSeconds: 1.5 },
    });
  });

  it.each<[string, SseEvent, string]>([
    ['an error event', wire('error', { code: 'server_error', message: 'x' }), 'provider-error'],
    ['an error without a type', { data: '{"error":{"code":"slow_down"}}' }, 'capacity'],
    ['an event that is no JSON', { data: '<html>' }, 'garbage'],
    ['an event of another dialect', { data: '{"choices":[]}' }, 'garbage'],
  ])('fails on %s before any content', (_, event, cause) => {
    const { state, failure } = metered([event, wire('response.completed')]);
    expect([state, failure?.cause]).toEqual(['failed', cause]);
  });

  it.each<[string, SseEvent]>([
    ['an unknown event', wire('response.brand_new')],
    ['an item that comes whole', wire('response.output_item.done', { item: {} })],
  ])('takes %s for content', (_, event) => {
    expect(states([event])).toEqual(['content']);
  });

  it('does not move after the end', () => {
    expect(states([wire('response.completed'), { data: '[DONE]' }, wire('error')])).toEqual([
      'ended',
      'ended',
      'ended',
    ]);
  });

  it('reads the usage of a whole reply, clamped to sense', () => {
    const mad = { usage: { input_tokens: -1, output_tokens: 2.9, output_tokens_details: { reasoning_tokens: 1e308 } } };
    expect([responsesTarget.readUsage(replyOf('reasoning')), responsesTarget.readUsage(mad)]).toEqual([
      { input: 20, cachedRead: 0, cachedWrite: 0, output: 140, reasoning: 128 },
      { input: 0, cachedRead: 0, cachedWrite: 0, output: 2, reasoning: 2 },
    ]);
  });

  it('tells no usage where there is none', () => {
    expect([responsesTarget.readUsage({}), responsesTarget.readUsage({ usage: null })]).toEqual([undefined, undefined]);
  });
});
