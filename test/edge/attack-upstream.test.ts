import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConversationDialect } from '../../src/core/dialect.ts';
import { catchConsole, type CaughtConsole } from './canaries.ts';
import { settled } from './router.ts';
import { askTurn, lastTypes, receive, type Received } from './turn.ts';

let console: CaughtConsole;

beforeEach(() => {
  console = catchConsole();
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});

/** Lets every fetch of the router be answered so. */
function answerWith(body: BodyInit | null, init: ResponseInit = {}): void {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(body, init));
}

const sse = { headers: { 'content-type': 'text/event-stream' } };
const json = { headers: { 'content-type': 'application/json' } };
const dialects: readonly ConversationDialect[] = ['chat', 'messages', 'responses'];

async function ask(dialect: ConversationDialect, stream: boolean): Promise<Response> {
  return askTurn({ dialect, targets: ['gpt'], prompt: 'hi', stream });
}

/** One chat chunk as text of a stream, its lines ended by `end`. */
function chunk(choice: object, end = '\n', more: object = {}): string {
  const data = {
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-5.1',
    choices: [{ index: 0, ...choice }],
    ...more,
  };
  return `data: ${JSON.stringify(data)}${end}${end}`;
}

const one = { delta: { role: 'assistant', content: 'one ' }, finish_reason: null };
const two = { delta: { content: 'two' }, finish_reason: null };
const stop = { delta: {}, finish_reason: 'stop' };
const good = chunk(one) + chunk(two) + chunk(stop) + 'data: [DONE]\n\n';

/** The text that an answer says, in chat or in Messages. */
function textIn({ events }: Received): string {
  const texts = events.map((event) => {
    const { choices, delta } = event as { choices?: { delta?: { content?: string } }[]; delta?: { text?: string } };
    return choices?.[0]?.delta?.content ?? delta?.text ?? '';
  });
  return texts.join('');
}

describe('a stream in an unusual form (T81)', () => {
  it.each([
    ['LF', good],
    ['CRLF', good.replaceAll('\n', '\r\n')],
    ['CR alone', good.replaceAll('\n', '\r')],
    ['no space behind data:', good.replaceAll('data: ', 'data:')],
    ['a byte order mark', `\uFEFF${good}`],
    ['comments', `: hello\n\n${good.replaceAll('\n\n', '\n\n: ping\n\n')}`],
    ['id and retry', good.replaceAll('data: ', 'id: 1\nretry: 1\ndata: ')],
    ['events without data', `event: ping\n\n${good}`],
    ['several lines of data', good.replaceAll(',"object"', ',\ndata: "object"')],
    ['text behind the end', `${good}${chunk(two)}data: [DONE]\n\n`],
    ['no last line end', good.trimEnd()],
    ['one line end short', good.slice(0, -1)],
  ])('%s is the same answer, with one end', async (_form, text) => {
    answerWith(text, sse);
    const chat = await receive(await ask('chat', true));
    const messages = await receive(await ask('messages', true));
    expect([textIn(chat), textIn(messages)]).toEqual(['one two', 'one two']);
    expect(chat.text.match(/\[DONE\]/g)).toHaveLength(1);
    expect(messages.types.filter((type) => type === 'message_stop')).toHaveLength(1);
    expect([chat.broken, messages.broken]).toEqual([false, false]);
  });
});

it('a stream without its end mark is relayed as it is, and ended by a translation (F13)', async () => {
  const text = good.replace('data: [DONE]\n\n', '');
  answerWith(text, sse);
  expect(await receive(await ask('chat', true))).toMatchObject({ text, broken: false });
  expect((await receive(await ask('messages', true))).types.at(-1)).toBe('message_stop');
});

