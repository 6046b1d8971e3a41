import { describe, expect, it } from 'vitest';
import { accountId, cloudflareToken, gatewayToken, providerKey } from '../../src/local/keys.ts';
import { askStandIn } from '../support/standin.ts';
import { ask, chat, message, outcome, stored } from './ask.ts';

/** Every provider that speaks Chat Completions: its path and a model that it has. */
const chatPaths: [slug: string, path: string, model: string][] = [
  ['openai', 'chat/completions', 'gpt-5'],
  ['openai', 'v1/chat/completions', 'gpt-5'],
  ['google-ai-studio', 'v1beta/openai/chat/completions', 'gemini-3-pro'],
  ['azure-openai', 'resource/deployment/chat/completions?api-version=2026-01-01', 'gpt-5'],
  ['deepseek', 'chat/completions', 'deepseek-chat'],
  ['groq', 'chat/completions', 'llama-3.3-70b'],
  ['mistral', 'v1/chat/completions', 'mistral-large'],
  ['grok', 'v1/chat/completions', 'grok-4'],
  ['openrouter', 'v1/chat/completions', 'meta/llama'],
  ['cerebras', 'chat/completions', 'llama-3.3-70b'],
  ['fireworks', 'chat/completions', 'accounts/fireworks/models/llama'],
  ['perplexity-ai', 'chat/completions', 'sonar'],
  ['baseten', 'v1/chat/completions', 'llama'],
  ['custom-local', 'v1/chat/completions', 'mine'],
];

const ownHeaders: Record<string, [header: string, prefix: string]> = {
  'google-ai-studio': ['x-goog-api-key', ''],
  'azure-openai': ['api-key', ''],
};

function keyHeader(slug: string, key: string): Record<string, string> {
  const [header, prefix] = ownHeaders[slug] ?? ['authorization', 'Bearer '];
  return { ...stored, [header]: prefix + key };
}

describe('a key on the request', () => {
  it.each(chatPaths)('is taken by %s at %s', async (slug, path, model) => {
    const response = await ask(`${slug}/${path}`, chat('hi', { model }), keyHeader(slug, providerKey(slug)));
    expect(response.status).toBe(200);
  });

  it.each(chatPaths)('that is a Cloudflare token is refused by %s at %s', async (slug, path, model) => {
    const response = await ask(`${slug}/${path}`, chat('hi', { model }), keyHeader(slug, cloudflareToken));
    expect([400, 401]).toContain(response.status);
  });

  it.each([
    ['dummy', 'dummy'],
    [cloudflareToken, `cf-local${'*'.repeat(cloudflareToken.length - 12)}oken`],
  ])('is quoted by OpenAI: %s', async (key, quoted) => {
    expect(await outcome(ask('openai/chat/completions', chat('hi'), keyHeader('openai', key)))).toEqual({
      status: 401,
      body: {
        error: {
          message: `Incorrect API key provided: ${quoted}. You can find your API key at https://platform.openai.com/account/api-keys.`,
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_api_key',
        },
      },
    });
  });

  it.each([
    ['x-api-key', providerKey('anthropic'), 200],
    ['authorization', `Bearer ${providerKey('anthropic')}`, 200],
    ['x-api-key', 'dummy', 401],
    ['x-api-key', providerKey('openai'), 401],
  ])('reaches Anthropic in %s: %s', async (name, value, status) => {
    expect((await ask('anthropic/v1/messages', message('hi'), { ...stored, [name]: value })).status).toBe(status);
  });

  it.each([
    ['x-api-key', 'dummy', 'invalid x-api-key'],
    ['authorization', `Bearer ${cloudflareToken}`, 'Invalid bearer token'],
    ['api-key', 'dummy', 'x-api-key header is required'],
  ])('is refused by Anthropic in its own words: %s', async (name, value, text) => {
    expect(await outcome(ask('anthropic/v1/messages', message('hi'), { ...stored, [name]: value }))).toEqual({
      status: 401,
      body: { type: 'error', error: { type: 'authentication_error', message: text }, request_id: 'req_local' },
    });
  });

  it.each(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'xi-api-key'])(
    'in %s turns the stored key off, dummy or not',
    async (name) => {
      const response = await ask('openai/chat/completions', chat('hi'), { ...stored, [name]: 'dummy' });
      expect(response.status).toBe(401);
    },
  );
});

describe('no key on the request', () => {
  const didNot =
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys.";

  it.each([
    ['a stored key', 'openai', 'chat/completions', 'gpt-5'],
    ['Unified Billing', 'groq', 'chat/completions', 'llama-3.3-70b'],
    ['Unified Billing', 'grok', 'v1/chat/completions', 'grok-4'],
  ])('is answered by %s at %s', async (_name, slug, path, model) => {
    expect((await ask(`${slug}/${path}`, chat('hi', { model }))).status).toBe(200);
  });

  it('is the provider’s own 401 where neither is there', async () => {
    expect(await outcome(ask('perplexity-ai/chat/completions', chat('hi', { model: 'sonar' })))).toEqual({
      status: 401,
      body: { error: { message: didNot, type: 'invalid_request_error', param: null, code: null } },
    });
  });

  it.each([
    ['second', 200],
    ['default', 200],
    ['revoked', 401],
    ['nobody', 400],
  ])('under the alias %s', async (alias, status) => {
    const headers = { ...stored, 'cf-aig-byok-alias': alias };
    expect((await ask('openai/chat/completions', chat('hi'), headers)).status).toBe(status);
  });

  it('names the aliases that there are', async () => {
    const headers = { ...stored, 'cf-aig-byok-alias': 'nobody' };
    expect(await outcome(ask('openai/chat/completions', chat('hi'), headers))).toMatchObject({
      status: 400,
      body: {
        internalCode: 2040,
        message:
          "Provider 'openai' has no BYOK credential named 'nobody'. Configured aliases: default, second, revoked",
      },
    });
  });

  it('does not read the alias on compat, as the real one does not', async () => {
    const headers = { ...stored, 'cf-aig-byok-alias': 'nobody' };
    expect((await ask('compat/chat/completions', chat('hi', { model: 'openai/gpt-5' }), headers)).status).toBe(200);
  });

  it.each([
    ['with a stored key', 'openai', 'chat/completions', 'gpt-5', 200],
    ['without one', 'groq', 'chat/completions', 'llama-3.3-70b', 400],
  ])('and no Unified Billing either, %s', async (_name, slug, path, model, status) => {
    const headers = { ...stored, 'cf-aig-no-wholesale': 'true' };
    expect((await ask(`${slug}/${path}`, chat('hi', { model }), headers)).status).toBe(status);
  });

  it.each([
    ['bare', 200],
    ['default', 200],
    ['byok-only', 400],
  ])('on the gateway %s, which stores nothing', async (id, status) => {
    const response = await askStandIn(
      `https://gateway.ai.cloudflare.com/v1/${accountId}/${id}/openai/chat/completions`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'cf-aig-authorization': `Bearer ${gatewayToken}` },
        body: JSON.stringify(chat('hi')),
      },
    );
    expect(response.status).toBe(status);
  });
});
