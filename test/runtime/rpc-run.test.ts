import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { ChatReply, RunReply, RunVectors } from '../../src/edge/binding.ts';
import { readRun, runHeaders, writeRun } from '../../src/edge/run.ts';
import { catchConsole } from '../edge/canaries.ts';
import { putRoute } from '../edge/router.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { billing, failureOf } from './binding.ts';

beforeEach(async () => {
  catchConsole();
  await clearRequests();
});

const glm = '@cf/zai-org/glm-4.7-flash';
const llama = '@cf/meta/llama-3.1-8b-instruct';
const messages = [{ role: 'user', content: 'hi' }];
const weather = { name: 'weather', description: 'Tells it', parameters: { type: 'object', properties: {} } };
const wrapped = { type: 'function', function: weather };

describe('the inputs of run', () => {
  it.each([
    [{ messages, max_tokens: 9 }, 'chat', { messages, max_tokens: 9 }],
    [{ prompt: 'hi', stream: true }, 'chat', { messages, stream: true }],
    [{ messages, prompt: 'unused' }, 'chat', { messages }],
    [{ messages, tools: [weather, wrapped] }, 'chat', { messages, tools: [wrapped, wrapped] }],
    [{ messages, tools: ['odd', null, {}] }, 'chat', { messages, tools: ['odd', null, {}] }],
    [{ messages, text: 'a field of its own' }, 'chat', { messages }],
    [{ input: 'hi', instructions: 'be brief' }, 'responses', { input: 'hi', instructions: 'be brief' }],
    [{ text: 'hi' }, 'embeddings', { input: 'hi', encoding_format: 'float' }],
    [{ text: ['a', 'b'] }, 'embeddings', { input: ['a', 'b'], encoding_format: 'float' }],
    [{ messages, model: 'dear' }, 'chat', { messages }],
    [{}, 'chat', {}],
    [null, 'chat', {}],
    ['hi', 'chat', {}],
    [[messages], 'chat', {}],
  ])('%j ask for %s', (inputs, endpoint, body) => {
    expect(readRun(glm, inputs)).toEqual({ endpoint, body: { ...body, model: glm } });
  });
});

describe('the options of run', () => {
  it.each([
    [undefined, {}],
    [{ gateway: { id: 'mine', eventId: 'e' }, prefix: 'p', tags: ['t'] }, {}],
    [
      { gateway: { id: 'mine', cacheKey: 'k', cacheTtl: 60, skipCache: false, collectLog: true, requestTimeoutMs: 5 } },
      {
        'cf-aig-cache-key': 'k',
        'cf-aig-cache-ttl': '60',
        'cf-aig-skip-cache': 'false',
        'cf-aig-collect-log': 'true',
        'cf-aig-request-timeout': '5',
      },
    ],
    [
      { gateway: { id: 'mine', retries: { maxAttempts: 2, retryDelayMs: 0, backoff: 'linear' } } },
      { 'cf-aig-max-attempts': '2', 'cf-aig-retry-delay': '0', 'cf-aig-backoff': 'linear' },
    ],
    [{ gateway: { metadata: { team: 'a', count: 1n } } }, { 'cf-aig-metadata': '{"team":"a","count":"1"}' }],
    [{ extraHeaders: { 'X-Session-Affinity': 's', odd: null } }, { 'x-session-affinity': 's' }],
    [{ gateway: 'mine', extraHeaders: ['a'] }, {}],
    [JSON.parse('{"gateway":{"__proto__":{"cacheTtl":60}}}'), {}],
  ])('%o are the headers %j', (options: unknown, headers) => {
    expect(runHeaders(options)).toEqual(headers);
  });
});

describe('the answer of run', () => {
  it.each([
    ['chat', { choices: [{ message: { content: 'hi' } }] }, { response: 'hi' }],
    ['chat', { choices: [{ message: { content: '' } }] }, { response: '' }],
    ['chat', { choices: [{ message: { content: null, tool_calls: [] } }] }, {}],
    ['chat', { choices: [] }, {}],
    ['responses', { output: [] }, {}],
  ] as const)('to %s keeps %j and adds %j', (endpoint, reply, added) => {
    expect(writeRun(endpoint, reply)).toEqual({ ...reply, ...added });
  });

  it('to embeddings is the vectors and their shape', () => {
    const data = [{ embedding: [1, 2, 3] }, { embedding: [4, 5, 6] }];
    const vectors = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(writeRun('embeddings', { object: 'list', data })).toEqual({ shape: [2, 3], data: vectors });
    expect(writeRun('embeddings', {})).toEqual({ shape: [0, 0], data: [] });
  });
});

