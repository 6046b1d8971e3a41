import { readFileSync } from 'node:fs';
import type { Conversation } from '../../../src/core/conversation.ts';
import type { ReadContext, ReplyContext, TargetTraits } from '../../../src/core/half.ts';
import { isObject, parseJson } from '../../../src/core/json.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { SseEvent } from '../../../src/core/machine.ts';

export const traits: TargetTraits = { model: 'gpt-5.1', name: 'openai/gpt-5.1' };

export const replyContext: ReplyContext = {
  requestId: 'req_01-ab',
  model: 'gpt-5.1',
  createdSeconds: 1_790_000_000,
  includeUsage: false,
};

/** A conversation with nothing but one question, to be overridden. */
export const question: Conversation = {
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  sampling: {},
  stream: false,
  carried: new Map(),
  unread: [],
};

/** Mints `minted1`, `minted2`, ... */
export function mintingContext(): ReadContext {
  let minted = 0;
  return { mintId: () => `minted${(minted += 1)}` };
}

/** The events of a recorded stream. */
export function streamOf(name: string): SseEvent[] {
  const blocks = textOf(`${name}.sse`).trimEnd().split('\n\n');
  return blocks.map((block) => {
    const [event = '', data = ''] = block.split('\n');
    return { event: event.slice('event: '.length), data: data.slice('data: '.length) };
  });
}

/** A recorded whole reply: the `response` of the stream of the same name. */
export function replyOf(name: string): JsonObject {
  return objectOf(parseJson(textOf(`${name}.json`)));
}

/** An event as the wire has it, with its `event:` line. */
export function wire(type: string, fields: JsonObject = {}): SseEvent {
  return { event: type, data: JSON.stringify({ type, ...fields }) };
}

/** The bodies of written events. */
export function bodiesOf(events: readonly SseEvent[]): JsonObject[] {
  return events.map((event) => objectOf(parseJson(event.data)));
}

/** Says that parsed JSON is an object. */
export function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw new Error('not a JSON object');
}

function textOf(file: string): string {
  return readFileSync(`${import.meta.dirname}/../../fixtures/responses/${file}`, 'utf8');
}
