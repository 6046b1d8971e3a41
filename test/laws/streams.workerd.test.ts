import { describe, expect, it } from 'vitest';
import { conversationDialects } from '../../src/core/dialect.ts';
import { passStream } from '../../src/passage.ts';
import { flowStream } from '../../src/wire/flow.ts';
import { openStream } from '../../src/wire/open.ts';
import type { Outcome } from '../../src/wire/stream.ts';
import { bytesAsText, crossingFor, passAll } from '../support/crossing.ts';
import { chunksOf, streamFixtures } from '../support/fixtures.ts';
import type { StreamFixture } from '../support/fixtures.ts';
import type { ConversationDialect } from '../../src/core/dialect.ts';
import { caller, clocks, handTimer, requireReady, turn } from '../wire/rig.ts';

/* Laws 1 and 2 once more, through the runtime's own streams. */

interface Arrived {
  readonly text: string;
  readonly end: 'open' | 'closed' | 'broken';
  /** What the stream was settled as: once. */
  readonly outcomes: readonly Outcome[];
}

/** Small enough that content goes out before an upstream's failure is seen, large enough to split events anywhere. */
const chunkSize = 61;

/** Sends a fixture through the streams that a request goes through. */
async function flow(fixture: StreamFixture, client: ConversationDialect): Promise<Arrived> {
  const passage = passStream(crossingFor(fixture.source, client));
  const body = bodyOf(chunksOf(fixture.bytes, chunkSize));
  const opened = requireReady(await openStream({ body, passage, clocks, timer: handTimer() }));
  const outcomes: Outcome[] = [];
  const flowing = flowStream(opened, { keepaliveMs: 5000, onEnd: (outcome) => outcomes.push(outcome) });
  const reader = caller(flowing.readable);
  await flowing.done;
  await turn();
  // The caller is given whole events, so no character is split and its text is the bytes.
  return { text: bytesAsText(new TextEncoder().encode(reader.text)), end: reader.end, outcomes };
}

function bodyOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

const rows = (ending: (fixture: StreamFixture) => boolean) =>
  streamFixtures
    .filter(ending)
    .flatMap((fixture) => conversationDialects.map((client) => ({ name: fixture.name, fixture, client })));
const isRelay = ({ fixture, client }: { fixture: StreamFixture; client: ConversationDialect }): boolean =>
  fixture.source === client;
const complete = rows(({ ending }) => ending === 'complete');

describe('a stream in the runtime', () => {
  it.each(complete.filter(isRelay))('relays $name byte for byte', async ({ fixture, client }) => {
    const text = bytesAsText(fixture.bytes);
    expect(await flow(fixture, client)).toEqual({ text, end: 'closed', outcomes: ['complete'] });
  });

  it.each(complete.filter((row) => !isRelay(row)))(
    'carries $name to $client as on plain arrays',
    async ({ fixture, client }) => {
      const { text } = passAll(passStream(crossingFor(fixture.source, client)), [fixture.bytes]);
      expect(await flow(fixture, client)).toEqual({ text, end: 'closed', outcomes: ['complete'] });
    },
  );

  it.each(rows(({ ending }) => ending !== 'complete'))(
    'breaks the transport to $client behind what it made of $name',
    async ({ fixture, client }) => {
      const { text } = passAll(passStream(crossingFor(fixture.source, client)), [fixture.bytes]);
      const outcomes = [fixture.ending === 'cut' ? 'upstream-cut' : 'error'];
      expect(await flow(fixture, client)).toEqual({ text, end: 'broken', outcomes });
    },
  );
});
