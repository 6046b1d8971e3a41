import { causes } from './core/cause.ts';
import type { Call } from './core/call.ts';
import type { Failure, UpstreamFailure } from './core/failure.ts';
import type { Target } from './core/target.ts';
import type { Usage } from './core/usage.ts';
import type { MeteredPassage } from './crossing.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import type { WrittenCall } from './request.ts';
import { readLogId } from './upstream/classify.ts';
import { readAnswerBody } from './wire/body.ts';
import type { Clocks, OpenedStream, Timer } from './wire/stream.ts';

/** What one try came to. A failure that may be tried elsewhere is a value: the story decides what comes next. */
export type Tried =
  | {
      readonly kind: 'reply';
      readonly bytes: Uint8Array;
      readonly usage: Usage | undefined;
      readonly facts: AnswerFacts;
    }
  | {
      readonly kind: 'stream';
      readonly opened: OpenedStream;
      readonly passage: MeteredPassage;
      readonly facts: AnswerFacts;
      /** Ends the upstream call: a cancelled body alone does not cross the AI binding. */
      readonly abort: () => void;
    }
  /** A file, or a stream of one, that goes out under its own media type. */
  | {
      readonly kind: 'file';
      readonly body: Uint8Array | ReadableStream<Uint8Array>;
      readonly contentType: string;
      readonly usage: Usage | undefined;
      readonly facts: AnswerFacts;
    }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly elsewhere: boolean; readonly logId?: string }
  | { readonly kind: 'left' };

/** What of the upstream's answer is worth telling the caller. */
export interface AnswerFacts {
  readonly target: Target;
  readonly written: WrittenCall;
  /** AI Gateway's ids that are passed on, by header name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly logId?: string;
}

/** One target that is tried, and with what. */
export interface Trying {
  readonly plan: Plan;
  readonly target: Target;
  readonly ports: Ports;
  /** Called once the upstream's headers are in: from then on the caller may be kept company. */
  readonly onHeaders: () => void;
}

/**
 * The clocks where the policy names none, for long agent turns: reasoning models think for minutes. A whole reply answers
 * when it is done, so its first byte may take as long as it does.
 */
const usualClocks: { readonly stream: Clocks; readonly whole: Clocks } = {
  stream: { firstByteMs: 120_000, idleMs: 120_000, totalMs: 3_600_000 },
  whole: { firstByteMs: 900_000, idleMs: 120_000, totalMs: 900_000 },
};

/** The clocks of one attempt: the policy's, and the usual ones for what it does not name. */
export function clocksOf(call: Call, target: Target): Clocks {
  const usual = call.stream ? usualClocks.stream : usualClocks.whole;
  return { ...usual, ...target.clocks };
}

/** A target's answer, its headers in and its body unread. */
export interface Answered {
  readonly trying: Trying;
  readonly written: WrittenCall;
  readonly response: Response;
  readonly startedMs: number;
  /** Ends the upstream call. */
  readonly abort: () => void;
}

/** Why a whole answer could not be read. */
export type Unread = 'left' | 'total-timeout' | 'garbage';

/** Reads a whole answer, or says why not: the caller has left, the clock ran out, the transport broke, it is over the limit. */
export async function readWhole(call: Call, { response, trying, startedMs }: Answered): Promise<Uint8Array | Unread> {
  const { timer } = trying.ports;
  const left = startedMs + clocksOf(call, trying.target).totalMs - timer.now();
  const read = await readWithin(readAnswerBody(response), { timer, mostMs: Math.max(left, 0) });
  return call.signal.aborted ? 'left' : read;
}

/** The same for any reading and any time. */
export async function readWithin(
  reading: Promise<Uint8Array | undefined>,
  { timer, mostMs }: { timer: Timer; mostMs: number },
): Promise<Uint8Array | Exclude<Unread, 'left'>> {
  const over = new AbortController();
  const late = timer.wait(mostMs, over.signal).then(
    () => 'total-timeout' as const,
    () => 'total-timeout' as const,
  );
  const read = reading.then(
    (bytes) => bytes ?? ('garbage' as const),
    () => 'garbage' as const,
  );
  return Promise.race([read, late]).finally(() => over.abort());
}

/** The outcome of a try whose answer could not be read. */
export function unread(why: Unread, { trying, response, abort }: Answered): Tried {
  abort();
  if (why === 'left') return { kind: 'left' };
  return failed({ kind: 'upstream', cause: why, target: trying.target.name }, readLogId(response.headers));
}

/** A failure of the upstream as an outcome of the try. */
export function failed(failure: UpstreamFailure, logId?: string): Tried {
  return { kind: 'failed', failure, elsewhere: causes[failure.cause].elsewhere, ...(logId !== undefined && { logId }) };
}

/** The gateway's response headers that are passed on; all others are dropped (sheet 3.2). */
const keptHeaders = [
  'cf-aig-log-id',
  'cf-aig-event-id',
  'cf-aig-request-id',
  'cf-aig-step',
  'cf-aig-cache-status',
  'cf-aig-model',
  'cf-aig-provider',
];

/** What of an answer is worth telling. */
export function factsOf({ trying, written, response }: Answered): AnswerFacts {
  const kept = keptHeaders.flatMap((name) => {
    const value = response.headers.get(name);
    return value !== null && /^[\w./@: -]{1,128}$/.test(value) ? [[name, value] as const] : [];
  });
  const logId = readLogId(response.headers);
  return { target: trying.target, written, headers: Object.fromEntries(kept), ...(logId !== undefined && { logId }) };
}
