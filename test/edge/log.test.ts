import { exports } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { routerKey } from '../../src/local/keys.ts';
import { clearRequests } from '../support/standin.ts';
import { catchConsole, type CaughtConsole } from './canaries.ts';
import { ask, putRoute, settled, visit, withKey } from './router.ts';
import { askTurn, receive, targets } from './turn.ts';

let console: CaughtConsole;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});
afterEach(settled);

/** Every field that a line of the log may have: none of them holds a header, a prompt, an answer or a key. */
const fields = [
  ...'event requestId caller endpoint model route target outcome status attempts usage'.split(' '),
  ...'logId durationMs key fault ageSeconds error group costNanoUsd'.split(' '),
];

const prompt = 'the-prompt-nobody-logs';

describe('the log', () => {
  it('holds nothing of what was asked or answered (T99)', async () => {
    for (const stream of [true, false]) {
      for (const fault of ['', '!fail 500', '!drop 1', '!html', '!fail 400']) {
        const response = await askTurn({
          dialect: 'messages',
          targets: ['gpt', 'glm'],
          prompt: `${prompt}\n!say my-answer my-answer\n${fault}`,
          stream,
        });
        await receive(response);
      }
    }
    const headers = { ...withKey, cookie: 'my-cookie', 'user-agent': 'my-agent', 'x-forwarded-for': '10.9.8.7' };
    await visit(`/v1/nothing?key=my-query`, { headers });
    await settled();
    const names = console.lines().flatMap((line) => Object.keys(line as object));
    expect(names.filter((name) => !fields.includes(name))).toEqual([]);
    expect(console.text()).not.toMatch(
      new RegExp(`${prompt}|my-answer|my-cookie|my-agent|my-query|10\\.9\\.8\\.7|${routerKey}`),
    );
    expect(console.lines().length).toBeGreaterThanOrEqual(10);
  });

  it.each([
    'line\nbreak{"event":"forged"}',
    '\u001b[31mred\u001b[0m\u0007',
    '\u2028\u2029\u0085',
    '"},{"event":"forged',
    '\u0000'.repeat(300),
    '🌍'.repeat(150),
    'x'.repeat(262_144),
  ])('is one line of JSON of 4 kB at most, whatever the model is called (T100)', async (model) => {
    await ask('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hi' }] });
    await settled();
    const texts = (JSON.parse(console.text()) as string[][]).flat();
    expect(texts.filter((text) => Array.from(text).some((character) => character < ' ') || text.length > 4096)).toEqual(
      [],
    );
    expect(console.lines().filter((line) => (line as { event: string }).event === 'forged')).toEqual([]);
  });
});

/** The Worker as the runtime runs it: each request in a context of its own. */
const { default: worker } = exports as unknown as { readonly default: Fetcher };

async function fetchTurn(model: string, said: string): Promise<string> {
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: `!say ${said}` }] });
  const headers = { ...withKey, 'content-type': 'application/json' };
  const response = await worker.fetch('https://router.example/v1/chat/completions', {
    method: 'POST',
    headers,
    body,
  });
  return response.text();
}

describe('many requests at once (T74, T75)', () => {
  it('each get their own answer, from a route that nobody had asked for', async () => {
    const model = await putRoute({ targets: [targets.gpt] });
    const words = Array.from({ length: 60 }, (_, index) => `word-${index}-end`);
    const texts = await Promise.all(words.map((word) => fetchTurn(model, word)));
    const found = texts.map((text) => words.filter((word) => text.includes(word)));
    expect(found).toEqual(words.map((word) => [word]));
    expect(texts.filter((text) => !text.endsWith('data: [DONE]\n\n'))).toEqual([]);
  });
});
