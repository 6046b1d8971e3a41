import type { Call } from './core/call.ts';

/** Whether a caller's requests are counted before they are made. */
export function isLimited({ caller }: Pick<Call, 'caller'>): boolean {
  return caller.limits !== undefined || (caller.routeLimits?.size ?? 0) > 0;
}

/** Whether a chat stream has to be asked for its usage: the caller is billed by it and did not ask itself. */
export function mustMeter(call: Call): boolean {
  return isLimited(call) && call.stream && call.dialect === 'chat' && !call.includeUsage;
}
