import type { ReplyContext } from '../../core/half.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SseEvent } from '../../core/machine.ts';

/** What every chunk and every whole reply begins with. */
export interface Envelope {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** The end of a complete stream. */
export const doneEvent: SseEvent = { data: '[DONE]' };

/** The envelope of an answer: the upstream's own id and model where it told them. */
export function envelopeOf(context: ReplyContext, told: { id?: string; model?: string }): Envelope {
  return {
    id: told.id ?? `chatcmpl-${context.requestId}`,
    created: context.createdSeconds,
    model: told.model ?? context.model,
  };
}

/** One chunk of the answer's only choice. */
export function deltaEvent(envelope: Envelope, delta: JsonObject, finish: string | null = null): SseEvent {
  return chunkEvent(envelope, { choices: [{ index: 0, delta, finish_reason: finish }] });
}

/** One chunk, with `choices` and perhaps `usage`. JSON escapes line ends, so no text can end the event early. */
export function chunkEvent({ id, created, model }: Envelope, rest: JsonObject): SseEvent {
  return { data: JSON.stringify({ id, object: 'chat.completion.chunk', created, model, ...rest }) };
}
