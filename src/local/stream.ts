import type { Faults } from './faults.ts';
import type { RecordedRequest } from './records.ts';
import type { WireEvent } from './wire.ts';

/** A streamed answer before it is sent. */
export interface StreamPlan {
  readonly events: readonly WireEvent[];
  readonly errorEvent: WireEvent;
  readonly emptyDelta: WireEvent;
  readonly faults: Faults;
}

/** Who waits for an answer: where a departure is noted, and what tells of it besides the stream's own cancellation. */
export interface Listener {
  readonly record: RecordedRequest;
  readonly signal?: AbortSignal;
}

type Ending = 'close' | 'drop' | 'stall' | 'endless';

/** Sends the events as a byte stream, with whatever goes wrong on the way. Bytes, because RPC carries no other streams. */
export function sendEvents(plan: StreamPlan, listener: Listener): ReadableStream<Uint8Array> {
  const { events, ending } = planEvents(plan);
  const texts = events.map((event) => writeEvent(event));
  const chunks = texts.map((text) => new TextEncoder().encode(text));
  const split = plan.faults.split
    ? chunks.flatMap((bytes) => Array.from(bytes, (byte) => Uint8Array.of(byte)))
    : chunks;
  const empty = new TextEncoder().encode(writeEvent(plan.emptyDelta));
  return sendBytes(split, { ending, empty, pauseMilliseconds: plan.faults.slowMilliseconds }, listener);
}

/** Sends a whole body, or half of it where the answer must break off. */
export function sendWhole(text: string, faults: Faults, listener: Listener): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const kind = faults.turn?.kind;
  const half = kind === undefined ? bytes : bytes.slice(0, bytes.length >> 1);
  const ending = kind === 'drop' || kind === 'stall' ? kind : 'close';
  return sendBytes([half], { ending, empty: bytes, pauseMilliseconds: faults.slowMilliseconds }, listener);
}

/** The event as text of the stream. */
export function writeEvent(event: WireEvent): string {
  return `${event.event === undefined ? '' : `event: ${event.event}\n`}data: ${event.data}\n\n`;
}

function planEvents({ events, errorEvent, faults }: StreamPlan): { events: readonly WireEvent[]; ending: Ending } {
  const soiled = faults.garbageAfter === undefined ? events : insertGarbage(events, faults.garbageAfter);
  if (faults.turn === undefined) return { events: soiled, ending: 'close' };
  const kept = soiled.slice(0, placeAfter(soiled, faults.turn.after));
  if (faults.turn.kind === 'fail-stream') return { events: [...kept, errorEvent], ending: 'close' };
  return { events: kept, ending: faults.turn.kind === 'cut' ? 'close' : faults.turn.kind };
}

function insertGarbage(events: readonly WireEvent[], after: number): WireEvent[] {
  const place = placeAfter(events, after);
  return [...events.slice(0, place), { kind: 'content', data: '{"garbage": tru' }, ...events.slice(place)];
}

/** The place after so many content events; never behind the events that end an answer. */
function placeAfter(events: readonly WireEvent[], count: number): number {
  const end = events.findIndex(({ kind }) => kind === 'end');
  let seen = 0;
  const place = events.findIndex((event) => {
    if (event.kind === 'content') seen += 1;
    return seen > count;
  });
  return place === -1 ? end : Math.min(place, end);
}

/** How a byte stream ends, and how fast it goes. */
interface Course {
  readonly ending: Ending;
  /** What `endless` sends again and again. */
  readonly empty: Uint8Array;
  readonly pauseMilliseconds: number;
}

function sendBytes(chunks: readonly Uint8Array[], course: Course, listener: Listener): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  let over = false;
  const leave = (): void => {
    if (!over) listener.record.cancelled = true;
    over = true;
    gone.abort();
  };
  const finish = (): void => {
    over = true;
    listener.signal?.removeEventListener('abort', leave);
  };
  listener.signal?.addEventListener('abort', leave, { once: true });
  const next = nextBytes(chunks, course, gone.signal);
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const bytes = await next();
      if (bytes instanceof Uint8Array) {
        // A copy: a byte stream takes the buffer away from its owner.
        controller.enqueue(bytes.slice());
        return;
      }
      finish();
      if (bytes === 'drop') {
        controller.error(new Error('The connection broke.'));
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: leave,
  });
}

/** Gives one chunk after the other, then how the stream ends. Silence lasts until the caller has gone. */
function nextBytes(
  chunks: readonly Uint8Array[],
  course: Course,
  gone: AbortSignal,
): () => Promise<Uint8Array | 'close' | 'drop'> {
  let sent = 0;
  return async () => {
    if (sent > 0) await wait(course.pauseMilliseconds, gone);
    const chunk = chunks[sent];
    sent += 1;
    if (gone.aborted) return 'drop';
    if (chunk !== undefined) return chunk;
    if (course.ending === 'endless') return course.empty;
    if (course.ending === 'stall') await waitForever(gone);
    return course.ending === 'close' ? 'close' : 'drop';
  };
}

/** Waits until the signal aborts. The timer keeps the runtime from taking the silence for a hang. */
export async function waitForever(gone: AbortSignal): Promise<void> {
  while (!gone.aborted) await wait(1_000_000, gone);
}

/** Waits so many milliseconds, or until the signal aborts. */
export async function wait(milliseconds: number, gone: AbortSignal): Promise<void> {
  if (milliseconds === 0 || gone.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    gone.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
