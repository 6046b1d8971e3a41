import { beforeEach, describe, expect, it, vi } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole } from './canaries.ts';
import { ask, putRoute, routerEnv } from './router.ts';

beforeEach(async () => {
  catchConsole();
  await clearRequests();
});

/** What the URL parser would make of a slug in a path (threats.md B1.2): each would climb, split or leave the host. */
const slugs = [
  'openai/../..',
  '..',
  '%2e%2e',
  '.%2e',
  String.raw`openai\..\..`,
  'op\tenai/..\n/x',
  '//evil.example',
  'https://evil.example/',
  '/evil',
  'openai?x=1',
  'openai#f',
  '..%2f..',
  'ｏｐｅｎａｉ',
  'openai;x',
  'openai%00',
  'openai\r\nx-evil: 1',
];

const hostile = [
  ...slugs,
  ...slugs.map((slug) => `${slug}/gpt-5.1`),
  ...slugs.map((slug) => `openai/${slug}`),
  ...slugs.map((slug) => `custom-${slug}/x`),
  ...slugs.map((slug) => `dynamic/${slug}`),
];

/** Names that are nearly a Workers AI model (T26). */
const nearlyWorkersAi = [
  '@cf/../x',
  '@cf/meta/..',
  '@cf//x',
  '@CF/meta/llama-3.1-8b-instruct',
  '@cf/meta/llama%2f..',
  '@cf/meta',
  '@cf/Meta/llama',
  '@cf/meta/llama/../x',
  '@cf/meta/llama 3',
  '@hf/../x',
  'workers-ai/gpt',
  'workers-ai/@cf/../x',
];

/** Keys of every object (T29). */
const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype'];

async function errorFor(model: unknown, endpoint: Endpoint = 'chat'): Promise<{ status: number; error: unknown }> {
  const response = await ask(endpoints[endpoint].path, { ...bodies[endpoint], model });
  return { status: response.status, error: (await response.json<{ error: unknown }>()).error };
}

async function listNothing(): Promise<object> {
  return { keys: [], list_complete: true };
}

describe('a model name that no closed form allows', () => {
  it.each([
    ...hostile,
    ...nearlyWorkersAi,
    ...inherited,
    ...inherited.flatMap((name) => [`${name}/x`, `openai/${name}/../x`, `custom-${name}`]),
    'openai/\u0000',
    'openai/gpt-5.1 ',
    ' openai/gpt-5.1',
    'openai/gpt-5.1\u200b',
    'OpenAI/gpt-5.1',
    'huggingface',
    'nobody/gpt-5.1',
    'undefined',
    '/',
    '*',
    'route:x',
    'defaults',
    'patterns',
  ])('%j is a 404 and reaches nobody (T25, T26, T29)', async (model) => {
    expect(await errorFor(model)).toMatchObject({ status: 404, error: { code: 'model_not_found', param: 'model' } });
    expect(await recordedRequests()).toEqual([]);
  });

  it.each(slugs)('nor does %j as the provider in the path', async (slug) => {
    const response = await ask(`/${slug}/chat/completions`, { ...bodies.chat, model: 'nobody' });
    expect(response.status).toBe(404);
    expect(await recordedRequests()).toEqual([]);
  });

  it('never makes the router look in KV under a name of the caller’s making', async () => {
    const get = vi.fn<(key: string) => Promise<null>>(async () => null);
    const env = { POLICY: { get, list: listNothing } };
    for (const model of [...hostile, '__proto__']) {
      await ask('/v1/chat/completions', { ...bodies.chat, model }, { env });
    }
    expect(
      get.mock.calls.map(([key]) => key).filter((key) => !/^(route:[A-Za-z0-9@._:/-]+|defaults|patterns)$/.test(key)),
    ).toEqual([]);
    expect(get.mock.calls.map(([key]) => key).filter((key) => key.includes('..'))).toEqual([]);
  });
});

describe('a model that is no name at all (T28)', () => {
  it.each([
    ['', 'invalid_model'],
    ['x'.repeat(301), 'invalid_model'],
    ['x'.repeat(100_000), 'invalid_model'],
    [null, 'invalid_model'],
    [0, 'invalid_model'],
    [true, 'invalid_model'],
    [[], 'invalid_model'],
    [['openai/gpt-5.1'], 'invalid_model'],
    [{ name: 'openai/gpt-5.1' }, 'invalid_model'],
    [undefined, 'missing_model'],
  ])('as %j is a 400 that names the field', async (model, code) => {
    expect(await errorFor(model)).toMatchObject({ status: 400, error: { code, param: 'model' } });
  });

  it.each<[Endpoint, object]>([
    ['chat', { code: 'missing_model', type: 'invalid_request_error' }],
    ['responses', { code: 'missing_model', type: 'invalid_request_error' }],
    ['embeddings', { code: 'missing_model', type: 'invalid_request_error' }],
    ['messages', { type: 'invalid_request_error' }],
    ['count-tokens', { type: 'invalid_request_error' }],
  ])('is told in the dialect of %s', async (endpoint, error) => {
    expect(await errorFor(undefined, endpoint)).toMatchObject({ status: 400, error });
  });
});

describe('a name that is nearly a route’s', () => {
  it('is none (T27)', async () => {
    const name = await putRoute({ targets: [{ model: 'openai/gpt-5.1', credentials: 'stored' }] });
    const near = [
      `${name} `,
      name.toUpperCase(),
      `${name}\u200b`,
      `${name}-expensive`,
      name.slice(0, -1),
      `route:${name}`,
      `${name}/`,
    ];
    const statuses = [];
    for (const model of near) statuses.push((await errorFor(model)).status);
    expect(statuses).toEqual(near.map(() => 404));
    expect(await recordedRequests()).toEqual([]);
  });
});

describe('the model that is authorised', () => {
  it('is the model that is sent (I5)', async () => {
    const name = await putRoute({ targets: [{ model: 'anthropic/claude-sonnet-4-5', credentials: 'stored' }] });
    for (const endpoint of ['chat', 'messages', 'responses'] as const) {
      await ask(endpoints[endpoint].path, { ...bodies[endpoint], model: name });
    }
    const records = await recordedRequests();
    expect(records.map(({ model }) => model)).toEqual(Array.from({ length: 3 }, () => 'claude-sonnet-4-5'));
    expect(records.map(({ url }) => new URL(url).hostname)).toEqual(
      Array.from({ length: 3 }, () => 'gateway.ai.cloudflare.com'),
    );
  });

  it('has no gateway, account or alias of the caller’s choosing (T34)', async () => {
    const extra = { gateway: 'open', gateway_id: 'open', account: 'evil', byok_alias: 'second' };
    await ask(`/v1/${'f'.repeat(32)}/open/openai/chat/completions`, { ...bodies.chat, ...extra, model: 'gpt-5.1' });
    const [record] = await recordedRequests();
    const account = String(routerEnv.CLOUDFLARE_ACCOUNT_ID);
    expect(record?.url).toBe(`https://gateway.ai.cloudflare.com/v1/${account}/ai-edge-router/openai/chat/completions`);
  });
});
