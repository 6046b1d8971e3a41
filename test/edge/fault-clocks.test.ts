import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RouterError } from '../../src/core/failure.ts';
import { portsFrom } from '../../src/edge/ports.ts';
import { keepaliveMs, routeCall } from '../../src/route.ts';
import { callOf } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { manualTimer, type ManualTimer } from '../support/timer.ts';
import { catchConsole, type CaughtConsole } from './canaries.ts';
import { routerEnv, settled } from './router.ts';
import { askTurn, lastTypes, receive, targets } from './turn.ts';

let console: CaughtConsole;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});
afterEach(settled);

/** Each dialect and each kind of target, relayed and translated: every test here waits for a real clock. */
const some = [
  ['chat', 'gpt'],
  ['messages', 'glm'],
  ['responses', 'claude'],
] as const;

/** A short clock, yet long enough for the stand-in on a busy machine. */
const soon = 200;

/** The upstream calls that ended because the router went away, in the order of asking. */
async function cancellations(): Promise<boolean[]> {
  return (await recordedRequests()).map(({ cancelled }) => cancelled);
}

describe('an upstream that does not answer in time', () => {
  it.each(some)('with headers is a 504, and is hung up on: %s on %s (F7)', async (dialect, target) => {
    const row = { ...targets[target], firstByteMs: soon };
    const response = await askTurn({ dialect, targets: [row], prompt: '!hang', stream: true });
    await settled();
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([504, 'true']);
    expect(console.lines()).toEqual([expect.objectContaining({ outcome: 'timeout', status: 504 })]);
    await vi.waitFor(async () => expect(await cancellations()).toEqual([true]));
  });

  it.each(some)('with content gives way to the next: %s on %s (F8)', async (dialect, target) => {
    const row = { ...targets[target], idleMs: soon, firstByteMs: soon };
    const other = target === 'gpt' ? 'claude' : 'gpt';
    const only = targets[target].model.split('/').at(-1) ?? '';
    const prompt = `!say one two\n!only ${only} !stall 0`;
    const response = await askTurn({ dialect, targets: [row, other], prompt, stream: true });
    const { types, text } = await receive(response);
    expect(response.headers.get('x-router-target')).toBe(targets[other].model);
    expect([types.at(-1), text.includes('one')]).toEqual([lastTypes[dialect].good, true]);
    await vi.waitFor(async () => expect(await cancellations()).toEqual([true, false]));
  });

  it.each(some)('with the next event ends in an error event: %s on %s (F9)', async (dialect, target) => {
    const row = { ...targets[target], idleMs: soon };
    const response = await askTurn({
      dialect,
      targets: [row, 'gpt'],
      prompt: '!say one two three\n!stall 1',
      stream: true,
    });
    const { types, broken } = await receive(response);
    await settled();
    expect([types.at(-1), broken]).toEqual([lastTypes[dialect].bad, true]);
    expect(console.lines()).toEqual([expect.objectContaining({ outcome: 'timeout' })]);
    await vi.waitFor(async () => expect(await cancellations()).toEqual([true]));
  });

  it.each(some)('with its end is cut off: %s on %s (T83)', async (dialect, target) => {
    const row = { ...targets[target], totalMs: 2 * soon };
    const response = await askTurn({
      dialect,
      targets: [row],
      prompt: '!say one two three\n!endless 1 !slow 1',
      stream: true,
    });
    const { types, broken } = await receive(response);
    expect([types.at(-1), broken]).toEqual([lastTypes[dialect].bad, true]);
    await vi.waitFor(async () => expect(await cancellations()).toEqual([true]));
  });

  it.each([
    ['!hang', 504],
    ['!stall', 504],
  ])('as a whole answer is given up, after another was tried: %s is a %i', async (prompt, status) => {
    const clocks = { firstByteMs: soon, totalMs: soon };
    const rows = [
      { ...targets.gpt, ...clocks },
      { ...targets.glm, ...clocks },
    ];
    const response = await askTurn({ dialect: 'chat', targets: rows, prompt, stream: false });
    expect(response.status).toBe(status);
    await vi.waitFor(async () => expect(await cancellations()).toEqual([true, true]));
  });
});

