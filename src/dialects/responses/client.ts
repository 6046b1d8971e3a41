import type { ClientHalf } from '../../core/half.ts';
import { openaiErrorBody } from '../openai.ts';
import { readRequest } from './read-request.ts';
import { failureEvents, writeReply, writeStream } from './write-stream.ts';

/** OpenAI Responses as callers speak it. */
export const responsesClient: ClientHalf = {
  dialect: 'responses',
  readRequest,
  writeStream,
  writeReply,
  errorBody: openaiErrorBody,
  failureEvents,
};
