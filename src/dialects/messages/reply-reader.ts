import type { ReadContext } from '../../core/half.ts';
import { field, isObject, parseJson, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';
import type { ReplyEvent } from '../../core/reply.ts';
import { readError } from './error-reader.ts';
import { EventReader } from './event-reader.ts';

/** Some copies of the API end their streams the way OpenAI does. */
const openaiEnd = '[DONE]';

/** Reads a streamed reply. Without `message_stop` it ends in `reply-failed` (`cut`). */
export function readStream(context: ReadContext): Machine<SseEvent, ReplyEvent> {
  const reader = new EventReader(context);
  return {
    push(event) {
      if (event.data === '' || event.data === openaiEnd) return [];
      const body = parseJson(event.data);
      if (!isObject(body)) return reader.fail({ kind: 'upstream', cause: 'garbage' });
      return reader.read(textOf(field(body, 'type')) ?? event.event ?? '', body);
    },
    end: () => reader.fail({ kind: 'upstream', cause: 'cut' }),
  };
}

/** Reads a whole reply: through the same reader, as the events that would have brought it. */
export function readReply(body: JsonObject, context: ReadContext): ReplyEvent[] {
  const error = field(body, 'error');
  if (error !== undefined && error !== null) {
    return [{ type: 'reply-failed', failure: readError(error, 'provider-error') }];
  }
  const content = field(body, 'content');
  if (!Array.isArray(content)) return [{ type: 'reply-failed', failure: { kind: 'upstream', cause: 'garbage' } }];
  const reader = new EventReader(context);
  const events = reader.read('message_start', { message: body });
  for (const block of content) {
    events.push(...reader.read('content_block_start', { content_block: block }));
  }
  return [...events, ...reader.read('message_delta', { delta: body }), ...reader.read('message_stop', {})];
}
