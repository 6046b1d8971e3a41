import { startAlarm } from './alarm.ts';
import { breakOff, commenter, type CallerWriter } from './caller.ts';
import { flowInto, type FlowOptions } from './flow.ts';
import type { OpenedStream, Timer } from './stream.ts';

/** What a delayed stream goes on with. */
export type Continuation =
  /** An upstream whose answer has begun; `onEnd` as in {@link FlowOptions}. */
  | { readonly opened: OpenedStream; readonly onEnd: FlowOptions['onEnd'] }
  /** A complete answer. */
  | { readonly bytes: Uint8Array }
  /** An error event, behind which the transport is broken. */
  | { readonly failBytes: Uint8Array };

interface DelayOptions {
  readonly keepaliveMs: number;
  readonly timer: Timer;
}

interface Delayed {
  readonly readable: ReadableStream<Uint8Array>;
  /** Settles when the stream is over: for `waitUntil`. Rejects where `next` rejects or `onEnd` throws. */
  readonly done: Promise<void>;
}

/**
 * A stream that begins before there is anything to send: comments, one at once and then one every `keepaliveMs`, until
 * `next` says how to go on. For an upstream whose headers are in while its content lets wait for itself: clients and proxies
 * give up on a silent connection. From its first comment on the answer is a 200, so what `next` waits for may still fall
 * back to another target but no longer become an HTTP error. It is for `next` to notice that the caller has left, by the
 * request's signal; what it then gives goes nowhere.
 *
 * An opened stream flows into the same pipe: the runtime cannot pipe one `IdentityTransformStream` into another
 * ("Inter-TransformStream ReadableStream.pipeTo() is not implemented"), and a second hop in JavaScript would double its cost.
 */
export function delayStream(next: Promise<Continuation>, options: DelayOptions): Delayed {
  const { readable, writable } = new IdentityTransformStream();
  return { readable, done: delay(next, writable.getWriter(), options) };
}

async function delay(next: Promise<Continuation>, writer: CallerWriter, options: DelayOptions): Promise<void> {
  const stopComments = startComments(writer, options);
  let continuation: Continuation;
  try {
    continuation = await next;
  } catch (fault) {
    await breakOff(writer, new Uint8Array(), options.timer);
    throw fault;
  } finally {
    stopComments();
  }
  await goOn(continuation, writer, options);
}

function startComments(writer: CallerWriter, { keepaliveMs, timer }: DelayOptions): () => void {
  const comment = commenter(writer, () => undefined);
  let wroteMs = 0;
  const ring = (): void => {
    wroteMs = timer.now();
    comment();
  };
  ring();
  return startAlarm(timer, { due: () => wroteMs + keepaliveMs, ring });
}

async function goOn(continuation: Continuation, writer: CallerWriter, options: DelayOptions): Promise<void> {
  const { keepaliveMs, timer } = options;
  if ('opened' in continuation) {
    await flowInto(writer, continuation.opened, { keepaliveMs, onEnd: continuation.onEnd });
    return;
  }
  if ('failBytes' in continuation) return await breakOff(writer, continuation.failBytes, timer);
  try {
    await writer.write(continuation.bytes);
    await writer.close();
  } catch {
    // The caller has left.
  }
}
