import type { Failure } from './failure.ts';
import type { Usage } from './usage.ts';

/**
 * The neutral reply, streamed or whole: numbered parts, one after the other.
 *
 *     reply = reply-start ( part-start part-delta* part-end )* ( reply-end | reply-failed )
 *
 * `reply-failed` may also come first, in place of `reply-start`, when the upstream opens with an error event, and
 * between `part-start` and `part-end` when it breaks off. Target halves read it (`readReply`, `readStream`), client
 * halves write it.
 */
export type ReplyEvent =
  | { readonly type: 'reply-start'; readonly id?: string; readonly model?: string; readonly usage?: Usage }
  | ({ readonly type: 'part-start'; readonly index: number } & PartStart)
  | { readonly type: 'part-delta'; readonly index: number; readonly delta: PartDelta }
  | { readonly type: 'part-end'; readonly index: number }
  | ReplyEnd
  | { readonly type: 'reply-failed'; readonly failure: Failure; readonly usage?: Usage };

export type PartStart =
  | { readonly part: 'text' }
  | { readonly part: 'refusal' }
  /** `redacted` is Anthropic's opaque block, whole; `id` the Responses item id. */
  | { readonly part: 'thinking'; readonly redacted?: string; readonly id?: string }
  /** `id` is unique in the conversation: minted by the reader where the upstream sent none. */
  | { readonly part: 'tool-call'; readonly id: string; readonly name: string };

export type PartDelta =
  /** Text of a text, refusal or thinking part; a piece of the JSON arguments of a tool call. Never empty. */
  | { readonly text: string }
  /** Signature of a thinking part (Anthropic), whole or in pieces. */
  | { readonly signature: string }
  /** `encrypted_content` of a thinking part (Responses), whole. */
  | { readonly encrypted: string };

export interface ReplyEnd {
  readonly type: 'reply-end';
  readonly stop: StopReason;
  /** The stop sequence that was met, where the upstream tells. */
  readonly stopSequence?: string;
  /** Absent where the upstream never told. */
  readonly usage?: Usage;
}

/** Why the model stopped. `other` keeps an answer whose reason has no counterpart. */
export type StopReason = 'end' | 'length' | 'tool' | 'stop-sequence' | 'refusal' | 'content-filter' | 'pause' | 'other';
