import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runMachine } from '../../src/core/machine.ts';
import { joinBytes } from '../../src/wire/bytes.ts';
import { splitBlocks, type Block } from '../../src/wire/blocks.ts';
import { decode, encode } from './text.ts';

/** A block with its bytes as text, for whole-value expectations. */
const shown = ({ bytes, ...rest }: Block): object => ({ text: decode(bytes), ...rest });
const blocksOf = (...chunks: string[]): object[] => runMachine(splitBlocks(), chunks.map(encode)).map(shown);

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}

describe('splitBlocks', () => {
  it.each<[string, string[], object[]]>([
    ['cuts at each blank line', ['data: 1\n\ndata: 2\n\n'], [event('data: 1\n\n', '1'), event('data: 2\n\n', '2')]],
    ['joins a block from several chunks', ['da', 'ta: 1\n', '\n'], [event('data: 1\n\n', '1')]],
    ['takes CRLF', ['data: 1\r\n\r\ndata: 2\r\n\r\n'], [event('data: 1\r\n\r\n', '1'), event('data: 2\r\n\r\n', '2')]],
    ['takes CR', ['data: 1\r\rdata: 2\r\r'], [event('data: 1\r\r', '1'), event('data: 2\r\r', '2')]],
    [
      'takes mixed line ends',
      ['data: 1\r\n\ndata: 2\n\rdata: 3\r\r\n'],
      [event('data: 1\r\n\n', '1'), event('data: 2\n\r', '2'), event('data: 3\r\r\n', '3')],
    ],
    [
      'keeps a CRLF together that chunks have split',
      ['data: 1\r\n\r', '\ndata: 2\r', '\n\r\n'],
      [event('data: 1\r\n\r\n', '1'), event('data: 2\r\n\r\n', '2')],
    ],
    [
      'ends a block whose awaited LF never comes',
      ['data: 1\n\r', 'data: 2\n\n'],
      [event('data: 1\n\r', '1'), event('data: 2\n\n', '2')],
    ],
    ['ends a block whose awaited LF is cut off by the end', ['data: 1\r\n\r'], [event('data: 1\r\n\r', '1')]],
    [
      'reads the event name',
      ['event: ping\ndata: {}\n\n'],
      [{ text: 'event: ping\ndata: {}\n\n', event: { event: 'ping', data: '{}' } }],
    ],
    ['joins data lines', ['data: a\ndata:b\ndata\n\n'], [event('data: a\ndata:b\ndata\n\n', 'a\nb\n')]],
    [
      'gives comments without an event',
      [': hello\n\ndata: 1\n\n'],
      [{ text: ': hello\n\n' }, event('data: 1\n\n', '1')],
    ],
    ['gives a name without data without an event', ['event: ping\n\n'], [{ text: 'event: ping\n\n' }]],
    ['gives the shortest event', ['data\n\n'], [event('data\n\n', '')]],
    [
      'does not carry a name into the next block',
      ['event: a\n\ndata: 1\n\n'],
      [{ text: 'event: a\n\n' }, event('data: 1\n\n', '1')],
    ],
    ['keeps id and retry in the bytes', ['id: 7\nretry: 5\ndata: 1\n\n'], [event('id: 7\nretry: 5\ndata: 1\n\n', '1')]],
    ['keeps the BOM in the bytes, not in the event', ['\uFEFFdata: 1\n\n'], [event('\uFEFFdata: 1\n\n', '1')]],
    [
      'takes a BOM behind the start for a part of the name',
      ['data: 1\n\n\uFEFFdata: 2\n\n'],
      [event('data: 1\n\n', '1'), { text: '\uFEFFdata: 2\n\n' }],
    ],
    ['gives blank lines as blocks', ['\n\ndata: 1\n\n'], [{ text: '\n' }, { text: '\n' }, event('data: 1\n\n', '1')]],
    ['gives nothing for nothing', ['', ''], []],
  ])('%s', (_, chunks, expected) => {
    expect(blocksOf(...chunks)).toEqual(expected);
  });

  it.each<[string, string, object]>([
    ['gives an event that lacks only its blank line', 'data: 1\n', { ...event('data: 1\n', '1'), unfinished: true }],
    ['gives [DONE] without any line end', 'data: [DONE]', { ...event('data: [DONE]', '[DONE]'), unfinished: true }],
    [
      'gives a whole JSON object without any line end',
      'data: {"a":1}',
      { ...event('data: {"a":1}', '{"a":1}'), unfinished: true },
    ],
    ['gives no event for JSON that was cut', 'data: {"a":1', { text: 'data: {"a":1', unfinished: true }],
    ['gives no event for a line that may have been cut', 'data: 12', { text: 'data: 12', unfinished: true }],
    ['gives no event for a cut field name', 'data: {"a":1}\n\nda', { text: 'da', unfinished: true }],
  ])('%s at the end', (_, stream, last) => {
    expect(blocksOf(stream).at(-1)).toEqual(last);
  });

  it('tells an event of a CR-only stream at once, not with the next chunk', () => {
    const machine = splitBlocks();
    expect(machine.push(encode('data: 1\r\r')).map(shown)).toEqual([event('data: 1\r\r', '1')]);
    expect(machine.push(encode('\ndata: 2\r\r')).map(shown)).toEqual([event('\ndata: 2\r\r', '2')]);
  });

  it('hands a chunk that is one block on without a copy', () => {
    const chunk = encode('data: 1\n\n');
    expect(splitBlocks().push(chunk)[0]?.bytes).toBe(chunk);
  });

  it.each([
    ['in one chunk', [`data: 1\n\ndata: ${'x'.repeat(40)}\n\ndata: 2\n\n`]],
    ['in small chunks', ['data: 1\n\ndata: ', ...Array.from({ length: 40 }, () => 'x'), '\n\ndata: 2\n\n']],
    ['without an end', ['data: 1\n\n', 'x'.repeat(40)]],
  ])('stops at a block over the limit %s', (_, chunks) => {
    const blocks = runMachine(splitBlocks({ limitBytes: 32 }), chunks.map(encode));
    expect(blocks.map(shown)).toEqual([event('data: 1\n\n', '1'), { text: '', oversize: true }]);
  });

  it('takes a block of exactly the limit', () => {
    expect(runMachine(splitBlocks({ limitBytes: 9 }), [encode('data: 1\n\n')]).map(shown)).toEqual([
      event('data: 1\n\n', '1'),
    ]);
  });

  it('takes a megabyte in single bytes, and in single lines of either end, without quadratic work', () => {
    const line = runMachine(splitBlocks(), singly(encode(`data: ${'é'.repeat(250_000)}\n\n`)));
    expect(line.map(({ event }) => event?.data.length)).toEqual([250_000]);
    const lines = runMachine(splitBlocks(), [
      encode(`${':\n'.repeat(250_000)}data: 1\r\r`),
      encode(`${':\r'.repeat(250_000)}data: 1\n\n`),
    ]);
    expect(lines.map(({ event }) => event)).toEqual([{ data: '1' }, { data: '1' }]);
  }, 5000);
});

