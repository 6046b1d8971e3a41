import type { StopReason } from '../../core/reply.ts';

const read: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['end_turn', 'end'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['stop_sequence', 'stop-sequence'],
  ['tool_use', 'tool'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
]);

/** What the parts of an answer say about why it ended. */
export interface PartsSeen {
  readonly tool: boolean;
  readonly refusal: boolean;
}

/**
 * Reads `stop_reason`. A missing one follows from the parts; with the stand-in tool for a JSON schema alone, `tool_use`
 * is an ordinary end.
 */
export function readStop(reason: unknown, seen: Pick<PartsSeen, 'tool'>): StopReason {
  if (typeof reason !== 'string') return seen.tool ? 'tool' : 'end';
  const stop = read.get(reason) ?? 'other';
  return stop === 'tool' && !seen.tool ? 'end' : stop;
}

/**
 * Writes `stop_reason`. Clients run tools only after `tool_use`, so it follows from the parts wherever the model ended
 * of its own will; a refusal part ends in `refusal`.
 */
export function writeStop(stop: StopReason, seen: PartsSeen): string {
  switch (stop) {
    case 'end':
    case 'tool':
    case 'other':
      if (seen.tool) return 'tool_use';
      return seen.refusal ? 'refusal' : 'end_turn';
    case 'length':
      return 'max_tokens';
    case 'stop-sequence':
      return 'stop_sequence';
    case 'refusal':
    case 'content-filter':
      return 'refusal';
    case 'pause':
      return 'pause_turn';
  }
}
