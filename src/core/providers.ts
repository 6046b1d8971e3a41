import type { Carrier, CredentialSource } from './target.ts';
import type { Dialect } from './dialect.ts';

/**
 * What is known of one provider: the only place where it is known. Slugs, paths and headers are the contract sheet's
 * 1.2 and 1.3; a provider without any dialect path is known by name but serves none of the router's endpoints.
 */
export interface ProviderRow {
  /** Other spellings in Cloudflare's families (`google`, `xai`, ...). */
  readonly aliases: readonly string[];
  /** Path after the slug, by the dialect that it speaks. `{model}` is replaced by the model, which is then not in the path twice. */
  readonly paths: Readonly<Partial<Record<Dialect, string>>>;
  /**
   * `true`: chat goes by the gateway's compat route under `{slug}/{model}`, since the native API is not OpenAI-shaped.
   * `false`: the compat route does not list the provider (sheet 1.5). Absent: it does, and the native route is taken.
   */
  readonly compat?: boolean;
  /** The header that carries the provider's own key, and what stands before the key. */
  readonly auth: { readonly header: string; readonly prefix: '' | 'Bearer ' | 'Token ' };
  /** Offered by Unified Billing on gateway routes (sheet 2.3). */
  readonly unified?: true;
  /** Headers of the caller that follow a relayed request, besides none. */
  readonly forwards?: readonly string[];
  /** Headers sent where the caller sent none of that name. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** The author's name on Cloudflare's REST API where it differs from the slug; `false`: not offered there. */
  readonly restName?: string | false;
  /** Which field caps the answer's tokens on a chat request. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** Where reasoning of earlier turns goes back on a chat request. */
  readonly reasoningField?: 'reasoning' | 'reasoning_content';
  readonly developerRole?: true;
  /** Its chat answers are known to break clients, so they are repaired instead of relayed. */
  readonly repairs?: true;
  /** Name of the Worker secret that policies usually give it. */
  readonly secret: string;
}

/** OpenAI's endpoints by their paths, for those who have all of them. */
const openaiPaths: ProviderRow['paths'] = {
  chat: 'chat/completions',
  responses: 'responses',
  embeddings: 'embeddings',
  completions: 'completions',
  moderations: 'moderations',
  images: 'images/generations',
  speech: 'audio/speech',
  transcriptions: 'audio/transcriptions',
};

const bearer = { header: 'authorization', prefix: 'Bearer ' } as const;

function openaiShaped(row: { secret: string; paths: ProviderRow['paths'] } & Partial<ProviderRow>): ProviderRow {
  return { aliases: [], auth: bearer, ...row };
}

function compatOnly(row: { secret: string } & Partial<ProviderRow>): ProviderRow {
  return { aliases: [], paths: { chat: 'chat/completions' }, compat: true, auth: bearer, restName: false, ...row };
}

function noDialect(row: { secret: string } & Partial<ProviderRow>): ProviderRow {
  return { aliases: [], paths: {}, auth: bearer, restName: false, compat: false, ...row };
}

/**
 * Every provider of the contract sheet by its slug. A `Map`: a caller may ask for the provider `constructor`.
 * Paths of the one-shot formats beyond OpenAI's own are as the vendors had them when last read (uncertain: Google's images, Azure's
 * audio, Groq's speech, the completions of OpenRouter, Cerebras and Fireworks).
 */
