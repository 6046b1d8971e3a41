import { createParser } from 'eventsource-parser';
import { isObject, parseJson } from '../core/json.ts';
import type { Machine, SseEvent } from '../core/machine.ts';
import { blankFinder } from './blanks.ts';
import { gather } from './bytes.ts';

/** One block of a server-sent event stream: the bytes up to and including a blank line. */
export interface Block {
  /** Exactly as received: all blocks' bytes in order are the stream, BOM, comments, `id` and `retry` included. */
  readonly bytes: Uint8Array;
  /** The event that the block dispatches; absent for comments, blank lines and events without data. */
  readonly event?: SseEvent;
  /** The stream ended without the blank line that should end this block. */
  readonly unfinished?: true;
  /** The block is over the limit: its bytes are dropped, `bytes` is empty, and nothing follows. */
  readonly oversize?: true;
}

/** Longest block taken, in bytes (threats.md T81, F15). */
export const blockLimitBytes = 1_048_576;

/** The shortest block that can dispatch an event is `data` and two line ends. */
const shortestEventBytes = 6;

/**
 * Cuts a server-sent event stream at its blank lines and parses what each block dispatches. Chunk boundaries leave no
 * trace, except that an LF split from the CR of a blank line may lead the next block (see {@link blankFinder}).
 * A last block without its blank line comes out of `end()`, `unfinished`, with its event where nothing but the blank line
 * is missing. Never throws; invalid UTF-8 reads as U+FFFD in `event` and stays as it is in `bytes`.
 */
export function splitBlocks(options: { readonly limitBytes?: number } = {}): Machine<Uint8Array, Block> {
  const limitBytes = options.limitBytes ?? blockLimitBytes;
  const blanks = blankFinder();
  const readEvent = eventReader();
  const pending = gather();
  let isOver = false;

  function overflow(): Block {
    isOver = true;
    pending.take();
    return { bytes: new Uint8Array(), oversize: true };
  }

  function complete(piece: Uint8Array): Block {
    if (pending.length + piece.length > limitBytes) return overflow();
    if (pending.length > 0) pending.add(piece);
    const bytes = pending.length > 0 ? pending.take() : piece;
    const event = readEvent(bytes);
    return event === undefined ? { bytes } : { bytes, event };
  }

  return {
    push(chunk) {
      const blocks: Block[] = [];
      let at = 0;
      for (const end of isOver ? [] : blanks.in(chunk)) {
        blocks.push(complete(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end)));
        if (isOver) return blocks;
        at = end;
      }
      if (isOver || at === chunk.length) return blocks;
      const rest = at === 0 ? chunk : chunk.subarray(at);
      if (pending.length + rest.length > limitBytes) return [...blocks, overflow()];
      pending.add(rest);
      return blocks;
    },
    end() {
      if (pending.length === 0) return [];
      if (blanks.end()) return [complete(new Uint8Array())];
      const bytes = pending.take();
      const event = readEvent(bytes, { isUnfinished: true });
      return [{ bytes, ...(event !== undefined && { event }), unfinished: true }];
    },
  };
}

type EventReader = (bytes: Uint8Array, options?: { readonly isUnfinished: boolean }) => SseEvent | undefined;

/** Reads the event of one block after the other with one parser and one decoder for the whole stream. */
function eventReader(): EventReader {
  let read: SseEvent | undefined;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      read = event === undefined ? { data } : { event, data };
    },
  });
  // A BOM means something at the start of the stream only; by default each decode would take one off.
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
  let isFirst = true;
  return (bytes, options) => {
    const wasFirst = isFirst;
    isFirst = false;
    if (bytes.length < shortestEventBytes && options === undefined) return undefined;
    const text = withLineFeeds(decoder.decode(bytes));
    read = undefined;
    parser.feed(wasFirst && text.startsWith('\uFEFF') ? text.slice(1) : text);
    if (options === undefined) return read;
    parser.feed('\n\n');
    return text.endsWith('\n') || isWhole(read) ? read : undefined;
  };
}

/** The parser looks for the next CR and the next LF at every line, which is quadratic where one of them is rare. */
function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
}

/**
 * A last line without its line end may have been cut anywhere. It counts only where its data cannot go on: a JSON object,
 * or OpenAI's `[DONE]`, which some servers send as the very last bytes.
 */
function isWhole(event: SseEvent | undefined): boolean {
  return event !== undefined && (event.data === '[DONE]' || isObject(parseJson(event.data)));
}
