import { describe, expect, it } from 'vitest';
import type { EmbeddingsRequest } from '../../../src/core/embeddings.ts';
import { RouterError } from '../../../src/core/failure.ts';
import { encodeVector, readEmbeddings, writeEmbeddingInput } from '../../../src/upstream/workersai/embeddings.ts';

const request: EmbeddingsRequest = { input: { kind: 'texts', texts: ['a', 'b'] }, encoding: 'float' };
const context = { model: '@cf/baai/bge-m3', request, estimatedTokens: 7 };

function refusal(over: Partial<EmbeddingsRequest>): unknown {
  try {
    return writeEmbeddingInput({ ...request, ...over });
  } catch (error) {
    return error instanceof RouterError ? error.failure : error;
  }
}

const list = (...embeddings: unknown[]) =>
  embeddings.map((embedding, index) => ({ object: 'embedding', index, embedding }));

const body = (data: unknown, tokens: number) => ({
  object: 'list',
  data,
  model: '@cf/baai/bge-m3',
  usage: { prompt_tokens: tokens, total_tokens: tokens },
});

const usage = (input: number) => ({ input, cachedRead: 0, cachedWrite: 0, output: 0, reasoning: 0 });

describe('the input', () => {
  it('holds the texts alone', () => {
    expect(writeEmbeddingInput(request)).toEqual({ text: ['a', 'b'] });
  });

  it.each<[string, Partial<EmbeddingsRequest>, object]>([
    [
      'token ids',
      { input: { kind: 'tokens', lists: [[1]] } },
      {
        kind: 'bad-request',
        code: 'unsupported_value',
        param: 'input',
        message:
          'Cannot embed token ids with a Workers AI model: they belong to another vendor’s tokenizer. Send the text.',
      },
    ],
    [
      'dimensions',
      { dimensions: 256 },
      {
        kind: 'bad-request',
        code: 'unsupported_parameter',
        param: 'dimensions',
        message:
          'Cannot choose the dimensions of a Workers AI embedding: each model has a fixed length. Leave the field out.',
      },
    ],
  ])('refuses %s', (_name, over, failure) => {
    expect(refusal(over)).toEqual(failure);
  });
});

describe('the answer', () => {
  const rows = [
    [0.5, -1],
    [0.25, 2],
  ];

  it.each([
    ['shape and data', { shape: [2, 2], data: rows, pooling: 'cls' }],
    ['the REST envelope', { result: { shape: [2, 2], data: rows }, success: true }],
    ['a list in OpenAI’s shape', { object: 'list', data: list(...rows) }],
  ])('made of %s is a list, its usage an estimate', (_name, value) => {
    expect(readEmbeddings(value, context)).toEqual({
      body: body(list(...rows), 7),
      usage: usage(7),
      estimated: true,
    });
  });

  it('tells the usage that it was told', () => {
    expect(readEmbeddings({ data: rows, usage: { prompt_tokens: 3 } }, context)).toEqual({
      body: body(list(...rows), 3),
      usage: usage(3),
      estimated: false,
    });
  });

  it('is base64 where that was asked for', () => {
    const asked = { ...context, request: { ...request, encoding: 'base64' } as const };
    expect(readEmbeddings({ data: rows }, asked)?.body).toEqual(body(list('AAAAPwAAgL8=', 'AACAPgAAAEA='), 7));
  });

  it.each([
    ['no data', {}],
    ['no rows', { data: [] }],
    ['a row that is none', { data: [[1], 'x'] }],
    ['a row with a hole', { data: [[1, null]] }],
    ['nothing', undefined],
  ])('with %s is none', (_name, value) => {
    expect(readEmbeddings(value, context)).toBeUndefined();
  });
});

it('encodes long vectors as little-endian float32', () => {
  const vector = Array.from({ length: 5000 }, (_, at) => at / 8);
  const bytes = Uint8Array.from(atob(encodeVector(vector)), (character) => character.charCodeAt(0));
  expect([...new Float32Array(bytes.buffer)]).toEqual(vector);
});
