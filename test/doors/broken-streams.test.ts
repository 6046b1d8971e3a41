import { describe, expect, it } from 'vitest';
import { askingDoors } from './doors.ts';
import { openai } from './openai-chat.ts';
import { openRouter } from './router.ts';
import { targets } from './targets.ts';
import { thrownBy } from './thrown.ts';

openRouter();

const faults = ['!cut 2', '!drop 2', '!garbage 2', '!fail-stream 2'];
const streaming = askingDoors.filter(({ streams }) => streams);
/** One of each wire: what breaks is the wire, whoever speaks it. */
const wires = targets.filter(({ name }) => /^(OpenAI|Anthropic)|numbers no|old family/.test(name));
const cases = wires.flatMap(({ name, model }) => faults.map((fault) => ({ name, model, fault })));

describe.each(streaming)('$name', ({ open }) => {
  it.each(cases)('throws at $fault in the middle of $name, never a cheerful end', async ({ model, fault }) => {
    const thrown = await thrownBy(open(model).say(fault));
    expect(thrown.message).not.toBe('');
  });

  it.each(['impatient-with-openai', 'impatient-with-anthropic', 'impatient-with-workers-ai'])(
    'throws when %s falls silent in the middle',
    async (model) => {
      const thrown = await thrownBy(open(model).say('!stall 2'));
      expect(thrown.message).not.toBe('');
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
    const asked = { model, messages: [{ role: 'user', content: fault }], stream: true } as const;
    const stream = await openai().chat.completions.create(asked);
    expect((await thrownBy(Array.fromAsync(stream))).message).not.toBe('');
  });
});

describe('a stream that fails before its first word', () => {
  it.each(wires.flatMap(({ name, model }) => ['!cut 0', '!fail-stream 0'].map((fault) => ({ name, model, fault }))))(
    'is an HTTP error at $fault from $name',
    async ({ model, fault }) => {
      const asked = { model, messages: [{ role: 'user', content: fault }], stream: true } as const;
      const thrown = await thrownBy(openai().chat.completions.create(asked));
      expect(thrown.status).toBeGreaterThanOrEqual(429);
    },
  );
});
