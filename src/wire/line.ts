import { startAlarm } from './alarm.ts';
import { joinBytes } from './bytes.ts';
import { abandon, commenter, type CallerWriter } from './caller.ts';
import { cancel, readChunk } from './open.ts';
import type { OpenedStream } from './stream.ts';

/** What ends a stream from outside, before upstream does. */
export type Stop = 'caller-left' | 'idle-timeout' | 'total-timeout';

/** The way between one upstream and one caller, under the clocks: at any moment it reads, writes or rests. */
export interface Line {
  /** Waits for the next chunk of upstream. Settles also when the line is stopped. */
  read(): Promise<Uint8Array | 'ended' | 'broken'>;
  /** Writes to the caller and waits until it is taken. Never rejects: a caller who has left stops the line. */
  write(parts: readonly Uint8Array[]): Promise<void>;
  readonly stopped: Stop | undefined;
  /** Stops the clocks and the watch over the caller. */
  release(): void;
}

/**
 * Opens a line. While it reads and the caller has heard nothing for `keepaliveMs`, it writes a comment: always between
 * events, because a passage gives whole ones. Stopping it cancels upstream at once, which also ends a read that waits.
 */
export function openLine(opened: OpenedStream, writer: CallerWriter, keepaliveMs: number): Line {
  const { reader, timer, clocks, signal, startedMs } = opened;
  let stopped: Stop | undefined;
  let isWriting = false;
  let readingSinceMs: number | undefined;
  let wroteMs = timer.now();

  function stop(reason: Stop): void {
    if (stopped !== undefined) return;
    stopped = reason;
    cancel(reader);
    if (isWriting) abandon(writer); // or a caller who takes nothing would outlast every clock
  }

  async function whileWriting(writing: Promise<void>): Promise<void> {
    isWriting = true;
    try {
      await writing;
    } catch {
      stop('caller-left');
    }
    isWriting = false;
    wroteMs = timer.now();
  }

  const comment = commenter(writer, () => stop('caller-left'));
  const totalDue = startedMs + clocks.totalMs;
  const release = watchLine(opened, writer, {
    stop,
    // While nothing is read the alarm only looks up now and then: a read that begins brings a deadline of its own.
    due: () =>
      readingSinceMs === undefined
        ? Math.min(totalDue, timer.now() + Math.min(keepaliveMs, clocks.idleMs))
        : Math.min(totalDue, readingSinceMs + clocks.idleMs, wroteMs + keepaliveMs),
    ring: () => {
      const now = timer.now();
      if (now >= totalDue) return stop('total-timeout');
      if (readingSinceMs === undefined) return;
      if (now - readingSinceMs >= clocks.idleMs) return stop('idle-timeout');
      wroteMs = now;
      return comment();
    },
  });
  if (signal?.aborted === true) stop('caller-left');

  return {
    async read() {
      readingSinceMs = timer.now();
      const chunk = await readChunk(reader);
      readingSinceMs = undefined;
      return chunk;
    },
    async write(parts) {
      if (parts.length > 0 && stopped === undefined) await whileWriting(writer.write(joinBytes(parts)));
    },
    get stopped() {
      return stopped;
    },
    release,
  };
}

interface LineWatch {
  readonly stop: (reason: Stop) => void;
  readonly due: () => number;
  readonly ring: () => void;
}

/**
 * Watches the clocks and both signs of a caller who leaves: the request's signal and the end of the answer's pipe. The
 * runtime tells of the second only at the next write, which is a comment at the latest.
 */
function watchLine({ timer, signal }: OpenedStream, writer: CallerWriter, watch: LineWatch): () => void {
  const leave = (): void => watch.stop('caller-left');
  signal?.addEventListener('abort', leave);
  writer.closed.catch(leave);
  const stopAlarm = startAlarm(timer, watch);
  return () => {
    stopAlarm();
    signal?.removeEventListener('abort', leave);
  };
}
