import { describe } from '../../core/describe.ts';
import type { Description } from '../../core/describe.ts';
import type { ReplyContext } from '../../core/half.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';
import type { ReplyEnd, ReplyEvent } from '../../core/reply.ts';
import type { Usage } from '../../core/usage.ts';
import { writeResponse } from './response-object.ts';
import type { ResponseState } from './response-object.ts';
import type { Body } from './write-items.ts';
import { OutputWriter, idBase } from './write-output.ts';

/** Writes a streamed reply: every event with its `event:` line and a `sequence_number` without gaps. */
export function writeStream(context: ReplyContext): Machine<ReplyEvent, SseEvent> {
  const writer = new ResponseWriter(context);
  return { push: (event) => writer.push(event), end: () => [] };
}

/** Writes a whole reply: the `response` that the stream's last event holds, so that the two can never differ. */
export function writeReply(events: readonly ReplyEvent[], context: ReplyContext): JsonObject {
  const writer = new ResponseWriter(context);
  for (const event of events) writer.push(event);
  return writer.response;
}

/**
 * The one event that ends a stream in failure when nothing was written yet. `response.failed` and not `error`: Codex
 * ignores the latter, and every other client knows both (clients.md 2.1).
 */
export function failureEvents(description: Description, context: ReplyContext): SseEvent[] {
  return new ResponseWriter(context).fail(description);
}

/** Turns neutral events into numbered Responses events: the lifecycle here, the items in {@link OutputWriter}. */
class ResponseWriter {
  /** The `response` of the last lifecycle event. */
  response: JsonObject = {};
  readonly #context: ReplyContext;
  readonly #items: OutputWriter;
  #id: string;
  #model: string;
  #sequence = 0;

  constructor(context: ReplyContext) {
    this.#context = context;
    this.#items = new OutputWriter(context);
    this.#id = `resp_${idBase(context.requestId)}`;
    this.#model = context.model;
  }

  push(event: ReplyEvent): SseEvent[] {
    switch (event.type) {
      case 'reply-start':
        return this.#start(event.id, event.model);
      case 'part-start':
      case 'part-delta':
      case 'part-end':
        return this.#number(this.#items.push(event));
      case 'reply-end':
        return this.#end(event);
      case 'reply-failed':
        return this.fail(describe(event.failure), event.usage);
    }
  }

  /** Ends in failure; `output` keeps the items that were done. */
  fail({ openaiCode, message }: Description, usage?: Usage): SseEvent[] {
    return this.#number([this.#lifecycle('failed', { error: { code: openaiCode, message }, ...usageOf(usage) })]);
  }

  #start(id: string | undefined, model: string | undefined): SseEvent[] {
    if (id !== undefined) this.#id = id.startsWith('resp_') ? id : `resp_${idBase(id)}`;
    if (model !== undefined) this.#model = model;
    const created = this.#lifecycle('in_progress', {});
    return this.#number([{ ...created, type: 'response.created' }, created]);
  }

  #end({ stop, usage }: ReplyEnd): SseEvent[] {
    const reason = this.#incompleteReason(stop);
    if (reason === undefined) {
      return this.#number([...this.#items.close('completed'), this.#lifecycle('completed', usageOf(usage))]);
    }
    const closed = this.#items.close('incomplete');
    return this.#number([...closed, this.#lifecycle('incomplete', { incompleteReason: reason, ...usageOf(usage) })]);
  }

  /** A refusal in the model's own words is a complete answer at OpenAI; one without words is its filter's. */
  #incompleteReason(stop: ReplyEnd['stop']): ResponseState['incompleteReason'] | undefined {
    if (stop === 'length') return 'max_output_tokens';
    if (stop === 'content-filter') return 'content_filter';
    return stop === 'refusal' && !this.#items.hasRefused ? 'content_filter' : undefined;
  }

  #lifecycle(status: ResponseState['status'], rest: Partial<ResponseState>): Body {
    const state = { id: this.#id, model: this.#model, status, output: [...this.#items.output], ...rest };
    this.response = writeResponse(state, this.#context);
    return { type: `response.${status}`, response: this.response };
  }

  #number(bodies: readonly Body[]): SseEvent[] {
    return bodies.map((body) => {
      const data = JSON.stringify({ ...body, sequence_number: this.#sequence });
      this.#sequence += 1;
      return { event: body.type, data };
    });
  }
}

function usageOf(usage: Usage | undefined): { usage?: Usage } {
  return usage === undefined ? {} : { usage };
}
