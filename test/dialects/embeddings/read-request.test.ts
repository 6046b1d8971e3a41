import { describe, expect, it } from 'vitest';
import { RouterError } from '../../../src/core/failure.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { readEmbeddingsRequest } from '../../../src/dialects/embeddings/index.ts';

function refusal(body: JsonObject): unknown {
  try {
    return readEmbeddingsRequest(body);
  } catch (error) {
    return error instanceof RouterError ? error.failure : error;
  }
}

describe('an embeddings request', () => {
  it.each<[string, JsonObject, object]>([
    ['one text', { input: 'a' }, { input: { kind: 'texts', texts: ['a'] }, encoding: 'float' }],
    [
      'several texts with every option',
      { input: ['a', 'b'], encoding_format: 'base64', dimensions: 256, user: 'u' },
      { input: { kind: 'texts', texts: ['a', 'b'] }, encoding: 'base64', dimensions: 256 },
    ],
    ['token ids', { input: [1, 2] }, { input: { kind: 'tokens', lists: [[1, 2]] }, encoding: 'float' }],
    [
      'lists of token ids',
      { input: [[1], [2, 3]] },
      { input: { kind: 'tokens', lists: [[1], [2, 3]] }, encoding: 'float' },
    ],
    [
      'nulls as absent',
      { input: 'a', encoding_format: null, dimensions: null },
      { input: { kind: 'texts', texts: ['a'] }, encoding: 'float' },
    ],
  ])('is read with %s', (_name, body, expected) => {
    expect(readEmbeddingsRequest(body)).toEqual(expected);
  });

  it('may hold more token ids than texts', () => {
    expect(readEmbeddingsRequest({ input: Array<number>(5000).fill(1) }).input.kind).toBe('tokens');
  });

  it.each<[string, JsonObject, string]>([
    ['no input', {}, 'input'],
    ['an empty text', { input: '' }, 'input'],
    ['an empty list', { input: [] }, 'input'],
    ['an object', { input: {} }, 'input'],
    ['an empty text in a list', { input: ['a', ''] }, 'input[1]'],
    ['a mixed list', { input: ['a', 1] }, 'input[1]'],
    ['half a token', { input: [1.5] }, 'input[0]'],
    ['an empty token list', { input: [[]] }, 'input[0]'],
    ['too many texts', { input: Array<string>(2049).fill('a') }, 'input'],
    ['an unknown encoding', { input: 'a', encoding_format: 'hex' }, 'encoding_format'],
    ['no dimensions', { input: 'a', dimensions: 0 }, 'dimensions'],
    ['dimensions in words', { input: 'a', dimensions: '5' }, 'dimensions'],
  ])('is refused with %s', (_name, body, param) => {
    expect(refusal(body)).toMatchObject({ kind: 'bad-request', code: 'invalid_value', param });
  });
});
