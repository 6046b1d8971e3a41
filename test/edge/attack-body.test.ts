import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import { accountId } from '../../src/local/keys.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole } from './canaries.ts';
import { ask, putRoute } from './router.ts';

beforeEach(async () => {
  catchConsole();
  await clearRequests();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const gateway = `https://gateway.ai.cloudflare.com/v1/${accountId}/ai-edge-router`;
const json = { 'content-type': 'application/json' };
const gpt = 'openai/gpt-5.1';
const claude = 'anthropic/claude-sonnet-4-5';
const glm = '@cf/zai-org/glm-4.7-flash';
const user = '"messages":[{"role":"user","content":"hi"}]';

/** Sends text as it stands to an endpoint. */
async function post(
  text: BodyInit,
  endpoint: Endpoint = 'chat',
  headers: Record<string, string> = json,
): Promise<Response> {
  return ask(endpoints[endpoint].path, text, { headers });
}

async function codeOf(response: Response): Promise<unknown[]> {
  const { error } = await response.json<{ error: { code?: string; type: string } }>();
  return [response.status, error.code ?? error.type];
}

describe('fields that other routers obey (T36)', () => {
  it.each([
    { api_base: 'https://evil.example' },
    { base_url: 'https://evil.example' },
    { custom_host: 'evil.example' },
    { api_key: 'sk-evil' },
    { headers: { authorization: 'Bearer sk-evil' } },
    { extra_headers: { authorization: 'Bearer sk-evil' } },
    { extra_body: { model: 'dear' } },
    { provider: 'anthropic', endpoint: 'v1/messages' },
    { fallbacks: [{ model: 'dear' }] },
  ])('%j has no effect', async (field) => {
    const fetches = vi.spyOn(globalThis, 'fetch');
    await ask('/v1/chat/completions', { model: gpt, ...bodies.chat, ...field });
    const [record] = await recordedRequests();
    expect(fetches.mock.calls.map(([url]) => new Request(url).url)).toEqual([`${gateway}/openai/chat/completions`]);
    expect(JSON.stringify(record?.headers)).not.toContain('evil');
    expect(JSON.parse(record?.body ?? '')).toEqual({ model: 'gpt-5.1', ...bodies.chat, ...field });
  });
});

describe('an image by URL (T37)', () => {
  const urls = ['http://169.254.169.254/latest/', 'file:///etc/passwd', 'http://localhost:8787/', 'gopher://x'];

  it.each(urls)('%s is never fetched by the router', async (url) => {
    const fetches = vi.spyOn(globalThis, 'fetch');
    const content = [{ type: 'image_url', image_url: { url } }];
    for (const model of [gpt, claude, glm]) {
      const response = await ask('/v1/chat/completions', { model, messages: [{ role: 'user', content }] });
      expect([200, 400]).toContain(response.status);
    }
    const urls = fetches.mock.calls.map(([called]) => new Request(called).url);
    expect(urls.filter((called) => !called.startsWith(gateway))).toEqual([]);
  });
});

describe('keys of every object (T38)', () => {
  it.each([
    `{"__proto__":{"admin":true},"model":"${gpt}",${user}}`,
    `{"constructor":{"prototype":{"admin":true}},"model":"${gpt}",${user}}`,
    `{"__proto__":{"model":"dear"},"model":"${claude}",${user}}`,
    `{"model":"${glm}","messages":[{"__proto__":{"admin":true},"role":"user","content":"hi"}]}`,
    `{"model":"${claude}",${user},"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"__proto__":{"type":"string"}}}}}]}`,
  ])('%s changes no object of the router’s', async (text) => {
    await post(text);
    expect((await recordedRequests()).map(({ model }) => model)).not.toContain('dear');
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it('alone are no model', async () => {
    expect(await codeOf(await post(`{"__proto__":{"model":"${gpt}"},${user}}`))).toEqual([400, 'missing_model']);
  });
});

describe('a key that stands twice (T39, T40)', () => {
  it.each([
    `{"model":"${glm}","model":"${gpt}",${user}}`,
    `{"model":"${glm}","mod\\u0065l":"${gpt}",${user}}`,
    `{"\\u006dodel":"${glm}","\\u006Dodel":"${gpt}",${user}}`,
    `{"model":"${gpt}",${user},"stream":false,"stream":true}`,
    `{"model":"${gpt}",${user},"max_tokens":1,"max_tokens":9}`,
    `{"model":"${gpt}",${user},"max_completion_tokens":1,"max_completion_tokens":9}`,
    `{"model":"${gpt}",${user},"n":1,"n":128}`,
    `{"model":"${gpt}",${user},"tools":[],"tools":[{}]}`,
    `{"model":"${gpt}",${user},"stream_options":{},"stream_options":{}}`,
  ])('%s is refused', async (text) => {
    expect(await codeOf(await post(text))).toEqual([400, 'repeated_field']);
    expect(await recordedRequests()).toEqual([]);
  });

  it('is found under an escape where it stands once', async () => {
    await post(`{"mod\\u0065l":"${gpt}",${user}}`);
    expect((await recordedRequests()).map(({ body }) => body)).toEqual([`{"mod\\u0065l":"gpt-5.1",${user}}`]);
  });
});

describe('a model inside the messages (T47)', () => {
  it.each([
    `{"messages":[{"role":"user","content":"\\"model\\":\\"dear\\""}],"model":"${gpt}"}`,
    `{"metadata":{"model":"dear"},${user},"model":"${gpt}"}`,
    `{${user},"x":[{"model":"dear"},"\\\\"],"model":"${gpt}"}`,
  ])('is not the model: %s', async (text) => {
    await post(text);
    const [record] = await recordedRequests();
    expect(record?.body).toBe(text.replace(gpt, 'gpt-5.1'));
  });
});

describe('stream that is no boolean (T41)', () => {
  it.each(['"true"', '1', '0', '"false"', '[]', '{}', '[true]'])('%s is refused', async (value) => {
    expect(await codeOf(await post(`{"model":"${gpt}",${user},"stream":${value}}`))).toEqual([400, 'invalid_type']);
  });

  it('null is none, for the router as for the upstream', async () => {
    const response = await post(`{"model":"${gpt}",${user},"stream":null}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  });
});

describe('max_tokens on a relay', () => {
  it('gets the name that OpenAI takes, and keeps its value and its place', async () => {
    const response = await post(`{"model":"${gpt}", "max_tokens" : 32000 ,${user}}`);
    expect(response.status).toBe(200);
    const [record] = await recordedRequests();
    expect(record?.body).toBe(`{"model":"gpt-5.1", "max_completion_tokens" : 32000 ,${user}}`);
  });

  it('stays where the caller sent both', async () => {
    await post(`{"model":"${gpt}","max_tokens":9,"max_completion_tokens":9,${user}}`);
    const [record] = await recordedRequests();
    expect(record?.body).toBe(`{"model":"gpt-5.1","max_tokens":9,"max_completion_tokens":9,${user}}`);
  });

  it('stays on a target that takes it', async () => {
    await post(`{"model":"deepseek/deepseek-chat","max_tokens":9,${user}}`);
    const [record] = await recordedRequests();
    expect(record?.body).toBe(`{"model":"deepseek-chat","max_tokens":9,${user}}`);
  });
});

describe('a cap on output (T42)', () => {
  it.each([
    ['chat', gpt, ',"max_completion_tokens":1000000000000', { max_completion_tokens: 100 }],
    ['chat', gpt, ',"max_tokens":5000,"max_completion_tokens":9', { max_tokens: 100, max_completion_tokens: 9 }],
    ['chat', gpt, ',"max_completion_tokens":1e400', { max_completion_tokens: 100 }],
    ['chat', gpt, ',"max_completion_tokens":"5000"', { max_completion_tokens: 100 }],
    ['chat', gpt, ',"max_completion_tokens":null', { max_completion_tokens: 100 }],
    ['chat', gpt, '', { max_completion_tokens: 100 }],
    ['chat', gpt, ',"max_tokens":5000', { max_completion_tokens: 100 }],
    ['chat', gpt, ',"max_tokens":9', { max_completion_tokens: 9 }],
    ['messages', claude, ',"max_tokens":101', { max_tokens: 100 }],
    ['messages', claude, ',"max_tokens":99', { max_tokens: 99 }],
    ['messages', gpt, ',"max_tokens":5000', { max_completion_tokens: 100 }],
    ['chat', claude, ',"max_tokens":5000', { max_tokens: 100 }],
  ] as const)('holds for %s on %s with %s', async (endpoint, target, fields, expected) => {
    const model = await putRoute({
      targets: [{ model: target, credentials: 'stored' }],
      parameters: { caps: { maxOutputTokens: 100 } },
    });
    await post(`{"model":"${model}",${user}${fields}}`, endpoint);
    const [record] = await recordedRequests();
    expect(JSON.parse(record?.body ?? '')).toMatchObject(expected);
  });

  it.each(['-1', '1.5', 'true', '[5000]', '{"a":5000}'])('is never a 500 with %s', async (value) => {
    const model = await putRoute({
      targets: [{ model: gpt, credentials: 'stored' }],
      parameters: { caps: { maxOutputTokens: 100 } },
    });
    const statuses = [];
    for (const endpoint of ['chat', 'messages'] as const) {
      statuses.push((await post(`{"model":"${model}",${user},"max_tokens":${value}}`, endpoint)).status);
    }
    expect(statuses.filter((status) => status !== 400 && status !== 200)).toEqual([]);
  });
});

describe('JSON that is none, or not an object (T33, T55)', () => {
  it.each([
    '',
    ' ',
    'NaN',
    'null',
    'true',
    '"text"',
    '42',
    '[]',
    `[{"provider":"openai","endpoint":"chat/completions","headers":{},"query":{}}]`,
    '{',
    '{}{}',
    `{"model":"${gpt}",${user}} {"model":"${gpt}"}`,
    `{"model":"${gpt}",${user}} // comment`,
    `/* c */ {"model":"${gpt}",${user}}`,
    `{"model":"${gpt}",${user},}`,
    `{'model':'${gpt}'}`,
    `{"model":"${gpt}" ${user}}`,
    `{"model":"${gpt}\u0000",${user}`,
    '<html>',
    'model=gpt',
  ])('%j is a 400 in every dialect', async (text) => {
    const chat = await post(text);
    expect([chat.status, await chat.json()]).toMatchObject([
      400,
      { error: { type: 'invalid_request_error', code: 'invalid_json' } },
    ]);
    const messages = await post(text, 'messages');
    expect([messages.status, await messages.json()]).toMatchObject([
      400,
      { type: 'error', error: { type: 'invalid_request_error' } },
    ]);
    expect(await recordedRequests()).toEqual([]);
  });
});

describe('a body of another kind', () => {
  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/jsonp'],
    ['text/html; application/json'],
    ['application/octet-stream'],
  ])('%s is a 415 (T54)', async (type) => {
    expect(await codeOf(await post(`{"model":"${gpt}",${user}}`, 'chat', { 'content-type': type }))).toEqual([
      415,
      'unsupported_content_type',
    ]);
  });

  it.each([
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/json;charset=UTF-8',
    'application/vnd.x+json',
  ])('%s is JSON', async (type) => {
    expect((await post(`{"model":"${gpt}",${user}}`, 'chat', { 'content-type': type })).status).toBe(200);
  });

  it.each(['gzip', 'br', 'deflate', 'gzip, identity', 'x'])('compressed by %s is a 415 (T48)', async (encoding) => {
    const response = await post('x', 'chat', { ...json, 'content-encoding': encoding });
    expect(await codeOf(response)).toEqual([415, 'unsupported_content_type']);
  });

  it('without a type is a 415', async () => {
    expect((await ask('/v1/chat/completions', new TextEncoder().encode('{}'))).status).toBe(415);
  });
});
