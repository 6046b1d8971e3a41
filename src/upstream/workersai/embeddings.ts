import type { EmbeddingsRequest } from '../../core/embeddings.ts';
import { encodeBase64 } from './base64.ts';
import { refuse } from '../../core/failure.ts';
import { countOf, field, isObject } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { noUsage } from '../../core/usage.ts';
import type { Usage } from '../../core/usage.ts';

/**
 * Writes the input for `env.AI.run` from an embeddings request. Throws `RouterError` for token ids, which only OpenAI's models
 * can read, and for `dimensions`: the models' vectors have the length they have (contract sheet 4.3).
 */
export function writeEmbeddingInput({ input, dimensions }: EmbeddingsRequest): JsonObject {
  if (input.kind === 'tokens') {
    refuse(
      'Cannot embed token ids with a Workers AI model: they belong to another vendor’s tokenizer. Send the text.',
      'unsupported_value',
      'input',
    );
  }
  if (dimensions !== undefined) {
    refuse(
      'Cannot choose the dimensions of a Workers AI embedding: each model has a fixed length. Leave the field out.',
      'unsupported_parameter',
      'dimensions',
    );
  }
  return { text: input.texts };
}

/** What the answer is written with. */
export interface EmbeddingsContext {
  /** The model name that the caller asked for. */
  readonly model: string;
  readonly request: EmbeddingsRequest;
  /** Stands in for the usage that many models do not tell. */
  readonly estimatedTokens: number;
}

/** An OpenAI embeddings list, and whether its usage is an estimate. */
export interface EmbeddingsReply {
  readonly body: JsonObject;
  readonly usage: Usage;
  readonly estimated: boolean;
}

/**
 * Makes `{ shape, data }` (or the same in the REST envelope, or a list already in OpenAI's shape) an OpenAI list.
 * `undefined` where it holds no vectors.
 */
export function readEmbeddings(value: unknown, context: EmbeddingsContext): EmbeddingsReply | undefined {
  const result = field(value, 'result') ?? value;
  const rows = field(result, 'data');
  if (!Array.isArray(rows)) return undefined;
  const vectors = rows.map(vectorOf);
  if (vectors.length === 0 || vectors.some((vector) => vector === undefined)) return undefined;
  const told = countOf(field(field(result, 'usage'), 'prompt_tokens'));
  const inputTokens = told ?? context.estimatedTokens;
  const data = vectors.map((vector, index): Json => {
    const embedding = context.request.encoding === 'base64' ? encodeVector(vector ?? []) : (vector ?? []);
    return { object: 'embedding', index, embedding };
  });
  return {
    body: {
      object: 'list',
      data,
      model: context.model,
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    },
    usage: { ...noUsage, input: inputTokens },
    estimated: told === undefined,
  };
}

function vectorOf(row: unknown): readonly number[] | undefined {
  const vector: unknown = isObject(row) ? field(row, 'embedding') : row;
  return Array.isArray(vector) && vector.every((entry) => typeof entry === 'number') ? vector : undefined;
}

/** OpenAI's `encoding_format: "base64"`: the numbers as little-endian float32, one after the other. */
export function encodeVector(vector: readonly number[]): string {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [at, entry] of vector.entries()) view.setFloat32(at * 4, entry, true);
  return encodeBase64(bytes);
}
