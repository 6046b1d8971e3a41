/** Joins pieces into one array. Pieces that lie side by side in one buffer are joined without a copy. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const first = parts[0];
  if (first === undefined) return new Uint8Array();
  if (parts.length === 1) return first;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (areNeighbours(parts)) return new Uint8Array(first.buffer, first.byteOffset, length);
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function areNeighbours(parts: readonly Uint8Array[]): boolean {
  return parts.every((part, index) => {
    const before = parts[index - 1];
    if (before === undefined) return true;
    return part.buffer === before.buffer && part.byteOffset === before.byteOffset + before.length;
  });
}

/** Collects pieces of bytes into one array. */
export interface Gatherer {
  readonly length: number;
  add(bytes: Uint8Array): void;
  /** Everything added so far, as one array; the gatherer is empty again. */
  take(): Uint8Array;
}

/**
 * A gatherer whose memory and time grow with the bytes, never with the number of pieces: a sender of single bytes costs
 * no more than one of big pieces. One piece alone is handed on without a copy.
 * @param expectedBytes what the sender announced: sizes the first buffer, so that an honest sender's bytes are copied once.
 */
export function gather(expectedBytes = 0): Gatherer {
  let buffer: Uint8Array = new Uint8Array();
  let length = 0;
  let isOwn = false;
  return {
    get length() {
      return length;
    },
    add(bytes) {
      const needed = length + bytes.length;
      if (length === 0) {
        [buffer, isOwn] = [bytes, false];
      } else if (isOwn && needed <= buffer.length) {
        buffer.set(bytes, length);
      } else {
        const grown = new Uint8Array(Math.max(needed * 2, expectedBytes));
        grown.set(buffer.subarray(0, length));
        grown.set(bytes, length);
        [buffer, isOwn] = [grown, true];
      }
      length = needed;
    },
    take() {
      const taken = length === buffer.length ? buffer : buffer.subarray(0, length);
      [buffer, length, isOwn] = [new Uint8Array(), 0, false];
      return taken;
    },
  };
}
