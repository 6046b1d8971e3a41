import type { JsonObject } from '../../core/json.ts';
import type { SseEvent } from '../../core/machine.ts';
import type { WorkersAiContext } from './context.ts';

/** One chat chunk of the router's own making, with `choices` and perhaps `usage`. */
export function chunk({ requestId, createdSeconds, model }: WorkersAiContext, rest: JsonObject): SseEvent {
  const envelope = { id: `chatcmpl-${requestId}`, object: 'chat.completion.chunk', created: createdSeconds, model };
  return { data: JSON.stringify({ ...envelope, ...rest }) };
}
