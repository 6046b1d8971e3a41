import type { EmbeddingsInput, EmbeddingsRequest } from '../../core/embeddings.ts';
import { refuse } from '../../core/failure.ts';
import { field } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';

/** OpenAI's own limits: 2,048 inputs a request, and vectors shorter than any model's longest. */
const mostInputs = 2048;
const mostDimensions = 65_536;

/**
 * Reads an embeddings request body. Throws `RouterError` (`bad-request` with `param`) where it breaks the dialect. Error
 * answers are those of every OpenAI path.
 */
export function readEmbeddingsRequest(body: JsonObject): EmbeddingsRequest {
  const dimensions = readDimensions(field(body, 'dimensions') ?? undefined);
  return {
    input: readInput(field(body, 'input')),
    encoding: readEncoding(field(body, 'encoding_format') ?? undefined),
    ...(dimensions !== undefined && { dimensions }),
  };
}

/** A text, a list of texts, a list of token ids, or a list of such lists. */
function readInput(value: unknown): EmbeddingsInput {
  if (typeof value === 'string') return { kind: 'texts', texts: [requireWords(value, 'input')] };
  if (!Array.isArray(value) || value.length === 0 || (!isTokenList(value) && value.length > mostInputs)) {
    return refuse(
      `Invalid value for 'input': expected a string, or an array of 1 to ${mostInputs} strings or token lists.`,
      'invalid_value',
      'input',
    );
  }
  if (isTokenList(value)) return { kind: 'tokens', lists: [value] };
  if (value.every(isTokenList)) return { kind: 'tokens', lists: value };
  return { kind: 'texts', texts: value.map((text: unknown, at) => requireWords(text, `input[${at}]`)) };
}

function requireWords(text: unknown, param: string): string {
  if (typeof text === 'string' && text !== '') return text;
  return refuse(`Invalid value for '${param}': expected a string that is not empty.`, 'invalid_value', param);
}

function isTokenList(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((token) => Number.isSafeInteger(token) && token >= 0);
}

function readEncoding(value: unknown): EmbeddingsRequest['encoding'] {
  if (value === undefined) return 'float';
  if (value === 'float' || value === 'base64') return value;
  return refuse(
    'Invalid value for \'encoding_format\': expected "float" or "base64".',
    'invalid_value',
    'encoding_format',
  );
}

function readDimensions(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= mostDimensions) return value;
  return refuse(
    `Invalid value for 'dimensions': expected a whole number from 1 to ${mostDimensions}.`,
    'invalid_value',
    'dimensions',
  );
}
