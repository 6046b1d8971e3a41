import { runMachine } from '../../../src/core/machine.ts';
import type { WorkersAiContext } from '../../../src/upstream/workersai/context.ts';
import { repairStream } from '../../../src/upstream/workersai/stream.ts';
import { mintIds, sse } from '../../support/events.ts';

/** The head of every chunk that the repair writes itself. */
export const head = {
  id: 'chatcmpl-req1',
  object: 'chat.completion.chunk',
  created: 1_763_000_000,
  model: '@cf/meta/llama-3.1-8b-instruct',
};

/** What the readers are told of the request; ids are minted as `minted0`, `minted1`, ... */
export function context(over: Partial<WorkersAiContext> = {}): WorkersAiContext {
  return {
    requestId: 'req1',
    model: head.model,
    createdSeconds: head.created,
    mintId: mintIds(),
    ...over,
  };
}

/** A chunk as the repair writes it. */
export function chunk(delta: object, finish: string | null = null): object {
  return { ...head, choices: [{ index: 0, delta, finish_reason: finish }] };
}

/** Runs values through the stream repair; `[DONE]` stays text. */
export function repaired(values: readonly unknown[], over: Partial<WorkersAiContext> = {}): unknown[] {
  const events = runMachine(repairStream(context(over)), values.map(sse));
  return events.map(({ data }) => (data.startsWith('{') ? (JSON.parse(data) as unknown) : data));
}
