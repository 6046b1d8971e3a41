import { beforeEach, describe, expect, it } from 'vitest';
import { cloudflareToken, gatewayToken, providerKey, routerKey } from '../../src/local/keys.ts';
import { authHeadersOf, callerKey, canariesIn, catchConsole, textWithoutAuth } from '../edge/canaries.ts';
import { putRoute } from '../edge/router.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { billing, failureOf, keyless, routerFor } from './binding.ts';

let console: ReturnType<typeof catchConsole>;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});

const glm = '@cf/zai-org/glm-4.7-flash';
const chat = { ...bodies.chat, model: glm };

async function callersSeen(): Promise<unknown[]> {
  return (await recordedRequests()).map(({ metadata }) => metadata?.['caller']);
}

describe('a binding whose props name a caller', () => {
  it('needs no key, by RPC or by fetch', async () => {
    await billing.chat(chat);
    const response = await billing.fetch('https://router/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(chat),
    });
    expect(response.status).toBe(200);
    expect(await callersSeen()).toEqual(['billing', 'billing']);
  });

  it.each([{ key: routerKey }, { key: 'sk-wrong' }, { headers: { authorization: 'Bearer sk-wrong' } }])(
    'stays that caller whatever key comes: %j',
    async (options) => {
      await billing.chat(chat, options);
      expect(await callersSeen()).toEqual(['billing']);
    },
  );

  it.each(['', ' ', 'a b', 'router', '-x', 'x'.repeat(65), 'ü', 7, true, ['billing'], { name: 'billing' }, null])(
    'is refused where %j is no name',
    async (caller) => {
      const call = routerFor({ caller }).chat(chat, { key: routerKey });
      expect(await failureOf(call)).toMatchObject({ status: 400, code: 'invalid_caller' });
      expect(await recordedRequests()).toEqual([]);
    },
  );
});

describe('a binding whose props name nobody', () => {
  const without = [keyless, routerFor({}), routerFor({ team: 'billing' })] as const;

  it.each(without)('asks for a key', async (router) => {
    const noKey = { status: 401, code: 'invalid_api_key' };
    expect(await failureOf(router.chat(chat))).toMatchObject(noKey);
    expect(await failureOf(router.models())).toMatchObject(noKey);
    expect(await failureOf(router.explain('/v1/chat/completions', chat))).toMatchObject(noKey);
    expect(await failureOf(router.run(glm, { prompt: 'hi' }))).toMatchObject(noKey);
    expect((await router.fetch('https://router/v1/models')).status).toBe(401);
    expect((await router.run(glm, { prompt: 'hi' }, { returnRawResponse: true })).status).toBe(401);
    expect(await recordedRequests()).toEqual([]);
  });

  it('takes no caller from headers or body', async () => {
    const headers = { 'x-caller': 'billing', props: '{"caller":"billing"}' };
    const body = { ...chat, caller: 'billing', props: { caller: 'billing' } };
    expect(await failureOf(keyless.chat(body, { headers }))).toMatchObject({ status: 401 });
  });

  it.each([{ key: routerKey }, { headers: { authorization: `Bearer ${routerKey}` } }])(
    'opens by %j',
    async (options) => {
      await keyless.chat(chat, options);
      expect(await callersSeen()).toEqual(['router']);
    },
  );

  it('refuses a wrong key', async () => {
    expect(await failureOf(keyless.chat(chat, { key: 'sk-wrong' }))).toMatchObject({ status: 401 });
    expect(await recordedRequests()).toEqual([]);
  });
});

const gateway = { 'cf-aig-authorization': `Bearer ${gatewayToken}` };
const own = { authorization: `Bearer ${callerKey}` };

describe('the caller’s own provider key', () => {
  it.each([
    ['authorization', { authorization: `Bearer ${callerKey}` }],
    ['x-api-key', { 'x-api-key': callerKey }],
    ['api-key', { 'api-key': callerKey }],
  ])('goes from %s to where the policy says so', async (_name, headers) => {
    const model = await putRoute({ targets: [{ model: 'openai/gpt-5.1', credentials: 'caller' }] });
    await failureOf(billing.chat({ ...chat, model }, { headers }));
    expect((await recordedRequests()).map(authHeadersOf)).toEqual([{ ...gateway, ...own }]);
  });

  it('goes beside the router’s key to where the policy says so', async () => {
    const model = await putRoute({ targets: [{ model: 'openai/gpt-5.1', credentials: 'caller' }] });
    await failureOf(keyless.chat({ ...chat, model }, { key: routerKey, headers: own }));
    expect((await recordedRequests()).map(authHeadersOf)).toEqual([{ ...gateway, ...own }]);
  });

  it.each([
    [
      { model: 'openai/gpt-5.1', credentials: 'stored' },
      { ...gateway, 'cf-aig-no-wholesale': 'true' },
    ],
    [{ model: 'openai/gpt-5.1', credentials: 'unified' }, gateway],
    [
      { model: 'openai/gpt-5.1', credentials: 'secret', secret: 'OPENAI_API_KEY' },
      { ...gateway, authorization: `Bearer ${providerKey('openai')}` },
    ],
    [{ model: glm, credentials: 'binding' }, {}],
  ])('goes nowhere with %j', async (target, expected) => {
    const model = await putRoute({ targets: [target] });
    await failureOf(billing.chat({ ...chat, model }, { headers: own }));
    const records = await recordedRequests();
    expect(records.map(authHeadersOf)).toEqual([expected]);
    expect(canariesIn(records.map(textWithoutAuth).join())).toEqual([]);
    expect(canariesIn(console.text())).toEqual([]);
  });

  it.each([
    ['the router’s key', { authorization: `Bearer ${routerKey}` }],
    ['the gateway’s token', { authorization: `Bearer ${gatewayToken}` }],
    ['Cloudflare’s token', { 'x-api-key': cloudflareToken }],
    ['a provider’s secret', { 'api-key': providerKey('openai') }],
    ['what holds one of them', { authorization: `Bearer x${routerKey}x` }],
    ['what comes beside cf-aig-authorization', { ...own, 'cf-aig-authorization': 'Bearer anything' }],
  ])('is never %s', async (_name, headers) => {
    const model = await putRoute({ targets: [{ model: 'openai/gpt-5.1', credentials: 'caller' }] });
    const call = billing.chat({ ...chat, model }, { headers });
    expect(await failureOf(call)).toMatchObject({ status: 400, code: 'missing_provider_key' });
    expect(await recordedRequests()).toEqual([]);
  });

  it('is ambiguous in two headers that disagree', async () => {
    const call = billing.chat(chat, { headers: { ...own, 'x-api-key': 'sk-other' } });
    expect(await failureOf(call)).toMatchObject({ status: 400, code: 'ambiguous_credentials' });
  });
});