function event(text: string, data: string): object {
  return { text, event: { data } };
}

function* singly(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1) yield bytes.subarray(at, at + 1);
}

const eventsOf = (chunks: Uint8Array[]): unknown[] =>
  runMachine(splitBlocks(), chunks).flatMap(({ event }) => event ?? []);

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
  fc.constantFrom('event: a', ': comment', 'id: 1', 'data', 'unknown', '', '🙂'),
);
const streamText = fc
  .array(fc.tuple(line, lineEnd), { maxLength: 20 })
  .map((lines) => lines.map((parts) => parts.join('')).join(''));
const sizes = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 });

describe('splitBlocks, whatever the chunks', () => {
  it('gives every byte back in order', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), sizes, (bytes, sizes) => {
        const blocks = runMachine(splitBlocks(), cut(bytes, sizes));
        expect([...joinBytes(blocks.map((block) => block.bytes))]).toEqual([...bytes]);
      }),
    );
  });

  it('gives the same events', () => {
    fc.assert(
      fc.property(streamText, sizes, (text, sizes) => {
        expect(eventsOf(cut(encode(text), sizes))).toEqual(eventsOf([encode(text)]));
      }),
    );
  });

  it('gives the same blocks where line ends are LF or CRLF', () => {
    fc.assert(
      fc.property(streamText, fc.constantFrom('\n', '\r\n'), sizes, (text, end, sizes) => {
        const bytes = encode(text.replaceAll(/\r\n?|\n/g, end));
        expect(runMachine(splitBlocks(), cut(bytes, sizes)).map(shown)).toEqual(
          runMachine(splitBlocks(), [bytes]).map(shown),
        );
      }),
    );
  });

  it('gives the same events for each kind of line end', () => {
    fc.assert(
      fc.property(streamText, (text) => {
        const [feeds, pairs, returns] = ['\n', '\r\n', '\r'].map((end) =>
          eventsOf([encode(text.replaceAll(/\r\n?|\n/g, end))]),
        );
        expect(pairs).toEqual(feeds);
        expect(returns).toEqual(feeds);
      }),
    );
  });

  it('reads text cut at every byte', () => {
    const bytes = encode('data: a é € 🙂 \u{10FFFF}\n\n');
    const cuts = Array.from({ length: bytes.length }, (_, at) =>
      runMachine(splitBlocks(), cut(bytes, [at])).map(shown),
    );
    expect(cuts).toEqual(cuts.map(() => [event(decode(bytes), 'a é € 🙂 \u{10FFFF}')]));
  });
});
