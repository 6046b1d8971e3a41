import type { Description } from '../../core/describe.ts';
import type { JsonObject } from '../../core/json.ts';

/** The phrase by which clients know that they must shorten the conversation (clients.md 2.3). */
const overflowPhrase = 'prompt is too long';

/** Writes `{ type: 'error', error, request_id }`, the body of an error answer and of an `error` event. */
export function errorBody(description: Description, requestId: string): JsonObject {
  const { attempts, details } = description;
  return {
    type: 'error',
    error: {
      type: description.anthropicType,
      message: wordMessage(description),
      ...(details !== undefined && { details }),
      ...(attempts !== undefined && { attempts: attempts.map((attempt) => ({ ...attempt })) }),
    },
    request_id: requestId,
  };
}

function wordMessage({ message, openaiCode }: Description): string {
  const overflow = openaiCode === 'context_length_exceeded' && !message.toLowerCase().includes(overflowPhrase);
  return overflow ? `${overflowPhrase}: ${message}` : message;
}
