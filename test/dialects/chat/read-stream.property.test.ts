import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { runMachine } from '../../../src/core/machine.ts';
import type { SseEvent } from '../../../src/core/machine.ts';
import type { ReplyEvent } from '../../../src/core/reply.ts';
import { chatClient, chatTarget, repairStream } from '../../../src/dialects/chat/index.ts';
import { context, done } from './support.ts';
import { sse } from '../../support/events.ts';

/** Text, nothing, or what no server should send. */
const word = fc.oneof(
  fc.constantFrom('', 'a', '{', '}', '{"a":1}', '"'),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 1 }),
);

const entry = fc.record(
  {
    index: fc.constantFrom<unknown>(0, 1, 2, -1, 'x', null),
    id: fc.constantFrom<unknown>('a', 'b', '', null, 7),
    function: fc.record({ name: fc.constantFrom<unknown>('f', 'g', '', null), arguments: word }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const said = fc.record(
  { content: word, reasoning: word, refusal: word, tool_calls: fc.oneof(word, fc.array(entry, { maxLength: 3 })) },
  { requiredKeys: [] },
);

const choice = fc.record({
  delta: fc.oneof(said, word),
  finish_reason: fc.constantFrom<unknown>(null, null, null, null, 'stop', 'tool_calls', 'error', 3),
});

const event: fc.Arbitrary<SseEvent> = fc.oneof(
  { weight: 20, arbitrary: choice.map((one) => sse({ choices: [one] })) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => sse(value)) },
  { weight: 1, arbitrary: fc.constantFrom(done, sse(''), sse('<html>'), sse({ error: {} })) },
);

const stream = fc.array(event, { maxLength: 12 });

/** The grammar of reply.ts as a regular expression over one letter an event. */
const grammar = /^(S(bd*e)*(E|F|bd*F)|F)$/;
const letters: Readonly<Record<ReplyEvent['type'], string>> = {
  'reply-start': 'S',
  'part-start': 'b',
  'part-delta': 'd',
  'part-end': 'e',
  'reply-end': 'E',
  'reply-failed': 'F',
};

function spell(events: readonly ReplyEvent[]): string {
  return events.map((one) => letters[one.type]).join('');
}

it('reads whatever comes into the neutral grammar', () => {
  fc.assert(
    fc.property(stream, (events) => {
      expect(spell(runMachine(chatTarget.readStream(context()), events))).toMatch(grammar);
    }),
  );
});

it('numbers parts from 0 without a gap and never repeats an id', () => {
  fc.assert(
    fc.property(stream, (events) => {
      const starts = runMachine(chatTarget.readStream(context()), events).filter((one) => one.type === 'part-start');
      const ids = starts.flatMap((one) => (one.part === 'tool-call' ? [one.id] : []));
      expect(starts.map((one) => one.index)).toEqual(starts.map((_, at) => at));
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

it('reads its own writing back', () => {
  fc.assert(
    fc.property(stream, (events) => {
      const read = runMachine(chatTarget.readStream(context()), events).map(withoutFrame);
      const written = runMachine(
        chatClient.writeStream(context()),
        runMachine(chatTarget.readStream(context()), events),
      );
      const again = runMachine(chatTarget.readStream(context()), written).map(withoutFrame);
      expect(told(again)).toEqual(told(read));
    }),
  );
});

it('repairs without losing a word', () => {
  fc.assert(
    fc.property(stream, (events) => {
      const repaired = runMachine(repairStream(context()), events);
      expect(gathered(repaired)).toEqual(gathered(events));
    }),
  );
});

/**
 * What a stream amounts to; of one that failed, that it did. Calls are compared without their ids and order: a call whose name
 * comes late is shown late by the repair, which shows each thing at once.
 */
function gathered(events: readonly SseEvent[]): unknown {
  const read = runMachine(chatTarget.readStream(context()), events).map(withoutFrame);
  if (read.at(-1)?.type === 'reply-failed') return 'failed';
  const whole = JSON.stringify(chatClient.writeReply(read, context()));
  const { choices } = JSON.parse(whole) as { choices: { message: { tool_calls?: { function: object }[] } }[] };
  const calls = choices[0]?.message.tool_calls?.map((call) => JSON.stringify(call.function)).sort();
  return { choices: [{ ...choices[0], message: { ...choices[0]?.message, tool_calls: calls } }] };
}

/** The envelope is filled in by writer and repair, and failures are described, so these differ by design. */
function withoutFrame(one: ReplyEvent): ReplyEvent {
  if (one.type === 'reply-start') return { type: 'reply-start' };
  if (one.type === 'reply-failed') return { type: 'reply-failed', failure: { kind: 'internal' } };
  return one;
}

/** What an answer says: its parts with their text in one piece, and its end; of one that failed, that it did. */
function told(events: readonly ReplyEvent[]): unknown[] {
  if (events.at(-1)?.type === 'reply-failed') return ['failed'];
  const parts = events.flatMap((one) => {
    if (one.type !== 'part-start') return [];
    const text = events
      .flatMap((other) => (other.type === 'part-delta' && other.index === one.index ? [other.delta] : []))
      .map((delta) => ('text' in delta ? delta.text : ''))
      .join('');
    return [{ ...one, text: one.part === 'tool-call' && text === '' ? '{}' : text }];
  });
  return [...parts, events.at(-1)];
}
