import { describe, expect, it } from 'vitest';
import { heldLimitBytes, openStream } from '../../src/wire/open.ts';
import type { Opened, Passage } from '../../src/wire/stream.ts';
import { clocks, handTimer, turn, upstream, wordPassage, type HandTimer, type Upstream } from './rig.ts';
import { decode, encode } from './text.ts';

interface Rig {
  readonly source: Upstream;
  readonly timer: HandTimer;
  readonly caller: AbortController;
  readonly opening: Promise<Opened>;
}

function open(passage: Passage = wordPassage()): Rig {
  const [source, timer, caller] = [upstream(), handTimer(), new AbortController()];
  const opening = openStream({ body: source.body, passage, clocks, timer, signal: caller.signal });
  return { source, timer, caller, opening };
}

const failed = (cause: string): object => ({ kind: 'failed', failure: { kind: 'upstream', cause } });
const heldIn = (opened: Opened): string => (opened.kind === 'ready' ? opened.held.map(decode).join('') : opened.kind);

describe('openStream', () => {
  it('holds what comes before the first content', async () => {
    const { source, opening } = open();
    source.send('start');
    source.send('quiet');
    source.send('more');
    source.send('later');
    expect(heldIn(await opening)).toBe('[start][more]');
    expect(await source.wasCancelled()).toBe(false);
  });

  it('is ready with an answer that is complete at once', async () => {
    const { source, opening } = open();
    source.send('end');
    expect(heldIn(await opening)).toBe('[end]');
  });

  it('is ready with an answer that the end of the stream completes', async () => {
    const passage = wordPassage({
      end: () => {
        passage.state = 'ended';
        return [encode('[done]')];
      },
    });
    const { source, opening } = open(passage);
    source.send('start');
    source.end();
    expect(heldIn(await opening)).toBe('[start][done]');
  });

  it('takes one huge chunk of content', async () => {
    // The runtime's own streams give 4 KB at a time; one written in JavaScript gives what it likes.
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encode(`more${'x'.repeat(heldLimitBytes)}`)),
    });
    const opened = await openStream({ body, passage: wordPassage(), clocks, timer: handTimer() });
    expect(heldIn(opened).length).toBe(heldLimitBytes + 6);
  });

  it.each<[string, (rig: Rig) => unknown, string]>([
    ['an error event comes first', ({ source }) => source.send('fail'), 'provider-error'],
    [
      'an error event follows lifecycle frames',
      ({ source }) => (source.send('start'), source.send('fail')),
      'provider-error',
    ],
    ['the stream ends before content', ({ source }) => (source.send('start'), source.end()), 'cut'],
    ['the stream is empty', ({ source }) => source.end(), 'garbage'],
    ['the transport breaks before the first byte', ({ source }) => source.breakOff(), 'connection'],
    ['nothing comes in time', ({ timer }) => timer.advance(30_000), 'first-byte-timeout'],
  ])('fails when %s, and cancels upstream', async (_, happen, cause) => {
    const rig = open();
    await happen(rig);
    expect(await rig.opening).toEqual(failed(cause));
    expect(rig.timer.pending).toBe(0);
  });

  it('fails when the transport breaks behind the first byte', async () => {
    const { source, opening } = open();
    source.send('start');
    await turn();
    source.breakOff();
    expect(await opening).toEqual(failed('cut'));
  });

  it('fails when upstream goes silent behind its first byte', async () => {
    const { source, timer, opening } = open();
    await timer.advance(20_000);
    source.send('start');
    await timer.advance(60_000);
    expect(await opening).toEqual(failed('idle-timeout'));
    expect(await source.wasCancelled()).toBe(true);
  });

  it('waits on while upstream is neither silent nor late', async () => {
    const { source, timer, opening } = open();
    for (let sent = 0; sent < 4; sent += 1) {
      source.send('start');
      await timer.advance(59_000);
    }
    source.send('more');
    expect(heldIn(await opening)).toBe(`${'[start]'.repeat(4)}[more]`);
  });

  it('fails when an answer without content outlasts the total clock', async () => {
    const { source, timer, opening } = open();
    for (let sent = 0; sent < 6; sent += 1) {
      source.send('quiet');
      await timer.advance(59_000);
    }
    expect(await opening).toEqual(failed('total-timeout'));
  });

  it('counts the clocks from the start of the attempt', async () => {
    const [source, timer] = [upstream(), handTimer()];
    const startedMs = timer.now() - 29_000;
    const opening = openStream({ body: source.body, passage: wordPassage(), clocks, timer, startedMs });
    await timer.advance(1000);
    expect(await opening).toEqual(failed('first-byte-timeout'));
  });

  it('fails when more is held than any answer begins with', async () => {
    const { source, opening } = open();
    source.send('x'.repeat(heldLimitBytes));
    expect(await opening).toEqual(failed('garbage'));
    expect(await source.wasCancelled()).toBe(true);
  });

  it('fails without a body', async () => {
    expect(await openStream({ body: null, passage: wordPassage(), clocks, timer: handTimer() })).toEqual(
      failed('garbage'),
    );
  });

  it('cancels upstream at once when the caller leaves', async () => {
    const { source, timer, caller, opening } = open();
    source.send('start');
    await turn();
    caller.abort();
    expect(await opening).toEqual({ kind: 'left' });
    expect([await source.wasCancelled(), timer.pending]).toEqual([true, 0]);
  });

  it('does not begin for a caller who has left already', async () => {
    const source = upstream();
    const opening = openStream({
      body: source.body,
      passage: wordPassage(),
      clocks,
      timer: handTimer(),
      signal: AbortSignal.abort(),
    });
    expect(await opening).toEqual({ kind: 'left' });
  });

  it('rejects with the fault of a passage, and cancels upstream', async () => {
    const { source, opening } = open();
    source.send('throw');
    await expect(opening).rejects.toThrow('a bug');
    expect(await source.wasCancelled()).toBe(true);
  });
});
