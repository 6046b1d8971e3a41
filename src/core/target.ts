import type { Dialect } from './dialect.ts';
import type { GatewayOptions } from './gateway.ts';

/** Where a target's credential comes from. Exactly one, decided by policy; `upstream/headers` says what each one sends. */
export const credentialSources = ['binding', 'stored', 'unified', 'secret', 'caller'] as const;
export type CredentialSource = (typeof credentialSources)[number];

/** How a target is reached: the AI binding, AI Gateway's provider routes, its compat route, or Cloudflare's REST API. */
export type Carrier = 'binding' | 'gateway' | 'compat' | 'rest';

/** One way to answer a request: a model at a provider, with the credential and the carrier that policy decided on. */
export interface Target {
  /** The name in policies, headers and messages: `openai/gpt-5.1`, `@cf/meta/llama-...`, `dynamic/support`. */
  readonly name: string;
  /** The provider's slug in AI Gateway's paths; `dynamic` for dynamic routes, `custom-<slug>` for custom providers. */
  readonly provider: string;
  /** The model as the provider's own API names it. */
  readonly model: string;
  readonly carrier: Carrier;
  /** The dialect that the target speaks for this request: the caller's own where it can, so that bodies are relayed. */
  readonly dialect: Dialect;
  readonly credentials: CredentialSource;
  /** Name of the Worker secret, with `credentials: 'secret'`. */
  readonly secret?: string;
  /** Name of the stored key, with `credentials: 'stored'`; absent: the gateway's alias `default`. */
  readonly byokAlias?: string;
  readonly gateway: GatewayOptions;
  /** The policy's clocks in milliseconds; those it does not name have defaults. */
  readonly clocks?: { readonly firstByteMs?: number; readonly idleMs?: number; readonly totalMs?: number };
  /** Provider options of the policy: Azure's `apiVersion`, ... */
  readonly options: Readonly<Record<string, string>>;
}
