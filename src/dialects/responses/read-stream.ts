import type { UpstreamFailure } from '../../core/failure.ts';
import type { ReadContext } from '../../core/half.ts';
import { field, isObject, parseJson, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';
import type { ReplyEvent, StopReason } from '../../core/reply.ts';
import { garbage, readFailure } from './read-failure.ts';
import { ItemsReader } from './read-output.ts';
import { readUsage } from './usage.ts';

/** Reads a streamed reply. Unknown events are no error: OpenAI adds new ones all the time. */
export function readStream(context: ReadContext): Machine<SseEvent, ReplyEvent> {
  const reader = new ResponseReader(context);
  return {
    push(event) {
      // Some servers end every stream as chat does.
      if (event.data === '' || event.data === '[DONE]') return [];
      const body = parseJson(event.data);
      return isObject(body) ? reader.push(textOf(field(body, 'type')) ?? event.event, body) : reader.fail(garbage);
    },
    end: () => reader.fail({ kind: 'upstream', cause: 'cut' }),
  };
}

/** Reads a whole reply: a `response` is all that its own last event would hold. */
export function readReply(body: JsonObject, context: ReadContext): ReplyEvent[] {
  const reader = new ResponseReader(context);
  const error = field(body, 'error') ?? undefined;
  if (error !== undefined) return reader.fail(readFailure(error), body);
  if (!Array.isArray(field(body, 'output'))) return reader.fail(garbage);
  const status = field(body, 'status') ?? 'completed';
  if (status === 'completed' || status === 'incomplete') return reader.push(`response.${status}`, { response: body });
  // A response that is still queued or in progress was asked for in the background, which no translation does.
  return reader.fail(status === 'failed' || status === 'cancelled' ? readFailure(undefined) : garbage, body);
}

/** Reads events into the neutral grammar: the lifecycle here, the items in {@link ItemsReader}. */
class ResponseReader {
  readonly #items: ItemsReader;
  #started = false;
  #over = false;

  constructor(context: ReadContext) {
    this.#items = new ItemsReader(context);
  }

  push(type: string | undefined, event: JsonObject): ReplyEvent[] {
    if (this.#over) return [];
    const response = field(event, 'response');
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        return this.#start(response);
      case 'response.completed':
      case 'response.incomplete':
        return this.#end(type, response);
      case 'response.failed':
        return this.fail(readFailure(field(response, 'error')), response);
      case 'error':
        return this.fail(readFailure(field(event, 'error') ?? event));
      case undefined:
        return isObject(field(event, 'error')) ? this.fail(readFailure(field(event, 'error'))) : this.fail(garbage);
      default:
        return this.#item(type, event);
    }
  }

  /** Ends in failure, unless the reply is over. */
  fail(failure: UpstreamFailure, response?: unknown): ReplyEvent[] {
    if (this.#over) return [];
    this.#over = true;
    const usage = readUsage(response);
    return [{ type: 'reply-failed', failure, ...(usage !== undefined && { usage }) }];
  }

  #start(response?: unknown): ReplyEvent[] {
    if (this.#started) return [];
    this.#started = true;
    const id = textOf(field(response, 'id'));
    const model = textOf(field(response, 'model'));
    return [{ type: 'reply-start', ...(id !== undefined && { id }), ...(model !== undefined && { model }) }];
  }

  #item(type: string, event: JsonObject): ReplyEvent[] {
    const events = this.#items.push(type, event);
    if (events === undefined) return this.fail(garbage);
    return events.length === 0 ? [] : [...this.#start(), ...events];
  }

  #end(type: string, response: unknown): ReplyEvent[] {
    const events = [...this.#start(response), ...this.#items.finish(field(response, 'output'))];
    this.#over = true;
    const usage = readUsage(response);
    const stop = this.#stopReason(type, response);
    return [...events, { type: 'reply-end', stop, ...(usage !== undefined && { usage }) }];
  }

  #stopReason(type: string, response: unknown): StopReason {
    const reason = field(field(response, 'incomplete_details'), 'reason');
    if (reason === 'max_output_tokens') return 'length';
    if (reason === 'content_filter') return 'content-filter';
    if (type === 'response.incomplete') return 'other';
    return this.#items.sawCall ? 'tool' : 'end';
  }
}
