import { describe, expect, it, vi } from 'vitest';
import { delayStream, type Continuation } from '../../src/wire/delay.ts';
import { openStream } from '../../src/wire/open.ts';
import type { Outcome } from '../../src/wire/stream.ts';
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
  readonly timer: HandTimer;
  readonly next: PromiseWithResolvers<Continuation>;
  readonly listener: Caller;
  readonly done: Promise<void>;
}

function delayed(): Rig {
  const [timer, next] = [handTimer(), Promise.withResolvers<Continuation>()];
  const { readable, done } = delayStream(next.promise, { keepaliveMs: 5000, timer });
  return { timer, next, listener: caller(readable), done };
}

/** Goes on with an upstream that has sent `more`. */
async function goOn({ next, timer }: Rig): Promise<{ source: Upstream; outcomes: () => Outcome[] }> {
  const source = upstream();
  source.send('more');
  const opened = await openStream({ body: source.body, passage: wordPassage(), clocks, timer });
  const onEnd = vi.fn<(outcome: Outcome) => void>();
  next.resolve({ opened: requireReady(opened), onEnd });
  return { source, outcomes: () => onEnd.mock.calls.map(([outcome]) => outcome) };
}

const comment = ': keepalive\n\n';

async function after({ done, listener, timer }: Rig): Promise<object> {
  await done;
  await turn();
  return { text: listener.text, end: listener.end, pending: timer.pending };
}

describe('delayStream', () => {
  it('sends a comment at once and one for each span of waiting', async () => {
    const { timer, listener } = delayed();
    await turn();
    expect(listener.text).toBe(comment);
    await timer.advance(14_999);
    expect(listener.text).toBe(comment.repeat(3));
    await timer.advance(1);
    expect(listener.text).toBe(comment.repeat(4));
  });

  it.each<[string, Continuation, object]>([
    ['a complete answer', { bytes: encode('[all]') }, { text: `${comment}[all]`, end: 'closed', pending: 0 }],
    ['an error event', { failBytes: encode('[error]') }, { text: `${comment}[error]`, end: 'broken', pending: 0 }],
  ])('goes on with %s', async (_, continuation, expected) => {
    const rig = delayed();
    rig.next.resolve(continuation);
    expect(await after(rig)).toEqual(expected);
  });

  it.each<[string, string, object, Outcome]>([
    ['an answer', 'end', { text: `${comment}[more][end]`, end: 'closed', pending: 0 }, 'complete'],
    ['an answer that fails', 'fail', { text: `${comment}[more][fail]`, end: 'broken', pending: 0 }, 'error'],
  ])('goes on with the stream of %s', async (_, last, expected, outcome) => {
    const rig = delayed();
    const { source, outcomes } = await goOn(rig);
    source.send(last);
    source.end();
    expect(await after(rig)).toEqual(expected);
    expect(outcomes()).toEqual([outcome]);
  });

  it('leaves the comments to the stream once it goes on with one', async () => {
    const rig = delayed();
    await goOn(rig);
    await rig.timer.advance(10_000);
    expect(rig.listener.text).toBe(`${comment}[more]${comment}${comment}`);
  });

  it.each<[string, Continuation]>([
    ['a complete answer', { bytes: encode('[all]') }],
    ['an error event', { failBytes: encode('[error]') }],
  ])('sends %s to nobody when the caller has left', async (_, continuation) => {
    const rig = delayed();
    await turn();
    await rig.listener.leave();
    rig.next.resolve(continuation);
    expect(await after(rig)).toEqual({ text: comment, end: 'broken', pending: 0 });
  });

  it('gives up an upstream that answers after the caller has left', async () => {
    const rig = delayed();
    await turn();
    await rig.listener.leave();
    await rig.timer.advance(5000);
    const { source, outcomes } = await goOn(rig);
    await rig.done;
    expect([await source.wasCancelled(), outcomes(), rig.timer.pending]).toEqual([true, ['caller-left'], 0]);
  });

  it('breaks off and reports a fault of what it waits for', async () => {
    const rig = delayed();
    rig.next.reject(new Error('a bug'));
    await expect(rig.done).rejects.toThrow('a bug');
    await turn();
    expect([rig.listener.text, rig.listener.end]).toEqual([comment, 'broken']);
  });
});
