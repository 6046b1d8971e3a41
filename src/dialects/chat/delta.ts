import { field, isObject, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Place } from './tool-slots.ts';

/** What one delta says, in the order in which a model makes it. */
export type Piece =
  | { readonly kind: 'thinking' | 'text' | 'refusal'; readonly text: string }
  /** One entry of `tool_calls`, unread, and its place in the chunk. */
  | { readonly kind: 'tool'; readonly entry: unknown; readonly place: Place };

/** The answer's own choice: the first with index 0 or without one. `n` above 1 has no neutral place and is refused. */
export function findChoice(chunk: JsonObject): JsonObject | undefined {
  const choices = field(chunk, 'choices');
  if (!Array.isArray(choices)) return undefined;
  return choices.filter(isObject).find((choice) => (field(choice, 'index') ?? 0) === 0);
}

/** Reads a choice's `delta`; some servers send a `message` in its place, and a whole reply always does. */
export function readPieces(choice: JsonObject): Piece[] {
  const delta = field(choice, 'delta') ?? field(choice, 'message');
  const content = field(delta, 'content');
  const calls = field(delta, 'tool_calls');
  const legacy = field(delta, 'function_call');
  const entries: unknown[] = Array.isArray(calls) ? calls : isObject(legacy) ? [{ index: 0, function: legacy }] : [];
  return [
    { kind: 'thinking', text: readReasoning(delta) },
    ...(Array.isArray(content) ? content.map(readContentPart) : [textPiece(content)]),
    { kind: 'refusal', text: textOf(field(delta, 'refusal')) ?? '' },
    ...entries.map((entry, position): Piece => ({
      kind: 'tool',
      entry,
      place: { position, count: entries.length },
    })),
  ];
}

/** DeepSeek's name for it, or OpenRouter's, vLLM's and Workers AI's; where both come they say the same. */
function readReasoning(delta: unknown): string {
  return textOf(field(delta, 'reasoning_content')) ?? textOf(field(delta, 'reasoning')) ?? '';
}

function textPiece(content: unknown): Piece {
  return { kind: 'text', text: textOf(content) ?? '' };
}

/** Content in parts, as Mistral's reasoning models send it: `text`, and `thinking` with text parts of its own. */
function readContentPart(part: unknown): Piece {
  const thinking = field(part, 'thinking');
  if (thinking === undefined) return textPiece(textOf(part) ?? field(part, 'text'));
  const texts: unknown[] = Array.isArray(thinking) ? thinking : [thinking];
  return { kind: 'thinking', text: texts.map((inner) => textOf(inner) ?? textOf(field(inner, 'text')) ?? '').join('') };
}
