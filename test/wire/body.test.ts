import { describe, expect, it, vi } from 'vitest';
import { RouterError } from '../../src/core/failure.ts';
import { readAll, readBody } from '../../src/wire/body.ts';
import { decode, encode } from './text.ts';

interface Source {
  readonly stream: ReadableStream<Uint8Array>;
  readonly pulled: () => number;
  readonly cancelled: () => boolean;
}

/** A stream that tells how much was taken of it. */
function source(chunks: readonly Uint8Array[], endsInError = false): Source {
  const pull = vi.fn<(controller: ReadableStreamDefaultController<Uint8Array>) => void>((controller) => {
    const chunk = chunks[pull.mock.calls.length - 1];
    if (chunk !== undefined) return controller.enqueue(chunk);
    return endsInError ? controller.error(new Error('connection lost')) : controller.close();
  });
  const cancel = vi.fn<() => void>();
  const stream = new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 });
  return { stream, pulled: () => pull.mock.calls.length, cancelled: () => cancel.mock.calls.length > 0 };
}

const tooLarge = new RouterError({ kind: 'too-large', limitBytes: 5 });

describe('readBody', () => {
  it.each<[string, string[], number | undefined]>([
    ['in one chunk', ['abcde'], 5],
    ['in several chunks', ['a', 'b', 'cde'], 5],
    ['without an announced length', ['ab', 'cde'], undefined],
    ['with an understated length', ['ab', 'cde'], 2],
    ['with a longer length than came', ['ab', 'cde'], 5],
  ])('reads a body %s', async (_, chunks, contentLength) => {
    const { stream } = source(chunks.map(encode));
    expect(decode(await readBody(stream, { limitBytes: 5, contentLength }))).toBe('abcde');
  });

  it('reads no body as empty', async () => {
    expect(await readBody(null, { limitBytes: 5 })).toEqual(new Uint8Array());
    expect(await readBody(source([]).stream, { limitBytes: 5 })).toEqual(new Uint8Array());
  });

  it('takes off a BOM', async () => {
    expect(decode(await readBody(source([encode('\uFEFF{}')]).stream, { limitBytes: 5 }))).toBe('{}');
  });

  it('refuses an announced length over the limit without reading', async () => {
    const { stream, pulled } = source([encode('a')]);
    await expect(readBody(stream, { limitBytes: 5, contentLength: 6 })).rejects.toEqual(tooLarge);
    expect(pulled()).toBe(0);
  });

  it.each([undefined, 1])(
    'counts real bytes where the announced length is %s, and reads no further',
    async (contentLength) => {
      const { stream, pulled, cancelled } = source(['abc', 'def', 'ghi'].map(encode));
      await expect(readBody(stream, { limitBytes: 5, contentLength })).rejects.toEqual(tooLarge);
      expect([pulled(), cancelled()]).toEqual([2, true]);
    },
  );

  it('rejects with the error of the stream', async () => {
    await expect(readBody(source([encode('a')], true).stream, { limitBytes: 5 })).rejects.toThrow('connection lost');
  });
});

describe('readAll', () => {
  it('reads an answer up to the limit', async () => {
    expect(decode(await readAll(source(['abc', 'de'].map(encode)).stream, 5))).toBe('abcde');
  });

  it('gives up on an answer over the limit and cancels the rest', async () => {
    const { stream, pulled, cancelled } = source(['abc', 'def', 'ghi'].map(encode));
    expect(await readAll(stream, 5)).toBeUndefined();
    expect([pulled(), cancelled()]).toEqual([2, true]);
  });

  it('gives up although the source refuses to be cancelled', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encode('abcdef')),
      cancel: () => Promise.reject(new Error('no')),
    });
    expect(await readAll(stream, 5)).toBeUndefined();
  });

  it('reads a missing body as empty', async () => {
    expect(await readAll(null)).toEqual(new Uint8Array());
  });

  it('rejects with the error of the stream', async () => {
    await expect(readAll(source([encode('a')], true).stream)).rejects.toThrow('connection lost');
  });
});
