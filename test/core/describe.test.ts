import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causes } from '../../src/core/cause.ts';
import { describe as say } from '../../src/core/describe.ts';
import type { Failure, UpstreamCause, UpstreamFailure } from '../../src/core/failure.ts';

const names = Object.keys(causes) as UpstreamCause[];
const upstream = (cause: UpstreamCause, fields: Partial<UpstreamFailure> = {}): UpstreamFailure => ({
  kind: 'upstream',
  cause,
  target: 'openai/gpt-5.1',
  ...fields,
});

/** One of every failure that is not about an upstream, with what it comes to. */
const own: readonly [Failure, status: number, type: string, code: string, anthropic: string][] = [
  [{ kind: 'no-key' }, 401, 'invalid_request_error', 'invalid_api_key', 'authentication_error'],
  [{ kind: 'wrong-key', shown: 'sk-***yz' }, 401, 'invalid_request_error', 'invalid_api_key', 'authentication_error'],
  [
    { kind: 'two-keys', headers: ['authorization', 'x-api-key'] },
    400,
    'invalid_request_error',
    'ambiguous_credentials',
    'invalid_request_error',
  ],
  [{ kind: 'not-configured', binding: 'CF_AIG_TOKEN' }, 503, 'server_error', 'not_configured', 'api_error'],
  [
    { kind: 'unknown-path', method: 'POST', path: '/x' },
    404,
    'invalid_request_error',
    'unknown_url',
    'not_found_error',
  ],
  [
    { kind: 'wrong-method', method: 'GET', path: '/v1/messages', allow: 'POST' },
    405,
    'invalid_request_error',
    'method_not_allowed',
    'invalid_request_error',
  ],
  [{ kind: 'no-websocket' }, 426, 'invalid_request_error', 'websocket_not_supported', 'invalid_request_error'],
  [
    { kind: 'bad-request', message: 'Cannot.', code: 'invalid_json' },
    400,
    'invalid_request_error',
    'invalid_json',
    'invalid_request_error',
  ],
  [
    { kind: 'wrong-content-type', got: 'text/plain', wanted: 'application/json' },
    415,
    'invalid_request_error',
    'unsupported_content_type',
    'invalid_request_error',
  ],
  [{ kind: 'too-large', limitBytes: 1024 }, 413, 'invalid_request_error', 'request_too_large', 'request_too_large'],
  [
    { kind: 'unknown-model', model: 'x', nearest: [] },
    404,
    'invalid_request_error',
    'model_not_found',
    'not_found_error',
  ],
  [
    { kind: 'model-refused', model: 'x', reason: 'y' },
    403,
    'permission_error',
    'model_not_allowed',
    'permission_error',
  ],
  [
    { kind: 'not-translatable', from: 'embeddings', to: 'messages', target: 'anthropic/x' },
    400,
    'invalid_request_error',
    'not_translatable',
    'invalid_request_error',
  ],
  [
    { kind: 'lost', features: ['logprobs'], target: 'anthropic/x' },
    400,
    'invalid_request_error',
    'not_translatable',
    'invalid_request_error',
  ],
  [
    { kind: 'broken-policy', name: 'route:x', message: 'is not valid JSON' },
    503,
    'server_error',
    'broken_policy',
    'api_error',
  ],
  [{ kind: 'internal' }, 500, 'server_error', 'internal_error', 'api_error'],
];

/** Everything that can be said, with as much as an upstream failure can hold. */
const everything: readonly Failure[] = [
  ...own.map(([failure]) => failure),
  ...names.flatMap((cause) => [
    upstream(cause),
    { kind: 'upstream', cause } as const,
    upstream(cause, { status: 429, logId: '01890a5d-ac96', setting: 'OPENAI_API_KEY', retryAfterSeconds: 7 }),
  ]),
];

