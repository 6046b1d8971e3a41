import type { Description } from '../../core/describe.ts';
import type { ClientHalf, ReplyContext } from '../../core/half.ts';
import type { SseEvent } from '../../core/machine.ts';
import { errorBody } from './error-body.ts';
import { toSse, writeReply, writeStream } from './reply-writer.ts';
import { readRequest } from './request-reader.ts';

/** Anthropic Messages as callers speak it. */
export const messagesClient: ClientHalf = {
  dialect: 'messages',
  readRequest,
  writeStream,
  writeReply,
  errorBody,
  failureEvents,
};

function failureEvents(description: Description, context: ReplyContext): SseEvent[] {
  return [toSse({ ...errorBody(description, context.requestId), type: 'error' })];
}
