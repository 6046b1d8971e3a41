import type { UpstreamCause } from '../core/failure.ts';
import { abandon, breakOff, type CallerWriter } from './caller.ts';
import { joinBytes } from './bytes.ts';
import { openLine, type Line } from './line.ts';
import { cancel, readChunk, stateOf } from './open.ts';
import type { OpenedStream, Outcome } from './stream.ts';

/** What upstream may still send behind its terminal event before it is cancelled, in bytes and milliseconds. */
const drainBytes = 65_536;
const drainMs = 1000;

export interface FlowOptions {
  /** Silence towards the caller after which a comment is sent, in milliseconds. */
  readonly keepaliveMs: number;
  /**
   * Called exactly once, when the caller's side is over. `fault` is what was thrown where the router itself is at fault: the
   * stream then ended in an error event, and somebody should log it. Must not throw.
   */
  readonly onEnd: (outcome: Outcome, fault?: unknown) => void;
}

/** A stream on its way to a caller. */
export interface Flow {
  readonly readable: ReadableStream<Uint8Array>;
  /** Settles when upstream is done with as well, shortly after `onEnd`: for `waitUntil`. Rejects only where `onEnd` throws. */
  readonly done: Promise<Outcome>;
}

/**
 * Sends an opened stream to the caller: the held bytes, then what the passage makes of each chunk, and comments while
 * upstream is silent. It ends in one of three ways: closed behind the dialect's terminal event, whatever upstream still
 * sends; broken off behind the dialect's error event; or given up, upstream cancelled, because the caller has left.
 *
 * One reader loop into an `IdentityTransformStream`: the cheapest shape that sees the bytes. `tee` would keep upstream
 * generating after the caller has left, and a JavaScript `TransformStream` costs a third more (both measured in workerd).
 */
export function flowStream(opened: OpenedStream, options: FlowOptions): Flow {
  const { readable, writable } = new IdentityTransformStream();
  return { readable, done: flowInto(writable.getWriter(), opened, options) };
}

/** The same into a pipe that is already on its way to the caller. The writer is done with afterwards. */
export async function flowInto(writer: CallerWriter, opened: OpenedStream, options: FlowOptions): Promise<Outcome> {
  const line = openLine(opened, writer, options.keepaliveMs);
  let outcome: Outcome = 'error';
  let fault: unknown;
  try {
    await carry(opened, line);
    outcome = await finish(opened, line, writer);
  } catch (thrown) {
    fault = thrown;
    await breakOff(writer, errorBytes(opened, 'stream-error'), opened.timer);
  }
  line.release();
  if (outcome !== 'complete') cancel(opened.reader);
  options.onEnd(outcome, fault);
  if (outcome === 'complete') await drain(opened);
  return outcome;
}

/** Carries chunks over until the passage, upstream or the line has come to an end. */
async function carry({ held, passage }: OpenedStream, line: Line): Promise<void> {
  await line.write(held);
  while (line.stopped === undefined && (passage.state === 'content' || passage.state === 'waiting')) {
    const chunk = await line.read();
    if (line.stopped !== undefined || chunk === 'broken') return;
    await line.write(chunk === 'ended' ? passage.end() : passage.push(chunk));
    if (chunk === 'ended') return;
  }
}

/** Gives the caller's side the end that fits what has happened. */
async function finish(opened: OpenedStream, line: Line, writer: CallerWriter): Promise<Outcome> {
  const { passage, timer } = opened;
  if (line.stopped === 'caller-left') {
    abandon(writer);
    return 'caller-left';
  }
  const hasFailed = passage.state === 'failed'; // its error event has been written already
  const lastBytes =
    hasFailed || passage.state === 'ended' ? new Uint8Array() : errorBytes(opened, line.stopped ?? 'cut');
  // What was complete but for its end mark ends well, however upstream ends.
  if (stateOf(passage) === 'ended') {
    await sendLast(writer, lastBytes);
    return 'complete';
  }
  await breakOff(writer, lastBytes, timer);
  if (line.stopped !== undefined) return 'timeout';
  return hasFailed && passage.failure?.cause !== 'cut' ? 'error' : 'upstream-cut';
}

/** Writes what is left and ends the stream cleanly. A caller who has left needs neither. */
async function sendLast(writer: CallerWriter, bytes: Uint8Array): Promise<void> {
  try {
    if (bytes.length > 0) await writer.write(bytes);
    await writer.close();
  } catch {
    // The caller has left.
  }
}

/** The error event, or nothing where the passage is the one at fault: the broken transport then says it alone. */
function errorBytes({ passage }: OpenedStream, cause: UpstreamCause): Uint8Array {
  try {
    return joinBytes(passage.fail({ kind: 'upstream', cause }));
  } catch {
    return new Uint8Array();
  }
}

/**
 * Reads what is left behind the terminal event, mostly nothing but the end: a stream cancelled a moment before it would have
 * ended looks to the upstream like a caller who gave up.
 */
async function drain({ reader, timer }: OpenedStream): Promise<void> {
  const stop = new AbortController();
  timer.wait(drainMs, stop.signal).then(
    () => cancel(reader),
    () => undefined,
  );
  let allowance = drainBytes;
  while (allowance > 0) {
    const chunk = await readChunk(reader);
    if (typeof chunk === 'string') break;
    allowance -= chunk.length;
  }
  stop.abort();
  cancel(reader);
}
