import type { ReplyContext } from '../../../src/core/half.ts';
import type { SseEvent } from '../../../src/core/machine.ts';
import type { RepairContext } from '../../../src/dialects/chat/repair.ts';
import { mintIds, sse } from '../../support/events.ts';

/** Everything that readers, writers and repairs ask for; ids are minted as `minted0`, `minted1`, ... */
export function context(over: Partial<ReplyContext> = {}): ReplyContext & RepairContext {
  return {
    requestId: 'req1',
    model: 'asked-model',
    createdSeconds: 1_763_000_000,
    includeUsage: true,
    mintId: mintIds(),
    ...over,
  };
}

/** A chunk of the first choice, as bare as servers send it. */
export function delta(delta: object, finish: string | null = null): SseEvent {
  return sse({ choices: [{ index: 0, delta, finish_reason: finish }] });
}

/** A `tool_calls` delta. */
export function calls(...entries: object[]): SseEvent {
  return delta({ tool_calls: entries });
}

export const done: SseEvent = { data: '[DONE]' };

/** The parsed data of events; `[DONE]` stays text. */
export function parsed(events: readonly SseEvent[]): unknown[] {
  return events.map(({ data }) => (data === '[DONE]' ? data : (JSON.parse(data) as unknown)));
}
