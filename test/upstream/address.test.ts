import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../src/core/dialect.ts';
import type { Target } from '../../src/core/target.ts';
import { gatewayIdOf, upstreamModel, upstreamUrl, type Purpose, type Settings } from '../../src/upstream/address.ts';
import { failureOf } from '../support/failure.ts';
import { accountId, settings } from '../support/ports.ts';

const base: Target = {
  name: 'openai/gpt-5.1',
  provider: 'openai',
  model: 'gpt-5.1',
  carrier: 'gateway',
  dialect: 'chat',
  credentials: 'stored',
  gateway: {},
  options: {},
};
const at = (fields: Partial<Target>): Target => ({ ...base, ...fields });
const gateway = `https://gateway.ai.cloudflare.com/v1/${accountId}/main`;
const rest = `https://api.cloudflare.com/client/v4/accounts/${accountId}/ai/v1`;

describe('upstreamUrl', () => {
  // Contract sheet 1.3: what stands after the slug, and whether `v1/` does.
  it.each<[string, Purpose, string]>([
    ['openai', 'chat', 'openai/chat/completions'],
    ['openai', 'responses', 'openai/responses'],
    ['openai', 'embeddings', 'openai/embeddings'],
    ['openai', 'completions', 'openai/completions'],
    ['openai', 'moderations', 'openai/moderations'],
    ['openai', 'images', 'openai/images/generations'],
    ['anthropic', 'messages', 'anthropic/v1/messages'],
    ['anthropic', 'count-tokens', 'anthropic/v1/messages/count_tokens'],
    ['google-ai-studio', 'chat', 'google-ai-studio/v1beta/openai/chat/completions'],
    ['google-ai-studio', 'embeddings', 'google-ai-studio/v1beta/openai/embeddings'],
    ['workers-ai', 'chat', 'workers-ai/v1/chat/completions'],
    ['workers-ai', 'embeddings', 'workers-ai/v1/embeddings'],
    ['deepseek', 'chat', 'deepseek/chat/completions'],
    ['groq', 'chat', 'groq/chat/completions'],
    ['mistral', 'chat', 'mistral/v1/chat/completions'],
    ['perplexity-ai', 'chat', 'perplexity-ai/chat/completions'],
    ['grok', 'chat', 'grok/v1/chat/completions'],
    ['openrouter', 'chat', 'openrouter/v1/chat/completions'],
    ['cerebras', 'chat', 'cerebras/chat/completions'],
    ['fireworks', 'chat', 'fireworks/chat/completions'],
    ['baseten', 'chat', 'baseten/v1/chat/completions'],
    ['custom-acme', 'chat', 'custom-acme/v1/chat/completions'],
    ['custom-acme', 'messages', 'custom-acme/v1/messages'],
    ['custom-acme', 'count-tokens', 'custom-acme/v1/messages/count_tokens'],
    ['custom-acme', 'responses', 'custom-acme/v1/responses'],
    ['custom-acme', 'embeddings', 'custom-acme/v1/embeddings'],
  ])('reaches %s for %s on the gateway', (provider, purpose, path) => {
    expect(upstreamUrl(at({ provider }), purpose, settings)).toBe(`${gateway}/${path}`);
  });

  it.each<[string, Partial<Target>, string]>([
    ['', {}, '/azure-openai/res/dep/chat/completions'],
    [
      'the API version',
      { options: { apiVersion: '2026-01-01' } },
      '/azure-openai/res/dep/chat/completions?api-version=2026-01-01',
    ],
  ])('puts Azure’s deployment and %s into the path', (_what, fields, path) => {
    const azure = at({ provider: 'azure-openai', model: 'res/dep', ...fields });
    expect(upstreamUrl(azure, 'chat', settings)).toBe(`${gateway}${path}`);
  });

  it.each(['dynamic', 'cohere', 'google-vertex-ai', 'aws-bedrock', 'parallel', 'openai', 'workers-ai'])(
    'reaches %s by the compat route',
    (provider) => {
      expect(upstreamUrl(at({ provider, carrier: 'compat' }), 'chat', settings)).toBe(
        `${gateway}/compat/chat/completions`,
      );
    },
  );

  it.each<[string, Purpose, string]>([
    ['openai', 'chat', 'chat/completions'],
    ['openai', 'responses', 'responses'],
    ['anthropic', 'messages', 'messages'],
    ['workers-ai', 'chat', 'chat/completions'],
    ['workers-ai', 'embeddings', 'embeddings'],
  ])('reaches %s for %s on the REST API', (provider, purpose, path) => {
    expect(upstreamUrl(at({ provider, carrier: 'rest' }), purpose, settings)).toBe(`${rest}/${path}`);
  });

  it('goes through the gateway that the policy names', () => {
    expect(upstreamUrl(at({ gateway: { id: 'other' } }), 'chat', settings)).toBe(
      `https://gateway.ai.cloudflare.com/v1/${accountId}/other/openai/chat/completions`,
    );
  });

  // A body of one kind on the path of another would be answered, wrongly, and billed.
  it.each<[Partial<Target>, Purpose, Dialect, string]>([
    [{ provider: 'anthropic' }, 'embeddings', 'embeddings', 'messages'],
    [{ provider: 'anthropic' }, 'chat', 'chat', 'messages'],
    [{ provider: 'mistral' }, 'embeddings', 'embeddings', 'chat'],
    [
      { provider: 'openai' },
      'count-tokens',
      'messages',
      'chat and responses and embeddings and completions and moderations and images and speech and transcriptions',
    ],
    [{ provider: 'huggingface' }, 'chat', 'chat', "none of this router's formats"],
    [{ provider: 'cohere', carrier: 'compat' }, 'embeddings', 'embeddings', 'chat'],
    [{ provider: 'anthropic', carrier: 'compat' }, 'messages', 'messages', 'chat'],
    [{ provider: 'anthropic', carrier: 'compat' }, 'count-tokens', 'messages', 'chat'],
    [{ provider: 'openai', carrier: 'rest' }, 'embeddings', 'embeddings', 'chat and messages and responses'],
    [{ provider: 'anthropic', carrier: 'rest' }, 'count-tokens', 'messages', 'chat and messages and responses'],
    [{ provider: 'workers-ai', carrier: 'rest' }, 'messages', 'messages', 'chat and embeddings'],
  ])('refuses %j for %s', (fields, purpose, from, to) => {
    expect(failureOf(() => upstreamUrl(at(fields), purpose, settings))).toEqual({
      kind: 'not-translatable',
      from,
      to,
      target: 'openai/gpt-5.1',
    });
  });

  it.each<[Partial<Settings>, string]>([
    [{ accountId: '' }, 'CLOUDFLARE_ACCOUNT_ID'],
    [{ accountId: 'undefined' }, 'CLOUDFLARE_ACCOUNT_ID'],
    [{ accountId: '../x' }, 'CLOUDFLARE_ACCOUNT_ID'],
    [{ accountId: accountId.toUpperCase() }, 'CLOUDFLARE_ACCOUNT_ID'],
    [{ accountId: `${accountId}\n` }, 'CLOUDFLARE_ACCOUNT_ID'],
    [{ gatewayId: '' }, 'AI_GATEWAY_ID'],
    [{ gatewayId: '..' }, 'AI_GATEWAY_ID'],
    [{ gatewayId: 'a/b' }, 'AI_GATEWAY_ID'],
    [{ gatewayId: '%2e%2e' }, 'AI_GATEWAY_ID'],
    [{ gatewayId: 'x'.repeat(65) }, 'AI_GATEWAY_ID'],
  ])('says with %j which variable is not set', (changed, binding) => {
    expect(failureOf(() => upstreamUrl(base, 'chat', { ...settings, ...changed }))).toEqual({
      kind: 'not-configured',
      binding,
    });
  });
});

