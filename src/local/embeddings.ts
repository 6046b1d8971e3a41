import { countOf, field, textOf } from '../core/json.ts';
import { countWords } from './command.ts';
import type { Fault } from './errors.ts';
import type { Prompt } from './prompt.ts';
import { list, show } from './read.ts';
import type { Wire, WireEvent } from './wire.ts';

/** Finds what OpenAI would refuse in an embeddings body. */
export function checkEmbeddings(body: unknown): Fault | undefined {
  if (textOf(field(body, 'model')) === undefined) return { message: 'you must provide a model parameter' };
  if (textsOf(body, 'input').length > 0) return undefined;
  return { message: "Missing required parameter: 'input'.", param: 'input', code: 'missing_required_parameter' };
}

/** Where the one-shot endpoints have their text. */
export type TextField = 'input' | 'text' | 'prompt';

/** The texts to embed: one string, several, or token arrays (each written as text). */
export function textsOf(body: unknown, name: TextField): string[] {
  const input = field(body, name);
  if (typeof input === 'string') return input === '' ? [] : [input];
  const inputs = list(input);
  if (typeof inputs[0] === 'number') return [inputs.map(show).join(' ')];
  return inputs.map((text) => (list(text).length > 0 ? list(text).map(show).join(' ') : show(text)));
}

/** OpenAI's list of embeddings: numbers, or base64 of little-endian floats where `encoding_format` asks for it. */
export function writeEmbeddings(body: unknown, usual: number): unknown {
  const texts = textsOf(body, 'input');
  const dimensions = countOf(field(body, 'dimensions')) ?? usual;
  const base64 = field(body, 'encoding_format') === 'base64';
  const tokens = texts.reduce((total, text) => total + countWords(text), 0);
  return {
    object: 'list',
    data: texts.map((text, index) => {
      const vector = embed(text, dimensions);
      return { object: 'embedding', index, embedding: base64 ? toBase64(vector) : vector };
    }),
    model: field(body, 'model'),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** A vector that depends on the text alone, of values that floats hold exactly. */
export function embed(text: string, dimensions: number): number[] {
  const seed = Array.from(text).reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521, 7);
  return Array.from({ length: dimensions }, (_, index) => (((seed + index * 37) % 257) - 128) / 256);
}

function toBase64(vector: readonly number[]): string {
  const bytes = new Uint8Array(Float32Array.from(vector).buffer);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** The faults that a text to embed may ask for, by the same commands as a conversation. */
export function promptOf(body: unknown, name: TextField, model: string): Prompt {
  const text = textsOf(body, name).at(-1) ?? '';
  const item = { kind: 'text', role: 'user', text } as const;
  return {
    model,
    stream: false,
    includeUsage: false,
    items: [item],
    tools: [],
    choice: 'auto',
    parallel: true,
    stop: [],
  };
}

/** The wire of a one-shot answer: its body is ready, there is nothing to stream. */
export function oneShotWire(body: unknown): Wire {
  return { whole: () => body, events: () => [], errorEvent: nothing, emptyDelta: nothing };
}

function nothing(): WireEvent {
  return { kind: 'end', data: '{}' };
}
