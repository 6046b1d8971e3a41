import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { Target } from '../../src/core/target.ts';
import { crossingOf } from '../../src/crossing.ts';
import type { Crossing, MeteredPassage } from '../../src/crossing.ts';
import type { WrittenCall } from '../../src/request.ts';
import { callOf } from './call.ts';
import type { StreamFixture } from './fixtures.ts';
import { fakePorts } from './ports.ts';

const written: WrittenCall = {
  request: { carrier: 'fetch', url: 'https://upstream.example', headers: {}, body: new Uint8Array() },
  losses: [],
  ignored: [],
  notes: { runWithoutStream: false, toolCallIds: new Set(), changed: [] },
};

const providers: Readonly<Record<StreamFixture['source'], string>> = {
  chat: 'openai',
  responses: 'openai',
  messages: 'anthropic',
  workersai: 'workers-ai',
};

/** The crossing of a reply as the router makes it, from a kind of target to a caller who asked for usage. */
export function crossingFor(source: StreamFixture['source'], client: ConversationDialect): Crossing {
  const target: Target = {
    name: `${source}/model`,
    provider: providers[source],
    model: 'model',
    carrier: 'gateway',
    dialect: source === 'workersai' ? 'chat' : source,
    credentials: 'stored',
    gateway: {},
    options: {},
  };
  const call = { ...callOf(client, { model: 'asked' }), stream: true, includeUsage: true };
  return crossingOf(call, { target, written, ports: fakePorts() });
}

/** What came out of a passage, byte by byte one character, and where it stands. */
export interface Passed {
  readonly text: string;
  readonly state: MeteredPassage['state'];
}

/** Sends chunks through a passage as the wire does: one that is neither ended nor failed at its end was cut. */
export function passAll(passage: MeteredPassage, chunks: readonly Uint8Array[]): Passed {
  const out = [...chunks.flatMap((chunk) => passage.push(chunk)), ...passage.end()];
  const isOver = passage.state === 'ended' || passage.state === 'failed';
  const last = isOver ? [] : passage.fail({ kind: 'upstream', cause: 'cut' });
  return { text: [...out, ...last].map(bytesAsText).join(''), state: passage.state };
}

/** Bytes as text, one character a byte: equal texts are equal bytes, and a difference can be read. */
export function bytesAsText(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
