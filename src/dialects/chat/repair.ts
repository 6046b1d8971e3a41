import type { ReadContext, ReplyContext } from '../../core/half.ts';
import { field, isObject, parseJson, textOf } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Machine, SseEvent } from '../../core/machine.ts';
import { doneEvent } from './chunk.ts';
import { readFailure } from './failures.ts';
import { isPortableId, ToolSlots } from './tool-slots.ts';
import { repairChoice, repairFinish, type ChoiceState } from './repair-choice.ts';

/** What a repair needs to know: whom it answers, how to mint ids, and which ids the conversation already holds. */
export interface RepairContext extends Pick<ReplyContext, 'requestId' | 'model' | 'createdSeconds'>, ReadContext {
  /** Tool call ids of earlier turns: some upstreams give the same ones out again. */
  readonly takenIds?: ReadonlySet<string>;
}

/** `n` is at most 128 at OpenAI; choices beyond it are passed as they are. */
const mostChoices = 128;

/**
 * Makes a deviating chat stream one that the strict clients take (clients.md 2.1 and 4(ii)): id, object, created, model and
 * index on every chunk, the role first, numbered tool calls with an id each, one finish reason, `[DONE]` where that came.
 * Fields it does not know stay. It never invents a finish reason: a stream that was cut is left cut.
 */
export function repairStream(context: RepairContext): Machine<SseEvent, SseEvent> {
  return new ChatRepair(context);
}

class ChatRepair implements Machine<SseEvent, SseEvent> {
  readonly #context: RepairContext;
  readonly #states = new Map<number, ChoiceState>();
  #over = false;

  constructor(context: RepairContext) {
    this.#context = context;
  }

  push(event: SseEvent): SseEvent[] {
    if (this.#over) return [];
    const data = event.data.trim();
    if (data === '') return [];
    if (data === '[DONE]') return this.#close();
    const chunk = parseJson(data);
    // What is no chunk is for the meter to judge; errors are said as they came.
    if (!isObject(chunk) || readFailure(chunk) !== undefined) return [{ data }];
    return this.#repair(chunk);
  }

  /** Without a finish reason nothing is added, and an upstream's bare `[DONE]` is left out: the caller must see the cut. */
  end(): SseEvent[] {
    return this.#over ? [] : this.#close();
  }

  #close(): SseEvent[] {
    this.#over = true;
    return this.#finished() ? [doneEvent] : [];
  }

  #finished(): boolean {
    return this.#states.size > 0 && [...this.#states.values()].every((state) => state.finished);
  }

  #repair(chunk: JsonObject): SseEvent[] {
    const choices = field(chunk, 'choices');
    const list: readonly unknown[] = Array.isArray(choices) ? choices : [];
    const repaired = list.flatMap((choice, position) => this.#repairChoice(choice, position));
    const usage = field(chunk, 'usage');
    // Pings, and chunks behind the finish that no client expects.
    if (repaired.length === 0 && !isObject(usage)) return [];
    const whole = { ...chunk, ...envelope(chunk, this.#context, 'chat.completion.chunk'), choices: repaired };
    return [{ data: JSON.stringify(whole) }];
  }

  #repairChoice(choice: unknown, position: number): Json[] {
    if (!isObject(choice)) return [];
    const told = field(choice, 'index');
    const index = typeof told === 'number' && Number.isInteger(told) && told >= 0 ? told : position;
    const state = this.#states.get(index) ?? this.#open(index);
    return state === undefined ? [choice] : repairChoice(choice, index, state);
  }

  #open(index: number): ChoiceState | undefined {
    if (this.#states.size >= mostChoices) return undefined;
    const slots = new ToolSlots(this.#context.mintId, this.#context.takenIds);
    const state: ChoiceState = { slots, named: new Map(), early: new Map(), role: false, finished: false };
    this.#states.set(index, state);
    return state;
  }
}

/** Makes a whole chat reply complete: envelope, index, role, content, tool call ids and arguments, finish reason. */
export function repairReply(body: JsonObject, context: RepairContext): JsonObject {
  const choices = field(body, 'choices');
  if (!Array.isArray(choices)) return body;
  const taken = new Set(context.takenIds);
  const repaired = choices.filter(isObject).map((choice, index) => repairWhole(choice, index, { taken, context }));
  return { ...body, ...envelope(body, context, 'chat.completion'), choices: repaired };
}

function envelope(body: JsonObject, context: RepairContext, object: string): JsonObject {
  const created = field(body, 'created');
  return {
    id: textOf(field(body, 'id')) ?? `chatcmpl-${context.requestId}`,
    object,
    created: typeof created === 'number' && created > 0 ? Math.floor(created) : context.createdSeconds,
    model: textOf(field(body, 'model')) ?? context.model,
  };
}

interface Whole {
  readonly taken: Set<string>;
  readonly context: RepairContext;
}

function repairWhole(choice: JsonObject, index: number, whole: Whole): JsonObject {
  const message = field(choice, 'message');
  const base = isObject(message) ? message : {};
  const content = field(base, 'content');
  const { tool_calls: told, ...rest } = base;
  const calls = Array.isArray(told) ? told.filter(isObject).flatMap((call) => repairCall(call, whole)) : [];
  const finish = textOf(field(choice, 'finish_reason')) ?? 'stop';
  return {
    ...choice,
    index,
    message: {
      ...rest,
      role: 'assistant',
      content: typeof content === 'string' || Array.isArray(content) ? flatText(content) : null,
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    finish_reason: repairFinish(finish, calls.length > 0),
  };
}

function repairCall(call: JsonObject, { taken, context }: Whole): Json[] {
  const called = field(call, 'function') ?? call;
  const name = textOf(field(called, 'name'));
  if (name === undefined) return [];
  const told = field(call, 'id');
  const id = isPortableId(told) && !taken.has(told) ? told : context.mintId();
  taken.add(id);
  const input = field(called, 'arguments');
  const text = typeof input === 'string' ? input : isObject(input) ? JSON.stringify(input) : '';
  return [{ id, type: 'function', function: { name, arguments: text.trim() === '' ? '{}' : text } }];
}

/** Content in parts as one string, which is what the dialect promises in answers. */
function flatText(content: string | readonly unknown[]): string {
  if (typeof content === 'string') return content;
  return content.map((part) => textOf(part) ?? textOf(field(part, 'text')) ?? '').join('');
}
