import { beforeEach, describe, expect, it } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import { cloudflareToken, gatewayToken, providerKey, routerKey } from '../../src/local/keys.ts';
import { bodies } from '../support/call.ts';
import { fittingCombinations, modelOf, nameOf, type Combination } from '../support/combinations.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import {
  authHeadersOf,
  callerKey,
  canariesIn,
  catchConsole,
  providerSecrets,
  textOf,
  textWithoutAuth,
} from './canaries.ts';
import { putRoute, visit } from './router.ts';

type Headers = Readonly<Record<string, string>>;

interface WayIn {
  readonly headers: Headers;
  /** It brings a provider key of the caller's own. */
  readonly own?: true;
}

const gatewayWay = { 'cf-aig-authorization': `Bearer ${routerKey}` };
const ways: readonly WayIn[] = [
  { headers: { authorization: `Bearer ${routerKey}` } },
  { headers: { 'x-api-key': routerKey } },
  { headers: { 'api-key': routerKey } },
  { headers: gatewayWay },
  { headers: { ...gatewayWay, authorization: `Bearer ${routerKey}`, 'x-api-key': routerKey } },
  { headers: { ...gatewayWay, authorization: `Bearer ${callerKey}` }, own: true },
  { headers: { ...gatewayWay, 'x-api-key': callerKey }, own: true },
  { headers: { ...gatewayWay, 'api-key': callerKey }, own: true },
];

/** Every way in with the carrier that the router chooses; one with each kind of key where the policy names the carrier. */
function waysFor({ carrier }: Combination): readonly WayIn[] {
  return carrier === undefined ? ways : [ways[0], ways[5]].filter((way) => way !== undefined);
}

const dialects: readonly Endpoint[] = [
  'chat',
  'messages',
  'responses',
  'embeddings',
  'completions',
  'moderations',
  'images',
  'speech',
];

/** Where a provider's own key goes on its own route, from the contract sheet's 1.3; all others take a Bearer. */
const ownHeader: Readonly<Record<string, (key: string) => Headers>> = {
  anthropic: (key) => ({ 'x-api-key': key }),
  'google-ai-studio': (key) => ({ 'x-goog-api-key': key }),
  'azure-openai': (key) => ({ 'api-key': key }),
  elevenlabs: (key) => ({ 'xi-api-key': key }),
  deepgram: (key) => ({ authorization: `Token ${key}` }),
  cartesia: (key) => ({ 'x-api-key': key }),
};
const bearer = (key: string): Headers => ({ authorization: `Bearer ${key}` });

/** Providers whose own route has no conversation, and those that the gateway reaches by `compat` alone (1.3, 1.5). */
const wordless = ['huggingface', 'replicate', 'elevenlabs', 'deepgram', 'cartesia', 'fal', 'ideogram'];
const compatOnly = ['google-vertex-ai', 'aws-bedrock', 'cohere', 'parallel', 'dynamic'];

/** Whose own route has an endpoint that is no conversation. */
const oneShot: Readonly<Partial<Record<Endpoint, readonly string[]>>> = {
  embeddings: ['openai', 'google-ai-studio', 'azure-openai', 'workers-ai', 'custom-acme'],
  completions: ['openai', 'azure-openai', 'openrouter', 'cerebras', 'fireworks', 'custom-acme'],
  moderations: ['openai', 'custom-acme'],
  images: ['openai', 'google-ai-studio', 'azure-openai', 'grok', 'custom-acme'],
  speech: ['openai', 'azure-openai', 'groq', 'custom-acme'],
};

function carrierOf({ provider, credentials, carrier }: Combination): string {
  if (carrier !== undefined) return carrier;
  if (credentials === 'binding') return 'binding';
  return compatOnly.includes(provider) ? 'compat' : 'gateway';
}

function isServed(combination: Combination, endpoint: Endpoint): boolean {
  const carrier = carrierOf(combination);
  const { provider } = combination;
  const having = oneShot[endpoint];
  if (having === undefined) return carrier !== 'gateway' || !wordless.includes(provider);
  if (carrier === 'gateway') return having.includes(provider);
  if (carrier === 'binding') return ['embeddings', 'images', 'speech'].includes(endpoint);
  return endpoint === 'embeddings' && provider === 'workers-ai' && carrier !== 'compat';
}

/** The contract sheet's 2.4, row by row: every header that may carry a credential, complete. */
function authOf(combination: Combination): Headers {
  const carrier = carrierOf(combination);
  const { provider, credentials } = combination;
  if (carrier === 'binding') return {};
  const onlyStored = credentials === 'stored' ? { 'cf-aig-no-wholesale': 'true' } : {};
  if (carrier === 'rest') return { ...bearer(cloudflareToken), ...onlyStored };
  const write = carrier === 'compat' ? bearer : (ownHeader[provider] ?? bearer);
  const secret = provider === 'workers-ai' ? cloudflareToken : providerKey(provider);
  const keys: Record<string, Headers> = { secret: write(secret), caller: write(callerKey) };
  return { 'cf-aig-authorization': `Bearer ${gatewayToken}`, ...onlyStored, ...keys[credentials] };
}

/** What must have reached upstream: one set of headers a request that is served, in the order of asking. */
function expectedOf(combination: Combination): Headers[] {
  return dialects
    .filter((endpoint) => isServed(combination, endpoint))
    .flatMap(() => waysFor(combination).filter(({ own }) => combination.credentials !== 'caller' || own === true))
    .map(() => authOf(combination));
}

let console: ReturnType<typeof catchConsole>;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});

describe('the credential headers upstream, for every dialect and way in', () => {
  it.each(fittingCombinations.map((combination) => [nameOf(combination), combination] as const))(
    'are exactly those of %s, and nothing secret is anywhere else',
    async (_name, combination) => {
      const { provider: _provider, ...source } = combination;
      const model = await putRoute({ targets: [{ model: modelOf(combination.provider), ...source }] });
      const answers: string[] = [];
      for (const endpoint of dialects) {
        for (const { headers } of waysFor(combination)) {
          const body = { ...bodies[endpoint], model };
          const { response } = await visit(endpoints[endpoint].path, { headers, body, env: providerSecrets });
          answers.push(await textOf(response));
        }
      }
      const records = await recordedRequests();
      expect(records.map(authHeadersOf)).toEqual(expectedOf(combination));
      expect(canariesIn(records.map(textWithoutAuth).join())).toEqual([]);
      expect(canariesIn(answers.join())).toEqual([]);
      expect(canariesIn(console.text())).toEqual([]);
    },
  );
});
