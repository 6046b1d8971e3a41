import { field, isObject, textOf } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { readFinish, writeFinish } from './stops.ts';
import type { Place, ToolSlot, ToolSlots } from './tool-slots.ts';

/** How far one choice of a stream under repair has come. */
export interface ChoiceState {
  readonly slots: ToolSlots;
  /** Calls whose first delta (id, type, name) has gone out, and whether arguments have. */
  readonly named: Map<ToolSlot, 'silent' | 'told'>;
  /** Arguments that came before the name. */
  readonly early: Map<ToolSlot, string>;
  role: boolean;
  finished: boolean;
}

/** Repairs one choice of a chunk. None where nothing is left of it, as behind the finish. */
export function repairChoice(choice: JsonObject, index: number, state: ChoiceState): Json[] {
  if (state.finished) return [];
  const told = field(choice, 'delta') ?? field(choice, 'message');
  const finish = textOf(field(choice, 'finish_reason'));
  state.finished = finish !== undefined;
  const delta = repairDelta(isObject(told) ? told : {}, state);
  // A delta that had nothing but nulls in it and does not end the choice says nothing to anybody.
  if (Object.keys(delta).length === 0 && finish === undefined) return [];
  const { message: _, ...rest } = choice;
  return [{ ...rest, index, delta, finish_reason: endOf(finish, state) }];
}

/** A call that never got a name cannot be shown, so the answer does not end well. */
function endOf(finish: string | undefined, state: ChoiceState): string | null {
  const nameless = [...state.early.keys()].some((slot) => slot.name === undefined);
  return finish !== undefined && nameless ? 'error' : repairFinish(finish, state.named.size > 0);
}

/**
 * One of the four words that clients know; `stop` beside tool calls makes agents stop before they have run them. `error` is no
 * finish: it stays, for the meter to see.
 */
export function repairFinish(finish: string | undefined, tool: boolean): string | null {
  if (finish === undefined || finish === 'error') return finish ?? null;
  const held = { tool, refusal: false };
  return writeFinish(readFinish(finish, held), held);
}

function repairDelta(delta: JsonObject, state: ChoiceState): JsonObject {
  const { tool_calls: entries, role: _, content, ...rest } = delta;
  const list: readonly unknown[] = Array.isArray(entries) ? entries : [];
  const count = list.length;
  const told = list.flatMap((entry, position) => repairEntry(entry, { position, count }, state));
  const calls = state.finished ? [...told, ...endSilent(state)] : told;
  const first = !state.role;
  state.role = true;
  const text = contentText(content);
  return {
    ...(first && { role: 'assistant', content: text ?? '' }),
    ...(!first && text !== undefined && { content: text }),
    ...withoutNulls(rest),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function contentText(content: unknown): string | undefined {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : undefined;
  return content.map((part) => textOf(part) ?? textOf(field(part, 'text')) ?? '').join('');
}

function withoutNulls(delta: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(delta).filter(([, value]) => value !== null));
}

/** The first delta of a call carries id, type and name, the others the arguments alone, all of them the index. */
function repairEntry(entry: unknown, place: Place, state: ChoiceState): Json[] {
  const placed = state.slots.place(entry, place);
  if (placed === undefined) return [];
  const { slot, text } = placed;
  if (slot.name === undefined) {
    state.early.set(slot, (state.early.get(slot) ?? '') + text);
    return [];
  }
  if (text !== '' || !state.named.has(slot)) return [writeEntry(slot, text, state)];
  return [];
}

function writeEntry(slot: ToolSlot, text: string, { early, named }: ChoiceState): Json {
  const first = !named.has(slot);
  const told = (first ? (early.get(slot) ?? '') : '') + text;
  named.set(slot, told === '' ? 'silent' : 'told');
  if (!first) return { index: slot.number, function: { arguments: told } };
  const called = { name: slot.name ?? '', arguments: told };
  return { index: slot.number, id: slot.id(), type: 'function', function: called };
}

/** Clients parse the arguments of every call, so a call that ended without any gets an empty object. */
function endSilent(state: ChoiceState): Json[] {
  const silent = [...state.named].filter(([, said]) => said === 'silent');
  return silent.map(([slot]) => writeEntry(slot, '{}', state));
}