describe('a failure', () => {
  it.each(own)(
    'says %j with the status, type and code that clients key on',
    (failure, status, type, code, anthropic) => {
      expect(say(failure)).toMatchObject({
        status,
        openaiType: type,
        openaiCode: code,
        anthropicType: anthropic,
        shouldRetry: false,
      });
    },
  );

  // clients.md 2.3: the words by which clients tell errors apart.
  it.each<[Failure, string]>([
    [{ kind: 'no-key' }, 'Incorrect API key provided: none. '],
    [{ kind: 'wrong-key', shown: 'sk-***yz' }, 'Incorrect API key provided: sk-***yz. '],
    [
      { kind: 'unknown-model', model: 'gpt-6', nearest: ['openai/gpt-5.1', 'support'] },
      'The model `gpt-6` does not exist or you do not have access to it. Closest: `openai/gpt-5.1`, `support`.',
    ],
    [
      { kind: 'unknown-model', model: 'gpt-6', nearest: [] },
      'The model `gpt-6` does not exist or you do not have access to it. GET /v1/models lists what there is.',
    ],
    [
      { kind: 'unknown-path', method: 'POST', path: '/v1/chat', nearest: 'POST /v1/chat/completions' },
      'Unknown request URL: POST /v1/chat. Did you mean POST /v1/chat/completions?',
    ],
    [
      { kind: 'unknown-path', method: 'GET', path: '/x' },
      'Unknown request URL: GET /x. GET /v1/models lists the models.',
    ],
    [
      { kind: 'not-configured', binding: 'ROUTER_KEY' },
      'Cannot serve: ROUTER_KEY is not set on this router. The operator runs "npx wrangler secret put ROUTER_KEY"',
    ],
    [
      { kind: 'broken-policy', name: 'route:x', message: 'is not valid JSON' },
      'Cannot use the policy "route:x": is not valid JSON. The operator corrects it in KV.',
    ],
    [{ kind: 'lost', features: ['logprobs', 'n'], target: 'anthropic/x' }, 'Cannot carry logprobs, n to anthropic/x. '],
    [
      { kind: 'not-translatable', from: 'embeddings', to: 'messages', target: 'anthropic/x' },
      'Cannot serve OpenAI embeddings from anthropic/x: it speaks messages.',
    ],
    [
      upstream('provider-rate', { status: 429, retryAfterSeconds: 1.2 }),
      'Rate limit reached at the provider (openai/gpt-5.1, upstream status 429). Try again in a moment. Please try again in 2s.',
    ],
    [
      upstream('provider-key', { status: 401, setting: 'OPENAI_API_KEY', logId: '01890a5d-ac96' }),
      'The provider refused the key that the policy sends it (openai/gpt-5.1, upstream status 401, setting OPENAI_API_KEY, ' +
        'gateway log 01890a5d-ac96). The operator checks',
    ],
    [
      upstream('invalid-request', { status: 400, detail: "Invalid type for 'messages'" }),
      "The upstream refused the request (openai/gpt-5.1, upstream status 400): Invalid type for 'messages'. Correct the request.",
    ],
    [
      upstream('context-overflow', { status: 400, detail: 'prompt is too long: 210000 tokens > 200000 maximum' }),
      "prompt is too long: 210000 tokens > 200000 maximum. This model's maximum context length is 200000 tokens. " +
        'However, your messages resulted in 210000 tokens (openai/gpt-5.1, upstream status 400). Shorten the conversation.',
    ],
    [
      upstream('context-overflow', { detail: 'too many tokens' }),
      "prompt is too long: this model's maximum context length is exceeded (openai/gpt-5.1). Shorten the conversation.",
    ],
    [{ kind: 'upstream', cause: 'cut' }, "The upstream's answer broke off before its end. Try again."],
    [upstream('content-filter'), 'Output blocked by content filtering policy'],
  ])('says %j in the words that clients look for', (failure, words) => {
    expect(say(failure).message.slice(0, words.length)).toBe(words);
  });

  it('gives the parameter, Anthropic’s details and the methods that are allowed', () => {
    const details = { error_code: 'thread_unsupported_request' };
    expect(say({ kind: 'bad-request', message: 'x', code: 'y', param: 'z', details })).toMatchObject({
      param: 'z',
      details,
    });
    expect(say({ kind: 'unknown-model', model: 'x', nearest: [] })).toMatchObject({ param: 'model' });
    expect(say({ kind: 'wrong-method', method: 'PUT', path: '/', allow: 'GET, HEAD' })).toMatchObject({
      allow: 'GET, HEAD',
    });
  });

  it('cuts a model name of 100 kB', () => {
    expect(say({ kind: 'unknown-model', model: 'x'.repeat(100_000), nearest: [] }).message.length).toBeLessThan(250);
  });

  it('lists the attempts', () => {
    const attempts = [{ target: 'openai/x', outcome: 'provider-rate', status: 429 }] as const;
    expect(say(upstream('provider-rate', { attempts }))).toMatchObject({ attempts });
  });

  it('offers another try where KV could not be read, and not where the policy is wrong', () => {
    const failure = { kind: 'broken-policy', name: 'route:x', message: 'KV cannot be read at the moment' } as const;
    expect(say({ ...failure, passing: true })).toMatchObject({
      status: 503,
      shouldRetry: true,
      retryAfterSeconds: 5,
      message: 'Cannot use the policy "route:x": KV cannot be read at the moment. Try again in a moment.',
    });
    expect(say(failure)).toMatchObject({ status: 503, shouldRetry: false });
  });
});

