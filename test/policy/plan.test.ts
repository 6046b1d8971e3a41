import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workersAiModels } from '../../src/core/catalogue.ts';
import type { Endpoint } from '../../src/core/call.ts';
import type { Dialect } from '../../src/core/dialect.ts';
import type { PolicySource } from '../../src/policy/store.ts';
import { openPolicyStore } from '../../src/policy/store.ts';
import { listModels, matches, planCall } from '../../src/policy/plan.ts';
import { rejectionOf } from '../support/failure.ts';
import { policyStore } from '../support/ports.ts';
import { manualTimer } from '../support/timer.ts';

const route = (model: string) => ({ targets: [{ model, credentials: 'stored' }] });

/** Plans a chat request for a model over the given KV values. */
async function plan(
  model: string,
  values: Record<string, unknown> = {},
  asked: { endpoint?: Endpoint; pathProvider?: string } = {},
) {
  return planCall({ model, endpoint: 'chat', ...asked }, policyStore(values));
}

describe('planCall', () => {
  it('gives a route as it stands in KV', async () => {
    const policy = {
      targets: [
        { model: 'google/gemini-3', credentials: 'stored', byokAlias: 'team' },
        { model: 'azure/res/dep', credentials: 'secret', secret: 'AZURE_API_KEY', options: { apiVersion: '2026-01' } },
      ],
      gateway: { id: 'other', collectLog: false },
      allow: ['cf-aig-metadata'],
      parameters: { caps: { maxOutputTokens: 100 } },
      losses: 'report',
    };
    await expect(plan('support', { 'route:support': policy })).resolves.toMatchObject({
      route: 'support',
      found: 'route',
      targets: [
        {
          name: 'google-ai-studio/gemini-3',
          provider: 'google-ai-studio',
          model: 'gemini-3',
          carrier: 'gateway',
          dialect: 'chat',
          credentials: 'stored',
          byokAlias: 'team',
          gateway: { id: 'other', collectLog: false },
          options: {},
        },
        {
          name: 'azure-openai/res/dep',
          provider: 'azure-openai',
          model: 'res/dep',
          carrier: 'gateway',
          dialect: 'chat',
          credentials: 'secret',
          secret: 'AZURE_API_KEY',
          gateway: { id: 'other', collectLog: false },
          options: { apiVersion: '2026-01' },
        },
      ],
      allow: ['cf-aig-metadata'],
      parameters: { caps: { maxOutputTokens: 100 } },
      losses: 'report',
    });
  });

  it('serves direct names without any policy: Workers AI by the binding, all others with a stored key', async () => {
    const strict = { allow: [], parameters: {}, losses: 'usual', found: 'direct' };
    await expect(plan('workers-ai/@cf/zai-org/glm-5.3')).resolves.toMatchObject({
      ...strict,
      route: '@cf/zai-org/glm-5.3',
      targets: [
        {
          name: '@cf/zai-org/glm-5.3',
          provider: 'workers-ai',
          model: '@cf/zai-org/glm-5.3',
          carrier: 'binding',
          dialect: 'chat',
          credentials: 'binding',
          gateway: {},
          options: {},
        },
      ],
    });
    await expect(plan('openai/gpt-5.1')).resolves.toMatchObject({
      ...strict,
      route: 'openai/gpt-5.1',
      targets: [
        {
          name: 'openai/gpt-5.1',
          provider: 'openai',
          model: 'gpt-5.1',
          carrier: 'gateway',
          dialect: 'chat',
          credentials: 'stored',
          gateway: {},
          options: {},
        },
      ],
    });
  });

  // A route, then a pattern, then the name itself.
  const everything = {
    'route:openai/gpt-5.1': route('openai/by-route'),
    'route:behind': route('openai/behind-pattern'),
    patterns: [
      { match: 'openai/*', model: 'anthropic/by-pattern' },
      { match: 'mistral/*', model: 'behind' },
      { match: 'claude-*', model: 'anthropic/{model}' },
      { match: 'claude-2', model: 'openai/never' },
      { match: '*-twice', model: 'custom-{model}/{model}' },
    ],
  };
  it.each([
    ['openai/gpt-5.1', 'route', 'openai/gpt-5.1', 'openai/by-route'],
    ['openai/gpt-4', 'pattern', 'anthropic/by-pattern', 'anthropic/by-pattern'],
    ['mistral/large', 'pattern', 'behind', 'openai/behind-pattern'],
    ['claude-2', 'pattern', 'anthropic/claude-2', 'anthropic/claude-2'],
    ['a-twice', 'pattern', 'custom-a-twice/a-twice', 'custom-a-twice/a-twice'],
    ['groq/llama', 'direct', 'groq/llama', 'groq/llama'],
  ])('finds %s as a %s', async (asked, found, name, target) => {
    await expect(plan(asked, everything)).resolves.toMatchObject({ found, route: name, targets: [{ name: target }] });
  });

  it.each([
    ['gpt-5.1', 'openai', 'openai/gpt-5.1'],
    ['claude-sonnet-4.5', 'anthropic', 'anthropic/claude-sonnet-4.5'],
    ['meta-llama/llama-4', 'openrouter', 'openrouter/meta-llama/llama-4'],
    ['anthropic/claude', 'openai', 'anthropic/claude'],
    ['@cf/meta/llama', 'workers-ai', '@cf/meta/llama'],
  ])('puts before %s the provider in the path, %s, where the name has none', async (model, pathProvider, name) => {
    await expect(plan(model, {}, { pathProvider })).resolves.toMatchObject({ found: 'direct', route: name });
  });

  it.each([
    ['google/gemini-3', 'google-ai-studio/gemini-3'],
    ['xai/grok-5', 'grok/grok-5'],
    ['perplexity/sonar', 'perplexity-ai/sonar'],
  ])('knows %s as %s', async (asked, name) => {
    await expect(plan(asked)).resolves.toMatchObject({ route: name, targets: [{ name }] });
  });
});

