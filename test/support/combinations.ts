import type { Carrier, CredentialSource } from '../../src/core/target.ts';

/** One way to reach a provider: `carrier` is absent where the policy leaves the choice to the router. */
export interface Combination {
  readonly provider: string;
  readonly credentials: CredentialSource;
  readonly carrier?: Carrier;
  readonly secret?: string;
}

interface Group {
  readonly providers: readonly string[];
  readonly sources: readonly CredentialSource[];
  readonly carriers: readonly (Carrier | undefined)[];
}

const onRest = ['openai', 'anthropic', 'google-ai-studio', 'groq', 'grok'];
const onRestWithoutUnified = ['deepseek', 'perplexity-ai'];
const onCompatToo = ['mistral', 'cerebras', 'baseten', 'custom-acme'];
const onGatewayOnly = [
  'azure-openai',
  'openrouter',
  'fireworks',
  'huggingface',
  'replicate',
  'elevenlabs',
  'deepgram',
  'cartesia',
  'fal',
  'ideogram',
];
const native = [...onRest, ...onRestWithoutUnified, ...onCompatToo];
const onCompatOnly = ['google-vertex-ai', 'aws-bedrock', 'cohere', 'parallel'];

/** Everything that fits together, written down from the contract sheet (1.2, 1.3, 2.3, 2.4) and not from the provider table. */
const fitting: readonly Group[] = [
  { providers: ['workers-ai'], sources: ['binding'], carriers: [undefined, 'binding'] },
  { providers: ['workers-ai'], sources: ['secret'], carriers: [undefined, 'gateway', 'compat', 'rest'] },
  { providers: native, sources: ['stored', 'secret', 'caller'], carriers: [undefined, 'gateway', 'compat'] },
  { providers: onGatewayOnly, sources: ['stored', 'secret', 'caller'], carriers: [undefined, 'gateway'] },
  { providers: onRest, sources: ['unified'], carriers: [undefined, 'gateway', 'compat'] },
  { providers: onRest, sources: ['stored', 'unified'], carriers: ['rest'] },
  { providers: onRestWithoutUnified, sources: ['stored'], carriers: ['rest'] },
  { providers: onCompatOnly, sources: ['stored', 'secret', 'caller'], carriers: [undefined, 'compat'] },
  { providers: ['google-vertex-ai'], sources: ['unified'], carriers: [undefined, 'compat'] },
  { providers: ['dynamic'], sources: ['stored', 'unified'], carriers: [undefined, 'compat'] },
];

/** The secret that a policy would name for a provider. */
export function secretFor(provider: string): string {
  return provider === 'workers-ai' ? 'CLOUDFLARE_API_TOKEN' : `${provider.replaceAll('-', '_').toUpperCase()}_API_KEY`;
}

/** A model name of a provider, as a policy writes it. */
export function modelOf(provider: string): string {
  return provider === 'workers-ai' ? '@cf/meta/llama-3.1-8b-instruct' : `${provider}/model-1`;
}

export const fittingCombinations: readonly Combination[] = fitting.flatMap(({ providers, sources, carriers }) =>
  providers.flatMap((provider) =>
    sources.flatMap((credentials) => carriers.map((carrier) => combinationOf(provider, credentials, carrier))),
  ),
);

export function combinationOf(
  provider: string,
  credentials: CredentialSource,
  carrier: Carrier | undefined,
): Combination {
  return {
    provider,
    credentials,
    ...(carrier !== undefined && { carrier }),
    ...(credentials === 'secret' && { secret: secretFor(provider) }),
  };
}

/** A combination in a few words, for the names of tests and to compare. */
export function nameOf({ provider, credentials, carrier }: Combination): string {
  return `${provider} with ${credentials} by ${carrier ?? 'default'}`;
}
