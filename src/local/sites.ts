import type { ChatRules } from './check-chat.ts';
import type { ChatTraits } from './chat.ts';
import type { Voice } from './voice.ts';
import { azureVoice, mistralVoice, openaiVoice, openrouterVoice, xaiVoice } from './voices-openai.ts';
import { anthropicVoice, googleVoice } from './voices-own.ts';

import type { Endpoint } from '../core/call.ts';

export type SiteEndpoint = Endpoint | 'models';

/** One provider as it stands behind AI Gateway (contract sheet 1.3). */
export interface Site {
  /** Its endpoints by their path after the slug. `*` stands for a resource and a deployment (Azure). */
  readonly paths: Readonly<Record<string, SiteEndpoint>>;
  /** The headers that it reads a key from, and what stands before the key. */
  readonly auth: readonly (readonly [header: string, prefix: string])[];
  /** Unified Billing pays for it on gateway routes (2.3). */
  readonly unified: boolean;
  /** Its models; every other name is unknown to it. */
  readonly models: RegExp;
  readonly voice: Voice;
  readonly rules: ChatRules;
  readonly traits: ChatTraits;
}

const bearer = ['authorization', 'Bearer '] as const;

/** The paths of those who copy OpenAI, with and without the `v1/` that the gateway tolerates. */
const openaiPaths: Site['paths'] = { 'chat/completions': 'chat', 'v1/chat/completions': 'chat' };

const withCompletions: Site['paths'] = { ...openaiPaths, completions: 'completions', 'v1/completions': 'completions' };

/** OpenAI's endpoints that hold no conversation. */
function oneShotPaths(prefix: '' | 'v1/'): Site['paths'] {
  return {
    [`${prefix}embeddings`]: 'embeddings',
    [`${prefix}completions`]: 'completions',
    [`${prefix}moderations`]: 'moderations',
    [`${prefix}images/generations`]: 'images',
    [`${prefix}audio/speech`]: 'speech',
    [`${prefix}audio/transcriptions`]: 'transcriptions',
  };
}

/** Where the replaced base has no `/v1` (mistral, grok, ...) a path without it leads nowhere. */
const rootPaths: Site['paths'] = { 'v1/chat/completions': 'chat' };

function site(row: Partial<Site>): Site {
  return {
    paths: openaiPaths,
    auth: [bearer],
    unified: false,
    // Only a name that says so is unknown where the provider's catalogue is long.
    models: /^(?!.*no-such)/,
    voice: openaiVoice,
    rules: {},
    traits: {},
    ...row,
  };
}

const openaiRules: ChatRules = { completionTokensOnly: /^(gpt-5|o\d)/, developerRole: true };

export const sites: ReadonlyMap<string, Site> = new Map([
  [
    'openai',
    site({
      paths: {
        ...openaiPaths,
        responses: 'responses',
        'v1/responses': 'responses',
        ...oneShotPaths(''),
        ...oneShotPaths('v1/'),
        models: 'models',
        'v1/models': 'models',
      },
      unified: true,
      models: /^(gpt-|o\d|chatgpt-|text-embedding-|codex-|omni-moderation-|dall-e-|tts-|whisper-)(?!.*no-such)/,
      rules: openaiRules,
    }),
  ],
  [
    'anthropic',
    site({
      paths: { 'v1/messages': 'messages', 'v1/messages/count_tokens': 'count-tokens', 'v1/models': 'models' },
      auth: [['x-api-key', ''], bearer],
      unified: true,
      models: /^claude-(?!.*no-such)/,
      voice: anthropicVoice,
    }),
  ],
  [
    'google-ai-studio',
    site({
      paths: {
        'v1beta/openai/chat/completions': 'chat',
        'v1beta/openai/embeddings': 'embeddings',
        'v1beta/openai/images/generations': 'images',
      },
      auth: [['x-goog-api-key', ''], bearer],
      unified: true,
      models: /^(gemini-|gemma-|imagen-)(?!.*no-such)/,
      voice: googleVoice,
      rules: { developerRole: true },
    }),
  ],
  ['google-vertex-ai', site({ paths: {}, unified: true, voice: googleVoice })],
  [
    'azure-openai',
    site({
      paths: {
        '*/chat/completions': 'chat',
        '*/embeddings': 'embeddings',
        '*/completions': 'completions',
        '*/images/generations': 'images',
      },
      auth: [['api-key', ''], bearer],
      voice: azureVoice,
      rules: { developerRole: true },
    }),
  ],
  ['aws-bedrock', site({ paths: {} })],
  ['cohere', site({ paths: {} })],
  ['parallel', site({ paths: {}, auth: [['x-api-key', ''], bearer] })],
  ['deepseek', site({ models: /^deepseek-(?!.*no-such)/, traits: { reasoningField: 'reasoning_content' } })],
  ['groq', site({ unified: true, traits: { reasoningField: 'reasoning' } })],
  ['mistral', site({ paths: rootPaths, voice: mistralVoice })],
  ['perplexity-ai', site({})],
  [
    'grok',
    site({
      paths: { ...rootPaths, 'v1/images/generations': 'images' },
      unified: true,
      models: /^grok-(?!.*no-such)/,
      voice: xaiVoice,
    }),
  ],
  ['openrouter', site({ paths: withCompletions, voice: openrouterVoice, traits: { reasoningField: 'reasoning' } })],
  ['cerebras', site({ paths: withCompletions, traits: { reasoningField: 'reasoning' } })],
  ['fireworks', site({ paths: withCompletions })],
  ['baseten', site({ paths: rootPaths })],
  [
    'custom-local',
    site({
      paths: {
        ...rootPaths,
        'v1/messages': 'messages',
        'v1/messages/count_tokens': 'count-tokens',
        'v1/responses': 'responses',
        ...oneShotPaths('v1/'),
      },
      auth: [bearer, ['x-api-key', '']],
    }),
  ],
]);

/** Every header in which some provider expects a key: any of them on a request turns stored keys and Unified Billing off. */
export const providerAuthHeaders = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'xi-api-key'];

/** What a path after the slug leads to, and the model where the path names it (Azure). */
export function findEndpoint(site: Site, path: string): { endpoint: SiteEndpoint; model?: string } | undefined {
  const exact = Object.hasOwn(site.paths, path) ? site.paths[path] : undefined;
  if (exact !== undefined) return { endpoint: exact };
  const [resource, deployment, ...tail] = path.split('/');
  const starred = `*/${tail.join('/')}`;
  const endpoint = Object.hasOwn(site.paths, starred) ? site.paths[starred] : undefined;
  if (endpoint === undefined || deployment === undefined) return undefined;
  return { endpoint, model: `${resource}/${deployment}` };
}
