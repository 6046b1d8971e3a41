import type { TargetHalf } from '../../core/half.ts';
import { meter } from './meter.ts';
import { readReply, readStream } from './read-stream.ts';
import { readUsage } from './usage.ts';
import { writeRequest } from './write-request.ts';

/** OpenAI Responses as a target speaks it. */
export const responsesTarget: TargetHalf = {
  dialect: 'responses',
  writeRequest,
  readStream,
  readReply,
  meter,
  readUsage,
};