export const providers: ReadonlyMap<string, ProviderRow> = new Map<string, ProviderRow>([
  [
    'openai',
    {
      aliases: [],
      paths: openaiPaths,
      auth: bearer,
      unified: true,
      maxTokensField: 'max_completion_tokens',
      developerRole: true,
      secret: 'OPENAI_API_KEY',
    },
  ],
  [
    'anthropic',
    {
      aliases: [],
      paths: { messages: 'v1/messages' },
      auth: { header: 'x-api-key', prefix: '' },
      unified: true,
      forwards: ['anthropic-version', 'anthropic-beta'],
      // What is written by translation is written for this version: the 2026-10-21 one rejects sampling parameters.
      defaults: { 'anthropic-version': '2023-06-01' },
      secret: 'ANTHROPIC_API_KEY',
    },
  ],
  [
    'google-ai-studio',
    {
      aliases: ['google', 'gemini'],
      // Google's OpenAI-shaped API. It takes the key as a Bearer; whether the gateway's stored key reaches it in the
      // right header on this path is not documented (uncertain).
      paths: {
        chat: 'v1beta/openai/chat/completions',
        embeddings: 'v1beta/openai/embeddings',
        images: 'v1beta/openai/images/generations',
      },
      auth: { header: 'x-goog-api-key', prefix: '' },
      unified: true,
      restName: 'google',
      maxTokensField: 'max_completion_tokens',
      secret: 'GOOGLE_API_KEY',
    },
  ],
  ['google-vertex-ai', compatOnly({ secret: 'VERTEX_API_KEY', aliases: ['vertex'], unified: true })],
  [
    'azure-openai',
    {
      aliases: ['azure'],
      // The model is `{resource}/{deployment}`.
      paths: {
        chat: '{model}/chat/completions',
        embeddings: '{model}/embeddings',
        completions: '{model}/completions',
        images: '{model}/images/generations',
        speech: '{model}/audio/speech',
        transcriptions: '{model}/audio/transcriptions',
      },
      auth: { header: 'api-key', prefix: '' },
      restName: false,
      compat: false,
      maxTokensField: 'max_completion_tokens',
      developerRole: true,
      secret: 'AZURE_API_KEY',
    },
  ],
  ['aws-bedrock', compatOnly({ secret: 'BEDROCK_API_KEY', aliases: ['bedrock'] })],
  [
    'workers-ai',
    {
      aliases: [],
      paths: { chat: 'v1/chat/completions', embeddings: 'v1/embeddings' },
      auth: bearer,
      maxTokensField: 'max_tokens',
      reasoningField: 'reasoning',
      repairs: true,
      secret: 'CLOUDFLARE_API_TOKEN',
    },
  ],
  [
    'deepseek',
    openaiShaped({
      paths: { chat: 'chat/completions' },
      secret: 'DEEPSEEK_API_KEY',
      reasoningField: 'reasoning_content',
    }),
  ],
  [
    'groq',
    openaiShaped({
      paths: { chat: 'chat/completions', speech: 'audio/speech', transcriptions: 'audio/transcriptions' },
      secret: 'GROQ_API_KEY',
      unified: true,
      reasoningField: 'reasoning',
    }),
  ],
  ['mistral', openaiShaped({ paths: { chat: 'v1/chat/completions' }, secret: 'MISTRAL_API_KEY', restName: false })],
  ['cohere', compatOnly({ secret: 'COHERE_API_KEY' })],
  [
    'perplexity-ai',
    openaiShaped({
      paths: { chat: 'chat/completions' },
      secret: 'PERPLEXITY_API_KEY',
      aliases: ['perplexity'],
      restName: 'perplexity',
    }),
  ],
  [
    'grok',
    openaiShaped({
      paths: { chat: 'v1/chat/completions', images: 'v1/images/generations' },
      secret: 'XAI_API_KEY',
      aliases: ['xai', 'x-ai'],
      unified: true,
      restName: 'xai',
    }),
  ],
  [
    'openrouter',
    openaiShaped({
      paths: { chat: 'v1/chat/completions', completions: 'v1/completions' },
      secret: 'OPENROUTER_API_KEY',
      restName: false,
      compat: false,
      reasoningField: 'reasoning',
    }),
  ],
  [
    'cerebras',
    openaiShaped({
      paths: { chat: 'chat/completions', completions: 'completions' },
      secret: 'CEREBRAS_API_KEY',
      restName: false,
    }),
  ],
  [
    'fireworks',
    openaiShaped({
      paths: { chat: 'chat/completions', completions: 'completions' },
      secret: 'FIREWORKS_API_KEY',
      restName: false,
      compat: false,
    }),
  ],
  ['baseten', openaiShaped({ paths: { chat: 'v1/chat/completions' }, secret: 'BASETEN_API_KEY', restName: false })],
  // In the sheet's compat list; its native API has no conversation.
  ['parallel', compatOnly({ secret: 'PARALLEL_API_KEY', auth: { header: 'x-api-key', prefix: '' } })],
  ['huggingface', noDialect({ secret: 'HUGGINGFACE_API_KEY' })],
  ['replicate', noDialect({ secret: 'REPLICATE_API_KEY' })],
  ['elevenlabs', noDialect({ secret: 'ELEVENLABS_API_KEY', auth: { header: 'xi-api-key', prefix: '' } })],
  ['deepgram', noDialect({ secret: 'DEEPGRAM_API_KEY', auth: { header: 'authorization', prefix: 'Token ' } })],
  ['cartesia', noDialect({ secret: 'CARTESIA_API_KEY', auth: { header: 'x-api-key', prefix: '' } })],
  ['fal', noDialect({ secret: 'FAL_API_KEY' })],
  ['ideogram', noDialect({ secret: 'IDEOGRAM_API_KEY' })],
]);

