import type { Conversation } from '../../core/conversation.ts';
import type { JsonObject } from '../../core/json.ts';
import { readPrompt } from './request-reader.ts';

/**
 * Reads a `POST /v1/messages/count_tokens` body: a Messages request without `max_tokens`. Throws `RouterError`
 * (`bad-request`) like `readRequest`.
 */
export function readCountRequest(body: JsonObject): Conversation {
  return readPrompt(body);
}

/** Writes the answer of `count_tokens`. */
export function writeCount(inputTokens: number): JsonObject {
  return { input_tokens: inputTokens };
}
