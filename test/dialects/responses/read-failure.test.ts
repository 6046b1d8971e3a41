import { describe, expect, it } from 'vitest';
import type { UpstreamFailure } from '../../../src/core/failure.ts';
import { readFailure } from '../../../src/dialects/responses/read-failure.ts';

const failure = (cause: UpstreamFailure['cause'], rest: Partial<UpstreamFailure> = {}): UpstreamFailure => ({
  kind: 'upstream',
  cause,
  ...rest,
});

describe('the cause of an error', () => {
  it.each<[unknown, UpstreamFailure]>([
    [{ code: 'rate_limit_exceeded', message: 'Slow.' }, failure('provider-rate')],
    [
      { code: 'rate_limit_exceeded', message: 'Please try again in 20ms.' },
      failure('provider-rate', { retryAfterSeconds: 0.02 }),
    ],
    [
      { code: 'rate_limit_exceeded', message: 'Please try again in 1m30s.' },
      failure('provider-rate', { retryAfterSeconds: 90 }),
    ],
    [{ code: null, type: 'too_many_requests' }, failure('provider-rate')],
    [{ code: 'insufficient_quota', message: 'You exceeded your current quota' }, failure('provider-billing')],
    [{ code: 'server_is_overloaded' }, failure('capacity')],
    [{ code: 'server_error', message: 'secret sk-abc' }, failure('provider-error')],
    [{ type: 'authentication_error', message: 'Incorrect API key provided: sk-abc' }, failure('provider-key')],
    [{ code: 'bio_policy' }, failure('content-filter')],
    [
      { code: 'context_length_exceeded', message: 'Your input exceeds the context window.' },
      failure('context-overflow', { detail: 'Your input exceeds the context window.' }),
    ],
    [
      { type: 'invalid_request_error', message: "This model's maximum context length is 8 tokens." },
      failure('context-overflow', { detail: "This model's maximum context length is 8 tokens." }),
    ],
    [{ type: 'invalid_request_error', message: 'Bad tool.' }, failure('invalid-request', { detail: 'Bad tool.' })],
    [{ message: 'The engine is overloaded' }, failure('capacity')],
    [{ code: '__proto__', message: 'x' }, failure('stream-error')],
    ['Rate limit reached', failure('provider-rate')],
    [null, failure('stream-error')],
  ])('%j', (error, expected) => {
    expect(readFailure(error)).toEqual(expected);
  });

  it('cuts the upstream’s words', () => {
    const { detail } = readFailure({ code: 'invalid_prompt', message: 'x'.repeat(5_000) });
    expect(detail).toBe('x'.repeat(300));
  });
});
