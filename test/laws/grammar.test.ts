import { describe, expect, it } from 'vitest';
import { conversationDialects } from '../../src/core/dialect.ts';
import type { ConversationDialect } from '../../src/core/dialect.ts';
import { isObject, parseJson } from '../../src/core/json.ts';
import { runMachine } from '../../src/core/machine.ts';
import type { SseEvent } from '../../src/core/machine.ts';
import type { ReplyEvent } from '../../src/core/reply.ts';
import { noUsage } from '../../src/core/usage.ts';
import { splitBlocks } from '../../src/wire/blocks.ts';
import { encodeEvents } from '../../src/wire/sse.ts';
import { passReplyAsStream, passStreamAsReply } from '../../src/whole.ts';
import { assemble, receive } from '../support/assemble.ts';
import { crossingFor } from '../support/crossing.ts';
import { dialectOf, replyFixtures, streamFixtures } from '../support/fixtures.ts';
import type { StreamFixture } from '../support/fixtures.ts';
import { findFault, joinDeltas } from '../support/grammar.ts';
import { foldEvents, toldIn } from '../support/told.ts';

/*
 * Law 3: every reader gives the neutral grammar, and what one half has read the other half of the dialect writes again.
 * The judges are a state machine of the grammar's own and the official SDKs.
 */

const complete = streamFixtures.filter(({ ending }) => ending === 'complete');
const incomplete = streamFixtures.filter(({ ending }) => ending !== 'complete');
const toEach = (fixtures: readonly StreamFixture[]) =>
  fixtures.flatMap((fixture) => conversationDialects.map((client) => ({ name: fixture.name, fixture, client })));

/** The events of a stream as the target half reads them, repaired first where the target needs it. */
function read({ source, bytes }: Pick<StreamFixture, 'source' | 'bytes'>): ReplyEvent[] {
  const { target, read: context, repair } = crossingFor(source, 'chat');
  const events = eventsIn(bytes);
  return runMachine(target.readStream(context), repair === undefined ? events : runMachine(repair.stream(), events));
}

function eventsIn(bytes: Uint8Array): SseEvent[] {
  return runMachine(splitBlocks(), [bytes]).flatMap(({ event }) => event ?? []);
}

function write(events: readonly ReplyEvent[], dialect: ConversationDialect): Uint8Array {
  const { client, reply } = crossingFor(dialect, dialect);
  return encodeEvents(runMachine(client.writeStream(reply), events));
}

/** What a stream and a whole reply both tell: usage at the start is a first guess, and parsed arguments have no blanks. */
function shared(event: ReplyEvent): ReplyEvent {
  if (event.type === 'reply-start') return { ...event, usage: noUsage };
  const input = event.type === 'part-delta' && 'text' in event.delta ? parseJson(event.delta.text) : undefined;
  return event.type === 'part-delta' && isObject(input) ? { ...event, delta: { text: JSON.stringify(input) } } : event;
}

/** How the router says each of the recorded failures. */
const messages = /broke off before its end|failed in the middle|out of capacity|Rate limit|upstream failed/i;

describe('a reader', () => {
  it.each(streamFixtures)('gives the neutral grammar for $name', (fixture) => {
    expect(findFault(read(fixture))).toBeUndefined();
  });

  it.each(complete)('gives the neutral grammar for $name cut behind each event', (fixture) => {
    const runs = fixture.blocks.map((_, at) =>
      read({ ...fixture, bytes: new Uint8Array(fixture.blocks.slice(0, at).flatMap((block) => [...block])) }),
    );
    expect(runs.map(findFault)).toEqual(runs.map(() => undefined));
  });

  it.each(incomplete)('ends $name in failure', (fixture) => {
    expect(read(fixture).at(-1)?.type).toBe('reply-failed');
  });

  // The SDKs know nothing of Workers AI's own shapes, and OpenAI's helper chokes on events that are no chunks.
  it.each(complete.filter(({ source, name }) => source !== 'workersai' && name !== 'chat/noise'))(
    'tells what the SDK tells of $name',
    async (fixture) => {
      const { text, calls, usage } = foldEvents(read(fixture));
      expect(await assemble(dialectOf(fixture), fixture.bytes)).toMatchObject({ text, calls, usage });
    },
  );

  it.each(complete)('reads $name again as it was, once written in its own dialect', (fixture) => {
    const events = read(fixture);
    const again = read({ source: dialectOf(fixture), bytes: write(events, dialectOf(fixture)) });
    expect(joinDeltas(again)).toEqual(joinDeltas(events));
  });
});

describe('a writer', () => {
  it.each(toEach(complete))("tells $name to $client's SDK", async ({ fixture, client }) => {
    const events = read(fixture);
    expect(await assemble(client, write(events, client))).toEqual(toldIn(client, foldEvents(events)));
  });

  it.each(toEach(incomplete))("makes $client's SDK throw over $name", async ({ fixture, client }) => {
    await expect(assemble(client, write(read(fixture), client))).rejects.toThrow(messages);
  });
});

describe('a whole reply', () => {
  const pairs = complete.flatMap((fixture) => {
    const reply = replyFixtures.get(fixture.name);
    return reply === undefined ? [] : [{ name: fixture.name, fixture, reply }];
  });

  it.each(pairs)('reads as the stream of $name does', ({ fixture, reply }) => {
    const { target, read: context } = crossingFor(fixture.source, 'chat');
    const whole = target.readReply(reply, context);
    expect(findFault(whole)).toBeUndefined();
    expect(joinDeltas(whole).map(shared)).toEqual(joinDeltas(read(fixture)).map(shared));
  });

  it.each(toEach(complete))('gathered from the stream of $name tells $client the same', async ({ fixture, client }) => {
    const passed = passStreamAsReply(crossingFor(fixture.source, client), fixture.bytes);
    const bytes = passed.kind === 'reply' ? passed.bytes : new Uint8Array();
    expect(await receive(client, bytes)).toEqual(toldIn(client, foldEvents(read(fixture))));
  });

  it.each(pairs.flatMap((pair) => conversationDialects.map((client) => ({ ...pair, client }))))(
    'of $name streamed to $client tells the same',
    async ({ fixture, reply, client }) => {
      const passed = passReplyAsStream(crossingFor(fixture.source, client), reply);
      const bytes = passed.kind === 'reply' ? passed.bytes : new Uint8Array();
      expect(await assemble(client, bytes)).toEqual(toldIn(client, foldEvents(read(fixture))));
    },
  );

  it.each(incomplete)('is never made of $name', (fixture) => {
    expect(passStreamAsReply(crossingFor(fixture.source, 'chat'), fixture.bytes).kind).toBe('failed');
  });
});
