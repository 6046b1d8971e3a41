import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runMachine, type SseEvent } from '../../src/core/machine.ts';
import { splitBlocks } from '../../src/wire/blocks.ts';
import { commentBytes, encodeEvent, encodeEvents } from '../../src/wire/sse.ts';

const decoder = new TextDecoder();
const textOf = (event: SseEvent): string => decoder.decode(encodeEvent(event));
const eventsIn = (bytes: Uint8Array): SseEvent[] =>
  runMachine(splitBlocks(), [bytes]).flatMap(({ event }) => (event === undefined ? [] : [event]));

describe('encodeEvent', () => {
  it.each<[string, SseEvent, string]>([
    ['writes data', { data: '{"a":1}' }, 'data: {"a":1}\n\n'],
    ['writes the name first', { event: 'ping', data: '{}' }, 'event: ping\ndata: {}\n\n'],
    ['writes empty data', { data: '' }, 'data: \n\n'],
    ['writes no empty name', { event: '', data: 'x' }, 'data: x\n\n'],
    ['writes a data line per line', { data: 'a\nb\r\nc\rd\n' }, 'data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n'],
    ['keeps a name on its line', { event: 'a\r\ndata: x\n\nb', data: '1' }, 'event: adata: xb\ndata: 1\n\n'],
    [
      'keeps data from ending the event',
      { data: 'x\n\ndata: [DONE]\n\n' },
      'data: x\ndata: \ndata: data: [DONE]\ndata: \ndata: \n\n',
    ],
  ])('%s', (_, event, expected) => {
    expect(textOf(event)).toBe(expected);
  });

  it('is undone by the parser, for any name and data', () => {
    const text = fc.string({ unit: 'binary' }).map((raw) => raw.toWellFormed());
    const events = fc.array(
      fc.record({ event: text, data: fc.oneof(text, fc.string({ unit: fc.constantFrom('\r', '\n', ':', ' ', 'd') })) }),
    );
    fc.assert(
      fc.property(events, (events) => {
        // A line break survives as LF in data, and not at all in a name.
        const expected = events.map(({ event, data }) => {
          const name = event.replaceAll(/[\r\n]/g, '');
          return { ...(name !== '' && { event: name }), data: data.replaceAll(/\r\n?/g, '\n') };
        });
        expect(eventsIn(encodeEvents(events))).toEqual(expected);
      }),
    );
  });
});

describe('encodeEvents', () => {
  it('writes events one after the other', () => {
    expect(decoder.decode(encodeEvents([{ data: '1' }, { event: 'b', data: '2' }]))).toBe(
      'data: 1\n\nevent: b\ndata: 2\n\n',
    );
  });
});

describe('commentBytes', () => {
  it('is a comment that dispatches nothing', () => {
    expect(decoder.decode(commentBytes)).toBe(': keepalive\n\n');
    expect(eventsIn(commentBytes)).toEqual([]);
  });
});
