import { beforeEach, describe, expect, it } from 'vitest';
import { gatewayId } from '../../src/local/keys.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { ai, askRest, chat, eventsOf, message, outcome, run } from './ask.ts';

beforeEach(clearRequests);

const llama = '@cf/meta/llama-3.1-8b-instruct';
const glm = '@cf/zai-org/glm-4.7-flash';
const kimi = '@cf/moonshotai/kimi-k2.6';
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];

function input(text: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { messages: [{ role: 'user', content: text }], ...more };
}

describe('the binding', () => {
  it('throws where the raw response is not asked for', async () => {
    await expect((async () => await ai.run(glm, input('hi')))()).rejects.toThrow('returnRawResponse');
  });

  it('refuses an unknown gateway with 2001', async () => {
    const { status, body } = await outcome(run(glm, input('hi'), { gateway: { id: 'nobody' } }));
    expect([status, body]).toMatchObject([400, { internalCode: 2001 }]);
  });

  it.each([{ maxAttempts: 3 }, { retries: { maxAttempts: 9 } }, { cacheTtl: 5 }, { cachettl: 60 }])(
    'refuses the gateway options %j unless they are right',
    async (options) => {
      const right = 'maxAttempts' in options ? 200 : 400;
      expect((await run(glm, input('hi'), { gateway: { id: gatewayId, ...options } })).status).toBe(right);
    },
  );

  it('carries the ids of Workers AI and of the gateway', async () => {
    const { headers } = await run(glm, input('hi'), { gateway: { id: gatewayId, eventId: 'mine' } });
    const id = '01990000-0000-7000-8000-000000000001';
    const names = ['cf-ai-req-id', 'cf-aig-log-id', 'cf-aig-event-id'];
    expect(names.map((name) => headers.get(name))).toEqual([id, id, 'mine']);
  });

  it('carries no id of a gateway where none is used', async () => {
    const { headers } = await run(glm, input('hi'), { gateway: undefined });
    expect(headers.get('cf-aig-log-id')).toBeNull();
  });

  it('reaches other providers through the gateway without a token', async () => {
    const gateway = await ai.gateway(gatewayId);
    const request = { provider: 'anthropic', endpoint: 'v1/messages', headers: { 'anthropic-version': '2023-06-01' } };
    const response = await gateway.run({ ...request, query: message('!say hello') });
    expect(await response.json()).toMatchObject({ content: [{ type: 'text', text: 'hello' }] });
  });

  it('tries universal requests in order and says which one answered', async () => {
    const gateway = await ai.gateway(gatewayId);
    const request = { provider: 'openai', endpoint: 'chat/completions', headers: {} };
    const response = await gateway.run([
      { ...request, query: chat('!fail 500') },
      { ...request, query: chat('hi') },
    ]);
    expect([response.status, response.headers.get('cf-aig-step')]).toEqual([200, '1']);
  });

  it('has addresses and logs', async () => {
    const gateway = await ai.gateway(gatewayId);
    await run(glm, input('hi'), { gateway: { id: gatewayId, metadata: { user: 'me' } } });
    expect(await gateway.getLog('01990000-0000-7000-8000-000000000001')).toMatchObject({ metadata: { user: 'me' } });
    await expect((async () => await gateway.getLog('nothing'))()).rejects.toThrow('AiGatewayLogNotFound');
    expect(await gateway.getUrl('openai')).toMatch(/\/ai-edge-router\/openai$/);
  });
});

describe('the old family', () => {
  it('answers {response}', async () => {
    const usage = { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 };
    expect(await outcome(run(llama, input('!say hello')))).toEqual({ status: 200, body: { response: 'hello', usage } });
  });

  it('gives tool calls without an id and with an object', async () => {
    const { body } = await outcome(run(llama, input('!tool f {"a":1} !nousage', { tools })));
    expect(body).toEqual({ response: '', tool_calls: [{ name: 'f', arguments: { a: 1 } }] });
  });

  it('answers JSON mode with the value itself', async () => {
    const format = { type: 'json_schema', json_schema: { type: 'object', properties: {} } };
    const { body } = await outcome(run(llama, input('!json {"a":1} !nousage', { response_format: format })));
    expect(body).toEqual({ response: { a: 1 } });
  });

  it('streams {response} events and says nothing of how it ended', async () => {
    expect(await eventsOf(run(llama, input('!say a b', { stream: true })))).toEqual([
      { response: 'a ', p: 'abcdefgh' },
      { response: 'b', p: 'abcdefgh' },
      { response: '', usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
      '[DONE]',
    ]);
  });

  it('takes a bare prompt', async () => {
    expect((await run(llama, { prompt: 'hi' })).status).toBe(200);
  });
});

/** What the stream's deltas hold besides text. */
async function deltasOf(model: string, text: string): Promise<unknown[]> {
  const events = await eventsOf(run(model, input(text, { stream: true, tools })));
  return events.slice(0, -1).map((event) => (event as { choices: { delta: unknown }[] }).choices[0]?.delta);
}

describe('the new family', () => {
  it('answers Chat Completions', async () => {
    const { body } = await outcome(run(glm, input('!think !say a')));
    const message = { role: 'assistant', content: 'a', reasoning_content: 'The user said 0 words. I answer.' };
    expect(body).toMatchObject({ object: 'chat.completion', choices: [{ message }] });
  });

  it('leaves the tool index out and ends with a null call on some models', async () => {
    expect(await deltasOf(kimi, '!tool f {"a":1}')).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { tool_calls: [{ id: 'call_local1n0', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ function: { arguments: '{"a":1}' } }] },
      { tool_calls: [{ id: null, type: null, function: { name: null, arguments: '' } }] },
      {},
    ]);
  });

  it('names no role on some models', async () => {
    expect(await deltasOf('@cf/zai-org/glm-5.2', '!say a')).toEqual([{ content: 'a' }, {}]);
  });

  it('calls reasoning by either name', async () => {
    const [, first] = await deltasOf(kimi, '!think');
    const [, other] = await deltasOf(glm, '!think');
    expect([first, other]).toEqual([{ reasoning: 'The ' }, { reasoning_content: 'The ' }]);
  });

  it('counts cached tokens for the same session', async () => {
    const options = { extraHeaders: { 'x-session-affinity': 's1' } };
    await run(glm, input('one two'), options);
    const { body } = await outcome(run(glm, input('one two'), options));
    expect(body).toMatchObject({ usage: { prompt_tokens_details: { cached_tokens: 2 } } });
  });
});

