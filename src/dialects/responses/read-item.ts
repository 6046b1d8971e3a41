import { field, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Step } from './sequence.ts';

/**
 * One output item being read. Its deltas may be complete, missing or cut short: `finish` takes the whole item of
 * `output_item.done` and gives what the deltas did not. The part is started by the first thing there is to say, so that
 * an item without content makes no part.
 */
export interface ItemReader {
  delta(event: JsonObject): Step[];
  finish(item: JsonObject): Step[];
}

/** How a piece of text is named on the wire: its list in the item, its field, and its kind of part. */
interface Piece {
  readonly key: string;
  readonly text: string | undefined;
  readonly refusal?: boolean;
}

/** Gives the part of a whole piece that has not been sent yet. Deltas are prefixes of it, so their length tells. */
function createSent(): { note(key: string, text: string): void; rest(key: string, whole: string): string } {
  const sent = new Map<string, number>();
  return {
    note: (key, text) => void sent.set(key, (sent.get(key) ?? 0) + text.length),
    rest: (key, whole) => whole.slice(sent.get(key) ?? 0),
  };
}

/** A `message`: every content part, text or refusal, is a part of its own. */
export function openMessage(): ItemReader {
  const sent = createSent();
  let current: string | undefined;
  const say = ({ key, text, refusal }: Piece): Step[] => {
    if (text === undefined || text === '') return [];
    sent.note(key, text);
    const delta: Step = { delta: { text } };
    if (current === key) return [delta];
    const ended: Step[] = current === undefined ? [] : ['end'];
    current = key;
    return [...ended, { start: { part: refusal === true ? 'refusal' : 'text' } }, delta];
  };
  return {
    delta(event) {
      const refusal = field(event, 'type') === 'response.refusal.delta';
      return say({ key: pieceKey(event, 'content_index'), text: textOf(field(event, 'delta')), refusal });
    },
    finish(item) {
      const steps = listOf(item, 'content').flatMap((part, at) => {
        const refusal = field(part, 'type') === 'refusal';
        const whole = textOf(field(part, refusal ? 'refusal' : 'text')) ?? '';
        return say({ key: String(at), text: sent.rest(String(at), whole), refusal });
      });
      return current === undefined ? [] : [...steps, 'end'];
    },
  };
}

/** The lists of a `reasoning` item, by the type of their deltas; `summary` is what OpenAI shows, `content` what open models do. */
const reasoningDeltas: ReadonlyMap<unknown, { readonly list: string; readonly index: string }> = new Map([
  ['response.reasoning_summary_text.delta', { list: 'summary', index: 'summary_index' }],
  ['response.reasoning_text.delta', { list: 'content', index: 'content_index' }],
]);

/** A `reasoning` item: one thinking part, its pieces parted by an empty line, `encrypted_content` last and whole. */
export function openReasoning(added: JsonObject): ItemReader {
  const sent = createSent();
  let id = textOf(field(added, 'id'));
  let started = false;
  let last: string | undefined;
  const start = (): Step[] => {
    if (started) return [];
    started = true;
    return [{ start: { part: 'thinking', ...(id !== undefined && { id }) } }];
  };
  const say = ({ key, text }: Piece): Step[] => {
    if (text === undefined || text === '') return [];
    sent.note(key, text);
    const parted = last === undefined || last === key ? text : `\n\n${text}`;
    last = key;
    return [...start(), { delta: { text: parted } }];
  };
  return {
    delta(event) {
      const place = reasoningDeltas.get(field(event, 'type'));
      if (place === undefined) return [];
      return say({ key: `${place.list} ${pieceKey(event, place.index)}`, text: textOf(field(event, 'delta')) });
    },
    finish(item) {
      id ??= textOf(field(item, 'id'));
      const steps = ['summary', 'content'].flatMap((list) =>
        listOf(item, list).flatMap((part, at) => {
          const key = `${list} ${at}`;
          return say({ key, text: sent.rest(key, textOf(field(part, 'text')) ?? '') });
        }),
      );
      const encrypted = textOf(field(item, 'encrypted_content'));
      const opaque: Step[] = encrypted === undefined ? [] : [...start(), { delta: { encrypted } }];
      return started ? [...steps, ...opaque, 'end'] : [];
    },
  };
}

/** A `function_call`, whose name and id are known; its arguments are streamed as they come. */
export function openCall(id: string, name: string): ItemReader {
  const sent = createSent();
  let started = false;
  const say = (text: string | undefined): Step[] => {
    const start: Step[] = started ? [] : [{ start: { part: 'tool-call', id, name } }];
    started = true;
    if (text === undefined || text === '') return start;
    sent.note('arguments', text);
    return [...start, { delta: { text } }];
  };
  return {
    delta: (event) => say(textOf(field(event, 'delta'))),
    finish: (item) => [...say(sent.rest('arguments', argumentsOf(item))), 'end'],
  };
}

/** A custom tool takes free text. Nobody offers one through a translation, but a call of it is not lost: its text is `input`. */
function argumentsOf(item: JsonObject): string {
  if (field(item, 'type') !== 'custom_tool_call') return textOf(field(item, 'arguments')) ?? '';
  return JSON.stringify({ input: textOf(field(item, 'input')) ?? '' });
}

/** A piece's number as text; streams that leave it out have one piece only. */
function pieceKey(event: JsonObject, index: string): string {
  const number = field(event, index);
  return typeof number === 'number' ? String(number) : '0';
}

function listOf(item: JsonObject, key: string): readonly unknown[] {
  const list = field(item, key);
  return Array.isArray(list) ? list : [];
}
