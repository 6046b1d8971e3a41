import * as fc from 'fast-check';
import { describe as suite, expect, it } from 'vitest';
import { describe } from '../../src/core/describe.ts';
import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { UpstreamFailure } from '../../src/core/failure.ts';
import { passStream } from '../../src/passage.ts';
import { joinBytes } from '../../src/wire/bytes.ts';
import { encodeEvents } from '../../src/wire/sse.ts';
import { bytesAsText, crossingFor, passAll } from '../support/crossing.ts';
import { chunksAt, chunksOf, chunkSizes, dialectOf, streamFixtures, withLineEnds } from '../support/fixtures.ts';

/*
 * Law 1: what is relayed arrives byte for byte. The only addition is one error event behind an upstream that ended
 * without its terminal event, or in place of an error event.
 */

// Workers AI is never relayed: its answers are repaired first.
const relayed = streamFixtures.filter(({ source }) => source !== 'workersai');
const complete = relayed.filter(({ ending }) => ending === 'complete');
const lineEnds = [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
] as const;
const mark = new Uint8Array([0xef, 0xbb, 0xbf]);
const strangeComment = new Uint8Array([0x3a, 0x20, 0xff, 0xfe, 0xc3, 0x0a, 0x0a]);
const places = fc.array(fc.nat(100_000), { maxLength: 12 });

function relay(dialect: ConversationDialect, chunks: readonly Uint8Array[]) {
  return passAll(passStream(crossingFor(dialect, dialect)), chunks);
}

/** The one event that ends a relayed stream in failure. */
function errorEvent(dialect: ConversationDialect, failure: UpstreamFailure): string {
  const { client, reply, name } = crossingFor(dialect, dialect);
  return bytesAsText(encodeEvents(client.failureEvents(describe({ ...failure, target: name }), reply)));
}

const cutEvent = (dialect: ConversationDialect): string => errorEvent(dialect, { kind: 'upstream', cause: 'cut' });

suite('a complete stream', () => {
  const rows = complete.flatMap((fixture) =>
    lineEnds.flatMap(([ends, lineEnd]) =>
      chunkSizes.map((size) => ({ name: fixture.name, fixture, ends, lineEnd, size })),
    ),
  );

  it.each(rows)('$name with $ends arrives as it was sent, in chunks of $size', ({ fixture, lineEnd, size }) => {
    const { bytes } = withLineEnds(fixture, lineEnd);
    expect(relay(dialectOf(fixture), chunksOf(bytes, size))).toEqual({ text: bytesAsText(bytes), state: 'ended' });
  });

  it.each(complete)('$name arrives as it was sent, cut anywhere', (fixture) => {
    fc.assert(
      fc.property(places, (at) => {
        const passed = relay(dialectOf(fixture), chunksAt(fixture.bytes, at));
        expect(passed).toEqual({ text: bytesAsText(fixture.bytes), state: 'ended' });
      }),
      { numRuns: 40 },
    );
  });

  it.each(complete)('$name keeps a byte order mark and bytes that are no UTF-8', (fixture) => {
    const bytes = joinBytes([mark, strangeComment, fixture.bytes]);
    expect(relay(dialectOf(fixture), chunksOf(bytes, 7)).text).toEqual(bytesAsText(bytes));
  });
});

suite('a stream without its end', () => {
  const cut = relayed.filter(({ ending }) => ending === 'cut');

  it.each(cut.flatMap((fixture) => chunkSizes.map((size) => ({ name: fixture.name, fixture, size }))))(
    '$name arrives whole with one error event behind it, in chunks of $size',
    ({ fixture, size }) => {
      const dialect = dialectOf(fixture);
      const text = bytesAsText(fixture.bytes) + cutEvent(dialect);
      expect(relay(dialect, chunksOf(fixture.bytes, size))).toEqual({ text, state: 'failed' });
    },
  );

  it.each(complete)('$name cut within any event arrives up to the event before it', (fixture) => {
    const dialect = dialectOf(fixture);
    const terminal = fixture.blocks.findIndex((block) => terminalMarks[dialect].test(bytesAsText(block)));
    fc.assert(
      fc.property(fc.nat(terminal), fc.nat(100_000), places, (at, within, chunks) => {
        const before = joinBytes(fixture.blocks.slice(0, at));
        // The last three bytes are the end of the data and the blank line: behind them nothing is missing.
        const half = fixture.blocks[at]?.slice(0, -3).subarray(0, within % 200) ?? new Uint8Array();
        const text = bytesAsText(before) + cutEvent(dialect);
        expect(relay(dialect, chunksAt(joinBytes([before, half]), chunks))).toEqual({ text, state: 'failed' });
      }),
      { numRuns: 60 },
    );
  });

  it.each(complete)('$name that lacks nothing but its last blank line is given one', (fixture) => {
    const bytes = fixture.bytes.slice(0, -1);
    const passed = relay(dialectOf(fixture), chunksOf(bytes, 7));
    expect(passed).toEqual({ text: `${bytesAsText(bytes)}\n\n`, state: 'ended' });
  });
});

suite('a stream that ends in an error event', () => {
  const causes: Readonly<Record<string, UpstreamFailure['cause']>> = {
    'chat/error': 'provider-error',
    'messages/error': 'capacity',
    'responses/failed': 'provider-rate',
  };
  const failed = relayed.filter(({ ending }) => ending === 'failed');

  it.each(failed.flatMap((fixture) => chunkSizes.map((size) => ({ name: fixture.name, fixture, size }))))(
    "$name says the error in the router's words, in chunks of $size",
    ({ name, fixture, size }) => {
      const dialect = dialectOf(fixture);
      const passage = passStream(crossingFor(dialect, dialect));
      const before = bytesAsText(joinBytes(fixture.blocks.slice(0, -1)));
      const { text, state } = passAll(passage, chunksOf(fixture.bytes, size));
      const failure = passage.failure ?? { kind: 'upstream', cause: 'cut' };
      expect({ cause: failure.cause, state }).toEqual({ cause: causes[name], state: 'failed' });
      expect(text).toBe(before + errorEvent(dialect, failure));
    },
  );
});

/** What the event holds that makes an answer complete. */
const terminalMarks: Readonly<Record<ConversationDialect, RegExp>> = {
  chat: /"finish_reason":"/,
  messages: /"message_stop"/,
  responses: /^event: response\.(?:completed|incomplete)/,
};
