import { field, isObject, parseJson, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';
import { mayBeLeaked, mostLeakedLength, readCalls, salvageCalls, writeCalls } from './calls.ts';
import { chunk } from './chunk.ts';
import type { WorkersAiContext } from './context.ts';

/**
 * Holds text back while it may be a leaked call: only where a call was demanded, only from its very beginning, and no longer
 * than a call may be. Everything held is let go, in its order, as soon as it is seen to be text.
 */
export function watchLeaks(context: WorkersAiContext, declared: ReadonlySet<string>): Machine<SseEvent, SseEvent> {
  return new LeakWatch(context, declared);
}

class LeakWatch implements Machine<SseEvent, SseEvent> {
  readonly #context: WorkersAiContext;
  readonly #declared: ReadonlySet<string>;
  #held: SseEvent[] = [];
  #text = '';
  #over = false;

  constructor(context: WorkersAiContext, declared: ReadonlySet<string>) {
    this.#context = context;
    this.#declared = declared;
  }

  push(event: SseEvent): SseEvent[] {
    if (this.#over) return [event];
    const choice = firstChoice(event);
    if (choice === undefined) return event.data.trim() === '[DONE]' ? this.#letGo(event) : [event];
    const delta = field(choice, 'delta');
    const called = readCalls(field(delta, 'tool_calls')).length > 0;
    this.#text += contentOf(choice);
    if (called || !mayBeLeaked(this.#text) || this.#text.length > mostLeakedLength) return this.#letGo(event);
    if (textOf(field(choice, 'finish_reason')) !== undefined) return this.#judge(event);
    if (this.#text === '') return [event];
    this.#held.push(event);
    return [];
  }

  end(): SseEvent[] {
    return this.#release();
  }

  #letGo(event: SseEvent): SseEvent[] {
    return [...this.#release(), event];
  }

  #release(): SseEvent[] {
    const held = this.#held;
    this.#held = [];
    this.#over = true;
    return held;
  }

  /** The answer is complete: a call, or text after all. */
  #judge(event: SseEvent): SseEvent[] {
    const calls = salvageCalls(this.#text, this.#declared);
    const held = this.#release();
    if (calls.length === 0) return [...held, event];
    const others = held.filter((chunk) => contentOf(firstChoice(chunk)) === '');
    const written = writeCalls(calls, { mintId: this.#context.mintId, numbered: true });
    const usage = field(parseJson(event.data), 'usage');
    return [
      ...others,
      chunk(this.#context, { choices: [{ index: 0, delta: { tool_calls: written }, finish_reason: null }] }),
      chunk(this.#context, {
        choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }],
        ...(isObject(usage) && { usage }),
      }),
    ];
  }
}

function firstChoice(event: SseEvent): JsonObject | undefined {
  const choices = field(parseJson(event.data), 'choices');
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  return isObject(first) ? first : undefined;
}

function contentOf(choice: JsonObject | undefined): string {
  return textOf(field(field(choice, 'delta'), 'content')) ?? '';
}
