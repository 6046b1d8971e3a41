import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole } from './canaries.ts';
import { settled } from './router.ts';
import { askTurn, turns, type TargetName } from './turn.ts';

let console: ReturnType<typeof catchConsole>;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});
afterEach(settled);

interface Retry {
  readonly status: number;
  readonly after?: string;
  readonly should?: 'true' | 'false';
}

function retryOf({ status, headers }: Response): Retry {
  const after = headers.get('retry-after');
  const should = headers.get('x-should-retry');
  return { status, ...(after !== null && { after }), ...(should !== null && { should: should as 'true' | 'false' }) };
}

/** What each failure of an upstream is for the caller (clients.md 2.2 and 2.3, threats.md F2 to F6). */
const rows: [prompt: string, expected: Record<TargetName, Retry>][] = [
  ['!fail 400', same({ status: 400 })],
  ['!fail 401', same({ status: 502, should: 'false' })],
  ['!fail 402', same({ status: 502, should: 'false' })],
  ['!fail 403', same({ status: 502, should: 'false' })],
  ['!fail 404', same({ status: 404 })],
  ['!fail 413', same({ status: 413 })],
  ['!fail 422', same({ status: 400 })],
  [
    '!fail 429',
    { ...same({ status: 429, after: '5', should: 'true' }), glm: { status: 529, after: '3', should: 'true' } },
  ],
  [
    '!fail 429 !retry-after 7',
    { ...same({ status: 429, after: '7', should: 'true' }), glm: { status: 529, after: '7', should: 'true' } },
  ],
  [
    '!fail 429 !retry-after 3600',
    { ...same({ status: 429, after: '30', should: 'false' }), glm: { status: 529, after: '30', should: 'false' } },
  ],
  ['!fail 500', same({ status: 502, after: '2', should: 'true' })],
  ['!fail 502', same({ status: 502, after: '2', should: 'true' })],
  ['!fail 504', same({ status: 502, after: '2', should: 'true' })],
  ['!fail 520', same({ status: 502, after: '2', should: 'true' })],
  ['!fail 529', same({ status: 529, after: '3', should: 'true' })],
];

function same(retry: Retry): Record<TargetName, Retry> {
  return { gpt: retry, claude: retry, glm: retry };
}

describe('an upstream that refuses', () => {
  it.each(
    rows.flatMap(([prompt, expected]) =>
      turns.map(([dialect, target, stream]) => [prompt, dialect, target, stream, expected] as const),
    ),
  )('%s: %s on %s, stream %s', async (prompt, dialect, target, stream, expected) => {
    const response = await askTurn({ dialect, targets: [target], prompt, stream });
    expect(retryOf(response)).toEqual(expected[target]);
    expect(response.headers.get('retry-after-ms')).toBe(millisecondsOf(expected[target].after));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await recordedRequests()).toHaveLength(1);
  });
});

function millisecondsOf(seconds: string | undefined): string | null {
  return seconds === undefined ? null : `${seconds}000`;
}

