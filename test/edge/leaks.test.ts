import { beforeEach, describe, expect, it } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import { gatewayToken, routerKey } from '../../src/local/keys.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { callerKey, canariesIn, catchConsole, textOf, textWithoutAuth } from './canaries.ts';
import { ask, putRoute, visit, withKey, type Visit } from './router.ts';

let console: ReturnType<typeof catchConsole>;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});

/** A key that its provider refuses, long enough for OpenAI to mask it and short enough for OpenAI to quote it whole. */
const wrongKeys = ['sk-wrong-canary-0123456789', 'sk-wrong-1'];

interface Refused {
  readonly endpoint: Endpoint;
  readonly target: object;
  readonly env?: Record<string, string>;
  readonly headers?: Record<string, string>;
}

const openaiSecret = { model: 'openai/gpt-5.1', credentials: 'secret', secret: 'OPENAI_API_KEY' };
const anthropicSecret = { model: 'anthropic/claude-sonnet-4-5', credentials: 'secret', secret: 'ANTHROPIC_API_KEY' };
const xaiSecret = { model: 'grok/grok-4', credentials: 'secret', secret: 'XAI_API_KEY' };
const workersSecret = { model: '@cf/zai-org/glm-4.7-flash', credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN' };
const openaiStored = { model: 'openai/gpt-5.1', credentials: 'stored' };
const openaiCaller = { model: 'openai/gpt-5.1', credentials: 'caller' };
const anthropicCaller = { model: 'anthropic/claude-sonnet-4-5', credentials: 'caller' };

function ownKey(key: string): Record<string, string> {
  return { 'cf-aig-authorization': `Bearer ${routerKey}`, authorization: `Bearer ${key}` };
}

/** Every credential that a target can refuse, with the wrong key in its place. */
function refusalsOf(key: string): [string, Refused][] {
  return [
    ['OpenAI refuses the secret', { endpoint: 'chat', target: openaiSecret, env: { OPENAI_API_KEY: key } }],
    ['OpenAI refuses it for Responses', { endpoint: 'responses', target: openaiSecret, env: { OPENAI_API_KEY: key } }],
    [
      'OpenAI refuses it for embeddings',
      { endpoint: 'embeddings', target: openaiSecret, env: { OPENAI_API_KEY: key } },
    ],
    ['OpenAI refuses it for Messages', { endpoint: 'messages', target: openaiSecret, env: { OPENAI_API_KEY: key } }],
    ['Anthropic refuses it', { endpoint: 'messages', target: anthropicSecret, env: { ANTHROPIC_API_KEY: key } }],
    ['xAI refuses it, with a 400', { endpoint: 'chat', target: xaiSecret, env: { XAI_API_KEY: key } }],
    ['Workers AI refuses it', { endpoint: 'chat', target: workersSecret, env: { CLOUDFLARE_API_TOKEN: key } }],
    [
      'the REST API refuses it',
      { endpoint: 'chat', target: { ...openaiStored, carrier: 'rest' }, env: { CLOUDFLARE_API_TOKEN: key } },
    ],
    ['AI Gateway refuses it', { endpoint: 'chat', target: openaiStored, env: { CF_AIG_TOKEN: key } }],
  ];
}

const ownRefusals = wrongKeys.flatMap((key) => [
  [`OpenAI, ${key}`, key, { endpoint: 'chat', target: openaiCaller }] as const,
  [`Anthropic, ${key}`, key, { endpoint: 'messages', target: anthropicCaller }] as const,
]);

const refusals = wrongKeys.flatMap((key) =>
  refusalsOf(key).map(([name, refused]) => [`${name}, ${key}`, key, refused] as const),
);

describe('a credential that the target refuses', () => {
  it.each(ownRefusals)(
    "is the caller's 400 where it is the caller's own: %s",
    async (_name, key, { endpoint, target }) => {
      const model = await putRoute({ targets: [target] });
      const body = { ...bodies[endpoint], model };
      const { response } = await visit(endpoints[endpoint].path, { headers: { ...withKey, ...ownKey(key) }, body });
      const text = await textOf(response);
      expect(response.status).toBe(400);
      expect(text).toContain('your own provider key');
      expect(text).not.toContain(key);
    },
  );

  it.each(refusals)('is a 502 that shows nothing of it: %s', async (_name, key, { endpoint, target, ...options }) => {
    const model = await putRoute({ targets: [target] });
    const visitOptions: Visit = { headers: withKey, ...options, body: { ...bodies[endpoint], model } };
    const { response } = await visit(endpoints[endpoint].path, visitOptions);
    const text = await textOf(response);
    expect({ status: response.status, retry: response.headers.get('x-should-retry') }).toEqual({
      status: 502,
      retry: 'false',
    });
    expect(text).not.toContain(key);
    expect(text).not.toContain('sk-wr');
    expect(text).not.toContain('Incorrect API key');
    expect(console.text()).not.toContain(key);
    expect(canariesIn(text + console.text())).toEqual([]);
  });
});

describe('a key that is not the router’s', () => {
  it.each(wrongKeys)('goes nowhere and is shown masked at most: %s', async (key) => {
    const { response } = await visit('/v1/chat/completions', {
      headers: { authorization: `Bearer ${key}` },
      body: { ...bodies.chat, model: '@cf/zai-org/glm-4.7-flash' },
    });
    const text = await textOf(response);
    expect(response.status).toBe(401);
    expect(text + console.text()).not.toContain(key);
    expect(await recordedRequests()).toEqual([]);
  });
});

describe('the caller’s own key', () => {
  it('stays out of a fallback that has a credential of its own', async () => {
    const model = await putRoute({ targets: [openaiCaller, openaiStored] });
    const { response } = await visit('/v1/chat/completions', {
      headers: ownKey(callerKey),
      body: { ...bodies.chat, model },
    });
    const records = await recordedRequests();
    expect(response.status).toBe(200);
    expect(records.map(({ headers }) => new Map(headers).get('authorization'))).toEqual([
      `Bearer ${callerKey}`,
      undefined,
    ]);
    expect(canariesIn(records.map(textWithoutAuth).join() + (await textOf(response)) + console.text())).toEqual([]);
  });

  it('is none where it is the router’s own key again', async () => {
    const model = await putRoute({ targets: [openaiCaller] });
    const { response } = await visit('/v1/chat/completions', {
      headers: { 'cf-aig-authorization': `Bearer ${routerKey}`, 'x-api-key': routerKey },
      body: { ...bodies.chat, model },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'missing_provider_key' } });
    expect(await recordedRequests()).toEqual([]);
  });
});

