/// <reference types="vite/types/importMeta.d.ts" />
import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { JsonObject } from '../../src/core/json.ts';

/** How a recorded stream ends: by its dialect's terminal event, without one, or in an error event. */
export type Ending = 'complete' | 'cut' | 'failed';

/** One stream as it would come over the wire. */
export interface StreamFixture {
  /** `chat/text`, ... */
  readonly name: string;
  /** The folder: the dialect, or Workers AI's own way with chat. */
  readonly source: ConversationDialect | 'workersai';
  readonly ending: Ending;
  readonly bytes: Uint8Array;
  /** The bytes up to and including each blank line. */
  readonly blocks: readonly Uint8Array[];
}

const sources: readonly StreamFixture['source'][] = ['chat', 'messages', 'responses', 'workersai'];

// As text and not through the file system, so that the same fixtures serve inside workerd.
const streams = import.meta.glob<string>('../fixtures/*/*.sse', { query: '?raw', import: 'default', eager: true });
const replies = import.meta.glob<JsonObject>('../fixtures/*/*.json', { import: 'default', eager: true });

/** Every recorded stream of the project. A file's name begins with `cut`, `error` or `failed` where it is not complete. */
export const streamFixtures: readonly StreamFixture[] = Object.entries(streams).map(([path, text]) => {
  const name = path.slice('../fixtures/'.length, -'.sse'.length);
  return { name, source: sourceOf(name), ending: endingOf(name), ...wireOf(text) };
});

/** The recorded whole replies, by the name of the stream that tells the same. */
export const replyFixtures: ReadonlyMap<string, JsonObject> = new Map(
  Object.entries(replies).map(([path, reply]) => [path.slice('../fixtures/'.length, -'.json'.length), reply]),
);

/** The dialect whose target half reads a fixture. */
export function dialectOf({ source }: StreamFixture): ConversationDialect {
  return source === 'workersai' ? 'chat' : source;
}

/** Another way to write line ends, as the specification of server-sent events allows it. */
export function withLineEnds(fixture: StreamFixture, lineEnd: string): StreamFixture {
  const text = new TextDecoder().decode(fixture.bytes).replaceAll('\n', lineEnd);
  return { ...fixture, bytes: encode(text), blocks: fixture.blocks.map((block) => encodeWith(block, lineEnd)) };
}

/** Bytes cut into chunks of one size. */
export function chunksOf(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
}

/** Bytes cut at the given places, which need no order. */
export function chunksAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, at) => bytes.slice(ends[at - 1] ?? 0, end));
}

/** The sizes of chunks that every law is tried with. */
export const chunkSizes: readonly number[] = [1, 2, 7, 64, 100_000];

function wireOf(text: string): Pick<StreamFixture, 'bytes' | 'blocks'> {
  const blocks = text.split(/(?<=\n\n)/);
  return { bytes: encode(text), blocks: blocks.map(encode) };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function encodeWith(block: Uint8Array, lineEnd: string): Uint8Array {
  return encode(new TextDecoder().decode(block).replaceAll('\n', lineEnd));
}

function sourceOf(name: string): StreamFixture['source'] {
  const source = sources.find((one) => name.startsWith(`${one}/`));
  if (source === undefined) throw new Error(`no dialect is called as the folder of ${name}`);
  return source;
}

function endingOf(name: string): Ending {
  const file = name.slice(name.indexOf('/') + 1);
  if (file.startsWith('cut')) return 'cut';
  return file.startsWith('error') || file.startsWith('failed') ? 'failed' : 'complete';
}
