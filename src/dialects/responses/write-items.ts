import type { JsonObject } from '../../core/json.ts';
import type { PartDelta } from '../../core/reply.ts';
import { sealThinking } from './seal.ts';

/** Where an item stands: events name it by id and by its place in `output`. */
export interface ItemPlace {
  readonly id: string;
  readonly outputIndex: number;
}

/** An event without its `sequence_number`. */
export type Body = JsonObject & { readonly type: string };

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/**
 * One output item being written: `start` after its `output_item.added`, then deltas, then `end`. `whole` is the item as it
 * stands, for `added`, for `done` and for the final `output`.
 */
export interface ItemWriter {
  delta(delta: PartDelta): Body[];
  end(): Body[];
  whole(status: ItemStatus): JsonObject;
}

/** A message: the one kind of item that holds several parts, text and refusals. */
export interface MessageWriter extends ItemWriter {
  start(part: 'text' | 'refusal'): Body[];
}

/** The names of a content part's fields and events on the wire. */
const contentKinds = {
  text: { type: 'output_text', key: 'text', event: 'response.output_text', extra: { annotations: [], logprobs: [] } },
  refusal: { type: 'refusal', key: 'refusal', event: 'response.refusal', extra: {} },
} as const;

/** Writes a `message`. `logprobs` are always there because the SDKs' types want them. */
export function writeMessage({ id, outputIndex }: ItemPlace): MessageWriter {
  const content: JsonObject[] = [];
  let kind: (typeof contentKinds)['text' | 'refusal'] = contentKinds.text;
  let text = '';
  const place = () => ({ item_id: id, output_index: outputIndex, content_index: content.length });
  const part = (): JsonObject => ({ type: kind.type, [kind.key]: text, ...kind.extra });
  const logprobs = () => (kind === contentKinds.text ? { logprobs: [] } : {});
  return {
    start(wanted) {
      kind = contentKinds[wanted];
      text = '';
      return [{ type: 'response.content_part.added', ...place(), part: part() }];
    },
    delta(delta) {
      if (!('text' in delta)) return [];
      text += delta.text;
      return [{ type: `${kind.event}.delta`, ...place(), delta: delta.text, ...logprobs() }];
    },
    end() {
      const whole = part();
      const done = [
        { type: `${kind.event}.done`, ...place(), [kind.key]: text, ...logprobs() },
        { type: 'response.content_part.done', ...place(), part: whole },
      ];
      content.push(whole);
      return done;
    },
    whole: (status) => ({ id, type: 'message', status, role: 'assistant', content: [...content] }),
  };
}

/** The call as the caller knows it: a namespaced tool by its two names. */
export interface CallNames {
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Writes a `function_call`. A call without arguments gets `{}`: clients parse them as JSON. */
export function writeCall({ id, outputIndex }: ItemPlace, names: CallNames): ItemWriter {
  let text = '';
  const place = { item_id: id, output_index: outputIndex };
  const type = 'response.function_call_arguments';
  const add = (more: string): Body[] => {
    text += more;
    return [{ type: `${type}.delta`, ...place, delta: more }];
  };
  return {
    delta: (delta) => ('text' in delta ? add(delta.text) : []),
    end: () => [...(text === '' ? add('{}') : []), { type: `${type}.done`, ...place, arguments: text }],
    whole: (status) => ({ id, type: 'function_call', status, arguments: text, ...names }),
  };
}

/**
 * Writes a `reasoning` item with its text as one summary part: clients show summaries, and replay the item whole.
 * OpenAI's own `encrypted_content` goes through untouched; a signature or a redacted block goes sealed into its place.
 */
export function writeReasoning({ id, outputIndex }: ItemPlace, redacted: string | undefined): ItemWriter {
  let text = '';
  let signature = '';
  let encrypted: string | undefined;
  const place = { item_id: id, output_index: outputIndex, summary_index: 0 };
  const part = () => ({ type: 'summary_text', text });
  const opaque = () => encrypted ?? seal(signature, redacted);
  return {
    delta(delta) {
      if ('encrypted' in delta) encrypted = delta.encrypted;
      if ('signature' in delta) signature += delta.signature;
      if (!('text' in delta)) return [];
      const added = { type: 'response.reasoning_summary_part.added', ...place, part: part() };
      const isFirst = text === '';
      text += delta.text;
      return [
        ...(isFirst ? [added] : []),
        { type: 'response.reasoning_summary_text.delta', ...place, delta: delta.text },
      ];
    },
    end() {
      if (text === '') return [];
      return [
        { type: 'response.reasoning_summary_text.done', ...place, text },
        { type: 'response.reasoning_summary_part.done', ...place, part: part() },
      ];
    },
    whole: (status) => ({
      id,
      type: 'reasoning',
      summary: text === '' ? [] : [part()],
      ...(status !== 'in_progress' && opaque() !== undefined && { encrypted_content: opaque() ?? null }),
    }),
  };
}

function seal(signature: string, redacted: string | undefined): string | undefined {
  if (signature === '' && redacted === undefined) return undefined;
  return sealThinking({ ...(signature !== '' && { signature }), ...(redacted !== undefined && { redacted }) });
}
