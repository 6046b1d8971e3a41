import { beforeEach, describe, expect, it } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import type { CallOptions, Router } from '../../src/edge/binding.ts';
import { routerKey } from '../../src/local/keys.ts';
import { catchConsole } from '../edge/canaries.ts';
import { ask, putRoute } from '../edge/router.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { billing, failureOf, keyless } from './binding.ts';

beforeEach(async () => {
  catchConsole();
  await clearRequests();
});

const glm = '@cf/zai-org/glm-4.7-flash';
const models: Readonly<Partial<Record<Endpoint, string>>> = {
  chat: glm,
  messages: 'anthropic/claude-sonnet-4-5',
  'count-tokens': glm,
  responses: 'openai/gpt-5.1',
  embeddings: '@cf/baai/bge-m3',
};

type Method = (router: Router, body: object, options?: CallOptions) => Promise<unknown>;
const methods: readonly (readonly [Endpoint, Method])[] = [
  ['chat', (router, body, options) => router.chat(body, options)],
  ['messages', (router, body, options) => router.messages(body, options)],
  ['count-tokens', (router, body, options) => router.countTokens(body, options)],
  ['responses', (router, body, options) => router.responses(body, options)],
  ['embeddings', (router, body, options) => router.embeddings(body, options)],
];
const streaming = methods.filter(([endpoint]) => ['chat', 'messages', 'responses'].includes(endpoint));

const asked = (endpoint: Endpoint): object => ({ ...bodies[endpoint], model: models[endpoint] });
/** The same caller and request id as over HTTP: nothing is left that could differ. */
const sameAsHttp: CallOptions = { key: routerKey, headers: { 'x-request-id': 'same' } };
const byHttp = (path: string, body?: object): Promise<Response> =>
  ask(path, body, { headers: { 'x-request-id': 'same' } });

describe('a method', () => {
  it.each(methods)('for %s gives what HTTP gives, and sends the same upstream', async (endpoint, call) => {
    const expected = await (await byHttp(endpoints[endpoint].path, asked(endpoint))).json();
    const sent = await recordedRequests();
    await clearRequests();
    expect(await call(keyless, asked(endpoint), sameAsHttp)).toEqual(expected);
    expect(await recordedRequests()).toEqual(sent);
  });

  it.each(streaming)('for %s streams the bytes that HTTP streams', async (endpoint, call) => {
    const body = { ...asked(endpoint), stream: true };
    const expected = await (await byHttp(endpoints[endpoint].path, body)).text();
    await clearRequests();
    const stream = await call(keyless, body, sameAsHttp);
    expect(stream).toBeInstanceOf(ReadableStream);
    expect(await new Response(stream as ReadableStream).text()).toBe(expected);
  });

  it('streams where the model answered whole', async () => {
    const messages = [{ role: 'user', content: '!say ready !json-for-stream' }];
    const stream = await billing.chat({ model: 'openai/gpt-5.1', messages, stream: true });
    expect(await new Response(stream).text()).toMatch(/ready[^]*data: \[DONE\]\n\n$/);
  });

  it.each([[{}], [{ 'anthropic-version': '2023-06-01' }]])('lists models as HTTP does with %j', async (headers) => {
    const expected: unknown = await (await ask('/v1/models', undefined, { headers })).json();
    expect(await billing.models({ headers })).toEqual(expected);
  });

  it('explains without calling anybody', async () => {
    const expected: unknown = await (await byHttp('/explain/v1/messages', asked('messages'))).json();
    expect(await keyless.explain('/v1/messages', asked('messages'), sameAsHttp)).toEqual(expected);
    expect(await recordedRequests()).toEqual([]);
  });

  it.each([
    '/../v1/chat/completions',
    '..//v1/chat/completions',
    '/%2e%2e/v1/chat/completions',
    '/a/../../v1/chat/completions',
    '//other.example/v1/chat/completions',
    'https://other.example/v1/chat/completions?format=text#x',
  ])('explains %s and does not call it', async (path) => {
    expect(await billing.explain(path, asked('chat'))).toMatchObject({ caller: 'billing', endpoint: 'chat' });
    expect(await recordedRequests()).toEqual([]);
  });

  it.each(['', 'http://[', '/v1/models', '\\..\\healthz'])('explains nothing on %j', async (path) => {
    expect(await failureOf(billing.explain(path, asked('chat')))).toMatchObject({ status: 404, code: 'unknown_url' });
  });
});

describe('a failed call', () => {
  it('throws an error that says what HTTP says', async () => {
    const model = await putRoute({ targets: [{ model: 'openai/gpt-5.1', credentials: 'stored' }] });
    const messages = [{ role: 'user', content: '!fail 429 !retry-after 7' }];
    const response = await ask('/v1/chat/completions', { model, messages });
    const { error } = await response.json<{ error: { message: string; code: string } }>();
    await clearRequests();
    expect(await failureOf(billing.chat({ model, messages }, { headers: { 'x-request-id': 'mine' } }))).toEqual({
      name: error.code,
      code: error.code,
      message: error.message,
      status: response.status,
      requestId: 'mine',
      retryAfterSeconds: 7,
      remote: true,
    });
  });

  it.each(methods)('of %s names the model that does not exist', async (endpoint, call) => {
    expect(await failureOf(call(billing, { ...bodies[endpoint], model: 'nonesuch' }))).toMatchObject({
      name: 'model_not_found',
      code: 'model_not_found',
      status: 404,
      requestId: expect.stringMatching(/^req_\w+$/) as unknown,
    });
  });

  const circle: Record<string, unknown> = { model: glm };
  circle['self'] = circle;
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a text', '{"model":"x"}'],
    ['a list', [{ model: glm }]],
    ['a circle', circle],
    ['a bigint', { model: glm, seed: 1n }],
  ])('refuses %s as a body', async (_name, body) => {
    // Callers without types send anything.
    expect(await failureOf(billing.chat(body as object))).toMatchObject({ status: 400, code: 'invalid_json' });
    expect(await recordedRequests()).toEqual([]);
  });

  it.each([
    [{ ...bodies.chat }, 'missing_model'],
    [{ ...bodies.chat, model: '' }, 'invalid_model'],
    [{ ...bodies.chat, model: glm, stream: 'true' }, 'invalid_type'],
  ])('checks the envelope as HTTP does: %j', async (body, code) => {
    expect(await failureOf(billing.chat(body))).toMatchObject({ status: 400, code });
  });

  it('says that a header is none', async () => {
    expect(await failureOf(billing.chat(asked('chat'), { headers: { 'a b': 'c' } }))).toMatchObject({
      name: 'TypeError',
    });
  });

  it('breaks a stream off behind the error event', async () => {
    const messages = [{ role: 'user', content: 'hello there !fail-stream 1' }];
    const stream = await billing.chat({ model: 'openai/gpt-5.1', messages, stream: true });
    const text: string[] = [];
    const reading = (async () => {
      for await (const chunk of stream) text.push(new TextDecoder().decode(chunk));
    })();
    await expect(reading).rejects.toThrow(/disconnected prematurely/);
    expect(text.at(-1)).toMatch(/^data: \{"error":/);
  });
});
