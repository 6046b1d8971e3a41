import type { UpstreamCause } from './failure.ts';

/** What a cause means for the caller and for the next target. A row a cause; tables over branches. */
export interface CauseRow {
  /** The HTTP status the caller sees. 401, 402 and 403 are never among them: those speak of the caller's own key. */
  readonly status: number;
  readonly openaiType: string;
  readonly openaiCode: string;
  readonly anthropicType: string;
  /** What happened, in plain words; the target's name follows in brackets. */
  readonly says: string;
  /** What to do next. */
  readonly advice: string;
  /** Another target may answer: the caller's request is not at fault. */
  readonly elsewhere: boolean;
  /** A client that tries again later may succeed. */
  readonly retry: boolean;
  /** Seconds to wait where the upstream names none. At most 30, see clients.md 2.2. */
  readonly waitSeconds?: number;
  /** The upstream's own words help the caller and may be shown. */
  readonly quotes?: boolean;
}

const auth = {
  status: 502,
  openaiType: 'server_error',
  openaiCode: 'upstream_auth_error',
  anthropicType: 'api_error',
  elsewhere: true,
  retry: false,
} as const;
const billing = { ...auth, openaiCode: 'upstream_billing_error' } as const;
const rate = {
  status: 429,
  openaiType: 'rate_limit_exceeded',
  openaiCode: 'rate_limit_exceeded',
  anthropicType: 'rate_limit_error',
  elsewhere: true,
  retry: true,
} as const;
const exhausted = {
  ...rate,
  openaiType: 'insufficient_quota',
  openaiCode: 'insufficient_quota',
  retry: false,
} as const;
const down = {
  status: 502,
  openaiType: 'server_error',
  openaiCode: 'upstream_error',
  anthropicType: 'api_error',
  elsewhere: true,
  retry: true,
  waitSeconds: 2,
} as const;
const slow = { ...down, status: 504, openaiCode: 'gateway_timeout', anthropicType: 'timeout_error' } as const;
const invalid = {
  status: 400,
  openaiType: 'invalid_request_error',
  openaiCode: 'invalid_request',
  anthropicType: 'invalid_request_error',
  elsewhere: false,
  retry: false,
} as const;

