import { countOf, field, isObject, parseJson } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';
import { readCalls, writeCalls } from './calls.ts';
import type { FoundCall } from './calls.ts';
import { chunk } from './chunk.ts';
import { legacyFinish } from './context.ts';
import type { WorkersAiContext } from './context.ts';
import { watchLeaks } from './leak.ts';
import { readUsage, responseText } from './reply.ts';

/**
 * Makes a Workers AI stream one of chat chunks. Legacy events (`{response, p, tool_calls, usage}`) are rewritten whole; there
 * `[DONE]` is the end, so the finish reason is told then, and a stream without it stays cut. Chat chunks pass as they are, but
 * for a tool call that leaked as text; what else they lack is filled in by the chat dialect's own repair, which stands
 * behind this one.
 */
export function repairStream(context: WorkersAiContext): Machine<SseEvent, SseEvent> {
  const legacy = new LegacyStream(context);
  if (context.forcedTools === undefined) return legacy;
  const salvage = watchLeaks(context, context.forcedTools);
  return {
    push: (event) => legacy.push(event).flatMap((chunk) => salvage.push(chunk)),
    end: () => [...legacy.end().flatMap((chunk) => salvage.push(chunk)), ...salvage.end()],
  };
}

const done: SseEvent = { data: '[DONE]' };

class LegacyStream implements Machine<SseEvent, SseEvent> {
  readonly #context: WorkersAiContext;
  #seen = false;
  #calls = 0;
  #usage: JsonObject | undefined;

  constructor(context: WorkersAiContext) {
    this.#context = context;
  }

  push(event: SseEvent): SseEvent[] {
    const data = event.data.trim();
    if (data === '[DONE]') return this.#seen ? [...this.#finish(), done] : [done];
    const value = parseJson(data);
    if (!isObject(value) || Object.hasOwn(value, 'choices') || !isLegacy(value)) return [event];
    return this.#rewrite(value);
  }

  /** No `[DONE]`, no end: nothing is added to what was cut. */
  end(): SseEvent[] {
    return [];
  }

  #rewrite(value: JsonObject): SseEvent[] {
    const first = !this.#seen;
    this.#seen = true;
    this.#usage = readUsage(field(value, 'usage')) ?? this.#usage;
    const content = responseText(field(value, 'response'));
    const calls = this.#number(readCalls(field(value, 'tool_calls')));
    if (!first && content === '' && calls.length === 0) return [];
    const delta = {
      ...(first && { role: 'assistant' }),
      content,
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    return [chunk(this.#context, { choices: [{ index: 0, delta, finish_reason: null }] })];
  }

  #number(calls: readonly FoundCall[]): Json[] {
    return calls.flatMap((call) => {
      const index = this.#calls;
      this.#calls += 1;
      const written = writeCalls([call], { mintId: this.#context.mintId, numbered: false });
      return written.map((entry) => ({ index, ...(isObject(entry) && entry) }));
    });
  }

  #finish(): SseEvent[] {
    const outputTokens = countOf(field(this.#usage, 'completion_tokens'));
    const finish = legacyFinish(this.#context, { tool: this.#calls > 0, outputTokens });
    const end = chunk(this.#context, { choices: [{ index: 0, delta: {}, finish_reason: finish }] });
    return this.#usage === undefined ? [end] : [end, chunk(this.#context, { choices: [], usage: this.#usage })];
  }
}

function isLegacy(value: JsonObject): boolean {
  return ['response', 'tool_calls', 'usage'].some((key) => Object.hasOwn(value, key));
}
