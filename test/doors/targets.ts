import type { ConversationDialect } from '../../src/core/dialect.ts';
import { cloudflareToken, gatewayToken, providerKey } from '../../src/local/keys.ts';
import type { Arrival } from './router.ts';

/** One kind of target: what a client asks for, and what must arrive at Cloudflare's side for it. */
export interface TargetKind {
  readonly name: string;
  /** The model as the client names it. */
  readonly model: string;
  /** The model as the upstream is asked for it: it greets with this name. */
  readonly upstreamModel: string;
  /** What arrives, by the client's dialect. */
  readonly arrival: (dialect: ConversationDialect) => Arrival;
  /** The upstream's wire has a place for what the model thinks; OpenAI's own chat hides it. */
  readonly thinks: boolean;
  /** The model takes images. */
  readonly sees: boolean;
}

const stored = { 'cf-aig-authorization': `Bearer ${gatewayToken}`, 'cf-aig-no-wholesale': 'true' };

function workersAi(name: string, model: string, more: Partial<TargetKind> = {}): TargetKind {
  return {
    name,
    model,
    upstreamModel: model,
    arrival: () => ({ surface: 'binding', path: '', model, keys: {} }),
    thinks: true,
    sees: true,
    ...more,
  };
}

interface GatewayRow {
  readonly name: string;
  readonly model: string;
  readonly upstreamModel: string;
  /** The model in the body where it is not `upstreamModel`. */
  readonly sent?: string;
  readonly path: string | ((dialect: ConversationDialect) => string);
  readonly keys?: Readonly<Record<string, string>>;
  readonly thinks?: boolean;
}

function onGateway({ name, model, upstreamModel, sent, path, keys = stored, thinks = false }: GatewayRow): TargetKind {
  const pathOf = typeof path === 'string' ? () => path : path;
  return {
    name,
    model,
    upstreamModel,
    arrival: (dialect) => ({ surface: 'gateway', path: pathOf(dialect), model: sent ?? upstreamModel, keys }),
    thinks,
    sees: true,
  };
}

const customPaths = { chat: 'v1/chat/completions', messages: 'v1/messages', responses: 'v1/responses' };

/** Every kind of target whose answers come in a wire of their own. */
export const targets: readonly TargetKind[] = [
  onGateway({
    name: 'OpenAI by chat',
    model: 'openai-by-chat',
    upstreamModel: 'gpt-5.1',
    path: 'openai/chat/completions',
  }),
  onGateway({
    name: 'OpenAI by responses',
    model: 'openai-by-responses',
    upstreamModel: 'gpt-5.1',
    path: 'openai/responses',
    thinks: true,
  }),
  onGateway({
    name: 'Anthropic',
    model: 'claude-sonnet-4-5',
    upstreamModel: 'claude-sonnet-4-5',
    path: 'anthropic/v1/messages',
    thinks: true,
  }),
  onGateway({
    name: 'Gemini by its OpenAI-shaped path',
    model: 'google-ai-studio/gemini-2.5-flash',
    upstreamModel: 'gemini-2.5-flash',
    path: 'google-ai-studio/v1beta/openai/chat/completions',
  }),
  onGateway({
    name: 'a dynamic route',
    model: 'dynamic/support',
    upstreamModel: 'gpt-5-mini',
    sent: 'dynamic/support',
    path: 'compat/chat/completions',
  }),
  workersAi('Workers AI that numbers no tool calls', '@cf/moonshotai/kimi-k2.6'),
  workersAi('Workers AI that names no role', '@cf/zai-org/glm-5.2'),
  workersAi('Workers AI that wants strings', '@cf/zai-org/glm-4.7-flash', { sees: false }),
  workersAi('Workers AI of the old family', '@cf/meta/llama-4-scout-17b-16e-instruct', { thinks: false }),
  workersAi('gpt-oss on Workers AI', '@cf/openai/gpt-oss-120b'),
];

/** One target of each wire, for what breaks with the wire whoever speaks it. */
export const wires = targets.filter(({ name }) => /^(OpenAI|Anthropic)|numbers no|old family/.test(name));

/** The same wires by other ways: another credential, another carrier, another provider. */
export const otherWays: readonly TargetKind[] = [
  onGateway({
    name: 'Anthropic with a Worker secret',
    model: 'anthropic-by-secret',
    upstreamModel: 'claude-sonnet-4-5',
    path: 'anthropic/v1/messages',
    keys: { 'cf-aig-authorization': `Bearer ${gatewayToken}`, 'x-api-key': providerKey('anthropic') },
    thinks: true,
  }),
  onGateway({
    name: 'a custom provider',
    model: 'custom-local/m-1',
    upstreamModel: 'm-1',
    path: (dialect) => `custom-local/${customPaths[dialect]}`,
  }),
  {
    ...workersAi('Workers AI by REST', 'workers-ai-by-rest'),
    upstreamModel: '@cf/moonshotai/kimi-k2.6',
    arrival: () => ({
      surface: 'rest',
      path: 'v1/chat/completions',
      model: '@cf/moonshotai/kimi-k2.6',
      keys: { authorization: `Bearer ${cloudflareToken}` },
    }),
  },
];
