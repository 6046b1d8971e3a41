import type { Answer } from './answers.ts';

/** One event of a streamed answer, and what it is to the commands that count events. */
export interface WireEvent {
  readonly event?: string;
  readonly data: string;
  /** `frame`: what surrounds content; `content`: a piece of the answer; `end`: finish reason, usage, terminal event. */
  readonly kind: 'frame' | 'content' | 'end';
}

/** What a writer of answers knows besides the answer. */
export interface WireContext {
  /** Number of the request among the records: ids are made of it. */
  readonly seq: number;
  readonly model: string;
  /** Chat: the caller asked for usage in the stream. */
  readonly includeUsage: boolean;
  /** The request's body, parsed: Responses echoes parts of it. */
  readonly body: unknown;
}

/** One provider wire format: how it writes answers, whole and streamed, and breaks off. */
export interface Wire {
  whole(answer: Answer, context: WireContext): unknown;
  events(answer: Answer, context: WireContext): WireEvent[];
  /** The event that reports an error in the middle of a stream. */
  errorEvent(code: string | undefined, context: WireContext): WireEvent;
  /** A piece of content that holds nothing. */
  emptyDelta(context: WireContext): WireEvent;
}

/** Unix time of every answer, in seconds: fixed, so that answers are the same on every run (2026-11-20). */
export const createdSeconds = 1_795_132_800;

/** Cuts text into the pieces that a stream sends: words with the white space after them. */
export function pieces(text: string): string[] {
  return text.match(/\s*\S+\s*/g) ?? (text === '' ? [] : [text]);
}

/** Cuts a tool's arguments into pieces of at most eight characters. */
export function argumentPieces(text: string): string[] {
  const characters = Array.from(text);
  const count = Math.ceil(characters.length / 8);
  return Array.from({ length: count }, (_, index) => characters.slice(index * 8, index * 8 + 8).join(''));
}
