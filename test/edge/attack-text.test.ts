import { beforeEach, describe, expect, it } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole } from './canaries.ts';
import { ask } from './router.ts';

beforeEach(async () => {
  catchConsole();
  await clearRequests();
});

const json = { 'content-type': 'application/json' };
const gpt = 'openai/gpt-5.1';
const claude = 'anthropic/claude-sonnet-4-5';
const glm = '@cf/zai-org/glm-4.7-flash';
const user = '"messages":[{"role":"user","content":"hi"}]';

async function post(text: BodyInit, endpoint: Endpoint = 'chat'): Promise<Response> {
  return ask(endpoints[endpoint].path, text, { headers: json });
}

function bytesOf(...parts: (string | number[])[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)),
  );
}

describe('JSON nested without end (T49)', () => {
  const deep = 100_000;

  it.each([
    ['[' + '['.repeat(deep), 400],
    [`{"model":"${gpt}","messages":${'['.repeat(deep)}${']'.repeat(deep)}}`, 400],
    [`{"model":"${gpt}",${user},"x":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`, 400],
    [`{"model":"${claude}",${user},"tools":${'['.repeat(60)}${']'.repeat(60)}}`, 400],
  ])('is refused before anything walks through it', async (text, status) => {
    const response = await post(text);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});

describe('bytes that are no UTF-8 (T50)', () => {
  const broken = bytesOf('{"model":"', gpt, '",', '"messages":[{"role":"user","content":"', [0xff, 0xc3], '"}]}');

  it('are relayed as they are', async () => {
    expect((await post(broken)).status).toBe(200);
  });

  it.each<[Endpoint, string]>([
    ['messages', gpt],
    ['responses', claude],
    ['chat', glm],
  ])('are refused where %s is read for %s', async (endpoint, model) => {
    const text = bytesOf('{"model":"', model, '","max_tokens":9,"input":"', [0xff], '","messages":[]}');
    const response = await post(text, endpoint);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('UTF-8');
    expect(await recordedRequests()).toEqual([]);
  });
});

describe('a byte order mark (T51)', () => {
  it.each([gpt, claude, glm])('does no harm on the way to %s', async (model) => {
    const response = await post(bytesOf([0xef, 0xbb, 0xbf], `{"model":"${model}",${user}}`));
    expect(response.status).toBe(200);
    const [record] = await recordedRequests();
    expect(record?.body.startsWith('\uFEFF')).toBe(false);
  });
});

describe('values that parsing would change (T52, T53)', () => {
  it.each([
    '"user":"\\ud800"',
    '"seed":9007199254740993',
    '"seed":1e400',
    '"seed":-0',
    `"seed":${'1234567890'.repeat(4)}`,
    '"metadata":{"10":"a","2":"b"}',
    '"user":"\\u00e9\\/\\u000a"',
    '  "user" :  "x" ',
  ])('%s is relayed byte for byte', async (field) => {
    await post(`{"model":"${gpt}",${user},${field}}`);
    expect((await recordedRequests()).map(({ body }) => body)).toEqual([`{"model":"gpt-5.1",${user},${field}}`]);
  });

  it('a lone surrogate is translated into something defined', async () => {
    const response = await post(`{"model":"${claude}","messages":[{"role":"user","content":"a\\ud800b"}]}`);
    const [record] = await recordedRequests();
    expect(response.status).toBe(200);
    expect(JSON.parse(record?.body ?? '')).toMatchObject({ messages: [{ role: 'user' }] });
  });
});

describe('very much of something (T56, T57)', () => {
  const messages = Array.from({ length: 20_000 }, () => ({ role: 'user', content: 'hi' }));
  const keys = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]));

  it.each([
    ['messages', { model: gpt, messages }],
    ['messages, translated', { model: claude, messages }],
    ['keys', { model: gpt, messages: messages.slice(0, 1), ...keys }],
    ['white space', ' '.repeat(1_000_000)],
    ['backslashes', `{"model":"${'\\\\'.repeat(500_000)}"}`],
    ['quotes', `{"a":"${'\\"'.repeat(500_000)}","model":"${gpt}",${user}}`],
    ['letters in a header’s reach', { model: 'a'.repeat(300), messages: [] }],
    ['slashes', { model: '/'.repeat(300), messages: [] }],
    ['dots and dashes', { model: 'a-.'.repeat(100), messages: [] }],
  ])('of %s is answered, whatever the answer', async (_what, body) => {
    const response = await ask('/v1/chat/completions', typeof body === 'string' ? body : { ...body }, {
      headers: json,
    });
    expect([200, 400, 404]).toContain(response.status);
  });
});

describe('text that looks like a stream (T58)', () => {
  const said = '{"x":"a\n\ndata: [DONE]\n\nevent: error\ndata: {}\r\n\r\n: comment\n\nid: 1\n"}';
  const prompt = JSON.stringify(`!json ${said}`);
  const asked: Record<string, string> = {
    chat: user.replace('"hi"', prompt),
    messages: `"max_tokens":100,${user.replace('"hi"', prompt)}`,
    responses: `"input":${prompt}`,
  };
  const ends: Record<string, RegExp> = {
    chat: /^data: \[DONE\]$/gm,
    messages: /^event: message_stop$/gm,
    responses: /^event: response\.completed$/gm,
  };

  it.each(
    (['chat', 'messages', 'responses'] as const).flatMap((endpoint) =>
      [gpt, claude, glm].map((model) => [endpoint, model] as const),
    ),
  )('is text to the end: %s on %s', async (endpoint, model) => {
    const response = await post(`{"model":"${model}","stream":true,${asked[endpoint] ?? ''}}`, endpoint);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text.match(ends[endpoint] ?? /$^/)).toHaveLength(1);
    expect(text).not.toMatch(/^(event: error|id: 1|: comment)$/m);
  });
});
