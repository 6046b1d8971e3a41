import { expect, it } from 'vitest';
import { readFailure } from '../../../src/dialects/chat/failures.ts';

it.each([
  ['a type', { error: { type: 'rate_limit_error', message: 'slow down' } }, 'provider-rate'],
  ['a code', { error: { type: 'x', code: 'insufficient_quota' } }, 'provider-billing'],
  ['a code as a number', { error: { code: 503, message: 'x' } }, 'capacity'],
  ['its words', { error: { message: 'The engine is overloaded' } }, 'capacity'],
  ['its words as a bare string', { error: 'Rate limit reached' }, 'provider-rate'],
  ['a Cloudflare array `errors`', { success: false, errors: [{ code: 3040, message: 'out of capacity' }] }, 'capacity'],
  ['a gateway array `error`', { success: false, error: [{ code: 2003, message: 'Rate limited' }] }, 'gateway-rate'],
  ['a bare AiError', { name: 'AiError', internalCode: 3036, httpCode: 429, message: 'x' }, 'quota'],
  ['a bare error object', { object: 'error', type: 'server_error', message: 'x' }, 'provider-error'],
  ['no known word', { error: { message: 'strange' } }, 'stream-error'],
  ['nothing at all', { error: {} }, 'stream-error'],
])('finds the cause by %s', (_name, value, cause) => {
  expect(readFailure(value)).toEqual({ kind: 'upstream', cause });
});

it.each([
  ['a chunk', { choices: [] }],
  ['a null error', { error: null, choices: [] }],
  ['an empty list of errors', { errors: [], success: true, result: {} }],
  ['an array', [{ error: {} }]],
  ['text', 'error'],
  ['nothing', undefined],
])('finds none in %s', (_name, value) => {
  expect(readFailure(value)).toBeUndefined();
});

it('quotes what the caller needs, in one line and without keys', () => {
  const begin = 'Invalid schema\n for sk-abcdefghijkl: ';
  const message = begin + 'x'.repeat(500);
  expect(readFailure({ error: { type: 'invalid_request_error', message } })).toEqual({
    kind: 'upstream',
    cause: 'invalid-request',
    detail: `Invalid schema for [key]: ${'x'.repeat(300 - begin.length)}`,
  });
});

it('knows an overflow although its type says invalid request', () => {
  const message = "This model's maximum context length is 8192 tokens.";
  expect(readFailure({ error: { type: 'invalid_request_error', message } })).toEqual({
    kind: 'upstream',
    cause: 'context-overflow',
    detail: message,
  });
});

it('never quotes an upstream that speaks of a key', () => {
  const error = { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key: sk-secret' };
  expect(readFailure({ error })).toEqual({ kind: 'upstream', cause: 'provider-key' });
});
