import { describe, expect, it, vi } from 'vitest';
import { flowStream } from '../../src/wire/flow.ts';
import { openStream } from '../../src/wire/open.ts';
import type { Outcome, Passage } from '../../src/wire/stream.ts';
import {
  caller,
  clocks,
  handTimer,
  requireReady,
  turn,
  upstream,
  wordPassage,
  type Caller,
  type HandTimer,
  type Upstream,
} from './rig.ts';
import { encode } from './text.ts';

interface Rig {
  readonly source: Upstream;
  readonly timer: HandTimer;
  readonly leave: AbortController;
  readonly readable: ReadableStream<Uint8Array>;
  readonly done: Promise<Outcome>;
  readonly onEnd: ReturnType<typeof vi.fn<(outcome: Outcome, fault?: unknown) => void>>;
}

/** A stream whose upstream has sent `more`. */
async function flowing(first = 'more', passage: Passage = wordPassage()): Promise<Rig> {
  const [source, timer, leave] = [upstream(), handTimer(), new AbortController()];
  source.send(first);
  const opened = await openStream({ body: source.body, passage, clocks, timer, signal: leave.signal });
  const onEnd = vi.fn<(outcome: Outcome, fault?: unknown) => void>();
  return { source, timer, leave, onEnd, ...flowStream(requireReady(opened), { keepaliveMs: 5000, onEnd }) };
}

/** What there is to see when a stream is over. */
async function after({ done, source, timer, onEnd }: Rig, listener: Caller): Promise<object> {
  const outcome = await done;
  await turn();
  const { text, end } = listener;
  const isCancelled = await source.wasCancelled();
  return { text, end, outcome, isCancelled, ended: onEnd.mock.calls, pending: timer.pending };
}

const over = (outcome: Outcome, rest: object): object => ({
  outcome,
  end: 'broken',
  isCancelled: true,
  ended: [[outcome, undefined]],
  pending: 0,
  ...rest,
});