describe('a stream that is no good one', () => {
  /** A stream whose content has reached the caller before the rest comes. */
  function inTwo(rest: string): ReadableStream {
    const parts = [chunk(one), rest].map((text) => new TextEncoder().encode(text));
    return new ReadableStream(
      {
        pull(controller) {
          const part = parts.shift();
          if (part === undefined) controller.close();
          else controller.enqueue(part);
        },
      },
      { highWaterMark: 0 },
    );
  }

  it.each([
    ['no finish reason (F13)', chunk(two)],
    ['no finish reason, but an end mark', `data: [DONE]\n\n`],
    ['bytes of half a character (T82)', `data: {"choices":[{"delta":{"content":"\u00c3`],
    ['an event of 2 MB (F15)', `data: {"x":"${'x'.repeat(2_000_000)}"}\n\n${good}`],
    ['2 MB without a line end', `data: ${'x'.repeat(2_000_000)}`],
    [
      'an error in the shape of OpenRouter',
      chunk({ delta: {}, finish_reason: 'error' }, '\n', { error: { message: 'no', code: 502 } }),
    ],
    [
      'an error in the shape of Cloudflare',
      `data: {"success":false,"errors":[{"code":7009,"message":"secret upstream words"}]}\n\n`,
    ],
    ['an event named error', `event: error\ndata: {"message":"secret upstream words"}\n\n`],
    ['HTML in the middle', `<html>no event</html>\n\n`],
    ['JSON cut in the middle', `data: {"choices":[{"delta"\n\n`],
  ])('ends in an error: %s', async (_what, rest) => {
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(inTwo(rest), sse));
    for (const dialect of ['chat', 'messages'] as const) {
      const { types, broken, text: received } = await receive(await ask(dialect, true));
      expect([types.at(-1), broken]).toEqual([lastTypes[dialect].bad, true]);
      expect(types).not.toContain(lastTypes[dialect].good);
      expect(received).not.toContain('secret upstream words');
    }
  });

  it.each([
    ['nothing but comments', ': a\n\n: b\n\n'],
    ['nothing but an end mark', 'data: [DONE]\n\n'],
    ['lifecycle frames without content', chunk({ delta: { role: 'assistant', content: '' } })],
    ['2 MB without content', `: ${'x'.repeat(1000)}\n\n`.repeat(2000)],
    ['an error first (T80)', 'data: {"error":{"message":"no","type":"server_error"}}\n\n'],
    ['HTML', '<html><body>secret upstream words</body></html>'],
    ['plain text', 'Service Unavailable: secret upstream words'],
    ['binary', '\u0000\u0001\u0002'],
  ])('is an HTTP error where it never began: %s', async (_what, text) => {
    answerWith(text, sse);
    for (const dialect of dialects) {
      const response = await ask(dialect, true);
      expect([response.status, response.headers.get('content-type')]).toEqual([502, 'application/json']);
      expect(await response.text()).not.toContain('secret upstream words');
    }
  });
});

describe('a whole answer that is none (T79, F16)', () => {
  it.each([
    ['empty', ''],
    ['HTML', '<!DOCTYPE html><h1>secret upstream words</h1>'],
    ['a text', '"secret upstream words"'],
    ['a list', '[]'],
    ['null', 'null'],
    ['cut JSON', '{"choices":[{"message":{"content":"secret upstream words'],
    ['an error of OpenAI', '{"error":{"message":"secret upstream words","type":"server_error"}}'],
    [
      'an error of AI Gateway',
      '{"success":false,"result":[],"messages":[],"error":[{"code":2002,"message":"secret upstream words"}]}',
    ],
    [
      'an error of Cloudflare’s API',
      '{"result":null,"success":false,"errors":[{"code":7009,"message":"secret upstream words"}],"messages":[]}',
    ],
    [
      'an error of Workers AI',
      '{"name":"AiError","internalCode":3043,"httpCode":500,"message":"AiError: secret upstream words"}',
    ],
  ])('is a 502: %s', async (_what, text) => {
    answerWith(text, json);
    for (const dialect of dialects) {
      const response = await ask(dialect, false);
      expect([dialect, response.status]).toEqual([dialect, 502]);
      expect(await response.text()).not.toContain('secret upstream words');
    }
  });

  it.each(['text/html', 'text/plain', 'application/octet-stream', ''])('is never passed on as %s', async (type) => {
    const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] };
    answerWith(JSON.stringify(answer), { headers: { 'content-type': type } });
    const response = await ask('chat', false);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  });

  it('over 32 MB is a 502 (T78)', async () => {
    const megabyte = new Uint8Array(1_048_576).fill(0x20);
    const endless = (): ReadableStream => new ReadableStream({ pull: (controller) => controller.enqueue(megabyte) });
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(endless(), json));
    expect((await ask('chat', false)).status).toBe(502);
  });
});