describe('run', () => {
  it.each([glm, llama])('answers a prompt on %s as the newer models do', async (model) => {
    const reply = await billing.run(model, { prompt: '!say hello' }, { gateway: { id: 'mine' } });
    expectTypeOf(reply).toEqualTypeOf<RunReply>();
    const expected: ChatReply = await billing.chat({ model, messages: [{ role: 'user', content: '!say hello' }] });
    expect(reply).toEqual({ ...expected, id: reply['id'], response: 'hello' });
    expect(reply.choices?.[0]?.message.content).toBe('hello');
  });

  it('calls a tool that was declared bare', async () => {
    const asked = [{ role: 'user', content: '!tool weather {"city":"Oslo"}' }];
    const reply = await billing.run(glm, { messages: asked, tools: [weather] });
    expect(reply.response).toBeUndefined();
    expect(reply.choices?.[0]?.message.tool_calls?.[0]?.function).toEqual({
      name: 'weather',
      arguments: '{"city":"Oslo"}',
    });
  });

  it('streams bytes that a Response takes', async () => {
    const stream = await billing.run(glm, { messages, stream: true });
    expectTypeOf(stream).toEqualTypeOf<ReadableStream<Uint8Array>>();
    expect(await new Response(stream).text()).toMatch(/^data: \{"id"[^]*data: \[DONE\]\n\n$/);
  });

  it('gives embeddings as Workers AI gives them', async () => {
    const vectors = await billing.run('@cf/baai/bge-m3', { text: ['one', 'two'] });
    expectTypeOf(vectors).toEqualTypeOf<RunVectors>();
    expect(vectors.shape).toEqual([2, 1024]);
    expect(vectors.data.map((vector) => vector.length)).toEqual([1024, 1024]);
    expect((await recordedRequests()).map(({ inputs }) => inputs)).toEqual([{ text: ['one', 'two'] }]);
  });

  it('answers the Responses form of gpt-oss', async () => {
    const reply = await billing.run('@cf/openai/gpt-oss-20b', { input: '!say hello' });
    expect(reply).toMatchObject({ object: 'response', status: 'completed' });
  });

  it('gives the whole response where it is asked for, failures too', async () => {
    const answered = await billing.run(glm, { messages }, { returnRawResponse: true });
    expectTypeOf(answered).toEqualTypeOf<Response>();
    expect([answered.status, answered.headers.get('x-router-target')]).toEqual([200, glm]);
    expect(await answered.json()).toMatchObject({ object: 'chat.completion' });
    const failed = await billing.run('nonesuch', { messages }, { returnRawResponse: true });
    expect(failed.status).toBe(404);
    expect(await failed.json()).toMatchObject({ error: { code: 'model_not_found' } });
  });

  it('asks the gateway for what the route allows, and names the rest', async () => {
    const target = { model: 'openai/gpt-5.1', credentials: 'stored' };
    const model = await putRoute({ targets: [target], allow: ['cf-aig-metadata'] });
    const gateway = { id: 'other', metadata: { team: 'a' }, cacheTtl: 60 };
    const answered = await billing.run(model, { messages }, { gateway, returnRawResponse: true });
    expect(answered.headers.get('x-router-ignored')).toBe('cf-aig-cache-ttl');
    const [record] = await recordedRequests();
    expect(record?.url).toContain('/ai-edge-router/openai/');
    expect(record?.metadata).toMatchObject({ team: 'a', caller: 'billing' });
  });

  it.each(['queueRequest', 'websocket'])('refuses %s, which has another kind of answer', async (option) => {
    expect(await failureOf(billing.run(glm, { messages }, { [option]: true }))).toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
    });
    expect(await recordedRequests()).toEqual([]);
  });
});
