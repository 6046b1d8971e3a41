import { RouterError, refuse } from '../core/failure.ts';
import { readAll } from './body.ts';
import { gather, joinBytes } from './bytes.ts';
import { boundaryIn, PartScanner, type ModelPart } from './multipart.ts';

/** What is known of an upload once its model is, and what is still to come. */
export interface HeldUpload {
  readonly held: Uint8Array;
  readonly model: ModelPart;
  /** Absent: all of it is held. */
  readonly rest?: ReadableStream<Uint8Array>;
}

/**
 * Reads a multipart body until the part `model` is complete, and holds what it read; official SDKs send the file first, so that is often
 * the whole. What comes behind it is not held: it streams on, watched for a second model. Throws `RouterError`: `bad-request` where the
 * body is no form or has no model, `too-large` where it has no model within the limit.
 */
export async function readUpload(
  body: ReadableStream<Uint8Array> | null,
  { contentType, heldBytes, limitBytes }: { contentType: string; heldBytes: number; limitBytes: number },
): Promise<HeldUpload> {
  const boundary = boundaryIn(contentType);
  if (boundary === undefined || body === null)
    return refuse(
      'Cannot read the body: send a multipart form with a boundary in its content-type.',
      'invalid_multipart',
    );
  const scanner = new PartScanner(boundary);
  const reader = body.getReader();
  const held = gather(0);
  let model: ModelPart | undefined;
  // Behind the closing delimiter nothing counts: such a body is whole, and another target may be tried with it.
  while (model === undefined || scanner.isOver) {
    const { done, value } = await reader.read();
    if (done) break;
    held.add(value);
    if (held.length > heldBytes) throw tooLarge(reader, heldBytes);
    model = scanner.push(value) ?? model;
    if (model !== undefined && !scanner.isOver) break;
  }
  if (model === undefined)
    return refuse('Cannot choose a model: the form has no complete part "model".', 'missing_model', 'model');
  const left = limitBytes - held.length;
  return { held: held.take(), model, ...(!scanner.isOver && { rest: restOf(reader, scanner, left) }) };
}

function tooLarge(reader: ReadableStreamDefaultReader<Uint8Array>, limitBytes: number): RouterError {
  reader.cancel().catch(() => undefined);
  return new RouterError({ kind: 'too-large', limitBytes });
}

function restOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  scanner: PartScanner,
  mostBytes: number,
): ReadableStream<Uint8Array> {
  let left = mostBytes;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      scanner.push(value);
      left -= value.length;
      if (left < 0) throw tooLarge(reader, mostBytes);
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** One body of what is held and what is still to come, with its length where that is known: then it is no chunked upload. */
export function joinUpload(
  held: Uint8Array,
  { rest, lengthBytes }: { rest: ReadableStream<Uint8Array>; lengthBytes?: number },
): ReadableStream<Uint8Array> {
  const { readable, writable } =
    lengthBytes === undefined ? new IdentityTransformStream() : new FixedLengthStream(lengthBytes);
  const pour = async (): Promise<void> => {
    const writer = writable.getWriter();
    await writer.write(held);
    writer.releaseLock();
    await rest.pipeTo(writable);
  };
  // What goes wrong here breaks the body, which whoever sends it is told.
  pour().catch(() => undefined);
  return readable;
}

/** All of an upload, for a target that cannot take a stream. Throws `RouterError` (`too-large`) over the limit. */
export async function readRest(
  held: Uint8Array,
  rest: ReadableStream<Uint8Array>,
  limitBytes: number,
): Promise<Uint8Array> {
  const read = await readAll(rest, limitBytes - held.length);
  if (read === undefined) throw new RouterError({ kind: 'too-large', limitBytes });
  return joinBytes([held, read]);
}
