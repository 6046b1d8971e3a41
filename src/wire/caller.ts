import { commentBytes } from './sse.ts';
import type { Timer } from './stream.ts';

export type CallerWriter = WritableStreamDefaultWriter<Uint8Array>;

/** How long a caller who does not read may keep the last bytes waiting before the transport is broken. */
const graceMs = 1000;

/**
 * Time for the last bytes to get out. Aborted at once, the runtime throws away what it has just accepted; one turn of the event
 * loop is enough inside one process, but not with a proxy hop in between (seen with wrangler 4.156 and workerd 1.20261102,
 * where 5 ms were enough).
 */
export const flushMs = 50;

/**
 * Writes the last bytes of a stream that failed, then breaks the transport, so that a client cannot take it for a whole
 * answer. Never rejects: a caller who has left needs neither.
 */
export async function breakOff(writer: CallerWriter, lastBytes: Uint8Array, timer: Timer): Promise<void> {
  const grace = new AbortController();
  try {
    if (lastBytes.length > 0) await Promise.race([writer.write(lastBytes), timer.wait(graceMs, grace.signal)]);
    await timer.wait(flushMs);
  } catch {
    // The caller has left.
  }
  grace.abort();
  abandon(writer);
}

/** Breaks the transport at once. */
export function abandon(writer: CallerWriter): void {
  writer.abort(new Error('The stream ended in failure')).catch(() => undefined);
}

/** Gives what writes one comment; never a second one while the caller has not taken the first. */
export function commenter(writer: CallerWriter, onLeft: () => void): () => void {
  let isPending = false;
  return () => {
    if (isPending) return;
    isPending = true;
    writer.write(commentBytes).then(() => (isPending = false), onLeft);
  };
}
