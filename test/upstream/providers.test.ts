import { describe, expect, it } from 'vitest';
import { dialectsOf, findProvider, findSlug, providers, sourcesOf } from '../../src/core/providers.ts';
import { SecretName } from '../../src/policy/schema.ts';

/** Headers that carry a provider's key: contract sheet 1.3. */
const keyHeaders = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'xi-api-key'];
const rows = [...providers].map(([slug, row]) => ({ slug, row }));

describe('the provider table', () => {
  it('knows every provider of the contract sheet', () => {
    expect([...providers.keys()].toSorted()).toEqual(
      [
        'anthropic',
        'aws-bedrock',
        'azure-openai',
        'baseten',
        'cartesia',
        'cerebras',
        'cohere',
        'deepgram',
        'deepseek',
        'elevenlabs',
        'fal',
        'fireworks',
        'google-ai-studio',
        'google-vertex-ai',
        'grok',
        'groq',
        'huggingface',
        'ideogram',
        'mistral',
        'openai',
        'openrouter',
        'parallel',
        'perplexity-ai',
        'replicate',
        'workers-ai',
      ].toSorted(),
    );
  });

  it.each(rows)('$slug carries its key in a header known for keys', ({ row }) => {
    expect(keyHeaders).toContain(row.auth.header);
    expect(['', 'Bearer ', 'Token ']).toContain(row.auth.prefix);
  });

  it.each(rows)('$slug has a secret that a policy may name', ({ row }) => {
    expect(SecretName.safeParse(row.secret).success).toBe(true);
  });

  it('gives the Cloudflare token to Workers AI alone', () => {
    expect(rows.filter(({ row }) => row.secret === 'CLOUDFLARE_API_TOKEN').map(({ slug }) => slug)).toEqual([
      'workers-ai',
    ]);
  });

  it('gives no two providers one secret or one name', () => {
    const secrets = rows.map(({ row }) => row.secret);
    const names = rows.flatMap(({ slug, row }) => [slug, ...row.aliases]);
    expect(new Set(secrets).size).toBe(secrets.length);
    expect(new Set(names).size).toBe(names.length);
  });

  // A path that climbs, or that holds another part of the request than the model, would leave the provider's own.
  it.each(rows)('$slug has plain relative paths', ({ row }) => {
    const paths = Object.values(row.paths).map((path) => path.replace('{model}', 'res/dep'));
    expect(paths.filter((path) => !/^[a-z0-9]+(\/[a-z0-9_]+)*$/.test(path))).toEqual([]);
  });

  // Invariant I3: the allow-list of what follows. It can hold no credential and no option of the gateway's.
  it('forwards the caller’s headers to Anthropic alone, and only its versions', () => {
    const forwarding = rows.filter(({ row }) => row.forwards !== undefined || row.defaults !== undefined);
    expect(forwarding.map(({ slug, row }) => [slug, row.forwards, row.defaults])).toEqual([
      ['anthropic', ['anthropic-version', 'anthropic-beta'], { 'anthropic-version': '2023-06-01' }],
    ]);
  });
});

describe('look-ups by a caller’s words', () => {
  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'OPENAI', 'openai '])(
    'find nothing for %j',
    (name) => {
      expect(findProvider(name)).toBeUndefined();
      expect(findSlug(name)).toBeUndefined();
    },
  );

  it.each([
    ['openai', 'openai'],
    ['google', 'google-ai-studio'],
    ['azure', 'azure-openai'],
    ['bedrock', 'aws-bedrock'],
    ['x-ai', 'grok'],
  ])('find %s as %s', (name, slug) => {
    expect(findSlug(name)).toBe(slug);
  });
});

describe('sourcesOf', () => {
  it.each([
    ['workers-ai', ['binding', 'secret']],
    ['dynamic', ['stored', 'unified']],
    ['openai', ['stored', 'unified', 'secret', 'caller']],
    ['mistral', ['stored', 'secret', 'caller']],
    ['custom-acme', ['stored', 'secret', 'caller']],
  ])('of %s are %j', (slug, sources) => {
    expect(sourcesOf(slug)).toEqual(sources);
  });

  // Contract sheet 2.3: "native-route providers OpenAI, Anthropic, Google AI Studio, Vertex, xAI, Groq".
  it('hold Unified Billing for six providers', () => {
    expect([...providers.keys()].filter((slug) => sourcesOf(slug).includes('unified')).toSorted()).toEqual([
      'anthropic',
      'google-ai-studio',
      'google-vertex-ai',
      'grok',
      'groq',
      'openai',
    ]);
  });
});

const openaiDialects = [
  'chat',
  'responses',
  'embeddings',
  'completions',
  'moderations',
  'images',
  'speech',
  'transcriptions',
] as const;

describe('dialectsOf', () => {
  it.each([
    ['openai', 'gateway', openaiDialects],
    ['anthropic', 'gateway', ['messages']],
    ['custom-acme', 'gateway', [...openaiDialects, 'messages']],
    ['huggingface', 'gateway', []],
    ['nobody', 'gateway', []],
    ['dynamic', 'compat', ['chat']],
    ['openai', 'rest', ['chat', 'messages', 'responses']],
    ['workers-ai', 'rest', ['chat', 'embeddings']],
    ['workers-ai', 'binding', ['chat', 'embeddings', 'images', 'speech', 'transcriptions']],
  ] as const)('of %s by %s are %j', (slug, carrier, dialects) => {
    expect(dialectsOf(slug, carrier)).toEqual(dialects);
  });
});
