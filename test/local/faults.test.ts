import { beforeEach, describe, expect, it } from 'vitest';
import { askStandIn, clearRequests } from '../support/standin.ts';
import { ask, chat, eventsOf, gatewayBase, message, outcome, run, stored } from './ask.ts';

beforeEach(clearRequests);

const glm = '@cf/zai-org/glm-4.7-flash';

function streamed(text: string): Promise<Response> {
  return ask('openai/chat/completions', chat(text, { stream: true }));
}

/** The text of a stream's chunks, and `null` for every event that is none. */
async function textsOf(response: Promise<Response>): Promise<unknown[]> {
  const events = await eventsOf(response);
  return events.map((event) => {
    const { choices } = event as { choices?: { delta: { content?: string } }[] };
    return choices?.[0]?.delta.content ?? (choices === undefined ? event : null);
  });
}

describe('!fail', () => {
  it.each([
    [429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for requests. Please try again in 20s.'],
    [500, 'server_error', null, 'The server had an error while processing your request. Sorry about that!'],
    [503, 'server_error', null, 'The server is currently overloaded with other requests. Sorry about that!'],
  ])('%i is OpenAI’s own error', async (status, type, code, text) => {
    const refused = { status, body: { error: { message: text, type, param: null, code } } };
    expect(await outcome(streamed(`!fail ${status}`))).toEqual(refused);
  });

  it('with a word is OpenAI’s error of that code', async () => {
    const text = 'You exceeded your current quota, please check your plan and billing details.';
    const error = { message: text, type: 'insufficient_quota', param: null, code: 'insufficient_quota' };
    expect(await outcome(streamed('!fail 429 insufficient_quota'))).toEqual({ status: 429, body: { error } });
  });

  it.each([
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [529, 'overloaded_error'],
  ])('%i is Anthropic’s own error', async (status, type) => {
    const { body } = await outcome(ask('anthropic/v1/messages', message(`!fail ${status}`)));
    expect(body).toMatchObject({ type: 'error', error: { type } });
  });

  it.each([
    [429, 2003, 'Rate limited'],
    [402, 2021, 'This model is not available via unified billing. Please use BYOK.'],
    [424, 2016, 'Prompt blocked due to security configurations'],
  ])('%i %i is the gateway’s', async (status, code, text) => {
    const { body, ...rest } = await outcome(streamed(`!fail ${status} ${code}`));
    expect(rest.status).toBe(status);
    expect(body).toMatchObject({ success: false, error: [{ code, message: text }], internalCode: code });
  });

  it.each([
    [
      429,
      3036,
      'You have used up your daily free allocation of 10,000 neurons, please upgrade to the Workers Paid plan',
    ],
    [429, 3040, 'Capacity temporarily exceeded, please try again.'],
    [
      413,
      5021,
      'The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (8000).',
    ],
  ])('%i %i is Workers AI’s', async (status, code, text) => {
    const { body } = await outcome(run(glm, chat(`!fail ${status} ${code}`)));
    const message = `AiError: ${text}`;
    expect(body).toEqual({ name: 'AiError', internalCode: code, httpCode: status, message, description: text });
  });

  it('carries the retry-after that was asked for', async () => {
    const { headers } = await streamed('!fail 429 !retry-after 7');
    expect(headers.get('retry-after')).toBe('7');
  });

  it('counts only for the model that !only names', async () => {
    expect((await streamed('!only claude !fail 500')).status).toBe(200);
  });
});

describe('what comes instead of an answer', () => {
  it.each([
    ['!html', 200, 'text/html; charset=utf-8', /^<!DOCTYPE html>/],
    ['!html 520', 520, 'text/html; charset=utf-8', /^<!DOCTYPE html>/],
    ['!empty', 200, 'text/event-stream; charset=utf-8', /^$/],
    ['!error-200', 200, 'application/json', /"server_error"/],
    ['!json-for-stream', 200, 'application/json', /"chat.completion"/],
    ['!garbage !json-for-stream', 200, 'application/json', /^\{"garbage": tru$/],
  ])('%s', async (text, status, type, body) => {
    const response = await streamed(text);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
    expect(await response.text()).toMatch(body);
  });

  it('!redirect', async () => {
    const body = JSON.stringify(chat('!redirect'));
    const url = `${gatewayBase}/openai/chat/completions`;
    const response = await askStandIn(url, { method: 'POST', headers: stored, body, redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([
      302,
      'https://elsewhere.example/v1/chat/completions',
    ]);
  });

  it('!stream-for-json', async () => {
    const { headers } = await ask('openai/chat/completions', chat('!stream-for-json'));
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  });
});

describe('what goes wrong in a stream', () => {
  const error = {
    message: 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
    param: null,
    code: null,
  };

  it.each([
    ['!say a b c\n!cut', ['', 'a ']],
    ['!say a b c\n!cut 0', ['']],
    ['!say a b c\n!cut 2', ['', 'a ', 'b ']],
    ['!say a b c\n!cut 99', ['', 'a ', 'b ', 'c']],
    ['!say a b c\n!fail-stream', ['', 'a ', { error }]],
    ['!say a b c\n!fail-stream 0', ['', { error }]],
    ['!say a b\n!garbage', ['', 'a ', '{"garbage": tru', 'b', null, '[DONE]']],
  ])('%j', async (text, expected) => {
    expect(await textsOf(streamed(text))).toEqual(expected);
  });

  it('is an error event in the dialect of Anthropic', async () => {
    const events = await eventsOf(ask('anthropic/v1/messages', message('!fail-stream 0', { stream: true })));
    expect(events.at(-1)).toEqual({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
  });

  it('is response.failed in Responses', async () => {
    const events = await eventsOf(ask('openai/responses', { model: 'gpt-5', input: '!fail-stream', stream: true }));
    expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed' } });
  });

  it('is a broken connection with !drop', async () => {
    await expect((await streamed('!drop')).text()).rejects.toThrow('The connection broke.');
  });

  it('is a broken connection in the middle of a whole answer as well', async () => {
    await expect((await ask('openai/chat/completions', chat('!drop'))).text()).rejects.toThrow('The connection broke.');
  });

  it('is half an answer with !cut where it is whole', async () => {
    const text = await (await ask('openai/chat/completions', chat('!cut'))).text();
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it('is one empty delta after the other with !endless', async () => {
    const response = await streamed('!cut 0 !endless 0');
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });

  it('comes byte by byte with !split, and is the same', async () => {
    const plain = await (await streamed('!say Tromsø 🌍')).text();
    await clearRequests();
    const { body } = await streamed('!say Tromsø 🌍\n!split');
    const chunks: Uint8Array[] = [];
    for await (const chunk of body as ReadableStream<Uint8Array>) chunks.push(chunk);
    expect(new Set(chunks.map(({ length }) => length))).toEqual(new Set([1]));
    expect(await new Blob(chunks).text()).toBe(plain);
  });

  it('leaves the usage out with !nousage', async () => {
    const body = chat('!nousage', { stream: true, stream_options: { include_usage: true } });
    const events = await eventsOf(ask('openai/chat/completions', body));
    expect(events.filter((event) => (event as { usage?: unknown }).usage)).toEqual([]);
  });

  it('waits between events with !slow', async () => {
    const started = Date.now();
    await (await streamed('!say a b\n!slow 20')).text();
    expect(Date.now() - started).toBeGreaterThanOrEqual(60);
  });
});