describe('what an upstream says with a 400', () => {
  it('is shown without any secret that the router knows', async () => {
    const quoting = {
      fetch: () => Promise.reject(new Error('not called')),
      run: () =>
        Promise.resolve(
          Response.json(
            { error: { message: `bad: ${gatewayToken} ${routerKey} ${callerKey} Bearer abc.def`, type: 'x' } },
            { status: 400 },
          ),
        ),
    };
    const { response } = await visit('/v1/chat/completions', {
      headers: ownKey(callerKey),
      body: { ...bodies.chat, model: '@cf/zai-org/glm-4.7-flash' },
      env: { AI: quoting },
    });
    const text = await textOf(response);
    expect(response.status).toBe(400);
    expect(text).toContain('bad: [key] [key] [key] Bearer [key]');
    expect(canariesIn(text + console.text())).toEqual([]);
  });
});

function breakOff(controller: ReadableStreamDefaultController): void {
  controller.error(new Error('no more'));
}

async function failToGet(): Promise<never> {
  throw new Error(`KV: no more, ${gatewayToken}`);
}

describe('what breaks inside the router', () => {
  it('is told without its words, its place and any secret', async () => {
    const response = await ask('/v1/messages', new ReadableStream({ pull: breakOff }), {
      headers: { 'content-type': 'application/json' },
    });
    const text = await textOf(response);
    expect(text).toContain('"type":"error"');
    expect(text).not.toMatch(/no more|\.ts|at \w+ \(/);
    expect(canariesIn(text + console.text())).toEqual([]);
  });

  it('is a 503 where KV cannot be read, without what KV says', async () => {
    const response = await ask(
      '/v1/chat/completions',
      { ...bodies.chat, model: 'never-asked-for' },
      { env: { POLICY: { get: failToGet } } },
    );
    const text = await textOf(response);
    expect({ status: response.status, retry: response.headers.get('retry-after') }).toEqual({
      status: 503,
      retry: '5',
    });
    expect(text).not.toContain('no more');
    expect(canariesIn(text + console.text())).toEqual([]);
  });
});