/** A custom provider of the account: OpenAI-shaped under its root, as the sheet's 1.4 says of `base_url`. */
const customRow: ProviderRow = openaiShaped({
  secret: 'CUSTOM_API_KEY',
  restName: false,
  paths: {
    ...Object.fromEntries(Object.entries(openaiPaths).map(([dialect, path]) => [dialect, `v1/${path}`])),
    messages: 'v1/messages',
  },
  // Whoever speaks Messages asks for the version; to the others it is one header more.
  forwards: ['anthropic-version', 'anthropic-beta'],
  defaults: { 'anthropic-version': '2023-06-01' },
});

/** A dynamic route of the gateway: chat by the compat route, credentials inside the gateway. */
const dynamicRow: ProviderRow = compatOnly({ secret: '' });

/** The row of a provider by its canonical slug. */
export function findProvider(slug: string): ProviderRow | undefined {
  if (slug === 'dynamic') return dynamicRow;
  return slug.startsWith('custom-') ? customRow : providers.get(slug);
}

/** The dialects that a provider speaks on a carrier: sheet 1.1 for REST, 1.5 for compat, 1.8 for the binding. */
export function dialectsOf(slug: string, carrier: Carrier): readonly Dialect[] {
  switch (carrier) {
    case 'binding':
      return ['chat', 'embeddings', 'images', 'speech', 'transcriptions'];
    case 'compat':
      return findProvider(slug)?.compat === false ? [] : ['chat'];
    case 'rest':
      // `@cf` models are refused on /ai/v1/messages, and third parties have no embeddings there.
      return slug === 'workers-ai' ? ['chat', 'embeddings'] : ['chat', 'messages', 'responses'];
    case 'gateway':
      // The table's keys are dialects by its type; `Object.keys` forgets it.
      return Object.keys(findProvider(slug)?.paths ?? {}) as Dialect[];
  }
}

const canonical: ReadonlyMap<string, string> = new Map(
  [...providers].flatMap(([slug, row]) => [slug, ...row.aliases].map((name) => [name, slug] as const)),
);

/** The canonical slug of a provider's name or alias. */
export function findSlug(name: string): string | undefined {
  return canonical.get(name);
}

/**
 * The credential sources that fit a provider. The binding reaches Workers AI only; Workers AI has no stored or caller's
 * key; a dynamic route holds its credentials inside the gateway.
 */
export function sourcesOf(slug: string): readonly CredentialSource[] {
  if (slug === 'workers-ai') return ['binding', 'secret'];
  if (slug === 'dynamic') return ['stored', 'unified'];
  const row = findProvider(slug);
  return row?.unified === true ? ['stored', 'unified', 'secret', 'caller'] : ['stored', 'secret', 'caller'];
}
