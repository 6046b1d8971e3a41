import type { ReplyContext } from '../../core/half.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { chain, runMachine } from '../../core/machine.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';
import type { ReplyEvent } from '../../core/reply.ts';
import { inputOf } from './input.ts';
import { writeEvents } from './reply-events.ts';
import type { WireEvent } from './reply-events.ts';

/** Writes a streamed reply. A stream of events that breaks off ends in an `error` event. */
export function writeStream(context: ReplyContext): Machine<ReplyEvent, SseEvent> {
  return chain(writeEvents(context), { push: (event) => [toSse(event)], end: () => [] });
}

/** An event with its `event:` line, without which both Anthropic SDKs swallow it (clients.md, findings 12 and 15). */
export function toSse(event: WireEvent): SseEvent {
  return { event: event.type, data: JSON.stringify(event) };
}

/** Writes a whole reply: what the SDKs' helpers would gather from the streamed one. */
export function writeReply(events: readonly ReplyEvent[], context: ReplyContext): JsonObject {
  let message: JsonObject = {};
  const content: JsonObject[] = [];
  let block: BlockDraft | undefined;
  for (const event of runMachine(writeEvents(context), events)) {
    switch (event.type) {
      case 'message_start':
        message = objectAt(event, 'message');
        break;
      case 'content_block_start':
        block = { start: objectAt(event, 'content_block'), text: [], signature: '' };
        break;
      case 'content_block_delta':
        if (block !== undefined) gather(block, objectAt(event, 'delta'));
        break;
      case 'content_block_stop':
        if (block !== undefined) content.push(closeBlock(block));
        block = undefined;
        break;
      case 'message_delta':
        message = { ...message, ...objectAt(event, 'delta'), usage: objectAt(event, 'usage') };
        break;
      case 'error':
        return event;
    }
  }
  return { ...message, content };
}

interface BlockDraft {
  readonly start: JsonObject;
  readonly text: string[];
  signature: string;
}

function gather(block: BlockDraft, delta: JsonObject): void {
  block.signature += textOf(field(delta, 'signature')) ?? '';
  const text = field(delta, 'text') ?? field(delta, 'thinking') ?? field(delta, 'partial_json');
  if (typeof text === 'string') block.text.push(text);
}

function closeBlock({ start, text, signature }: BlockDraft): JsonObject {
  const whole = text.join('');
  switch (textOf(start['type'])) {
    case 'text':
      return { ...start, text: whole };
    case 'thinking':
      return { ...start, thinking: whole, signature };
    case 'tool_use':
      return { ...start, input: inputOf(whole) };
    case undefined:
    default:
      return start;
  }
}

function objectAt(event: WireEvent, key: string): JsonObject {
  const value = field(event, key);
  return isObject(value) ? value : {};
}
