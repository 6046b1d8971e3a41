import { describe, expect, it } from 'vitest';
import { askingDoors } from './doors.ts';
import { collect, startChat, startResponses } from './raw.ts';
import { openRouter } from './router.ts';
import { wires } from './targets.ts';
import { thrownBy } from './thrown.ts';

openRouter();

const faults = ['!cut 2', '!drop 2', '!garbage 2', '!fail-stream 2'];
const streaming = askingDoors.filter(({ streams }) => streams);
const cases = wires.flatMap(({ name, model }) => faults.map((fault) => ({ name, model, fault })));

/**
 * The router's own words for how a stream breaks, which the SDKs pass on. OpenAI's helper for Responses alone has words of
 * its own for `response.failed`, and others where that event carries another id than the relayed stream before it.
 */
const says =
  /answer broke off|answer could not be understood|upstream failed|went silent|out of capacity|ended in failure|identity changed/;

describe.each(streaming)('$name', ({ open }) => {
  it.each(cases)('throws at $fault in the middle of $name, never a cheerful end', async ({ model, fault }) => {
    const thrown = await thrownBy(open(model).say(fault));
    expect(thrown.message).toMatch(says);
  });

  it.each(['impatient-with-openai', 'impatient-with-anthropic', 'impatient-with-workers-ai'])(
    'throws when %s falls silent in the middle',
    async (model) => {
      const thrown = await thrownBy(open(model).say('!stall 2'));
      expect(thrown.message).toMatch(says);
    },
  );

  it.each(wires)('gets a stream where $name answers JSON to it', async ({ model, upstreamModel }) => {
    const turn = await open(model).say('!json-for-stream hello there');
    expect([turn.text, turn.stop]).toEqual([`Hello from ${upstreamModel}. You said 2 words.`, 'end']);
  });
});

describe.each(askingDoors.filter(({ streams }) => !streams))('$name', ({ open }) => {
  it.each(wires)('gets JSON where $name answers a stream to it', async ({ model, upstreamModel }) => {
    const turn = await open(model).say('!stream-for-json hello there');
    expect([turn.text, turn.stop]).toEqual([`Hello from ${upstreamModel}. You said 2 words.`, 'end']);
  });

  it.each(wires)('throws where $name sends half an answer', async ({ model }) => {
    expect(await thrownBy(open(model).say('!garbage'))).toMatchObject({ status: 502 });
  });
});

describe('openai raw iteration, which takes any end for a good one', () => {
  it.each(cases)('throws at $fault in the middle of $name', async ({ model, fault }) => {
    const stream = await startChat(model, fault);
    expect((await thrownBy(collect(stream))).message).toMatch(says);
  });
});

describe('openai raw iteration of responses, which throws at nothing', () => {
  it.each(cases)('ends in response.failed at $fault in the middle of $name', async ({ model, fault }) => {
    const events = await readToTheBreak(await startResponses(model, fault));
    const errors = events.map((event) => (event.type === 'response.failed' ? event.response.error?.message : ''));
    expect(errors.at(-1)).toMatch(says);
    expect(errors.filter((message) => message !== '')).toHaveLength(1);
  });
});

/** What came before the transport broke, which it does behind the error event. */
async function readToTheBreak<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  const reading = async (): Promise<void> => {
    for await (const event of stream) events.push(event);
  };
  await reading().catch(() => undefined);
  return events;
}

describe('a stream that fails before its first word', () => {
  it.each(wires.flatMap(({ name, model }) => ['!cut 0', '!fail-stream 0'].map((fault) => ({ name, model, fault }))))(
    'is an HTTP error at $fault from $name',
    async ({ model, fault }) => {
      const thrown = await thrownBy(startChat(model, fault));
      expect(thrown.status).toBeGreaterThanOrEqual(429);
    },
  );
});