describe('flowStream', () => {
  it('sends what was held, then every chunk, and closes behind the terminal event', async () => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    rig.source.send('quiet');
    rig.source.send('a');
    rig.source.send('end');
    rig.source.end();
    expect(await after(rig, listener)).toEqual(over('complete', { text: '[more][a][end]', end: 'closed' }));
  });

  it('sends an answer that was complete when it was opened', async () => {
    const rig = await flowing('end');
    rig.source.end();
    expect(await after(rig, caller(rig.readable))).toEqual(over('complete', { text: '[end]', end: 'closed' }));
  });

  it('closes behind the terminal event while upstream is still open, and reads on only for a moment', async () => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    rig.source.send('end');
    await turn();
    rig.source.send('more');
    await turn();
    expect([listener.text, listener.end, rig.onEnd.mock.calls]).toEqual([
      '[more][end]',
      'closed',
      [['complete', undefined]],
    ]);
    await rig.timer.advance(1000);
    expect(await after(rig, listener)).toEqual(over('complete', { text: '[more][end]', end: 'closed' }));
  });

  it('does not read an endless rest behind the terminal event', async () => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    rig.source.send('end');
    rig.source.send('x'.repeat(70_000));
    expect(await after(rig, listener)).toEqual(over('complete', { text: '[more][end]', end: 'closed' }));
  });

  it('sends what the passage supplies at the end of upstream', async () => {
    const passage = wordPassage({
      end: () => {
        passage.state = 'ended';
        return [encode('[done]')];
      },
    });
    const rig = await flowing('more', passage);
    rig.source.end();
    expect(await after(rig, caller(rig.readable))).toEqual(over('complete', { text: '[more][done]', end: 'closed' }));
  });

  it('breaks off behind the error event that the passage makes of a cut', async () => {
    const passage = wordPassage({ end: () => passage.fail({ kind: 'upstream', cause: 'cut' }) });
    const rig = await flowing('more', passage);
    rig.source.end();
    expect(await after(rig, caller(rig.readable))).toEqual(over('upstream-cut', { text: '[more][error cut]' }));
  });

  it.each<[string, (rig: Rig) => unknown, Outcome, string]>([
    ['upstream ends without its terminal event', ({ source }) => source.end(), 'upstream-cut', '[error cut]'],
    ['the transport breaks', ({ source }) => source.breakOff(), 'upstream-cut', '[error cut]'],
    ['upstream says so', ({ source }) => source.send('fail'), 'error', '[fail]'],
  ])('breaks off behind one error event when %s', async (_, happen, outcome, text) => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    await turn();
    await happen(rig);
    expect(await after(rig, listener)).toEqual(over(outcome, { text: `[more]${text}` }));
  });

  it('ends in an error event when upstream is silent for too long', async () => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    await rig.timer.advance(60_000);
    const text = `[more]${': keepalive\n\n'.repeat(11)}[error idle-timeout]`;
    expect(await after(rig, listener)).toEqual(over('timeout', { text }));
  });

  it('ends in an error event when the answer takes too long, however lively it is', async () => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    for (let sent = 0; sent < 100; sent += 1) {
      rig.source.send('a');
      await rig.timer.advance(3000);
    }
    expect(await after(rig, listener)).toEqual(
      over('timeout', { text: `[more]${'[a]'.repeat(100)}[error total-timeout]` }),
    );
  });

  it('sends a comment for each span of silence towards the caller, whatever upstream sends', async () => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    await rig.timer.advance(4000);
    rig.source.send('a');
    await rig.timer.advance(4999);
    rig.source.send('quiet');
    expect(listener.text).toBe('[more][a]');
    await rig.timer.advance(1);
    expect(listener.text).toBe('[more][a]: keepalive\n\n');
    await rig.timer.advance(5000);
    rig.source.send('end');
    rig.source.end();
    const text = '[more][a]: keepalive\n\n: keepalive\n\n[end]';
    expect(await after(rig, listener)).toEqual(over('complete', { text, end: 'closed' }));
  });

  it('cancels upstream at once when the request is aborted', async () => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    await turn();
    rig.leave.abort();
    expect(await after(rig, listener)).toEqual(over('caller-left', { text: '[more]' }));
  });

  it('does not begin for a caller who has left between opening and flowing', async () => {
    const [source, timer, leave] = [upstream(), handTimer(), new AbortController()];
    source.send('more');
    const opened = await openStream({ body: source.body, passage: wordPassage(), clocks, timer, signal: leave.signal });
    leave.abort();
    const { done } = flowStream(requireReady(opened), { keepaliveMs: 5000, onEnd: () => undefined });
    expect([await done, await source.wasCancelled()]).toEqual(['caller-left', true]);
  });

  it.each<[string, (rig: Rig) => unknown]>([
    ['with the next chunk', ({ source }) => source.send('a')],
    ['with the next comment', ({ timer }) => timer.advance(5000)],
  ])('cancels upstream when the answer is no longer read, noticed %s', async (_, happen) => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    await turn();
    await listener.leave();
    await happen(rig);
    expect(await after(rig, listener)).toEqual(over('caller-left', { text: '[more]' }));
  });

  it('waits for a caller who reads slowly without counting that as silence of upstream, until the total clock', async () => {
    const rig = await flowing();
    rig.source.send('a');
    await rig.timer.advance(250_000);
    expect([await settled(rig.done), rig.onEnd.mock.calls]).toEqual([false, []]);
    await rig.timer.advance(50_000);
    expect(await after(rig, caller(rig.readable))).toEqual(over('timeout', { text: '' }));
  });

  it('does not wait for a caller who does not read an error event', async () => {
    const rig = await flowing();
    const reader = rig.readable.getReader();
    await reader.read();
    rig.source.send('fail');
    await rig.timer.advance(300_000);
    expect([await rig.done, rig.timer.pending]).toEqual(['timeout', 0]);
  });

  it('piles up no comments for a caller who does not read', async () => {
    const rig = await flowing();
    const reader = rig.readable.getReader();
    await reader.read();
    await rig.timer.advance(50_000);
    reader.releaseLock();
    const listener = caller(rig.readable);
    await turn();
    expect(listener.text).toBe(': keepalive\n\n');
    rig.source.send('end');
    rig.source.end();
    expect(await after(rig, listener)).toEqual(over('complete', { text: ': keepalive\n\n[end]', end: 'closed' }));
  });

  it('turns a fault of the passage into an error event, and reports it', async () => {
    const rig = await flowing();
    const listener = caller(rig.readable);
    rig.source.send('throw');
    const ended = [['error', new Error('a bug')]];
    expect(await after(rig, listener)).toEqual(over('error', { text: '[more][error stream-error]', ended }));
  });

  it('breaks off without an error event when the passage cannot make one', async () => {
    const rig = await flowing('more', wordPassage({ fail: () => missing() }));
    rig.source.breakOff();
    expect(await after(rig, caller(rig.readable))).toEqual(over('upstream-cut', { text: '[more]' }));
  });
});

function missing(): never {
  throw new Error('another bug');
}

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), turn().then(() => false)]);
}
