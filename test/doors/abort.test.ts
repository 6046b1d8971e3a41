import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import { recordedRequests } from '../support/standin.ts';
import { askingDoors } from './doors.ts';
import { startChat, startMessages, startResponses } from './raw.ts';
import { access, openRouter, origin } from './router.ts';
import { otherWays, targets } from './targets.ts';
import { thrownBy } from './thrown.ts';

openRouter();

const text = 'hello there, router !stall 2';

/** Starts a stream that falls silent after two words, and gives what comes of it until then. */
type Start = (model: string, signal: AbortSignal) => Promise<AsyncIterable<unknown>>;

const starts: readonly (readonly [name: string, start: Start])[] = [
  ['openai chat.completions', (model, signal) => startChat(model, text, { signal })],
  ['openai responses', (model, signal) => startResponses(model, text, { signal })],
  ['anthropic messages', (model, signal) => startMessages(model, text, { signal })],
  [
    'the AI SDK',
    async (model, signal) => {
      const { key, fetch } = access;
      const provider = createOpenAICompatible({ name: 'router', baseURL: `${origin}/v1`, apiKey: key, fetch });
      return streamText({ model: provider(model), prompt: text, abortSignal: signal, maxRetries: 0 }).fullStream;
    },
  ],
];

const patience = { timeout: 4000, interval: 5 };

const all = [...targets, ...otherWays];

describe.each(starts)('who leaves with %s', (_name, start) => {
  it.each(all)('stops $name in the middle of its answer', async ({ model }) => {
    await leaveInTheMiddle(start, model);
    await vi.waitFor(async () => expect(await cancelled()).toEqual([true]), patience);
  });
});

describe.each(askingDoors.filter(({ streams }) => !streams))('$name', ({ open }) => {
  it.each(all.filter(({ name }) => /Anthropic|REST|Workers AI/.test(name)))(
    'stops $name before it answers',
    async ({ model }) => {
      const leaving = new AbortController();
      const thrown = thrownBy(open(model, { signal: leaving.signal }).say('!hang'));
      await vi.waitFor(async () => expect((await recordedRequests()).length).toBe(1), patience);
      leaving.abort();
      expect((await thrown).message).toMatch(/abort/i);
      await vi.waitFor(async () => expect(await cancelled()).toEqual([true]), patience);
    },
  );
});

async function leaveInTheMiddle(start: Start, model: string): Promise<void> {
  const leaving = new AbortController();
  await readUntil(await start(model, leaving.signal), 'from');
  expect(await cancelled()).toEqual([false]);
  leaving.abort();
}

/** Reads events until one holds the word, and leaves the stream open. */
async function readUntil(stream: AsyncIterable<unknown>, word: string): Promise<void> {
  const events = stream[Symbol.asyncIterator]();
  for (let seen = ''; !seen.includes(word);) seen += JSON.stringify((await events.next()).value ?? word);
}

async function cancelled(): Promise<boolean[]> {
  return (await recordedRequests()).map((record) => record.cancelled);
}
