import { describe, expect, it, vi } from 'vitest';
import { digestOf, newKey } from '../../src/policy/keys.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { ask, routerEnv, settled, visit, type Visit } from './router.ts';

const hello = {
  model: '@cf/zai-org/glm-4.7-flash',
  messages: [{ role: 'user', content: 'Say hello' }],
  max_tokens: 100,
};
const gpt = { model: 'openai/gpt-5.1-mini', messages: hello.messages };
const priced = '@cf/moonshotai/kimi-k2.6';

let callers = 0;

/** Writes a caller with a key of its own, and gives what calls with it. */
async function open(policy: object) {
  callers += 1;
  const name = `limited-${callers}`;
  const key = newKey((count) => crypto.getRandomValues(new Uint8Array(count)));
  await routerEnv.POLICY.put(`caller:${name}`, JSON.stringify(policy));
  const record = { caller: name, slot: 1, createdAt: '2026-11-20T00:00:00Z' };
  await routerEnv.POLICY.put(`key:${await digestOf(key)}`, JSON.stringify(record));
  const headers = { authorization: `Bearer ${key}` };
  return {
    name,
    key,
    ask: async (body: object, options: Visit = {}) => {
      const path = 'max_tokens' in body && 'system' in body ? '/v1/messages' : '/v1/chat/completions';
      const { response } = await visit(path, { ...options, body, headers: { ...headers, ...options.headers } });
      return response;
    },
  };
}

async function usageOf(name: string) {
  await settled();
  return routerEnv.LEDGER.getByName(name).usage({ from: '2026-01-01', to: '2099-12-31', by: ['model'] });
}

/** What a caller's money limit of a dollar a day has gone down by. */
async function spent(name: string): Promise<number> {
  await settled();
  const [state] = await routerEnv.LEDGER.getByName(name).states({ limits: { usdPerDay: 1 } } as never);
  return 1e9 - (state?.left ?? 0);
}

describe('a caller with limits', () => {
  it('gets 5 of 40 parallel calls through on a limit of 5 a minute, and a true wait for the rest', async () => {
    const { ask: call } = await open({ limits: { requestsPerMinute: 5 } });
    await clearRequests();
    const responses = await Promise.all(Array.from({ length: 40 }, async () => call(hello)));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(5);
    expect((await recordedRequests()).length).toBe(5);
    const refused = responses.find(({ status }) => status === 429);
    const wait = Number(refused?.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(await refused?.json()).toMatchObject({
      error: {
        type: 'rate_limit_exceeded',
        code: 'rate_limit_exceeded',
        message: expect.stringMatching(
          /^Rate limit reached for requests per minute .* 5 \(0 left\)\. Please try again in \d+s\.$/,
        ) as string,
      },
    });
  });

  it('is told its rates with every answer, in its own dialect', async () => {
    const { ask: call } = await open({ limits: { requestsPerMinute: 10, tokensPerMinute: 100_000 } });
    const chat = await call(hello);
    expect(chat.headers.get('x-ratelimit-limit-requests')).toBe('10');
    expect(chat.headers.get('x-ratelimit-remaining-requests')).toBe('9');
    expect(chat.headers.get('x-ratelimit-limit-tokens')).toBe('100000');
    const messages = await call({ ...hello, system: 'Be brief.' });
    expect(messages.headers.get('anthropic-ratelimit-requests-remaining')).toBe('8');
    expect(messages.headers.get('anthropic-ratelimit-requests-reset')).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('is refused as out of quota when its money is spent, and told not to try again', async () => {
    const { ask: call } = await open({ limits: { usdPerDay: 0.000_001 } });
    const response = await call({ ...hello, model: priced, max_tokens: 1000 });
    expect(response.status).toBe(429);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await response.json()).toMatchObject({ error: { type: 'insufficient_quota', code: 'insufficient_quota' } });
  });

  it('pays what the usage says, not what was reserved', async () => {
    const { ask: call, name } = await open({ limits: { usdPerDay: 1 } });
    const response = await call({ ...hello, model: priced, max_tokens: 1000 });
    const { usage } = await response.clone().json<{ usage: { prompt_tokens: number; completion_tokens: number } }>();
    const nanoUsd = usage.prompt_tokens * 950 + usage.completion_tokens * 4000;
    expect(response.headers.get('x-router-cost-usd')).toBe((nanoUsd / 1e9).toFixed(9));
    expect(await usageOf(name)).toMatchObject([{ model: priced, requests: 1, nanoUsd }]);
    const states = await routerEnv.LEDGER.getByName(name).states({ limits: { usdPerDay: 1 } } as never);
    expect(states).toMatchObject([{ limit: 'usdPerDay', left: 1e9 - nanoUsd }]);
  });

  it('is refused a model without a price while its money is limited, unless the policy allows it', async () => {
    const strict = await open({ limits: { usdPerDay: 1 } });
    const refused = await strict.ask({ ...gpt, model: 'mistral/some-new-model' });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'unpriced_model' } });
    const lenient = await open({ limits: { usdPerDay: 1 }, unknownPrice: 'allow' });
    expect((await lenient.ask({ ...gpt, model: 'mistral/some-new-model' })).status).not.toBe(403);
  });

  it('is not charged for what never reached a model', async () => {
    const { ask: call } = await open({ limits: { tokensPerMinute: 1000 } });
    await call({ ...gpt, messages: [{ role: 'user', content: '!fail 500' }] });
    await settled();
    const again = await call({ ...hello, max_tokens: 900 });
    expect(again.status).toBe(200);
  });
});

