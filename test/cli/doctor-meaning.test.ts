import { describe as group, expect, it } from 'vitest';
import { causes } from '../../src/core/cause.ts';
import { describe } from '../../src/core/describe.ts';
import type { Failure, UpstreamCause } from '../../src/core/failure.ts';
import type { LimitState } from '../../src/core/limits.ts';
import { errorBody } from '../../src/dialects/messages/error-body.ts';
import { openaiErrorBody } from '../../src/dialects/openai.ts';
import { meaningOf } from '../../src/cli/doctor/meaning.ts';

/** What doctor makes of a failure of the router's, in the words that the router itself has for it. */
function meaning(failure: Failure, where = ''): ReturnType<typeof meaningOf> {
  const description = describe(failure);
  return meaningOf({ status: description.status, body: openaiErrorBody(description) }, where);
}

const state: LimitState = { limit: 'requestsPerMinute', most: 1, left: 0, resetSeconds: 30 };

group('what the router says of itself', () => {
  it.each<[Failure, string]>([
    [{ kind: 'not-configured', binding: 'OPENAI_API_KEY' }, 'router secrets push --env staging OPENAI_API_KEY'],
    [{ kind: 'not-configured', binding: 'AI_GATEWAY_ID' }, 'Set AI_GATEWAY_ID in wrangler.toml, then deploy'],
    [
      { kind: 'broken-policy', name: 'route:x', message: 'it is no JSON' },
      'Mend it: router policy pull, router policy check, router policy push',
    ],
    [
      { kind: 'over-limit', exceeded: state, states: [state] },
      'router keys callers show <caller> says how its limits stand',
    ],
    [
      { kind: 'model-refused', model: 'x', reason: 'this key may not' },
      'router keys callers show <caller> says what it may use',
    ],
    [{ kind: 'unpriced', model: 'x' }, 'router keys callers show <caller> says what it may use'],
    [{ kind: 'internal' }, 'npx wrangler tail shows what the router logs about it'],
  ])('leads to the next step: %j', (failure, next) => {
    expect(meaning(failure, ' --env staging')).toMatchObject({ result: 'broken', next });
  });
});

function upstream(cause: UpstreamCause): Failure {
  return { kind: 'upstream', cause, attempts: [{ target: 'openai/gpt-5.1', outcome: cause, status: 418 }] };
}

// The keys are causes by the table's type; `Object.keys` forgets it.
const faults = (Object.keys(causes) as UpstreamCause[]).filter((cause) => cause !== 'invalid-request');

group('what an upstream did', () => {
  it.each(faults)('is told with its target, its status and a next step: %s', (cause) => {
    expect(meaning(upstream(cause))).toEqual({
      result: 'broken',
      got: `status ${causes[cause].status}; openai/gpt-5.1 answered 418: ${causes[cause].says}`,
      next: expect.stringMatching(/^.{20,}/) as string,
    });
  });

  it('is a warning where it refused the small request itself', () => {
    expect(meaning(upstream('invalid-request'))).toMatchObject({ result: 'warning' });
  });

  it('is told the same in Anthropic’s dialect', () => {
    const description = describe(upstream('gateway-token'));
    const body = errorBody(description, 'req_1');
    expect(meaningOf({ status: description.status, body }, '')).toEqual(meaning(upstream('gateway-token')));
  });

  it('is told of every target that was tried, and the first one says what comes next', () => {
    const attempts = [
      { target: 'groq/a', outcome: 'skipped' as const, reason: 'cooling down' },
      { target: 'openai/b', outcome: 'provider-key' as const, status: 401 },
      { target: 'anthropic/c', outcome: 'connection' as const },
    ];
    expect(meaning({ kind: 'upstream', cause: 'connection', attempts })).toEqual({
      result: 'broken',
      got: 'status 502; openai/b answered 401: The provider refused the key that the policy sends it; anthropic/c: The upstream could not be reached',
      next: expect.stringContaining('Make a new key at the provider') as string,
    });
  });

  it('that is no router’s answer is not explained away', () => {
    expect(meaningOf({ status: 500, body: { error: 'oops' } }, '')).toMatchObject({
      result: 'broken',
      got: 'status 500: an answer that is not a router’s',
    });
  });
});
