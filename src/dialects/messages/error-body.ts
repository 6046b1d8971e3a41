import type { Description } from '../../core/describe.ts';
import type { JsonObject } from '../../core/json.ts';

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

/** Anthropic's own words for a bad key come first: its clients look for them (clients.md 2.3). */
function wordMessage({ message, anthropicType }: Description): string {
  return anthropicType === 'authentication_error' ? `invalid x-api-key: ${message}` : message;
}
