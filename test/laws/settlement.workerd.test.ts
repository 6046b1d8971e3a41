import { describe, expect, it } from 'vitest';
import type { Call, Endpoint } from '../../src/core/call.ts';
import type { Outcome } from '../../src/core/settlement.ts';
import { routeCall } from '../../src/route.ts';
import { bodies, callOf } from '../support/call.ts';
import { streamFixtures } from '../support/fixtures.ts';
import { fakePorts } from '../support/ports.ts';
import type { FakePorts, FakeWorld } from '../support/ports.ts';
import { handTimer, turn } from '../wire/rig.ts';
import type { HandTimer } from '../wire/rig.ts';

/* Law 5: every request settles exactly once, complete or cut, whoever dies first. */

const stored = (model: string) => ({ model, credentials: 'stored' });
const policies = {
  // A provider that speaks chat alone: every other caller is translated.
  'route:chat': { targets: [stored('groq/llama')] },
  'route:messages': { targets: [stored('anthropic/claude-sonnet-4-5')] },
  'route:workersai': { targets: [{ model: '@cf/moonshotai/kimi-k2.6', credentials: 'binding' }] },
  'route:two': { targets: [stored('groq/llama'), stored('cerebras/llama')] },
};

type World = Omit<FakePorts, 'timer'> & { readonly timer: HandTimer };

/** Ports whose time moves by hand and whose streams run on the runtime's event loop. */
function world(answer: NonNullable<FakeWorld['answer']>): World {
  return { ...fakePorts({ policies, answer }), timer: handTimer() };
}

function streamed(endpoint: Endpoint, model: string, signal = new AbortController().signal): Call {
  const call = callOf(endpoint, { model, body: { ...bodies[endpoint], stream: true } });
  return { ...call, stream: true, includeUsage: true, signal };
}

const headers = { 'content-type': 'text/event-stream' };

function blocksOf(name: string): readonly Uint8Array[] {
  return streamFixtures.find((fixture) => fixture.name === name)?.blocks ?? [];
}

/** An upstream that sends these blocks one by one and then ends, or hangs. */
function answerOf(blocks: readonly Uint8Array[], after: 'end' | 'hang' = 'end'): Response {
  const left = [...blocks];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift();
      if (next !== undefined) return controller.enqueue(next);
      return after === 'end' ? controller.close() : new Promise(() => undefined);
    },
  });
  return new Response(body, { headers });
}

const whole = (model: string): Call => callOf('chat', { model });

/** Asks, reads the answer to its end however it ends, and waits for all work behind it. */
async function finish(call: Call, ports: World): Promise<void> {
  await routeCall(call, ports).then(
    ({ body }) => new Response(body).arrayBuffer().catch(() => undefined),
    () => undefined,
  );
  await Promise.allSettled(ports.work);
}

const usage = { input: 14, cachedRead: 8, cachedWrite: 0, output: 7, reasoning: 0 };

/** What of a settlement this law is about. */
const settled = (ports: World) =>
  ports.settlements.map((one) => ({ outcome: one.outcome, status: one.status, usage: one.usage }));

describe('a complete stream settles once, with its usage', () => {
  it.each([
    { endpoint: 'chat', model: 'chat', fixture: 'chat/text' },
    { endpoint: 'messages', model: 'chat', fixture: 'chat/text' },
    { endpoint: 'responses', model: 'chat', fixture: 'chat/text' },
    { endpoint: 'chat', model: 'workersai', fixture: 'workersai/text' },
    { endpoint: 'messages', model: 'workersai', fixture: 'workersai/text' },
  ] as const)('$fixture to $endpoint', async ({ endpoint, model, fixture }) => {
    const ports = world(() => answerOf(blocksOf(fixture)));
    await finish(streamed(endpoint, model), ports);
    expect(settled(ports)).toEqual([{ outcome: 'complete', status: 200, usage }]);
  });
});

describe('a stream cut behind any of its events settles once', () => {
  /** How many events were sent, and what came of it. Before the first content the failure is an HTTP error. */
  const early = { outcome: 'error', status: 502 };
  const cut = { outcome: 'upstream-cut', status: 200 };
  const done = { outcome: 'complete', status: 200 };
  const started = { input: 132, cachedRead: 100, cachedWrite: 7, output: 2, reasoning: 0 };
  const rows = [
    ...[early, early, cut, cut, done, { ...done, usage }, { ...done, usage }].map((ending, events) => ({
      model: 'chat',
      fixture: 'chat/text',
      events,
      ending,
    })),
    ...[early, early, early, early, { ...cut, usage: started }].map((ending, events) => ({
      model: 'messages',
      fixture: 'messages/text',
      events,
      ending,
    })),
  ];

  it.each(
    rows.flatMap((row) => (['chat', 'messages', 'responses'] as const).map((endpoint) => ({ ...row, endpoint }))),
  )('$fixture to $endpoint behind event $events', async ({ endpoint, model, fixture, events, ending }) => {
    const ports = world(() => answerOf(blocksOf(fixture).slice(0, events)));
    await finish(streamed(endpoint, model), ports);
    expect(settled(ports)).toEqual([{ usage: undefined, ...ending }]);
  });
});

