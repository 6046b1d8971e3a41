import type { Description } from '../core/describe.ts';
import type { JsonObject } from '../core/json.ts';

/**
 * The body of an error answer on every OpenAI path: `{ error: { message, type, param, code } }` (clients.md 2.3).
 * `attempts`, one row a target tried, is ours: clients show or ignore what they do not know. The request id travels in
 * the `x-request-id` header, which is where the OpenAI SDKs look for it.
 */
export function openaiErrorBody(description: Description): JsonObject {
  const attempts = description.attempts?.map((note) => ({ ...note }));
  return {
    error: {
      message: description.message,
      type: description.openaiType,
      param: description.param,
      code: description.openaiCode,
      ...(attempts !== undefined && { attempts }),
    },
  };
}