describe('a caller who leaves', () => {
  it.each(some)('before the headers cancels upstream: %s on %s (F21)', async (dialect, target) => {
    const leaving = new AbortController();
    const asking = askTurn({
      dialect,
      targets: [target, 'gpt'],
      prompt: '!hang',
      stream: true,
      visit: { signal: leaving.signal },
    });
    await vi.waitFor(async () => expect(await recordedRequests()).toHaveLength(1));
    leaving.abort();
    await asking;
    await settled();
    expect(console.lines()).toEqual([expect.objectContaining({ outcome: 'caller-left' })]);
    await vi.waitFor(async () => expect(await cancellations()).toEqual([true]));
  });

  it.each(some)('in the middle of a whole answer cancels upstream: %s on %s', async (dialect, target) => {
    const leaving = new AbortController();
    const visit = { signal: leaving.signal };
    const asking = askTurn({ dialect, targets: [target, 'gpt'], prompt: '!stall', stream: false, visit });
    await vi.waitFor(async () => expect(await recordedRequests()).toHaveLength(1));
    leaving.abort();
    await asking;
    await settled();
    expect(console.lines()).toEqual([expect.objectContaining({ outcome: 'caller-left', attempts: [] })]);
    await vi.waitFor(async () => expect(await cancellations()).toEqual([true]));
  });

  it.each(some)('in the middle of a stream cancels upstream: %s on %s (F22)', async (dialect, target) => {
    const response = await askTurn({
      dialect,
      targets: [target, 'gpt'],
      prompt: '!say one two three four\n!stall 2',
      stream: true,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await settled();
    expect(console.lines()).toEqual([expect.objectContaining({ outcome: 'caller-left' })]);
    await vi.waitFor(async () => expect(await cancellations()).toEqual([true]));
  });

  it('who aborts the request in the middle cancels upstream too', async () => {
    const leaving = new AbortController();
    const visit = { signal: leaving.signal };
    const response = await askTurn({
      dialect: 'chat',
      targets: ['gpt'],
      prompt: '!say one two\n!stall 1',
      stream: true,
      visit,
    });
    await response.body?.getReader().read();
    leaving.abort();
    await vi.waitFor(async () => expect(await cancellations()).toEqual([true]));
    await settled();
    expect(console.lines()).toEqual([expect.objectContaining({ outcome: 'caller-left' })]);
  });
});

/** Routes one streamed chat with a timer that moves by hand, to an upstream that sends what the test writes. */
function waiting() {
  const timer = manualTimer();
  const { readable, writable } = new IdentityTransformStream();
  const headers = { 'content-type': 'text/event-stream' };
  const ports = {
    ...portsFrom(routerEnv, { waitUntil: () => undefined }),
    timer,
    send: async () => new Response(readable, { headers }),
  };
  const call = { ...callOf('chat', { model: 'openai/gpt-5.1' }), stream: true };
  return { timer, upstream: writable.getWriter(), answering: routeCall(call, ports) };
}

function event(delta: object): Uint8Array {
  const chunk = { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta }] };
  return new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`);
}

async function readText(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  return new TextDecoder().decode((await reader.read()).value);
}

/** Lets time go on until something has happened. */
async function passTime<T>(timer: ManualTimer, happening: Promise<T>, stepMs = keepaliveMs): Promise<T> {
  return vi.waitFor(() => {
    timer.advance(stepMs);
    return Promise.race([happening, Promise.reject(new Error('not yet'))]);
  });
}

/** What a call was refused for. */
function failureIn(error: unknown): unknown {
  return error instanceof RouterError ? error.failure : error;
}

async function neverAnswer(): Promise<never> {
  return new Promise(() => undefined);
}

describe('a caller who waits', () => {
  const keepalive = ': keepalive\n\n';

  it('for the first content is sent comments, and the answer behind them (T83)', async () => {
    const { timer, upstream, answering } = waiting();
    const { body, facts } = await passTime(timer, answering);
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    expect(facts).toBeUndefined();
    expect(await readText(reader)).toBe(keepalive);
    expect(await passTime(timer, readText(reader))).toBe(keepalive);
    const writing = upstream.write(event({ role: 'assistant', content: 'one' }));
    await vi.waitFor(async () => expect(await readText(reader)).toContain('"one"'));
    await writing;
    await reader.cancel();
  });

  it('between events is sent comments as well', async () => {
    const { timer, upstream, answering } = waiting();
    const writing = upstream.write(event({ role: 'assistant', content: 'one' }));
    const { body } = await answering;
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    expect(await readText(reader)).toContain('"one"');
    await writing;
    expect(await passTime(timer, readText(reader))).toBe(keepalive);
    await reader.cancel();
  });

  it('for headers is sent nothing: another target may still answer with a status', async () => {
    const timer = manualTimer();
    const ports = { ...portsFrom(routerEnv, { waitUntil: () => undefined }), timer, send: neverAnswer };
    const call = { ...callOf('chat', { model: 'openai/gpt-5.1' }), stream: true };
    await expect(passTime(timer, routeCall(call, ports).catch(failureIn), 120_000)).resolves.toEqual(
      expect.objectContaining({ cause: 'first-byte-timeout' }),
    );
  });
});