describe('the body of an error', () => {
  it('is OpenAI’s for chat and Responses, with every attempt', async () => {
    for (const dialect of ['chat', 'responses'] as const) {
      const response = await askTurn({ dialect, targets: ['gpt', 'claude'], prompt: '!fail 500', stream: true });
      expect(await response.json()).toEqual({
        error: {
          message: expect.stringMatching(
            /^The upstream failed \(openai\/gpt-5\.1, upstream status 500, gateway log /,
          ) as string,
          type: 'server_error',
          param: null,
          code: 'upstream_error',
          attempts: [
            { target: 'openai/gpt-5.1', outcome: 'provider-error', status: 500, logId: expect.any(String) as string },
            {
              target: 'anthropic/claude-sonnet-4-5',
              outcome: 'provider-error',
              status: 500,
              logId: expect.any(String) as string,
            },
          ],
        },
      });
    }
  });

  it('is Anthropic’s for Messages, with the id of the header', async () => {
    const response = await askTurn({ dialect: 'messages', targets: ['gpt'], prompt: '!fail 429', stream: false });
    expect(await response.json()).toEqual({
      type: 'error',
      error: {
        type: 'rate_limit_error',
        message: expect.stringContaining('Please try again in 5s.') as string,
        attempts: [
          { target: 'openai/gpt-5.1', outcome: 'provider-rate', status: 429, logId: expect.any(String) as string },
        ],
      },
      request_id: response.headers.get('request-id'),
    });
  });

  it.each([
    [
      'gpt',
      '!fail 400 context_length_exceeded',
      400,
      'context_length_exceeded',
      /maximum context length is 8192 tokens/,
    ],
    [
      'claude',
      '!fail 400 context_length_exceeded',
      400,
      'context_length_exceeded',
      /maximum context length is 200000 tokens/,
    ],
    ['glm', '!fail 413 5021', 400, 'context_length_exceeded', /maximum context length is 8000 tokens/],
    ['gpt', '!fail 400 content_policy_violation', 400, 'content_policy_violation', /content filtering policy/],
    ['gpt', '!fail 429 insufficient_quota', 502, 'upstream_billing_error', /out of credit or quota/],
    ['gpt', '!fail 401 2009', 502, 'upstream_auth_error', /CF_AIG_TOKEN/],
    ['gpt', '!fail 400 2001', 502, 'upstream_configuration_error', /AI_GATEWAY_ID/],
    ['gpt', '!fail 429 2003', 429, 'rate_limit_exceeded', /Rate limit reached on the AI Gateway/],
    ['gpt', '!fail 402 2021', 502, 'upstream_billing_error', /Unified Billing does not offer this model/],
    ['gpt', '!fail 402 2049', 502, 'upstream_billing_error', /credits are used up/],
    ['gpt', '!fail 424 2016', 400, 'content_policy_violation', /guardrails/],
    ['gpt', '!fail 424 2029', 400, 'content_policy_violation', /data loss prevention/],
    ['gpt', '!fail 429 2041', 429, 'insufficient_quota', /spend limit/],
    ['gpt', '!fail 429 2045', 429, 'insufficient_quota', /spend limit/],
    ['gpt', '!fail 503 7013', 502, 'upstream_error', /The upstream failed/],
    ['glm', '!fail 429 3036', 429, 'insufficient_quota', /neurons/],
    ['glm', '!fail 429 3040', 529, 'server_is_overloaded', /out of capacity/],
    ['glm', '!fail 403 5018', 502, 'upstream_not_allowed', /not allowed to access this model/],
    ['glm', '!fail 401 10000', 502, 'upstream_auth_error', /CLOUDFLARE_API_TOKEN/],
    ['glm', '!fail 400 5007', 404, 'model_not_found', /does not know this model/],
    ['glm', '!fail 413 3006', 413, 'request_too_large', /over the size/],
  ] as const)('says which cause it was: %s %s is a %i %s', async (target, prompt, status, code, text) => {
    const response = await askTurn({ dialect: 'chat', targets: [target], prompt, stream: false });
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { error: { code, message: expect.stringMatching(text) as string } },
    ]);
  });

  it('to an Anthropic client says too long in Anthropic’s own words', async () => {
    const prompt = '!fail 400 context_length_exceeded';
    const response = await askTurn({ dialect: 'messages', targets: ['gpt'], prompt, stream: false });
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining('prompt is too long') as string },
    });
  });

  it.each(['!fail 500', '!fail 401', '!html 500', '!fail 403'])(
    'never speaks of rates where none is at fault: %s',
    async (prompt) => {
      const response = await askTurn({ dialect: 'chat', targets: ['gpt'], prompt, stream: false });
      // litellm takes these words for a rate limit, a context limit or a missing model (clients.md 4(iv).6).
      expect(await response.text()).not.toMatch(
        /rate limit|429|request too large|maximum context length|model_not_found/i,
      );
    },
  );
});

describe('the record of a request that failed', () => {
  it('is one line with its attempts and no word of the prompt', async () => {
    await askTurn({ dialect: 'chat', targets: ['gpt', 'glm'], prompt: '!fail 500 my-secret-prompt', stream: false });
    await settled();
    expect(console.lines()).toEqual([
      expect.objectContaining({
        event: 'request',
        outcome: 'error',
        status: 502,
        attempts: [
          { target: 'openai/gpt-5.1', outcome: 'provider-error', status: 500, logId: expect.any(String) as string },
          {
            target: '@cf/zai-org/glm-4.7-flash',
            outcome: 'provider-error',
            status: 500,
            logId: expect.any(String) as string,
          },
        ],
      }),
    ]);
    expect(console.text()).not.toContain('my-secret-prompt');
  });
});
