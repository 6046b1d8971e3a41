import type { TargetHalf } from '../../core/half.ts';
import { meter } from './meter.ts';
import { readReply, readStream } from './reply-reader.ts';
import { writeRequest } from './request-writer.ts';
import { readUsage } from './usage.ts';

/** Anthropic Messages as a target speaks it. */
export const messagesTarget: TargetHalf = {
  dialect: 'messages',
  writeRequest,
  readStream,
  readReply,
  meter,
  readUsage,
};
