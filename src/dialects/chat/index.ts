import type { ClientHalf, TargetHalf } from '../../core/half.ts';
import { openaiErrorBody } from '../openai.ts';
import { meter } from './meter.ts';
import { readRequest } from './read-request.ts';
import { readReply, readStream } from './read-stream.ts';
import { readBodyUsage } from './usage.ts';
import { writeReply } from './write-reply.ts';
import { writeRequest } from './write-request.ts';
import { failureEvents, writeStream } from './write-stream.ts';

export { chatLosses } from './losses.ts';
export { wantsUsage } from './read-request.ts';
export { hideUsage } from './hide-usage.ts';
export { repairReply, repairStream } from './repair.ts';

/** OpenAI Chat Completions as callers speak it. */
export const chatClient: ClientHalf = {
  dialect: 'chat',
  readRequest,
  writeStream,
  writeReply,
  errorBody: openaiErrorBody,
  failureEvents,
};

/** OpenAI Chat Completions as targets speak it. */
export const chatTarget: TargetHalf = {
  dialect: 'chat',
  writeRequest,
  readStream,
  readReply,
  meter,
  readUsage: readBodyUsage,
};
