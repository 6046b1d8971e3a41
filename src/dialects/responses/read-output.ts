import type { ReadContext } from '../../core/half.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ReplyEvent } from '../../core/reply.ts';
import { openCall, openMessage, openReasoning } from './read-item.ts';
import type { ItemReader } from './read-item.ts';
import { createSequence } from './sequence.ts';
import type { Lane } from './sequence.ts';

/** Deltas by the type of item that they belong to. Those of a call need the call's name, which only its item tells. */
const deltaItems: ReadonlyMap<string, string> = new Map([
  ['response.output_text.delta', 'message'],
  ['response.refusal.delta', 'message'],
  ['response.reasoning_summary_text.delta', 'reasoning'],
  ['response.reasoning_text.delta', 'reasoning'],
  ['response.function_call_arguments.delta', 'function_call'],
]);

/** More items or waiting steps than any answer has: whoever sends them wants our memory. */
const mostItems = 10_000;
const mostHeldSteps = 200_000;

interface OpenItem {
  readonly type: string;
  readonly lane: Lane;
  readonly reader: ItemReader;
}

/**
 * Reads the output items of a reply, which may come side by side, only whole (`output_item.done` without deltas) or only in
 * the last event. Hosted tools' items and other unknown ones are left out: they ran at OpenAI and ask nothing of the caller.
 */
export class ItemsReader {
  /** Whether there was a tool call. */
  sawCall = false;
  readonly #context: ReadContext;
  readonly #sequence = createSequence();
  readonly #open = new Map<string, OpenItem>();
  readonly #done = new Set<string>();
  readonly #callIds = new Set<string>();

  constructor(context: ReadContext) {
    this.#context = context;
  }

  /** Reads one event; `undefined` where the upstream is out of its mind. */
  push(type: string, event: JsonObject): ReplyEvent[] | undefined {
    const out = this.#read(type, event);
    const isSane = this.#open.size + this.#done.size <= mostItems && this.#sequence.heldSteps <= mostHeldSteps;
    return isSane ? out : undefined;
  }

  /** Ends what is still open, with the help of the final `output`, which is all there is where no items were streamed. */
  finish(output: unknown): ReplyEvent[] {
    const items: unknown[] = Array.isArray(output) ? output : [];
    const isUnseen = this.#open.size === 0 && this.#done.size === 0;
    if (isUnseen) return items.slice(0, mostItems).flatMap((item, at) => this.#finishItem(`#${at}`, item) ?? []);
    return [...this.#open].flatMap(([key, { type }]) => {
      const whole = items.find((item, at) => `#${at}` === key && field(item, 'type') === type);
      return this.#finishItem(key, whole) ?? [];
    });
  }

  #read(type: string, event: JsonObject): ReplyEvent[] | undefined {
    const key = itemKey(event);
    if (type === 'response.output_item.done') return this.#finishItem(key, field(event, 'item'));
    if (type === 'response.output_item.added') {
      this.#openItem(key, field(event, 'item'));
      return [];
    }
    const itemType = deltaItems.get(type);
    if (itemType === undefined) return [];
    const item = this.#open.get(key) ?? this.#openItem(key, { type: itemType });
    return item?.type === itemType ? this.#sequence.add(item.lane, item.reader.delta(event)) : [];
  }

  #openItem(key: string, item: unknown): OpenItem | undefined {
    if (this.#open.has(key) || this.#done.has(key) || !isObject(item)) return undefined;
    const type = textOf(field(item, 'type')) ?? '';
    const reader = this.#openReader(type, item);
    if (reader === undefined) return undefined;
    const open = { type, lane: this.#sequence.open(), reader };
    this.#open.set(key, open);
    return open;
  }

  #openReader(type: string, item: JsonObject): ItemReader | undefined {
    if (type === 'message') return openMessage();
    if (type === 'reasoning') return openReasoning(item);
    const name = textOf(field(item, 'name'));
    if ((type !== 'function_call' && type !== 'custom_tool_call') || name === undefined) return undefined;
    this.sawCall = true;
    return openCall(this.#claimId(field(item, 'call_id')), name);
  }

  /** Finishes an item; `undefined` where it is a call of nothing, which nobody can answer. */
  #finishItem(key: string, whole: unknown): ReplyEvent[] | undefined {
    const item = this.#open.get(key) ?? this.#openItem(key, whole);
    this.#open.delete(key);
    if (item === undefined) {
      const isNameless = !this.#done.has(key) && field(whole, 'type') === 'function_call';
      this.#done.add(key);
      return isNameless ? undefined : [];
    }
    this.#done.add(key);
    const rest = item.reader.finish(isObject(whole) ? whole : {});
    return [...this.#sequence.add(item.lane, rest), ...this.#sequence.close(item.lane)];
  }

  /** Two calls of one id would be one call to every client. */
  #claimId(callId: unknown): string {
    const told = textOf(callId);
    const id = told === undefined || this.#callIds.has(told) ? this.#context.mintId() : told;
    this.#callIds.add(id);
    return id;
  }
}

/** `output_index` names an item best: some servers give every event of an item another `item_id`. */
function itemKey(event: JsonObject): string {
  const index = field(event, 'output_index');
  if (typeof index === 'number') return `#${index}`;
  return textOf(field(event, 'item_id')) ?? textOf(field(field(event, 'item'), 'id')) ?? '';
}
