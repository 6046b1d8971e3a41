import { describe, expect, it } from 'vitest';
import { recordedRequests } from '../support/standin.ts';
import type { JsonSchema } from './door.ts';
import { askingDoors as doors } from './doors.ts';
import { openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

/** One pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const schema: JsonSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};

/** The AI SDK sends `max_tokens` for a model whose name it does not know, and a relay leaves it: OpenAI refuses that. */
function isCapped({ name }: { name: string }): boolean {
  return name !== 'OpenAI by chat';
}

describe.each(doors)('$name', ({ open }) => {
  it.each(targets)('gets JSON that fits its schema from $name', async ({ model }) => {
    const turn = await open(model, { schema }).say('weather please');
    expect(JSON.parse(turn.text)).toEqual({ city: 'text', degrees: 1 });
    expect([turn.stop, turn.calls]).toEqual(['end', []]);
  });
});

describe.each(doors.filter(({ streams }) => streams))('$name', ({ open }) => {
  it.each(targets.filter(({ sees }) => sees))('shows an image to $name', async ({ model, upstreamModel }) => {
    const turn = await open(model).say('what is this?', `data:image/png;base64,${pixel}`);
    expect(turn.text).toBe(`Hello from ${upstreamModel}. You said 3 words. I got 1 image (image/png).`);
    expect(JSON.stringify(await recordedRequests())).toContain(pixel);
  });

  it.each(targets.filter(isCapped))('learns that $name was cut short', async ({ model }) => {
    const turn = await open(model, { maxTokens: 20 }).say('!long 30');
    expect([turn.stop, turn.text.trim().split(' ').length, turn.usage?.output]).toEqual(['length', 20, 20]);
  });
});
