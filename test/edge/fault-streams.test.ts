import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole, type CaughtConsole } from './canaries.ts';
import { settled } from './router.ts';
import { askTurn, crossings, firstTypes, lastTypes, receive, targets, turns } from './turn.ts';

let console: CaughtConsole;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});
afterEach(settled);

/** Everything that can go wrong after the first content (threats.md F9 to F15), with how the request is settled. */
const faults: [prompt: string, outcome: string][] = [
  ['!cut 2', 'upstream-cut'],
  ['!drop 2', 'upstream-cut'],
  ['!fail-stream 2', 'error'],
  ['!garbage 2', 'error'],
];

describe('a stream that breaks after its first content', () => {
  it.each(
    faults.flatMap(([prompt, outcome]) =>
      crossings.map(([dialect, target]) => [prompt, dialect, target, outcome] as const),
    ),
  )('ends in an error event and a broken transport: %s, %s on %s', async (prompt, dialect, target, outcome) => {
    const asked = {
      dialect,
      targets: [target, 'claude', 'gpt'] as const,
      prompt: `!say one two three four\n${prompt}`,
      stream: true,
    };
    const response = await askTurn(asked);
    const { types, text, broken } = await receive(response);
    expect([response.status, response.headers.get('x-router-attempts')]).toEqual([200, '1']);
    expect(text).toContain('one');
    expect(types.filter((type) => type === lastTypes[dialect].bad)).toHaveLength(1);
    expect(types.at(-1)).toBe(lastTypes[dialect].bad);
    expect(types).not.toContain(lastTypes[dialect].good);
    expect(broken).toBe(true);
    expect(text).not.toMatch(/garbage|The server had an error|Capacity temporarily/);
    await settled();
    expect(console.lines()).toEqual([expect.objectContaining({ event: 'request', outcome })]);
    // No other target is asked: it would say everything again.
    expect(await recordedRequests()).toHaveLength(1);
  });

  it('says the error the way each dialect’s clients read it', async () => {
    const events = [];
    for (const dialect of ['chat', 'messages', 'responses'] as const) {
      const response = await askTurn({ dialect, targets: ['gpt'], prompt: '!say one two\n!drop', stream: true });
      events.push((await receive(response)).events.at(-1));
    }
    const message = expect.stringMatching(
      /^The upstream's answer broke off before its end \(openai\/gpt-5\.1\)/,
    ) as string;
    expect(events).toEqual([
      { error: { message, type: 'server_error', param: null, code: 'upstream_error' } },
      { type: 'error', error: { type: 'api_error', message }, request_id: expect.any(String) as string },
      {
        type: 'response.failed',
        sequence_number: expect.any(Number) as number,
        response: expect.objectContaining({
          status: 'failed',
          error: { code: expect.any(String) as string, message },
        }) as object,
      },
    ]);
  });

  it('has its event line where Anthropic’s clients need one', async () => {
    const response = await askTurn({
      dialect: 'messages',
      targets: ['claude'],
      prompt: '!say one two\n!cut',
      stream: true,
    });
    expect((await receive(response)).text).toMatch(/\nevent: error\ndata: \{"type":"error"[^\n]*\n\n$/);
  });
});

describe('a good stream', () => {
  it.each(crossings)('begins and ends once: %s on %s', async (dialect, target) => {
    const response = await askTurn({ dialect, targets: [target], prompt: '!say Tromsø 🌍 日本\n!split', stream: true });
    const { types, text, broken } = await receive(response);
    expect(types[0]).toBe(firstTypes[dialect]);
    expect(types.filter((type) => type === lastTypes[dialect].good)).toEqual([types.at(-1)]);
    expect(broken).toBe(false);
    expect(text).not.toContain('\uFFFD');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('content-length')).toBeNull();
    await settled();
    expect(console.lines()).toEqual([
      expect.objectContaining({ outcome: 'complete', status: 200, target: targets[target].model }),
    ]);
  });

  it.each(turns)(
    'is not asked for its usage twice: %s on %s, stream %s, with none told',
    async (dialect, target, stream) => {
      const response = await askTurn({ dialect, targets: [target], prompt: '!say one two\n!nousage', stream });
      const { types, text } = await receive(response);
      expect([response.status, text.includes('one two') || types.length > 2]).toEqual([200, true]);
      await settled();
      expect(console.lines()).toEqual([expect.objectContaining({ outcome: 'complete' })]);
    },
  );
});

describe('an answer of the other kind', () => {
  it.each(crossings)('is made the stream that was asked for: %s on %s (F17)', async (dialect, target) => {
    const response = await askTurn({
      dialect,
      targets: [target],
      prompt: '!say one two\n!json-for-stream',
      stream: true,
    });
    const { types, text } = await receive(response);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(types[0]).toBe(firstTypes[dialect]);
    expect(types.at(-1)).toBe(lastTypes[dialect].good);
    expect(text).toContain('one two');
  });

  it.each(crossings)('is made the whole that was asked for: %s on %s (F18)', async (dialect, target) => {
    const response = await askTurn({
      dialect,
      targets: [target],
      prompt: '!say one two\n!stream-for-json',
      stream: false,
    });
    expect(response.headers.get('content-type')).toBe('application/json');
    const fields = { chat: 'choices', messages: 'content', responses: 'output' };
    const body = await response.json<Record<string, unknown>>();
    expect(JSON.stringify(body[fields[dialect]])).toContain('one two');
  });

  it.each(crossings)('that breaks off is no answer: %s on %s', async (dialect, target) => {
    const prompt = '!say one two three\n!stream-for-json !cut 2';
    expect((await askTurn({ dialect, targets: [target], prompt, stream: false })).status).toBe(502);
  });
});