describe('gpt-oss', () => {
  it.each([
    [{ input: 'hi' }, 'response'],
    [input('hi'), 'chat.completion'],
  ])('answers %j in the shape it was asked in: %s', async (inputs, object) => {
    expect((await outcome(run('@cf/openai/gpt-oss-120b', inputs))).body).toMatchObject({ object });
  });

  it('ignores stream on request', async () => {
    const { headers } = await run('@cf/openai/gpt-oss-20b', input('!json-for-stream', { stream: true }));
    expect(headers.get('content-type')).toBe('application/json');
  });
});

describe('what Workers AI refuses', () => {
  const schema = { type: 'object', properties: {} };

  it.each([
    ['an unknown model', '@cf/meta/none', input('hi'), 5007],
    ['no messages', glm, {}, 8001],
    ['null content', kimi, { messages: [{ role: 'assistant', content: null }] }, 8001],
    [
      'content arrays on strict models',
      glm,
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] },
      8001,
    ],
    ['tool_choice any', glm, input('hi', { tool_choice: 'any' }), 8001],
    ['a description that is no text', glm, input('hi', { tools: [{ function: { description: false } }] }), 8001],
    [
      'images by URL',
      kimi,
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }] }] },
      8001,
    ],
    [
      'OpenAI’s envelope around a schema',
      glm,
      input('hi', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }),
      8001,
    ],
    [
      'a schema in a stream',
      glm,
      input('hi', { stream: true, response_format: { type: 'json_schema', json_schema: schema } }),
      8001,
    ],
    ['nothing to embed', '@cf/baai/bge-m3', { input: 'hi' }, 5004],
  ])('%s', async (_name, model, inputs, code) => {
    const { status, body } = await outcome(run(model, inputs));
    expect([status, body]).toMatchObject([400, { name: 'AiError', internalCode: code, httpCode: 400 }]);
  });

  it('takes content arrays on models that are not strict', async () => {
    expect((await run(kimi, { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] })).status).toBe(
      200,
    );
  });

  it('names the unknown model in the plural shape over HTTP', async () => {
    const error = { code: 5007, message: 'AiError: No such model @cf/meta/none or task' };
    expect(await outcome(askRest('v1/chat/completions', chat('hi', { model: '@cf/meta/none' })))).toEqual({
      status: 400,
      body: { result: null, success: false, errors: [error], messages: [] },
    });
  });

  it('takes OpenAI’s envelope on /ai/v1', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    const body = chat('hi', { model: glm, response_format: format });
    expect((await askRest('v1/chat/completions', body)).status).toBe(200);
  });
});

describe('embeddings', () => {
  it('have a shape and a pooling', async () => {
    const { body } = await outcome(run('@cf/baai/bge-small-en-v1.5', { text: ['a', 'b'] }));
    const { shape, pooling, data } = body as { shape: number[]; pooling: string; data: number[][] };
    expect([shape, pooling, data.map((vector) => vector.length)]).toEqual([[2, 384], 'mean', [384, 384]]);
  });

  it('are OpenAI’s list on /ai/v1, and numbers whatever was asked', async () => {
    const asked = { model: '@cf/baai/bge-m3', input: 'a', encoding_format: 'base64' };
    const { body } = await outcome(askRest('v1/embeddings', asked));
    const [first] = (body as { data: { embedding: number[] }[] }).data;
    expect(first?.embedding.length).toBe(1024);
  });

  it('fail on command', async () => {
    expect((await run('@cf/baai/bge-m3', { text: '!fail 429 3040' })).status).toBe(429);
  });
});

describe('what is recorded of the binding', () => {
  it('is what it was given, signals as their kind', async () => {
    const gateway = { id: gatewayId, metadata: { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 } };
    const extraHeaders = { 'x-session-affinity': 's1' };
    await run(glm, input('hi'), { gateway, extraHeaders, signal: new AbortController().signal });
    expect(await recordedRequests()).toEqual([
      {
        seq: 1,
        surface: 'binding',
        method: '',
        url: '',
        headers: [['x-session-affinity', 's1']],
        body: '',
        model: glm,
        inputs: input('hi'),
        options: { returnRawResponse: true, gateway, extraHeaders, signal: 'signal' },
        metadata: { a: 1, b: 2, c: 3, d: 4, e: 5 },
        cancelled: false,
      },
    ]);
  });
});
