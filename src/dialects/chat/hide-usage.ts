import { field, isObject, parseJson } from '../../core/json.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';

/**
 * Takes the usage out of a chat stream again, for a caller who did not ask for it: chunks that hold nothing else are left
 * out, others are written without it. Stands behind the meter.
 */
export function hideUsage(): Machine<SseEvent, SseEvent> {
  return { push: hide, end: () => [] };
}

function hide(event: SseEvent): SseEvent[] {
  // Spares the parsing: within a JSON string a quote always has a backslash before it, so this mark can only be a key.
  if (!event.data.includes('"usage"')) return [event];
  const chunk = parseJson(event.data);
  if (!isObject(chunk) || !Object.hasOwn(chunk, 'usage')) return [event];
  const choices = field(chunk, 'choices');
  if (Array.isArray(choices) && choices.length === 0 && isObject(field(chunk, 'usage'))) return [];
  const { usage: _, ...rest } = chunk;
  return [{ ...event, data: JSON.stringify(rest) }];
}
