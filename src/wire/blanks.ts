const lineFeed = 10;
const carriageReturn = 13;

/** Finds blank lines in a stream of bytes, chunk by chunk. */
export interface BlankFinder {
  /** Offsets in this chunk just behind each blank line, ascending. 0 means: the chunk before ended with one. */
  in(chunk: Uint8Array): number[];
  /** Whether the stream, now at its end, ended with a blank line that {@link in} still left open. */
  end(): boolean;
}

/**
 * A finder of the blank lines that end server-sent events. Lines end in LF, CRLF or CR, mixed as they come, cut by
 * chunks anywhere. A chunk that ends in CR leaves open whether LF follows:
 * - a stream that ends its lines with CR alone must not wait for the next chunk, which may be seconds away, so there a
 *   blank line counts at its CR, and an LF that follows after all leads the next block, where it means nothing;
 * - everywhere else the blank line's own LF is awaited, so that it stays with its block.
 */
export function blankFinder(): BlankFinder {
  let isLineEmpty = true;
  let endedInBareReturn = false;
  /** What a CR at the very end of the chunk before has ended. */
  let open: 'nothing' | 'line' | 'blank' = 'nothing';

  return {
    in(chunk) {
      const ends: number[] = [];
      if (chunk.length === 0) return ends;
      let at = 0;
      if (open !== 'nothing') {
        at = chunk[0] === lineFeed ? 1 : 0;
        endedInBareReturn = at === 0;
        if (open === 'blank') ends.push(at);
        open = 'nothing';
      }
      const nextEnd = lineEnds(chunk, at);
      for (let end = nextEnd(at); end !== -1; end = nextEnd(at)) {
        const isBlank = isLineEmpty && end === at;
        isLineEmpty = true;
        const isReturn = chunk[end] === carriageReturn;
        if (isReturn && end + 1 === chunk.length) {
          const countsNow = isBlank && endedInBareReturn;
          open = isBlank && !countsNow ? 'blank' : 'line';
          if (countsNow) ends.push(chunk.length);
          return ends;
        }
        endedInBareReturn = isReturn && chunk[end + 1] !== lineFeed;
        at = isReturn && !endedInBareReturn ? end + 2 : end + 1;
        if (isBlank) ends.push(at);
      }
      if (at < chunk.length) isLineEmpty = false;
      return ends;
    },
    end: () => open === 'blank',
  };
}

/** The next line end at or after an offset, or -1. Each byte is looked at once for LF and once for CR, whatever the mix. */
function lineEnds(chunk: Uint8Array, from: number): (at: number) => number {
  let feed = positionOf(chunk, lineFeed, from);
  let carriage = positionOf(chunk, carriageReturn, from);
  return (at) => {
    if (feed < at) feed = positionOf(chunk, lineFeed, at);
    if (carriage < at) carriage = positionOf(chunk, carriageReturn, at);
    const end = Math.min(feed, carriage);
    return end === Infinity ? -1 : end;
  };
}

function positionOf(chunk: Uint8Array, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from);
  return at === -1 ? Infinity : at;
}