describe('an upstream’s failure', () => {
  // clients.md 4(iv).5: 401, 402 and 403 lock keys out in agents, so they speak of the caller's own key alone.
  it.each(names)('%s never looks like the caller’s own bad key', (cause) => {
    const { status, openaiCode, anthropicType } = say(upstream(cause, { status: 401 }));
    expect([400, 404, 413, 429, 502, 504, 529]).toContain(status);
    expect(openaiCode).not.toBe('invalid_api_key');
    expect(['authentication_error', 'permission_error', 'billing_error']).not.toContain(anthropicType);
  });

  it.each<[UpstreamCause, number, string, string]>([
    ['gateway-token', 502, 'upstream_auth_error', 'api_error'],
    ['cloudflare-token', 502, 'upstream_auth_error', 'api_error'],
    ['provider-key', 502, 'upstream_auth_error', 'api_error'],
    ['provider-key-missing', 502, 'upstream_auth_error', 'api_error'],
    ['unified-balance', 502, 'upstream_billing_error', 'api_error'],
    ['provider-billing', 502, 'upstream_billing_error', 'api_error'],
    ['gateway-rate', 429, 'rate_limit_exceeded', 'rate_limit_error'],
    ['provider-rate', 429, 'rate_limit_exceeded', 'rate_limit_error'],
    ['quota', 429, 'insufficient_quota', 'rate_limit_error'],
    ['spend-limit', 429, 'insufficient_quota', 'rate_limit_error'],
    ['capacity', 529, 'server_is_overloaded', 'overloaded_error'],
    ['model-missing', 404, 'model_not_found', 'not_found_error'],
    ['context-overflow', 400, 'context_length_exceeded', 'invalid_request_error'],
    ['content-filter', 400, 'content_policy_violation', 'invalid_request_error'],
    ['guardrail', 400, 'content_policy_violation', 'invalid_request_error'],
    ['too-large', 413, 'request_too_large', 'request_too_large'],
    ['provider-error', 502, 'upstream_error', 'api_error'],
    ['first-byte-timeout', 504, 'gateway_timeout', 'timeout_error'],
    ['redirect', 502, 'upstream_error', 'api_error'],
  ])('%s is %i %s', (cause, status, code, anthropic) => {
    expect(say(upstream(cause))).toMatchObject({ status, openaiCode: code, anthropicType: anthropic });
  });

  // clients.md 2.2: some SDKs sleep what they are told, others ignore what is over a minute and hammer.
  it.each<[number | undefined, number, boolean]>([
    [undefined, 5, true],
    [0, 1, true],
    [1.2, 2, true],
    [7, 7, true],
    [30, 30, true],
    [45, 30, true],
    [60, 30, true],
    [61, 30, false],
    [3600, 30, false],
    [Number.POSITIVE_INFINITY, 30, false],
  ])(
    'that asks for %d seconds of patience asks the caller for %i, and for another try: %s',
    (asked, seconds, again) => {
      const failure = upstream('provider-rate', asked === undefined ? {} : { retryAfterSeconds: asked });
      expect(say(failure)).toMatchObject({ retryAfterSeconds: seconds, shouldRetry: again });
    },
  );

  it.each(names.filter((cause) => !causes[cause].retry))('%s offers no other try', (cause) => {
    const description = say(upstream(cause, { retryAfterSeconds: 5 }));
    expect(description.shouldRetry).toBe(false);
    expect(description).not.toHaveProperty('retryAfterSeconds');
  });

  it.each<[UpstreamCause, number]>([
    ['provider-rate', 61],
    ['quota', 7],
    ['provider-error', 7],
  ])('%s after %i seconds names no time in its words: it would be waited for in vain', (cause, retryAfterSeconds) => {
    expect(say(upstream(cause, { retryAfterSeconds })).message).not.toContain('Please try again in');
  });

  it('is quoted only where its words help', () => {
    const quoting = names.filter((cause) => say(upstream(cause, { detail: 'canary' })).message.includes('canary'));
    expect(quoting.toSorted()).toEqual(['invalid-request', 'plan']);
  });
});

describe('the wording', () => {
  // clients.md 4(iv).6: litellm re-classifies any error by these, so only those that mean it may say it.
  it.each<[string, readonly string[]]>([
    ['rate limit', ['gateway-rate', 'provider-rate', 'unified-rate']],
    ['maximum context length', ['context-overflow']],
    ['Request too large', []],
    ['model_not_found', []],
    ['Incorrect API key provided', ['no-key', 'wrong-key']],
  ])('says "%s" of nothing else', (words, meant) => {
    const saying = everything.filter((failure) => say(failure).message.toLowerCase().includes(words.toLowerCase()));
    const kinds = saying.map((failure) => (failure.kind === 'upstream' ? failure.cause : failure.kind));
    expect([...new Set(kinds)].toSorted()).toEqual(meant);
  });

  it('says "429" only with that status', () => {
    const saying = everything.filter((failure) => say(failure).message.includes('429'));
    expect([...new Set(saying.map((failure) => say(failure).status))]).toEqual([429]);
  });

  it.each(everything)('of %j is a public text: whole sentences, one line, no stack', (failure) => {
    const { message, openaiCode } = say(failure);
    expect(message).toMatch(/^[A-Za-z].*[.?]$/);
    expect(message).not.toMatch(/[\r\n]|undefined|\[object|\bat \S+:\d/);
    expect(openaiCode).toMatch(/^[a-z_]+$/);
  });

  it('holds no status that a caller has no row for, whatever the upstream gave', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.integer(),
        fc.string(),
        fc.double({ noNaN: true }),
        (cause, status, detail, wait) => {
          const description = say(upstream(cause, { status, detail, retryAfterSeconds: wait }));
          expect([400, 404, 413, 429, 502, 504, 529]).toContain(description.status);
          expect(description.retryAfterSeconds ?? 1).toSatisfy((seconds: number) => seconds >= 1 && seconds <= 30);
        },
      ),
    );
  });
});
