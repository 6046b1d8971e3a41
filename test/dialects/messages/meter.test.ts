import { describe, expect, it } from 'vitest';
import type { SseEvent } from '../../../src/core/machine.ts';
import { messagesTarget } from '../../../src/dialects/messages/index.ts';
import { readFixture, sse, usage } from './fixture.ts';

function watch(events: SseEvent[]) {
  const meter = messagesTarget.meter();
  const states = events.map((event) => {
    meter.push(event);
    return meter.state;
  });
  return { states: [...new Set(states)], failure: meter.failure, usage: meter.usage };
}

describe('meter', () => {
  it.each([
    ['text', usage({ input: 132, cachedRead: 100, cachedWrite: 7, output: 12 })],
    ['tool', usage({ input: 300, output: 40 })],
    ['thinking', usage({ input: 30, output: 60, reasoning: 48 })],
    ['redacted', usage({ input: 30, output: 20 })],
    ['noise', usage({ input: 9, output: 7 })],
  ])('sees %s through to its end', (name, total) => {
    expect(watch(readFixture(name))).toEqual({
      states: ['waiting', 'content', 'ended'],
      failure: undefined,
      usage: total,
    });
  });

  it('sees the same without event lines', () => {
    const nameless = readFixture('tool').map(({ data }) => ({ data }));
    expect(watch(nameless)).toEqual(watch(readFixture('tool')));
  });

  it('never ends a cut stream', () => {
    expect(watch(readFixture('cut')).states).toEqual(['waiting', 'content']);
  });

  it('reads the error event', () => {
    expect(watch(readFixture('error'))).toEqual({
      states: ['waiting', 'content', 'failed'],
      failure: { kind: 'upstream', cause: 'capacity' },
      usage: usage({ input: 12, output: 1 }),
    });
  });

  it('waits through lifecycle frames and empty deltas', () => {
    const events = sse(
      { type: 'message_start', message: {} },
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '' } },
      { type: 'content_block_stop', index: 0 },
    );
    expect(watch(events).states).toEqual(['waiting']);
  });

  it.each([
    [{ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } }],
    [{ type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'A' } }],
    [{ type: 'content_block_delta', index: 0, delta: { type: 'unheard_of_delta', thing: 1 } }],
  ])('counts as content: %j', (event) => {
    expect(watch(sse(event)).states).toEqual(['content']);
  });

  it('fails on an event that is no JSON object, and looks no further', () => {
    expect(watch([{ event: 'message_start', data: '<html>' }, ...sse({ type: 'message_stop' })])).toEqual({
      states: ['failed'],
      failure: { kind: 'upstream', cause: 'garbage' },
      usage: undefined,
    });
  });
});