describe('a status of its own kind (T87)', () => {
  it.each([204, 205, 304, 300, 407, 451, 500, 599])('%i is no answer, and never a 500', async (status) => {
    const hasBody = ![204, 205, 304].includes(status);
    answerWith(hasBody ? 'x' : null, { status });
    for (const stream of [true, false]) expect([400, 502, 503, 504]).toContain((await ask('chat', stream)).status);
  });

  it('407 is not the caller’s fault', async () => {
    answerWith('x', { status: 407 });
    expect((await ask('chat', false)).status).toBe(502);
  });
});

describe('an answer with hostile values (T84, T85, T88)', () => {
  const deep = `${'[1,'.repeat(5000)}1${']'.repeat(5000)}`;
  const calls = JSON.stringify([
    { index: -1, id: 'a', function: { name: 'f', arguments: '{not json' } },
    { index: 1e9, id: 'a', function: { name: '__proto__', arguments: '{}' } },
    { id: '', function: { name: '', arguments: 5 } },
    null,
  ]);

  it.each([
    ['usage below zero', '{"prompt_tokens":-5,"completion_tokens":-5,"total_tokens":-10}', '[]', 'null'],
    ['usage beyond all numbers', '{"prompt_tokens":1e400,"completion_tokens":1e308}', '[]', 'null'],
    ['usage as text', '{"prompt_tokens":"5","completion_tokens":"NaN"}', '[]', 'null'],
    ['usage as a list', '[1,2,3]', '[]', 'null'],
    ['calls without shape', 'null', calls, 'null'],
    ['a key of every object', '{"__proto__":{"admin":true}}', '[]', '{"__proto__":{"admin":true}}'],
    ['depth', 'null', '[]', deep],
    ['a number that no double holds', 'null', '[]', '9007199254740993'],
  ])('is relayed as it is, and translated without a fault: %s', async (_what, usage, toolCalls, extra) => {
    const message = `{"role":"assistant","content":"hi","tool_calls":${toolCalls},"extra":${extra}}`;
    const text = `{"id":"c","choices":[{"index":0,"message":${message},"finish_reason":"stop"}],"usage":${usage}}`;
    answerWith(text, json);
    expect(await (await ask('chat', false)).text()).toBe(text);
    expect([200, 502]).toContain((await ask('messages', false)).status);
    expect([200, 502]).toContain((await ask('responses', false)).status);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it('never makes a negative or an infinite usage of it', async () => {
    const usage = '{"prompt_tokens":-5,"completion_tokens":1e400,"total_tokens":"x"}';
    answerWith(
      `{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":${usage}}`,
      json,
    );
    await ask('chat', false);
    await ask('messages', false);
    await settled();
    const told = console
      .lines()
      .flatMap((line) => Object.values((line as { usage?: object }).usage ?? {}) as unknown[]);
    expect(told.filter((count) => !Number.isSafeInteger(count) || Number(count) < 0)).toEqual([]);
  });

  it('keeps the padding of a relayed stream (T101)', async () => {
    const padded = chunk(one, '\n', { obfuscation: 'abcdef', p: 'xyz' }) + chunk(stop) + 'data: [DONE]\n\n';
    answerWith(padded, sse);
    expect((await receive(await ask('chat', true))).text).toBe(padded);
  });
});
