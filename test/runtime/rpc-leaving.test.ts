import { beforeEach, describe, expect, it, vi } from 'vitest';
import { catchConsole } from '../edge/canaries.ts';
import { routerEnv } from '../edge/router.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { billing, example, failureOf } from './binding.ts';

let console: ReturnType<typeof catchConsole>;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});

const gpt = 'openai/gpt-5.1';
const ask = (content: string): object[] => [{ role: 'user', content }];

async function upstreamIsAsked(): Promise<void> {
  await vi.waitFor(async () => expect(await recordedRequests()).toHaveLength(1));
}

/** How often upstream was told to stop, and how often the call was settled as one whose caller has left. */
async function ends(): Promise<{ stopped: number; settled: number }> {
  const stopped = (await recordedRequests()).filter(({ cancelled }) => cancelled).length;
  return { stopped, settled: console.text().split('caller-left').length - 1 };
}

const once = { stopped: 1, settled: 1 };

/** The route that the example Worker asks for. */
async function putExampleRoute(): Promise<void> {
  await routerEnv.POLICY.put('route:chat', JSON.stringify({ targets: [{ model: gpt, credentials: 'stored' }] }));
}

describe('a signal', () => {
  it('ends a call that waits, upstream too', async () => {
    const leaving = new AbortController();
    const failure = failureOf(billing.chat({ model: gpt, messages: ask('!hang') }, { signal: leaving.signal }));
    await upstreamIsAsked();
    leaving.abort();
    expect(await failure).toEqual({ name: 'AbortError', message: 'The operation was aborted', remote: true });
    await vi.waitFor(async () => expect(await ends()).toEqual(once));
  });

  it('ends a stream, upstream too', async () => {
    const leaving = new AbortController();
    const body = { model: gpt, messages: ask('hello there, router !stall 2'), stream: true } as const;
    const reader = (await billing.chat(body, { signal: leaving.signal })).getReader();
    await reader.read();
    leaving.abort();
    await vi.waitFor(async () => expect(await ends()).toEqual(once));
  });

  it('ends a run', async () => {
    const leaving = new AbortController();
    const failure = failureOf(billing.run(gpt, { prompt: '!hang' }, { signal: leaving.signal }));
    await upstreamIsAsked();
    leaving.abort();
    expect(await failure).toMatchObject({ name: 'AbortError' });
    await vi.waitFor(async () => expect(await ends()).toEqual(once));
  });

  it('that was aborted before calls nobody', async () => {
    const call = billing.chat({ model: gpt, messages: ask('hi') }, { signal: AbortSignal.abort() });
    expect(await failureOf(call)).toMatchObject({ name: 'AbortError' });
    expect(await recordedRequests()).toEqual([]);
  });
});

it('a stream that is cancelled stops upstream at the next word', async () => {
  const stream = await billing.chat({ model: gpt, messages: ask('!slow 20 !endless 2'), stream: true });
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  await vi.waitFor(async () => expect(await ends()).toEqual(once));
});

describe('the example Worker', () => {
  it.each(['/sdk', '/rpc', '/stream', '/run'])('answers on %s, as the caller that its props name', async (path) => {
    await putExampleRoute();
    const response = await example.fetch(`https://example${path}`, { method: 'POST', body: '!say hello' });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('hello');
    expect((await recordedRequests()).map(({ metadata }) => metadata?.['caller'])).toEqual(['billing']);
  });

  it.each(['/sdk', '/rpc', '/stream', '/run'])('says on %s what went wrong', async (path) => {
    await putExampleRoute();
    const response = await example.fetch(`https://example${path}`, { method: 'POST', body: '!fail 400' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('The upstream refused the request');
  });

  it.each([
    ['/sdk', '!stall 1'],
    ['/stream', '!stall 1'],
    ['/rpc', '!hang'],
    ['/run', '!hang'],
  ])('stops the model on %s when its own client leaves', async (path, body) => {
    await putExampleRoute();
    const leaving = new AbortController();
    const gone = example
      .fetch(`https://example${path}`, { method: 'POST', body, signal: leaving.signal })
      .then((response) => response.text())
      .catch((error: unknown) => String(error));
    await upstreamIsAsked();
    leaving.abort();
    expect(await gone).toContain('AbortError');
    await vi.waitFor(async () => expect(await ends()).toEqual(once));
  });
});