describe('planCall with defaults', () => {
  it('takes credentials, gateway options, allowed options and losses of direct names from there', async () => {
    const defaults = {
      providers: { openai: { credentials: 'secret', secret: 'OPENAI_API_KEY' } },
      gateway: { cacheTtlSeconds: 300 },
      allow: ['cf-aig-skip-cache'],
      losses: 'report',
    };
    await expect(plan('openai/gpt-5.1', { defaults })).resolves.toMatchObject({
      allow: ['cf-aig-skip-cache'],
      losses: 'report',
      targets: [{ credentials: 'secret', secret: 'OPENAI_API_KEY', gateway: { cacheTtlSeconds: 300 } }],
    });
    await expect(plan('mistral/large', { defaults })).resolves.toMatchObject({ targets: [{ credentials: 'stored' }] });
  });

  it('finds the row of a provider by any of its names', async () => {
    const defaults = { providers: { 'google-ai-studio': { credentials: 'unified' } } };
    await expect(plan('google/gemini-3', { defaults })).resolves.toMatchObject({
      targets: [{ credentials: 'unified' }],
    });
  });

  it('leaves routes alone', async () => {
    const values = { 'route:x': route('openai/gpt-5.1'), defaults: { gateway: { zdr: true }, losses: 'report' } };
    await expect(plan('x', values)).resolves.toMatchObject({ losses: 'usual', targets: [{ gateway: {} }] });
  });

  it('switches direct names off, behind patterns too, and not routes', async () => {
    const values = {
      'route:x': route('openai/gpt-5.1'),
      patterns: [
        { match: 'a-*', model: 'openai/{model}' },
        { match: 'b-*', model: 'x' },
      ],
      defaults: { directNames: false },
    };
    const reason = 'direct model names are switched off on this router';
    await expect(rejectionOf(plan('openai/gpt-5.1', values))).resolves.toEqual({
      kind: 'model-refused',
      model: 'openai/gpt-5.1',
      reason,
    });
    await expect(rejectionOf(plan('a-1', values))).resolves.toEqual({
      kind: 'model-refused',
      model: 'openai/a-1',
      reason,
    });
    await expect(plan('x', values)).resolves.toMatchObject({ found: 'route' });
    await expect(plan('b-1', values)).resolves.toMatchObject({ found: 'pattern', route: 'x' });
  });

  it('refuses a row that does not fit, even from a store that did not check it', async () => {
    const store = {
      find: async <T>(key: string) => ({ defaults: { providers: { openai: { credentials: 'binding' } } } })[key] as T,
      list: async () => [],
      lastGood: new Set<string>(),
    };
    await expect(rejectionOf(planCall({ model: 'openai/gpt-5.1', endpoint: 'chat' }, store))).resolves.toEqual({
      kind: 'broken-policy',
      name: 'defaults',
      message: 'providers.openai.credentials: "binding" does not fit openai: use stored, unified, secret, caller',
    });
  });
});

