import { RouterError } from '../core/failure.ts';
import { gather } from './bytes.ts';
import { withoutBom } from './scan.ts';

/** Largest whole answer taken from an upstream, in decoded bytes: a gzip bomb ends here (threats.md T78). */
export const answerLimitBytes = 33_554_432;

/** How much of an announced length is believed before the bytes are there. */
const trustedLengthBytes = 1_048_576;

interface BodyLimits {
  readonly limitBytes: number;
  /** The request's `content-length`, where it has one. */
  readonly contentLength?: number | undefined;
  /** The transport holds the body to that length (HTTP does), so that it may be read without counting. */
  readonly isHeldToLength?: boolean;
}

/**
 * Reads a caller's body whole, without its BOM. Real bytes are counted, whatever length was announced (threats.md T44,
 * T45). Throws `RouterError` (`too-large`) over the limit, before reading where the announced length is already over it; a
 * caller who leaves makes it reject with the stream's own error.
 */
export async function readBody(body: ReadableStream<Uint8Array> | null, limits: BodyLimits): Promise<Uint8Array> {
  const { limitBytes, contentLength = 0, isHeldToLength = false } = limits;
  if (body === null) return new Uint8Array();
  if (contentLength > limitBytes) throw new RouterError({ kind: 'too-large', limitBytes });
  // Natively: a loop in JavaScript costs about as much as everything else that is done with a small body.
  const isSure = isHeldToLength && contentLength > 0;
  const bytes = isSure ? await readNatively(body) : await readUpTo(body, limitBytes, contentLength);
  if (bytes === undefined || bytes.length > limitBytes) throw new RouterError({ kind: 'too-large', limitBytes });
  return withoutBom(bytes);
}

/**
 * Reads an upstream's answer whole, or gives `undefined` where it is over the limit, with the rest cancelled. Rejects with
 * the stream's own error where the transport breaks.
 */
export async function readAll(
  stream: ReadableStream<Uint8Array> | null,
  limitBytes = answerLimitBytes,
): Promise<Uint8Array | undefined> {
  return stream === null ? new Uint8Array() : await readUpTo(stream, limitBytes, 0);
}

/** The same for an answer whose length the transport told and holds it to: read natively where it is under the limit. */
export async function readAnswerBody({ body, headers }: Response): Promise<Uint8Array | undefined> {
  const length = Number(headers.get('content-length') ?? 0);
  // Compressed bodies are longer than they say: those are counted.
  const isSure = length > 0 && length <= answerLimitBytes && !headers.has('content-encoding');
  return isSure && body !== null ? readNatively(body) : readAll(body);
}

async function readNatively(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function readUpTo(
  stream: ReadableStream<Uint8Array>,
  limitBytes: number,
  announcedBytes: number,
): Promise<Uint8Array | undefined> {
  const gathered = gather(Math.min(announcedBytes, trustedLengthBytes));
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return gathered.take();
    if (gathered.length + value.length > limitBytes) {
      // Not awaited: a source may take its time to stop, and the answer does not depend on it.
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    gathered.add(value);
  }
}