/** Statuses, types, codes and wording follow the table of clients.md 2.3; causes are contract sheet 2.5, 2.6 and 4.4. */
export const causes: Readonly<Record<UpstreamCause, CauseRow>> = {
  'gateway-token': {
    ...auth,
    says: "AI Gateway refused the router's own gateway token (Cloudflare code 2009)",
    advice:
      'The operator sets the secret CF_AIG_TOKEN to a Cloudflare API token with the permission "AI Gateway Run" for this account',
  },
  'gateway-missing': {
    ...auth,
    openaiCode: 'upstream_configuration_error',
    says: 'AI Gateway knows no gateway with this id (Cloudflare code 2001)',
    advice: 'The operator creates the gateway named by AI_GATEWAY_ID, or corrects the id',
  },
  'account-route': {
    ...auth,
    openaiCode: 'upstream_configuration_error',
    says: 'Cloudflare could not route the request (code 7003)',
    advice: 'The operator checks CLOUDFLARE_ACCOUNT_ID',
  },
  'cloudflare-token': {
    ...auth,
    says: "Workers AI did not accept the router's Cloudflare token (code 10000)",
    advice:
      'The operator sets the secret CLOUDFLARE_API_TOKEN to a token with the permission "Workers AI Read", or lets the route use the binding',
  },
  'caller-key': {
    ...invalid,
    openaiCode: 'invalid_provider_key',
    says: 'The provider refused your own provider key',
    advice: 'Check the key that you send beside cf-aig-authorization: this route passes it on to the provider',
    elsewhere: true,
  },
  'provider-key': {
    ...auth,
    says: 'The provider refused the key that the policy sends it',
    advice: 'The operator checks the key named by the route: the stored key in AI Gateway, or the Worker secret',
  },
  'provider-key-missing': {
    ...auth,
    says: 'No key reached the provider: AI Gateway has none stored for it',
    advice: 'The operator stores a provider key in AI Gateway, or gives the route another credential source',
  },
  'stored-key-missing': {
    ...auth,
    says: 'AI Gateway has no stored key for this provider, and the policy forbids Unified Billing',
    advice:
      'The operator stores a provider key in AI Gateway (Provider Keys), or sets the route\'s credentials to "unified"',
  },
  'stored-key-alias': {
    ...auth,
    says: 'AI Gateway has no stored key under the alias that the route names (code 2040)',
    advice: 'The operator stores a key under that alias, or corrects byokAlias in the route',
  },
  'unified-model': {
    ...billing,
    says: 'Unified Billing does not offer this model (code 2021)',
    advice: 'The operator stores a provider key in AI Gateway and sets the route\'s credentials to "stored"',
  },
  'unified-rate': {
    ...rate,
    says: 'Rate limit reached for Unified Billing on this gateway (200 requests a minute)',
    advice: 'Try again in a moment, or the operator stores a provider key',
    waitSeconds: 20,
  },
  'unified-balance': {
    ...billing,
    says: "The account's AI Gateway credits are used up (Unified Billing)",
    advice: 'The operator adds credits in the Cloudflare dashboard, or stores a provider key',
  },
  'provider-billing': {
    ...billing,
    says: 'The provider refused for billing reasons: the provider account is out of credit or quota',
    advice: 'The operator tops up the provider account',
  },
  'gateway-rate': {
    ...rate,
    says: 'Rate limit reached on the AI Gateway (code 2003)',
    advice: "Try again when the window has passed, or the operator raises the gateway's limit",
    waitSeconds: 10,
  },
  'spend-limit': {
    ...exhausted,
    says: "The gateway's spend limit is exceeded",
    advice: 'The operator raises the limit, or waits for its window to end',
  },
  'provider-rate': {
    ...rate,
    says: 'Rate limit reached at the provider',
    advice: 'Try again in a moment',
    waitSeconds: 5,
  },
  quota: {
    ...exhausted,
    says: "The account's daily free Workers AI neurons are used up (code 3036)",
    advice: 'The operator moves the account to Workers Paid, or waits for 00:00 UTC',
  },
  capacity: {
    ...rate,
    status: 529,
    openaiType: 'server_error',
    openaiCode: 'server_is_overloaded',
    anthropicType: 'overloaded_error',
    says: 'The model is out of capacity at the moment',
    advice: 'Try again in a moment',
    waitSeconds: 3,
  },
  plan: {
    ...billing,
    openaiCode: 'upstream_not_allowed',
    says: 'The Cloudflare account may not use this model',
    advice: "The operator accepts the model's terms or moves to the plan it needs in the Cloudflare dashboard",
    quotes: true,
  },
  guardrail: {
    ...invalid,
    openaiCode: 'content_policy_violation',
    says: "Output blocked by content filtering policy: AI Gateway's guardrails",
    advice: 'Change the prompt, or the operator relaxes the guardrail',
  },
  dlp: {
    ...invalid,
    openaiCode: 'content_policy_violation',
    says: "Blocked by AI Gateway's data loss prevention",
    advice: 'Remove the sensitive data from the request',
  },
  'content-filter': {
    ...invalid,
    openaiCode: 'content_policy_violation',
    says: 'Output blocked by content filtering policy of the provider',
    advice: 'Change the prompt',
  },
  'model-missing': {
    ...invalid,
    status: 404,
    openaiCode: 'model_not_found',
    anthropicType: 'not_found_error',
    says: 'The upstream does not know this model',
    advice: 'Check the model name; GET /v1/models lists what this router offers',
    elsewhere: true,
  },
  'context-overflow': {
    ...invalid,
    openaiCode: 'context_length_exceeded',
    says: "prompt is too long: this model's maximum context length is exceeded",
    advice: 'Shorten the conversation',
  },
  'invalid-request': {
    ...invalid,
    says: 'The upstream refused the request',
    advice: 'Correct the request',
    quotes: true,
  },
  'too-large': {
    ...invalid,
    status: 413,
    openaiCode: 'request_too_large',
    anthropicType: 'request_too_large',
    says: 'The upstream refused the request because its body is over the size it takes',
    advice: 'Send a smaller body',
  },
  'provider-error': { ...down, says: 'The upstream failed', advice: 'Try again in a moment' },
  connection: { ...down, says: 'The upstream could not be reached', advice: 'Try again in a moment' },
  'first-byte-timeout': {
    ...slow,
    says: 'The upstream did not begin to answer in time',
    advice: "Try again, or the operator raises the route's first-byte clock",
  },
  'idle-timeout': { ...slow, says: 'The upstream went silent in the middle of its answer', advice: 'Try again' },
  'total-timeout': {
    ...slow,
    says: 'The answer took longer than the route allows',
    advice: "Ask for less, or the operator raises the route's total clock",
  },
  redirect: {
    ...down,
    retry: false,
    says: 'The upstream answered with a redirect, which the router never follows',
    advice: "The operator checks the provider's base URL",
  },
  garbage: { ...down, says: "The upstream's answer could not be understood", advice: 'Try again' },
  cut: { ...down, says: "The upstream's answer broke off before its end", advice: 'Try again' },
  'stream-error': { ...down, says: 'The upstream failed in the middle of its answer', advice: 'Try again' },
};
