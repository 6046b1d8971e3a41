import { describe } from '../../core/describe.ts';
import type { Description } from '../../core/describe.ts';
import type { ReplyContext } from '../../core/half.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';
import type { PartDelta, PartStart, ReplyEnd, ReplyEvent } from '../../core/reply.ts';
import { openaiErrorBody } from '../openai.ts';
import { chunkEvent, deltaEvent, doneEvent, envelopeOf } from './chunk.ts';
import type { Envelope } from './chunk.ts';
import { writeFinish } from './stops.ts';
import { writeUsage } from './usage.ts';

/** Writes a streamed reply to the stream contract of clients.md 4(ii). */
export function writeStream(context: ReplyContext): Machine<ReplyEvent, SseEvent> {
  return new ChatWriter(context);
}

/** The one error event that ends a chat stream, without `[DONE]` behind it: clients would take that for a good end. */
export function failureEvents(description: Description): SseEvent[] {
  return [{ data: JSON.stringify(openaiErrorBody(description)) }];
}

class ChatWriter implements Machine<ReplyEvent, SseEvent> {
  readonly #context: ReplyContext;
  #envelope: Envelope;
  #part: PartStart['part'] = 'text';
  /** Number of the current tool call, -1 before the first. */
  #call = -1;
  #silentCall = false;
  #refused = false;
  #over = false;

  constructor(context: ReplyContext) {
    this.#context = context;
    this.#envelope = envelopeOf(context, {});
  }

  push(event: ReplyEvent): SseEvent[] {
    if (this.#over) return [];
    switch (event.type) {
      case 'reply-start':
        this.#envelope = envelopeOf(this.#context, event);
        return [this.#chunk({ role: 'assistant', content: '' })];
      case 'part-start':
        return this.#begin(event);
      case 'part-delta':
        return this.#write(event.delta);
      case 'part-end':
        return this.#closeCall();
      case 'reply-end':
        return this.#end(event);
      case 'reply-failed':
        this.#over = true;
        return failureEvents(describe(event.failure));
    }
  }

  /** The reader ends every stream with an event of its own; one that did not was cut. */
  end(): SseEvent[] {
    return this.push({ type: 'reply-failed', failure: { kind: 'upstream', cause: 'cut' } });
  }

  #begin(start: PartStart): SseEvent[] {
    this.#part = start.part;
    if (start.part === 'refusal') this.#refused = true;
    if (start.part !== 'tool-call') return [];
    this.#call += 1;
    this.#silentCall = true;
    const called = { name: start.name, arguments: '' };
    return [this.#callChunk({ id: start.id, type: 'function', function: called })];
  }

  /** Signatures and encrypted reasoning have no place in chat: only their author could read them. */
  #write(delta: PartDelta): SseEvent[] {
    if (!('text' in delta)) return [];
    switch (this.#part) {
      case 'text':
        return [this.#chunk({ content: delta.text })];
      case 'thinking':
        return [this.#chunk({ reasoning_content: delta.text })];
      case 'refusal':
        return [this.#chunk({ refusal: delta.text })];
      case 'tool-call':
        this.#silentCall = false;
        return [this.#callChunk({ function: { arguments: delta.text } })];
    }
  }

  /** Clients parse the arguments of every call, so a call without any gets an empty object. */
  #closeCall(): SseEvent[] {
    if (!this.#silentCall) return [];
    this.#silentCall = false;
    return [this.#callChunk({ function: { arguments: '{}' } })];
  }

  #end({ stop, usage }: ReplyEnd): SseEvent[] {
    this.#over = true;
    const finish = writeFinish(stop, { tool: this.#call >= 0, refusal: this.#refused });
    const counted = this.#context.includeUsage && usage !== undefined;
    return [
      deltaEvent(this.#envelope, {}, finish),
      ...(counted ? [chunkEvent(this.#envelope, { choices: [], usage: writeUsage(usage) })] : []),
      doneEvent,
    ];
  }

  #chunk(delta: JsonObject): SseEvent {
    return deltaEvent(this.#envelope, delta);
  }

  #callChunk(call: JsonObject): SseEvent {
    return this.#chunk({ tool_calls: [{ index: this.#call, ...call }] });
  }
}
