import { describe, expect, it } from 'vitest';
import { RouterError, type AttemptNote } from '../../src/core/failure.ts';
import type { UpstreamRequest } from '../../src/core/upstream.ts';
import { tryTargets } from '../../src/fallback.ts';
import { planCall } from '../../src/policy/plan.ts';
import { callOf } from '../support/call.ts';
import { fakePorts } from '../support/ports.ts';

const completion = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
};
const openai = { model: 'openai/a', credentials: 'stored' };
const claude = { model: 'anthropic/claude-sonnet-4-5', credentials: 'stored' };
const mistral = { model: 'mistral/b', credentials: 'stored' };
const groq = { model: 'groq/c', credentials: 'stored' };

function failing(status: number, body: unknown = { error: { message: 'no' } }, headers: Record<string, string> = {}) {
  return () => Response.json(body, { status, headers });
}

function broken(): never {
  throw new TypeError('Network connection lost.');
}

/** Tries a route whose targets answer as told, by the provider in the URL. */
async function run(
  policy: object,
  answers: Record<string, () => Response>,
  options: Partial<Parameters<typeof callOf>[1]> = {},
) {
  const ports = fakePorts({
    policies: { 'route:r': policy },
    answer: (request: UpstreamRequest) => {
      const url = request.carrier === 'fetch' ? request.url : '';
      const found = Object.entries(answers).find(([provider]) => url.includes(`/${provider}/`));
      return found?.[1]() ?? Response.json(completion);
    },
  });
  const call = callOf('chat', { model: 'r', ...options });
  const attempts: AttemptNote[] = [];
  const search = { plan: await planCall(call, ports.policy), ports, attempts, onHeaders: () => undefined };
  return { tried: await tryTargets(call, search), attempts, ports, again: () => tryTargets(call, search) };
}

describe('falls back', () => {
  it.each([
    [408, 'provider-error'],
    [409, 'provider-error'],
    [429, 'provider-rate'],
    [500, 'provider-error'],
    [503, 'provider-error'],
    [529, 'capacity'],
    [402, 'provider-billing'],
    [401, 'provider-key'],
    [403, 'provider-key'],
    [404, 'model-missing'],
    [302, 'redirect'],
  ])('on %i, as %s', async (status, outcome) => {
    const { tried, attempts } = await run({ targets: [openai, mistral] }, { openai: failing(status) });
    expect(tried.kind).toBe('reply');
    expect(attempts).toEqual([
      { target: 'openai/a', outcome, status },
      { target: 'mistral/b', outcome: 'answered', status: 200 },
    ]);
  });

  it('on a connection that fails', async () => {
    const { tried, attempts } = await run({ targets: [openai, mistral] }, { openai: broken });
    expect(tried.kind).toBe('reply');
    expect(attempts[0]).toEqual({ target: 'openai/a', outcome: 'connection' });
  });

  it.each([
    ['HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['an empty body', () => new Response('')],
    ['a bare error', () => Response.json({ error: { message: 'overloaded' } })],
  ])('on a 200 with %s', async (_, answer) => {
    const { tried } = await run({ targets: [openai, mistral] }, { openai: answer });
    expect(tried).toMatchObject({ kind: 'reply', facts: { target: { name: 'mistral/b' } } });
  });

  it('to a target that can carry the request where the first one cannot', async () => {
    const body = { messages: [{ role: 'user', content: 'hi' }], logprobs: true };
    const { tried, attempts } = await run({ targets: [claude, openai] }, {}, { body });
    expect(tried).toMatchObject({ kind: 'reply', facts: { target: { name: 'openai/a' } } });
    expect(attempts[0]).toEqual({ target: 'anthropic/claude-sonnet-4-5', outcome: 'skipped' });
  });
});

it('does not wait for the end of an error: its status says enough', async () => {
  const ports = fakePorts({
    policies: { 'route:r': { targets: [openai, mistral] } },
    answer: (request) => ('url' in request && request.url.includes('/openai/') ? endless() : Response.json(completion)),
  });
  const call = callOf('chat', { model: 'r' });
  const plan = await planCall(call, ports.policy);
  const trying = tryTargets(call, { plan, ports, attempts: [], onHeaders: () => ports.later(advanceSoon(ports)) });
  expect(await trying).toMatchObject({ kind: 'reply', facts: { target: { name: 'mistral/b' } } });
});

function endless(): Response {
  return new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }), { status: 500 });
}