describe('a caller who leaves', () => {
  it('before the headers is settled once', async () => {
    const leaving = new AbortController();
    const ports = world(() => new Promise(() => undefined));
    const finished = finish(streamed('chat', 'chat', leaving.signal), ports);
    await turn();
    leaving.abort();
    await finished;
    expect(settled(ports)).toEqual([{ outcome: 'caller-left', status: 499, usage: undefined }]);
  });

  it('before the first content is settled once', async () => {
    const leaving = new AbortController();
    const ports = world(() => answerOf(blocksOf('chat/text').slice(0, 1), 'hang'));
    const finished = finish(streamed('chat', 'chat', leaving.signal), ports);
    await turn();
    leaving.abort();
    await finished;
    expect(settled(ports)).toEqual([{ outcome: 'caller-left', status: 499, usage: undefined }]);
  });

  it.each(['chat', 'messages', 'responses'] as const)('%s in mid-stream is settled once', async (endpoint) => {
    const leaving = new AbortController();
    const ports = world(() => answerOf(blocksOf('chat/text').slice(0, 2), 'hang'));
    const { body } = await routeCall(streamed(endpoint, 'chat', leaving.signal), ports);
    await turn();
    leaving.abort();
    await new Response(body).body?.cancel().catch(() => undefined);
    await Promise.allSettled(ports.work);
    expect(settled(ports)).toEqual([{ outcome: 'caller-left', status: 200, usage: undefined }]);
  });
});

describe('a failure settles once', () => {
  const rows: readonly { name: string; call: Call; answer: () => Response; outcome: Outcome; status: number }[] = [
    {
      name: 'every target fails',
      call: streamed('chat', 'two'),
      answer: () => new Response('{}', { status: 500 }),
      outcome: 'error',
      status: 502,
    },
    {
      name: 'every target fails a whole request',
      call: whole('two'),
      answer: () => new Response('{}', { status: 500 }),
      outcome: 'error',
      status: 502,
    },
    {
      name: 'the whole answer is garbage',
      call: whole('chat'),
      answer: () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      outcome: 'error',
      status: 502,
    },
    {
      name: 'the model is unknown',
      call: whole('nothing-like-it'),
      answer: () => new Response('{}'),
      outcome: 'refused',
      status: 404,
    },
    {
      name: 'the stream holds an error event behind its content',
      call: streamed('messages', 'chat'),
      answer: () => answerOf(blocksOf('chat/error')),
      outcome: 'error',
      status: 200,
    },
  ];

  it.each(rows)('when $name', async ({ call, answer, outcome, status }) => {
    const ports = world(answer);
    await finish(call, ports);
    expect(settled(ports)).toEqual([{ outcome, status, usage: undefined }]);
  });

  it('when the stream goes silent', async () => {
    const ports = world(() => answerOf(blocksOf('chat/text').slice(0, 2), 'hang'));
    const finished = finish(streamed('chat', 'chat'), ports);
    await turn();
    await ports.timer.advance(10 * 60_000);
    await finished;
    expect(settled(ports)).toEqual([{ outcome: 'timeout', status: 200, usage: undefined }]);
  });
});

const broken = (): never => {
  throw new TypeError('a bug');
};
const call = { index: 0, function: { name: 'look', arguments: '{}' } };
const chunk = (delta: object): Uint8Array =>
  new TextEncoder().encode(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`);

describe('a bug of the router settles once', () => {
  it('before an answer', async () => {
    const ports = { ...world(() => new Response('{}', { status: 500 })), redact: broken };
    await finish(streamed('chat', 'chat'), ports);
    expect(settled(ports)).toEqual([{ outcome: 'error', status: 500, usage: undefined }]);
  });

  it('in mid-stream', async () => {
    const blocks = [chunk({ content: 'Hi' }), chunk({ tool_calls: [call] })];
    const ports = { ...world(() => answerOf(blocks)), newId: broken };
    await finish(streamed('messages', 'chat'), ports);
    expect(settled(ports)).toEqual([{ outcome: 'error', status: 200, usage: undefined }]);
  });
});
