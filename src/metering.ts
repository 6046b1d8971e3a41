import type { Call } from './core/call.ts';
import type { Dialect } from './core/dialect.ts';

/** Whether a caller's requests are counted before they are made. */
export function isLimited({ caller }: Pick<Call, 'caller'>): boolean {
  return caller.limits !== undefined || (caller.routeLimits?.size ?? 0) > 0;
}

/** The dialects whose streams tell their usage when asked for it: `stream_options.include_usage`. */
const askable: ReadonlySet<Dialect> = new Set(['chat', 'completions']);

/** Whether a stream has to be asked for its usage: the caller is billed by it and did not ask itself. */
export function mustMeter(call: Call): boolean {
  return isLimited(call) && call.stream && askable.has(call.dialect) && !call.includeUsage;
}