/** Lets five seconds pass once the error's body is being waited for. */
async function advanceSoon({ timer }: { timer: ReturnType<typeof fakePorts>['timer'] }): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  timer.advance(5_000);
}

describe('does not fall back', () => {
  it.each([400, 413, 422])("on the caller's own %i", async (status) => {
    const { tried, ports } = await run({ targets: [openai, mistral] }, { openai: failing(status) });
    expect(tried).toMatchObject({ kind: 'failed', failure: { kind: 'upstream', target: 'openai/a', status } });
    expect(ports.sent).toHaveLength(1);
  });

  it('when no condition of any target holds, and says so', async () => {
    const never = { ...openai, when: [{ field: 'stream', is: true }] };
    await expect(run({ targets: [never] }, {})).rejects.toThrow(RouterError);
  });
});

it.each(['chat', 'messages', 'responses'] as const)(
  'takes keys out of the words of an error that came with a 200, whole and streamed: %s',
  async (dialect) => {
    const error = { type: 'invalid_request_error', message: 'No such key: its-own-secret-0123' };
    const body = { type: 'error', error };
    const event = `data: ${JSON.stringify(body)}\n\n`;
    const headers = { 'content-type': 'text/event-stream' };
    const policies = { 'route:r': { targets: [{ ...openai, ...(dialect === 'messages' && claude) }] } };
    for (const stream of [false, true]) {
      const answer = () => (stream ? new Response(event, { headers }) : Response.json(body));
      const ports = fakePorts({ policies, answer });
      const call = { ...callOf(dialect, { model: 'r', callerKey: 'its-own-secret-0123' }), stream };
      const plan = await planCall(call, ports.policy);
      const tried = await tryTargets(call, { plan, ports, attempts: [], onHeaders: () => undefined });
      expect(tried).toMatchObject({ kind: 'failed', failure: { detail: 'No such key: [key]' } });
    }
  },
);

describe('when all fail', () => {
  it('tells the most useful failure, with every attempt', async () => {
    const { tried } = await run(
      { targets: [openai, mistral, groq] },
      { openai: failing(401), mistral: failing(429, {}, { 'retry-after': '7' }), groq: failing(402) },
    );
    expect(tried).toMatchObject({
      kind: 'failed',
      failure: {
        cause: 'provider-rate',
        target: 'mistral/b',
        retryAfterSeconds: 7,
        attempts: [
          { target: 'openai/a', outcome: 'provider-key', status: 401 },
          { target: 'mistral/b', outcome: 'provider-rate', status: 429 },
          { target: 'groq/c', outcome: 'provider-billing', status: 402 },
        ],
      },
    });
  });
});

describe('remembers', () => {
  it('a target that keeps failing, and passes it over for a while', async () => {
    const policy = { targets: [openai, mistral], coolDown: { failures: 2, seconds: 30 } };
    const { again, attempts, ports } = await run(policy, { openai: failing(500) });
    await again();
    await again();
    expect(attempts.map(({ target, outcome }) => `${target} ${outcome}`)).toEqual([
      'openai/a provider-error',
      'mistral/b answered',
      'openai/a provider-error',
      'mistral/b answered',
      'mistral/b answered',
    ]);
    ports.timer.advance(30_000);
    await again();
    expect(attempts.slice(5).map(({ target }) => target)).toEqual(['openai/a', 'mistral/b']);
  });

  it('a target that keeps failing, and tries it all the same when the others fail', async () => {
    const policy = { targets: [openai, mistral], coolDown: { failures: 1, seconds: 30 } };
    const { again, attempts } = await run(policy, { openai: failing(500), mistral: failing(500) });
    await again();
    expect(attempts.slice(2).map(({ target }) => target)).toEqual(['openai/a', 'mistral/b']);
  });

  it("nothing of what the callers' own keys come to: one caller's bad key is not the other's", async () => {
    const policy = { targets: [{ ...openai, credentials: 'caller' }], coolDown: { failures: 1, seconds: 30 } };
    const { attempts, ports } = await run(policy, { openai: failing(401) }, { callerKey: 'sk-bad' });
    expect(attempts).toHaveLength(1);
    expect(ports.health.size).toBe(0);
  });

  it("nothing of a failure that is the caller's own", async () => {
    const { ports } = await run({ targets: [openai] }, { openai: failing(400) });
    expect(ports.health.size).toBe(0);
  });
});
