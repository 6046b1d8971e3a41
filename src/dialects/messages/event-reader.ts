import type { UpstreamFailure } from '../../core/failure.ts';
import type { ReadContext } from '../../core/half.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { PartDelta, PartStart, ReplyEvent } from '../../core/reply.ts';
import { readError } from './error-reader.ts';
import { readStop } from './stops.ts';
import { tallyUsage } from './usage.ts';

/** A block between its start and its stop. `ignored` blocks have no neutral part: server tools and unknown types. */
interface OpenBlock {
  readonly part: PartStart['part'] | 'ignored';
  readonly index: number;
  /** A tool's block: its content comes as pieces of JSON. */
  readonly takesJson: boolean;
  /** Arguments of a call whose input came whole, or not at all; the first piece takes their place. */
  input: string | undefined;
}

/**
 * Reads Anthropic's events, given as objects, into the neutral grammar. It forgives what copies of the API get wrong:
 * a missing start or stop of a block, a missing `message_start`, unknown events and deltas.
 */
export class EventReader {
  readonly #context: ReadContext;
  readonly #usage = tallyUsage();
  #started = false;
  #ended = false;
  #open: OpenBlock | undefined;
  #parts = 0;
  #calledTool = false;
  #stopReason: unknown;
  #stopSequence: string | undefined;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  /** Takes an event. `type` stands apart because it may be on the `event:` line alone. */
  read(type: string, event: JsonObject): ReplyEvent[] {
    if (this.#ended) return [];
    switch (type) {
      case 'message_start':
        return this.#start(field(event, 'message'));
      case 'content_block_start':
        return [...this.#start(undefined), ...this.#openBlock(field(event, 'content_block'))];
      case 'content_block_delta':
        return [...this.#start(undefined), ...this.#readDelta(field(event, 'delta'))];
      case 'content_block_stop':
        return this.#closeBlock();
      case 'message_delta':
        this.#noteEnd(field(event, 'delta'), field(event, 'usage'));
        return [];
      case 'message_stop':
        return this.#finish();
      case 'error':
        return this.fail(readError(field(event, 'error'), 'stream-error'));
      default:
        return [];
    }
  }

  /** Ends the reply in failure, once. */
  fail(failure: UpstreamFailure): ReplyEvent[] {
    if (this.#ended) return [];
    this.#ended = true;
    const usage = this.#usage.total();
    return [{ type: 'reply-failed', failure, ...(usage !== undefined && { usage }) }];
  }

  #start(message: unknown): ReplyEvent[] {
    this.#usage.add(field(message, 'usage'));
    if (this.#started) return [];
    this.#started = true;
    const id = textOf(field(message, 'id'));
    const model = textOf(field(message, 'model'));
    const usage = this.#usage.total();
    return [
      {
        type: 'reply-start',
        ...(id !== undefined && { id }),
        ...(model !== undefined && { model }),
        ...(usage !== undefined && { usage }),
      },
    ];
  }

  #openBlock(block: unknown): ReplyEvent[] {
    const closed = this.#closeBlock();
    switch (field(block, 'type')) {
      case 'text':
        return [...closed, ...this.#startPart({ part: 'text' }), ...this.#text(field(block, 'text'))];
      case 'thinking':
        return [
          ...closed,
          ...this.#startPart({ part: 'thinking' }),
          ...this.#text(field(block, 'thinking')),
          ...this.#signature(field(block, 'signature')),
        ];
      case 'redacted_thinking':
        return [...closed, ...this.#startPart({ part: 'thinking', redacted: textOf(field(block, 'data')) ?? '' })];
      case 'tool_use':
        return [...closed, ...this.#startCall(block)];
      default:
        this.#open = { part: 'ignored', index: 0, takesJson: false, input: undefined };
        return closed;
    }
  }

  #startCall(block: unknown): ReplyEvent[] {
    const name = textOf(field(block, 'name')) ?? '';
    const input = field(block, 'input');
    const whole = isObject(input) ? JSON.stringify(input) : '{}';
    if (name === this.#context.jsonTool) return this.#startPart({ part: 'text' }, whole);
    this.#calledTool = true;
    const id = textOf(field(block, 'id')) ?? this.#context.mintId();
    return this.#startPart({ part: 'tool-call', id, name }, whole);
  }

  #startPart(start: PartStart, input?: string): ReplyEvent[] {
    const index = this.#parts++;
    this.#open = { part: start.part, index, takesJson: input !== undefined, input };
    return [{ type: 'part-start', index, ...start }];
  }

  #readDelta(delta: unknown): ReplyEvent[] {
    switch (field(delta, 'type')) {
      case 'text_delta':
        return [...this.#enter('text'), ...this.#text(field(delta, 'text'))];
      case 'thinking_delta':
        return [...this.#enter('thinking'), ...this.#text(field(delta, 'thinking'))];
      case 'signature_delta':
        return [...this.#enter('thinking'), ...this.#signature(field(delta, 'signature'))];
      case 'input_json_delta':
        return this.#arguments(field(delta, 'partial_json'));
      default:
        return [];
    }
  }

  /** Opens a part for a delta whose block never started; the open block, if it fits, stays. */
  #enter(part: 'text' | 'thinking'): ReplyEvent[] {
    if (this.#open?.part === part && !this.#open.takesJson) return [];
    return [...this.#closeBlock(), ...this.#startPart({ part })];
  }

  #text(text: unknown): ReplyEvent[] {
    return this.#delta(typeof text === 'string' && text !== '' ? { text } : undefined);
  }

  #signature(signature: unknown): ReplyEvent[] {
    return this.#delta(typeof signature === 'string' && signature !== '' ? { signature } : undefined);
  }

  #arguments(json: unknown): ReplyEvent[] {
    if (this.#open?.takesJson !== true || typeof json !== 'string' || json === '') return [];
    this.#open.input = undefined;
    return this.#delta({ text: json });
  }

  #delta(delta: PartDelta | undefined): ReplyEvent[] {
    if (delta === undefined || this.#open === undefined) return [];
    return [{ type: 'part-delta', index: this.#open.index, delta }];
  }

  #closeBlock(): ReplyEvent[] {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.part === 'ignored') return [];
    const { index, input } = open;
    const end: ReplyEvent = { type: 'part-end', index };
    return input === undefined ? [end] : [{ type: 'part-delta', index, delta: { text: input } }, end];
  }

  #noteEnd(delta: unknown, usage: unknown): void {
    this.#usage.add(usage);
    this.#stopReason = field(delta, 'stop_reason') ?? this.#stopReason;
    this.#stopSequence = textOf(field(delta, 'stop_sequence')) ?? this.#stopSequence;
  }

  #finish(): ReplyEvent[] {
    const before = [...this.#start(undefined), ...this.#closeBlock()];
    this.#ended = true;
    const usage = this.#usage.total();
    return [
      ...before,
      {
        type: 'reply-end',
        stop: readStop(this.#stopReason, { tool: this.#calledTool }),
        ...(this.#stopSequence !== undefined && { stopSequence: this.#stopSequence }),
        ...(usage !== undefined && { usage }),
      },
    ];
  }
}
