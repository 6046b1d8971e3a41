import { describe } from '../../core/describe.ts';
import type { ReplyContext } from '../../core/half.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Machine } from '../../core/machine.ts';
import type { PartDelta, PartStart, ReplyEnd, ReplyEvent } from '../../core/reply.ts';
import { noUsage } from '../../core/usage.ts';
import type { Usage } from '../../core/usage.ts';
import { errorBody } from './error-body.ts';
import { sealReasoning } from './seal.ts';
import { writeStop } from './stops.ts';
import { estimateConversation } from '../estimate.ts';
import { writeUsage } from './usage.ts';

/** An Anthropic stream event as an object; its `type` is also the name on its `event:` line. */
export type WireEvent = JsonObject & { readonly type: string };

/** The part that is being written. Its block opens with its first content, so that no empty text block is ever sent. */
interface OpenPart {
  readonly start: PartStart;
  block: number | undefined;
  signature: string;
}

/**
 * Turns a neutral reply into Anthropic's events: `message_start`, blocks well nested and numbered without gaps,
 * `message_delta`, `message_stop`; or an `error` event, after which nothing follows. The stream and the whole reply are
 * both written from these.
 */
export function writeEvents(context: ReplyContext): Machine<ReplyEvent, WireEvent> {
  const writer = new EventWriter(context);
  return { push: (event) => writer.push(event), end: () => writer.end() };
}

class EventWriter {
  readonly #context: ReplyContext;
  #usage: Usage = noUsage;
  #open: OpenPart | undefined;
  #blocks = 0;
  #seen = { tool: false, refusal: false };
  #done = false;

  constructor(context: ReplyContext) {
    this.#context = context;
  }

  push(event: ReplyEvent): WireEvent[] {
    if (this.#done) return [];
    switch (event.type) {
      case 'reply-start':
        this.#usage = event.usage ?? guessUsage(this.#context);
        return [{ type: 'message_start', message: startMessage(event, this.#context) }];
      case 'part-start':
        return this.#startPart(event);
      case 'part-delta':
        return this.#writeDelta(event.delta);
      case 'part-end':
        return this.#endPart();
      case 'reply-end':
        return this.#finish(event);
      case 'reply-failed':
        this.#done = true;
        return [{ ...errorBody(describe(event.failure), this.#context.requestId), type: 'error' }];
    }
  }

  end(): WireEvent[] {
    return this.push({ type: 'reply-failed', failure: { kind: 'upstream', cause: 'cut' } });
  }

  #startPart(start: PartStart): WireEvent[] {
    this.#open = { start, block: undefined, signature: '' };
    if (start.part === 'refusal') this.#seen.refusal = true;
    if (start.part === 'tool-call') this.#seen.tool = true;
    const atOnce = start.part === 'tool-call' || (start.part === 'thinking' && start.redacted !== undefined);
    return atOnce ? this.#openBlock(this.#open) : [];
  }

  #openBlock(part: OpenPart): WireEvent[] {
    if (part.block !== undefined) return [];
    part.block = this.#blocks++;
    return [{ type: 'content_block_start', index: part.block, content_block: startBlock(part.start) }];
  }

  #writeDelta(delta: PartDelta): WireEvent[] {
    const part = this.#open;
    if (part === undefined) return [];
    // The SDKs overwrite a signature instead of appending to it, so it goes out once, whole, at the block's end.
    if ('signature' in delta) {
      part.signature += delta.signature;
      return [];
    }
    if ('encrypted' in delta) {
      part.signature = sealReasoning(delta.encrypted, part.start.part === 'thinking' ? part.start.id : undefined);
      return [];
    }
    if (delta.text === '') return [];
    const opening = this.#openBlock(part);
    return [...opening, deltaEvent(part, writeTextDelta(part.start.part, delta.text))];
  }

  #endPart(): WireEvent[] {
    const part = this.#open;
    this.#open = undefined;
    if (part === undefined) return [];
    const events: WireEvent[] = [];
    if (part.signature !== '') events.push(...this.#openBlock(part));
    // Anthropic signs all thinking; the AI SDK gives back only what had a signature event, so an empty one says that there is none.
    if (part.block !== undefined && isOpenThinking(part.start)) {
      events.push(deltaEvent(part, { type: 'signature_delta', signature: part.signature }));
    }
    if (part.block !== undefined) events.push({ type: 'content_block_stop', index: part.block });
    return events;
  }

  #finish(end: ReplyEnd): WireEvent[] {
    this.#done = true;
    const delta = { stop_reason: writeStop(end.stop, this.#seen), stop_sequence: end.stopSequence ?? null };
    const usage = writeUsage(end.usage ?? this.#usage);
    return [{ type: 'message_delta', delta, usage }, { type: 'message_stop' }];
  }
}

function isOpenThinking(start: PartStart): boolean {
  return start.part === 'thinking' && start.redacted === undefined;
}

function deltaEvent(part: OpenPart, delta: JsonObject): WireEvent {
  return { type: 'content_block_delta', index: part.block ?? 0, delta };
}

function writeTextDelta(part: PartStart['part'], text: string): JsonObject {
  switch (part) {
    case 'text':
    case 'refusal':
      return { type: 'text_delta', text };
    case 'thinking':
      return { type: 'thinking_delta', thinking: text };
    case 'tool-call':
      return { type: 'input_json_delta', partial_json: text };
  }
}

function startBlock(start: PartStart): JsonObject {
  switch (start.part) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: '' };
    case 'thinking':
      return start.redacted === undefined
        ? { type: 'thinking', thinking: '', signature: '' }
        : { type: 'redacted_thinking', data: start.redacted };
    case 'tool-call':
      return { type: 'tool_use', id: start.id, name: start.name, input: {} };
  }
}

function startMessage(event: Extract<ReplyEvent, { type: 'reply-start' }>, context: ReplyContext): JsonObject {
  return {
    id: messageId(event.id ?? context.requestId),
    type: 'message',
    role: 'assistant',
    model: event.model ?? context.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: writeUsage(event.usage ?? guessUsage(context)),
  };
}

/** Usage as good as known before the upstream has told any: the prompt's estimate. The exact one comes at the end. */
function guessUsage({ conversation }: ReplyContext): Usage {
  return conversation === undefined ? noUsage : { ...noUsage, input: estimateConversation(conversation) };
}

/** Anthropic's ids begin with `msg_`; another vendor's id keeps its letters and digits behind it. */
function messageId(id: string): string {
  if (id.startsWith('msg_')) return id;
  return `msg_${id.replaceAll(/[^A-Za-z0-9_-]/gu, '').slice(0, 60)}`;
}