describe('what is billed beside its tokens', () => {
  it.each([
    ['a dearer tier', { service_tier: 'priority' }, 'service_tier'],
    ['a hosted tool', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools'],
  ])('is refused to a caller whose money is limited: %s', async (_name, more, param) => {
    const { ask: call } = await open({ limits: { usdPerDay: 1 } });
    const response = await call({ ...hello, model: priced, ...more });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'unpriced_feature', param } });
  });
});

describe('a stream of a limited caller', () => {
  it('is asked for its usage, which the caller who did not ask does not see', async () => {
    const { ask: call, name } = await open({ limits: { tokensPerMinute: 100_000 } });
    await clearRequests();
    const response = await call({ ...gpt, stream: true });
    const text = await response.text();
    expect(text).toContain('data: [DONE]');
    expect(text).not.toContain('"usage":{');
    const [sent] = await recordedRequests();
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ stream_options: { include_usage: true } });
    const [line] = await usageOf(name);
    expect(line?.input).toBeGreaterThan(0);
    expect(line?.output).toBeGreaterThan(0);
  });
});

describe('a caller with a money limit', () => {
  it('who leaves a stream pays what was reserved, not the one token that Messages tells first', async () => {
    const { ask: call, name } = await open({ limits: { usdPerDay: 1 } });
    const body = { ...gpt, model: 'anthropic/claude-sonnet-4-5', system: 'x', max_tokens: 2000, stream: true };
    const messages = [{ role: 'user', content: '!say one two three\n!stall 2' }];
    const response = await call({ ...body, messages });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    // 2000 tokens of output at 15 USD a million.
    expect(await spent(name)).toBeGreaterThanOrEqual(2000 * 15_000);
  });

  it('counts tokens for nothing', async () => {
    const { key, name } = await open({ limits: { usdPerDay: 1 } });
    const headers = { authorization: `Bearer ${key}` };
    const body = { model: 'anthropic/claude-sonnet-4-5', messages: hello.messages };
    const { response } = await visit('/v1/messages/count_tokens', { body, headers });
    expect(response.status).toBe(200);
    expect(await spent(name)).toBe(0);
  });
});

describe('a caller without limits', () => {
  it('touches no Durable Object before its answer', async () => {
    const { ask: call } = await open({});
    const broken = { getByName: () => ({}) };
    const response = await call(hello, { env: { LEDGER: broken } });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-ratelimit-limit-requests')).toBeNull();
  });
});