describe('the dialect of a target', () => {
  // The caller's own where the target has it, so that bodies are relayed; else the target's first.
  it.each<[string, Record<string, string>, Record<'chat' | 'messages' | 'responses' | 'embeddings', Dialect>]>([
    [
      'openai/x',
      { credentials: 'stored' },
      { chat: 'chat', messages: 'chat', responses: 'responses', embeddings: 'embeddings' },
    ],
    [
      'anthropic/x',
      { credentials: 'stored' },
      { chat: 'messages', messages: 'messages', responses: 'messages', embeddings: 'embeddings' },
    ],
    [
      'anthropic/x',
      { credentials: 'stored', carrier: 'compat' },
      { chat: 'chat', messages: 'chat', responses: 'chat', embeddings: 'embeddings' },
    ],
    [
      'anthropic/x',
      { credentials: 'unified', carrier: 'rest' },
      { chat: 'chat', messages: 'messages', responses: 'responses', embeddings: 'embeddings' },
    ],
    [
      'mistral/x',
      { credentials: 'stored' },
      { chat: 'chat', messages: 'chat', responses: 'chat', embeddings: 'embeddings' },
    ],
    [
      'dynamic/x',
      { credentials: 'stored' },
      { chat: 'chat', messages: 'chat', responses: 'chat', embeddings: 'embeddings' },
    ],
    [
      '@cf/a/x',
      { credentials: 'binding' },
      { chat: 'chat', messages: 'chat', responses: 'chat', embeddings: 'embeddings' },
    ],
    [
      '@cf/a/x',
      { credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN', carrier: 'rest' },
      { chat: 'chat', messages: 'chat', responses: 'chat', embeddings: 'embeddings' },
    ],
    [
      'custom-acme/x',
      { credentials: 'stored' },
      { chat: 'chat', messages: 'messages', responses: 'responses', embeddings: 'embeddings' },
    ],
    [
      'openai/x',
      { credentials: 'stored', dialect: 'responses' },
      { chat: 'responses', messages: 'responses', responses: 'responses', embeddings: 'embeddings' },
    ],
  ])('of %s with %j follows the caller where it can', async (model, fields, dialects) => {
    const values = { 'route:x': { targets: [{ model, ...fields }] } };
    const planned = await Promise.all(
      (['chat', 'messages', 'responses', 'embeddings'] as const).map(async (endpoint) => [
        endpoint,
        (await plan('x', values, { endpoint })).targets[0]?.dialect,
      ]),
    );
    expect(Object.fromEntries(planned)).toEqual(dialects);
  });

  it('is that of Messages for a token count', async () => {
    await expect(plan('anthropic/x', {}, { endpoint: 'count-tokens' })).resolves.toMatchObject({
      targets: [{ dialect: 'messages' }],
    });
  });
});

describe('a name that nobody knows', () => {
  it.each([
    ['gpt-5.1', ['openai/gpt-5.1']],
    ['Claude-Sonnet', ['anthropic/Claude-Sonnet']],
    ['gemini-3-pro', ['google-ai-studio/gemini-3-pro']],
    ['suport', ['support']],
    [
      'llama-3.2-1b',
      ['@cf/meta/llama-3.2-1b-instruct', '@cf/meta/llama-3.2-3b-instruct', '@cf/meta/llama-3.2-11b-vision-instruct'],
    ],
    ['zzzz', []],
    ['constructor', ['@cf/qwen/qwen2.5-coder-32b-instruct']],
    ['__proto__', []],
  ])('%s is answered with the nearest known names', async (model, nearest) => {
    const values = { 'route:support': route('openai/x') };
    await expect(rejectionOf(plan(model, values))).resolves.toEqual({ kind: 'unknown-model', model, nearest });
  });

  it('is not answered with direct names where they are switched off', async () => {
    const values = { 'route:gpt-fast': route('openai/x'), defaults: { directNames: false } };
    await expect(rejectionOf(plan('gpt-5.1', values))).resolves.toEqual({
      kind: 'unknown-model',
      model: 'gpt-5.1',
      nearest: ['gpt-fast'],
    });
  });

  // threats.md T25 to T28 as a whole: nothing of it reaches a plan. `x$'` would be `x` behind a pattern.
  it.each([
    'openai/../..',
    '..',
    'openai?x=1',
    'https://evil.example/',
    'op\tenai/..\n/x',
    'gpt-5.1 ',
    "x$'",
    '$&',
    'x\u0000',
  ])('%j is refused, also behind a pattern for everything', async (model) => {
    const values = { patterns: [{ match: '*', model: 'anthropic/{model}' }] };
    await expect(rejectionOf(plan(model, values))).resolves.toMatchObject({ kind: 'unknown-model' });
  });

  it('is shown printable and cut', async () => {
    await expect(rejectionOf(plan(`${'x'.repeat(99)}\n${'y'.repeat(100_000)}`))).resolves.toMatchObject({
      kind: 'unknown-model',
      model: `${'x'.repeat(99)}?`,
    });
  });

  it('is an exact matter: no case, no prefix, no trailing space', async () => {
    const values = { 'route:gpt-4o': route('openai/x') };
    const asked = ['gpt-4o ', 'GPT-4o', 'gpt-4o\u200b', 'gpt-4o-expensive'];
    const failures = await Promise.all(asked.map((model) => rejectionOf(plan(model, values))));
    expect(failures.map(({ kind }) => kind)).toEqual(asked.map(() => 'unknown-model'));
  });
});

describe('policies that cannot be used', () => {
  it.each(['route:x', 'patterns', 'defaults'])('refuse the request and name %s', async (key) => {
    const values = { [key]: 'nonsense' };
    await expect(rejectionOf(plan('x', values))).resolves.toMatchObject({ kind: 'broken-policy', name: key });
  });

  it('refuse where KV cannot be read: nothing is served by default', async () => {
    const source: PolicySource = { get: () => Promise.reject(new Error()), list: () => Promise.reject(new Error()) };
    const store = openPolicyStore({ source, memo: new Map(), timer: manualTimer(), warn: () => undefined });
    await expect(
      rejectionOf(planCall({ model: '@cf/meta/llama-3.1-8b-instruct', endpoint: 'chat' }, store)),
    ).resolves.toMatchObject({ kind: 'broken-policy', passing: true });
  });
});

describe('listModels', () => {
  it('lists routes, then the Workers AI models known by name, each once', async () => {
    const store = policyStore({ 'route:b': {}, 'route:a': {}, 'route:@cf/baai/bge-m3': {} });
    await expect(listModels(store)).resolves.toEqual([
      '@cf/baai/bge-m3',
      'a',
      'b',
      ...workersAiModels.filter((name) => name !== '@cf/baai/bge-m3'),
    ]);
  });

  it('lists routes alone where direct names are switched off', async () => {
    await expect(listModels(policyStore({ 'route:a': {}, defaults: { directNames: false } }))).resolves.toEqual(['a']);
  });
});

describe('matches', () => {
  it.each([
    ['claude-sonnet', 'claude-*', true],
    ['claude-', 'claude-*', true],
    ['claude', 'claude-*', false],
    ['my-claude-1', '*claude*', true],
    ['a', 'a*a', false],
    ['aa', 'a*a', true],
    ['abab', 'ab*ab', true],
    ['aba', 'ab*ba', false],
    ['axbxc', 'a*b*c', true],
    ['acb', 'a*b*c', false],
    ['', '*', true],
    ['anything', '**', true],
    ['gpt.5', 'gpt?5', false],
  ])('%j against %s: %s', (name, pattern, expected) => {
    expect(matches(name, pattern)).toBe(expected);
  });

  it('agrees with a regular expression on any name and pattern', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 6 });
    fc.assert(
      fc.property(text, pattern, (name, glob) => {
        const reference = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '[^]*')}$`);
        expect(matches(name, glob)).toBe(reference.test(name));
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes no longer for a pattern that would make a regular expression backtrack', () => {
    expect(matches('a'.repeat(300), `${'*a'.repeat(99)}*b`)).toBe(false);
  });
});
