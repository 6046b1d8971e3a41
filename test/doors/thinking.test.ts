import { describe, expect, it } from 'vitest';
import { recordedRequests } from '../support/standin.ts';
import { askingDoors as doors } from './doors.ts';
import { openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

const thinkers = targets.filter(({ thinks }) => thinks);
const showing = doors.filter(({ showsThinking }) => showsThinking);
const thought = 'The user said 2 words. I answer.';

describe.each(showing)('$name', ({ open }) => {
  it.each(thinkers)('shows what $name thinks, and gives it back in the next turn', async ({ model, upstreamModel }) => {
    const talk = open(model);
    const first = await talk.say('!think hello there');
    expect([first.thinking, first.text]).toEqual([thought, `Hello from ${upstreamModel}. You said 2 words.`]);
    const second = await talk.say('and again');
    expect([second.thinking, second.text]).toEqual(['', `Hello from ${upstreamModel}. You said 2 words.`]);
  });
});

describe.each(doors.filter(({ showsThinking }) => !showsThinking))('$name', ({ open }) => {
  it.each(thinkers)('is not disturbed by what $name thinks', async ({ model, upstreamModel }) => {
    const turn = await open(model).say('!think hello there');
    expect(turn.text).toBe(`Hello from ${upstreamModel}. You said 2 words.`);
  });
});

describe('thinking goes back to its author', () => {
  it.each(doors.filter(({ dialect }) => dialect === 'messages'))('signed, by $name at Anthropic', async ({ open }) => {
    const talk = open('claude-sonnet-4-5');
    await talk.say('!think hello there');
    await talk.say('and again');
    expect(await secondBody()).toContain(`"thinking":"${thought}","signature":"${btoa('signature001')}"`);
  });

  it.each(doors.filter(({ dialect }) => dialect === 'responses'))('sealed, by $name at OpenAI', async ({ open }) => {
    const talk = open('openai-by-responses');
    await talk.say('!think hello there');
    await talk.say('and again');
    expect(await secondBody()).toContain(`"encrypted_content":"${btoa('encrypted1')}"`);
  });

  // The AI SDK's Responses provider drops reasoning that came without `encrypted_content`.
  it.each(showing.filter(({ name }) => !name.startsWith('@ai-sdk/openai ')))(
    'as text, by $name at Workers AI',
    async ({ open }) => {
      const talk = open('@cf/moonshotai/kimi-k2.6');
      await talk.say('!think hello there');
      await talk.say('and again');
      expect(await secondBody()).toContain(`"reasoning":"${thought}"`);
    },
  );
});

/** The second request, as text: what the binding was given is written as JSON. */
async function secondBody(): Promise<string> {
  const record = (await recordedRequests())[1];
  return record?.surface === 'binding' ? JSON.stringify(record.inputs) : (record?.body ?? '');
}