describe('grants', () => {
  it('refuse a model that the caller may not use, by name', async () => {
    const { ask: call } = await open({ models: ['@cf/*'] });
    expect((await call(hello)).status).toBe(200);
    const refused = await call(gpt);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'model_not_allowed' } });
  });

  it('hold for counting tokens too: a target that is not open is not asked', async () => {
    const { key } = await open({ sources: ['binding'] });
    await clearRequests();
    const headers = { authorization: `Bearer ${key}` };
    const body = { model: 'anthropic/claude-sonnet-4-5', messages: hello.messages };
    const { response } = await visit('/v1/messages/count_tokens', { body, headers });
    expect([response.status, response.headers.get('x-router-token-count')]).toEqual([200, 'estimate']);
    expect(await recordedRequests()).toHaveLength(0);
  });

  it('skip a target whose credential source the caller may not use', async () => {
    const { ask: call } = await open({ sources: ['binding'] });
    const refused = await call(gpt);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('may not use stored credentials');
  });
});

describe('an Idempotency-Key', () => {
  const once = { headers: { 'idempotency-key': 'order-7' } };

  it('gets the first answer again, and nothing is paid twice', async () => {
    const { ask: call } = await open({});
    await clearRequests();
    const first = await call(hello, once);
    await settled();
    const second = await call(hello, once);
    expect(await second.text()).toBe(await first.text());
    expect(second.headers.get('x-router-replayed')).toBe('true');
    expect(await recordedRequests()).toHaveLength(1);
  });

  it('is a 409 for another body', async () => {
    const { ask: call } = await open({});
    await call(hello, once);
    await settled();
    const other = await call({ ...hello, max_tokens: 7 }, once);
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ error: { code: 'idempotency_conflict' } });
  });

  it('is a 409 for the same body to another provider', async () => {
    const { key } = await open({});
    const headers = { authorization: `Bearer ${key}`, 'idempotency-key': 'order-8' };
    const body = { ...gpt, model: 'gpt-5.1-mini' };
    await visit('/openai/v1/chat/completions', { body, headers });
    await settled();
    const { response } = await visit('/groq/v1/chat/completions', { body, headers });
    expect(response.status).toBe(409);
  });

  it('is free again after a caller who left without an answer', async () => {
    const { ask: call } = await open({});
    const leaving = new AbortController();
    const slow = { ...gpt, messages: [{ role: 'user', content: '!stall' }] };
    await clearRequests();
    const asking = call(slow, { ...once, signal: leaving.signal });
    await vi.waitFor(async () => expect(await recordedRequests()).toHaveLength(1));
    leaving.abort();
    await asking;
    await settled();
    const again = await call(hello, once);
    expect([again.status, again.headers.get('x-router-replayed')]).toEqual([200, null]);
  });

  it('belongs to its caller', async () => {
    const [one, two] = [await open({}), await open({})];
    await clearRequests();
    await one.ask(hello, once);
    await settled();
    await two.ask({ ...hello, max_tokens: 7 }, once);
    expect(await recordedRequests()).toHaveLength(2);
  });

  it('forgets a request that failed, so that its repeat is the first', async () => {
    const { ask: call } = await open({});
    const failing = { ...gpt, messages: [{ role: 'user', content: '!fail 500' }] };
    expect((await call(failing, once)).status).toBe(502);
    await settled();
    expect((await call(hello, once)).status).toBe(200);
  });
});

it('lets the bootstrap key go on without limits', async () => {
  expect((await ask('/v1/chat/completions', hello)).status).toBe(200);
});

describe('explaining', () => {
  it('tells what is left of the limits and what the request can cost, and reserves nothing', async () => {
    const { key } = await open({ limits: { requestsPerMinute: 3 } });
    const headers = { authorization: `Bearer ${key}` };
    const body = { ...hello, model: priced, max_tokens: 1000 };
    const { response } = await visit('/explain/v1/chat/completions', { body, headers });
    expect(await response.json()).toMatchObject({
      limits: [{ limit: 'requestsPerMinute', most: 3, left: 3 }],
      targets: [{ target: priced, mostUsd: expect.stringMatching(/^0\.0040\d+$/) as string }],
    });
    const { response: text } = await visit('/explain/v1/chat/completions?format=text', { body, headers });
    expect(await text.text()).toContain('limit     requestsPerMinute: 3 left of 3');
  });
});
