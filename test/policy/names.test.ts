import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findProvider, providers } from '../../src/core/providers.ts';
import {
  isRouteName,
  nearestNames,
  providerOfSegment,
  readDirectName,
  servedProviders,
  showName,
} from '../../src/policy/names.ts';

describe('readDirectName', () => {
  it.each([
    [
      '@cf/meta/llama-3.1-8b-instruct',
      '@cf/meta/llama-3.1-8b-instruct',
      'workers-ai',
      '@cf/meta/llama-3.1-8b-instruct',
    ],
    ['workers-ai/@cf/baai/bge-m3', '@cf/baai/bge-m3', 'workers-ai', '@cf/baai/bge-m3'],
    ['@hf/thebloke/zephyr-7b', '@hf/thebloke/zephyr-7b', 'workers-ai', '@hf/thebloke/zephyr-7b'],
    ['openai/gpt-5.1', 'openai/gpt-5.1', 'openai', 'gpt-5.1'],
    ['anthropic/claude-haiku-4.5', 'anthropic/claude-haiku-4.5', 'anthropic', 'claude-haiku-4.5'],
    ['google/gemini-3-pro', 'google-ai-studio/gemini-3-pro', 'google-ai-studio', 'gemini-3-pro'],
    ['gemini/gemini-3-pro', 'google-ai-studio/gemini-3-pro', 'google-ai-studio', 'gemini-3-pro'],
    ['xai/grok-5', 'grok/grok-5', 'grok', 'grok-5'],
    ['x-ai/grok-5', 'grok/grok-5', 'grok', 'grok-5'],
    ['perplexity/sonar', 'perplexity-ai/sonar', 'perplexity-ai', 'sonar'],
    ['azure/res/dep', 'azure-openai/res/dep', 'azure-openai', 'res/dep'],
    ['vertex/google/gemini-3', 'google-vertex-ai/google/gemini-3', 'google-vertex-ai', 'google/gemini-3'],
    [
      'openrouter/meta-llama/llama-4:free',
      'openrouter/meta-llama/llama-4:free',
      'openrouter',
      'meta-llama/llama-4:free',
    ],
    ['custom-acme/team/model', 'custom-acme/team/model', 'custom-acme', 'team/model'],
    ['dynamic/support', 'dynamic/support', 'dynamic', 'dynamic/support'],
  ])('takes %s apart', (asked, name, provider, model) => {
    expect(readDirectName(asked)).toEqual({ name, provider, model });
  });

  it.each([...providers].flatMap(([slug, row]) => [slug, ...row.aliases].map((name) => [name, slug] as const)))(
    'knows the provider %s as %s',
    (name, slug) => {
      expect(providerOfSegment(name)).toBe(slug);
    },
  );

  // threats.md T25 and T26: every form that climbs, splits or smuggles in a URL, as model, as prefix and as route.
  const climbing = [
    'openai/../..',
    '..',
    '%2e%2e',
    '.%2e',
    'openai\\..\\..',
    'op\tenai/..\n/x',
    '//evil.example',
    'https://evil.example/',
    '/evil',
    'openai?x=1',
    'openai#f',
    '..%2f..',
    'ｏpenai',
    'openai;x',
    'openai%00',
  ];
  it.each([
    ...climbing,
    ...climbing.map((name) => `${name}/gpt-5.1`),
    ...climbing.map((name) => `openai/${name}`).filter((name) => !name.endsWith('/openai')),
    ...climbing.map((name) => `@cf/meta/${name}`),
    ...climbing.map((name) => `dynamic/${name}`),
    ...climbing.map((name) => `custom-${name}/model`),
    ...climbing.map((name) => `custom-acme/${name}`),
  ])('refuses %j', (name) => {
    expect(readDirectName(name)).toBeUndefined();
  });

  it.each([
    '',
    '/',
    'openai',
    'openai/',
    '/gpt-5.1',
    'openai//gpt-5.1',
    'openai/gpt-5.1/',
    'OpenAI/gpt-5.1',
    'openai/gpt 5.1',
    'openai/gpt-5.1 ',
    ' openai/gpt-5.1',
    'openai/gpt-5.1\u200b',
    'openai/gpt-5.1\n',
    'openai/gpt\r\nx: y',
    'openai/gpt\u0000',
    'openai/"gpt"',
    'openai/-gpt',
    'openai/a/b/c/d/e/f',
    `openai/${'x'.repeat(129)}`,
    '@CF/meta/llama',
    '@cf/Meta/llama',
    '@cf/meta',
    '@cf//x',
    '@cf/../x',
    '@cf/meta/..',
    '@cf/meta/llama%2f..',
    '@cf/meta/a/b',
    'workers-ai/llama',
    'workers-ai/@cf/../x',
    'dynamic/a/b',
    'dynamic/',
    'custom-/x',
    'custom-ACME/x',
    'gpt-5.1',
    '__proto__',
    '__proto__/x',
    'constructor/x',
    'toString/x',
    'hasOwnProperty/x',
  ])('refuses %j, which is no direct name', (name) => {
    expect(readDirectName(name)).toBeUndefined();
  });

  it('refuses a name of 100 kB', () => {
    expect(readDirectName(`openai/${'a/'.repeat(50_000)}`)).toBeUndefined();
  });

  it('keeps a model that is named like an own property of every object', () => {
    expect(readDirectName('openai/constructor')).toEqual({
      name: 'openai/constructor',
      provider: 'openai',
      model: 'constructor',
    });
  });

  it('gives nothing that changes a URL or a header, whatever is asked', () => {
    const prefix = fc.constantFrom('', 'openai/', '@cf/', '@cf/meta/', 'dynamic/', 'custom-', 'azure/', 'google/');
    const rest = fc.string({ unit: fc.constantFrom(...Array.from('abZ09.-_/@:+%\\?#;\n\t é')), maxLength: 12 });
    fc.assert(
      fc.property(prefix, rest, (start, end) => {
        const { name = '', model = '', provider = 'openai' } = readDirectName(start + end) ?? {};
        expect(`${name}${model}`).toMatch(/^[A-Za-z0-9@._:+/-]*$/);
        expect(`${name} ${model}`).not.toMatch(/\.\.|\/\//);
        expect(findProvider(provider)).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads its own canonical name as the same model', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...providers.keys()),
        fc.stringMatching(/^[a-z0-9](\.?[a-z0-9-]){0,20}$/),
        (slug, model) => {
          const direct = readDirectName(`${slug}/@cf/a/${model}`);
          expect(direct).toBeDefined();
          expect(readDirectName(direct?.name ?? '')).toEqual(direct);
        },
      ),
    );
  });
});

describe('isRouteName', () => {
  it.each(['support', 'Support_2', 'team/fast', 'claude-sonnet-4.5', '@cf/meta/llama', 'a:b', 'constructor'])(
    'takes %s',
    (name) => {
      expect(isRouteName(name)).toBe(true);
    },
  );

  it.each(['', ' ', 'a b', '../x', 'a/../b', 'a//b', '/a', '.a', '__proto__', 'a\n', 'a\u0000', 'é', 'x'.repeat(129)])(
    'refuses %j',
    (name) => {
      expect(isRouteName(name)).toBe(false);
    },
  );
});

describe('nearestNames', () => {
  const known = ['support', 'openai/gpt-5.1', '@cf/meta/llama-3.1-8b-instruct', '@cf/meta/llama-3.2-1b-instruct'];

  it.each([
    ['suport', ['support']],
    ['SUPPORT', ['support']],
    ['gpt-5.1', ['openai/gpt-5.1']],
    ['llama-3.1-8b', ['@cf/meta/llama-3.1-8b-instruct', '@cf/meta/llama-3.2-1b-instruct']],
    ['zzz', []],
    ['', []],
    ['x'.repeat(200), []],
  ])('finds for %j what is like it, the likest first', (asked, nearest) => {
    expect(nearestNames(asked, known)).toEqual(nearest);
  });

  it('names three at most', () => {
    expect(nearestNames('model', ['model-a', 'model-b', 'model-c', 'model-d'])).toEqual([
      'model-a',
      'model-b',
      'model-c',
    ]);
  });
});

describe('showName', () => {
  it.each([
    ['gpt-5.1', 'gpt-5.1'],
    ['a\u0000\n\u001b[31mé', 'a???[31m?'],
    ['x'.repeat(101), 'x'.repeat(100)],
  ])('shows %j printable and cut', (name, shown) => {
    expect(showName(name)).toBe(shown);
  });
});

describe('servedProviders', () => {
  it('lists every provider with a dialect, and none without', () => {
    expect(servedProviders()).toEqual(
      [...providers.keys()].filter(
        (slug) => !['huggingface', 'replicate', 'elevenlabs', 'deepgram', 'cartesia', 'fal', 'ideogram'].includes(slug),
      ),
    );
  });
});
