import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conversationDialects } from '../../src/core/dialect.ts';
import { passStream } from '../../src/passage.ts';
import { crossingFor, passAll } from '../support/crossing.ts';
import { chunksAt, chunksOf, chunkSizes, dialectOf, streamFixtures, withLineEnds } from '../support/fixtures.ts';
import type { StreamFixture } from '../support/fixtures.ts';
import type { ConversationDialect } from '../../src/core/dialect.ts';

/* Law 2: a translator gives the same output whatever the chunk boundaries, characters split in the middle included. */

/** Every way across that looks into the stream: between two dialects, and the repair of Workers AI. */
const crossings = streamFixtures.flatMap((fixture) =>
  conversationDialects
    .filter((client) => fixture.source === 'workersai' || client !== dialectOf(fixture))
    .map((client) => ({ name: fixture.name, fixture, client })),
);

function cross(fixture: StreamFixture, client: ConversationDialect, chunks: readonly Uint8Array[]) {
  const passage = passStream(crossingFor(fixture.source, client));
  const passed = passAll(passage, chunks);
  return { ...passed, usage: passage.usage, failure: passage.failure };
}

const states = { complete: 'ended', cut: 'failed', failed: 'failed' } as const;

describe.each(crossings)('$name to $client', ({ fixture, client }) => {
  const whole = cross(fixture, client, [fixture.bytes]);

  it('ends as it was recorded', () => {
    expect(whole.state).toBe(states[fixture.ending]);
  });

  it.each(chunkSizes)('is the same in chunks of %i', (size) => {
    expect(cross(fixture, client, chunksOf(fixture.bytes, size))).toEqual(whole);
  });

  it.each(['\r\n', '\r'])('is the same with lines that end in %j', (lineEnd) => {
    const { bytes } = withLineEnds(fixture, lineEnd);
    expect(cross(fixture, client, chunksOf(bytes, 3))).toEqual(whole);
  });

  it('is the same cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { maxLength: 12 }), (places) => {
        expect(cross(fixture, client, chunksAt(fixture.bytes, places))).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });
});