describe('gatewayIdOf', () => {
  it.each([
    [{}, 'main'],
    [{ id: 'other' }, 'other'],
  ])('takes the policy’s before the router’s: %j', (options, id) => {
    expect(gatewayIdOf(at({ gateway: options }), settings)).toBe(id);
  });
});

describe('upstreamModel', () => {
  // Contract sheet 1.2: the most common 404.
  it.each<[string, string, Target['carrier'], string]>([
    ['openai', 'gpt-5.1', 'gateway', 'gpt-5.1'],
    ['openai', 'gpt-5.1', 'compat', 'openai/gpt-5.1'],
    ['openai', 'gpt-5.1', 'rest', 'openai/gpt-5.1'],
    ['google-ai-studio', 'gemini-3', 'gateway', 'gemini-3'],
    ['google-ai-studio', 'gemini-3', 'compat', 'google-ai-studio/gemini-3'],
    ['google-ai-studio', 'gemini-3', 'rest', 'google/gemini-3'],
    ['grok', 'grok-5', 'compat', 'grok/grok-5'],
    ['grok', 'grok-5', 'rest', 'xai/grok-5'],
    ['perplexity-ai', 'sonar', 'rest', 'perplexity/sonar'],
    ['google-vertex-ai', 'google/gemini-3', 'compat', 'google-vertex-ai/google/gemini-3'],
    ['workers-ai', '@cf/meta/llama', 'binding', '@cf/meta/llama'],
    ['workers-ai', '@cf/meta/llama', 'gateway', '@cf/meta/llama'],
    ['workers-ai', '@cf/meta/llama', 'rest', '@cf/meta/llama'],
    ['workers-ai', '@cf/meta/llama', 'compat', 'workers-ai/@cf/meta/llama'],
    ['custom-acme', 'team/model', 'gateway', 'team/model'],
    ['custom-acme', 'team/model', 'compat', 'custom-acme/team/model'],
    ['dynamic', 'dynamic/support', 'compat', 'dynamic/support'],
  ])('names the model of %s, %s, on %s', (provider, model, carrier, named) => {
    expect(upstreamModel(at({ provider, model, carrier }))).toBe(named);
  });
});
