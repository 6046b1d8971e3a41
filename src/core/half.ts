import type { Conversation, Loss } from './conversation.ts';
import type { Description } from './describe.ts';
import type { ConversationDialect } from './dialect.ts';
import type { UpstreamFailure } from './failure.ts';
import type { JsonObject } from './json.ts';
import type { Machine, SseEvent } from './machine.ts';
import type { ReplyEvent } from './reply.ts';
import type { Usage } from './usage.ts';

/** What a caller's dialect must be able to do: read its requests, write its replies, say its failures. */
export interface ClientHalf {
  readonly dialect: ConversationDialect;
  /** Reads a request body. Throws `RouterError` (`bad-request` with `param`) where the body breaks the dialect. */
  readRequest(body: JsonObject): Conversation;
  /** Writes a streamed reply, terminal event included. A `reply-failed` event becomes {@link failureEvents}. */
  writeStream(context: ReplyContext): Machine<ReplyEvent, SseEvent>;
  /** Writes a whole reply from a complete run of events (one that ends in `reply-end`). */
  writeReply(events: readonly ReplyEvent[], context: ReplyContext): JsonObject;
  /** The body of an error answer. */
  errorBody(description: Description, requestId: string): JsonObject;
  /** The event that ends a stream in failure, after which the transport is broken. */
  failureEvents(description: Description, context: ReplyContext): SseEvent[];
}

/** What a target's dialect must be able to do: write requests, read replies. */
export interface TargetHalf {
  readonly dialect: ConversationDialect;
  /** Writes a request body for the model, with the list of what it could not carry. Never throws. */
  writeRequest(conversation: Conversation, target: TargetTraits): WrittenRequest;
  /** Reads a streamed reply into the neutral grammar. A stream that ends without its terminal event ends in `reply-failed` (`cut`). */
  readStream(context: ReadContext): Machine<SseEvent, ReplyEvent>;
  /** Reads a whole reply. A body that is no reply gives one `reply-failed` (`garbage`, or the error it holds). */
  readReply(body: JsonObject, context: ReadContext): ReplyEvent[];
  /** Watches a relayed stream go by: for usage, the commit rule and the terminal event. It may fail; the relay may not. */
  meter(): Meter;
  /** Usage of a whole relayed reply. */
  readUsage(body: JsonObject): Usage | undefined;
}

/** A request as a target takes it. */
export interface WrittenRequest {
  readonly body: JsonObject;
  readonly losses: Loss[];
  /** The tool that stands in for a JSON schema where the target knows none; goes to the reader as `ReadContext.jsonTool`. */
  readonly jsonTool?: string;
}

/** One row of a target half's list of losses: what it cannot carry, for the README's table and for the check of requests. */
export interface LossRow {
  /** As it stands in {@link Loss}; a name that several wordings share is given in its shortest form. */
  readonly feature: string;
  readonly harmless: boolean;
  /** What happens instead, in a few words. */
  readonly why: string;
}

/** What a writer of replies needs to know besides the events. */
export interface ReplyContext {
  readonly requestId: string;
  /** The model name that the caller asked for: answers carry it where the upstream names none. */
  readonly model: string;
  /** Unix time of the answer, in seconds. */
  readonly createdSeconds: number;
  /** The caller asked for usage in the stream (`stream_options.include_usage`); only chat asks. */
  readonly includeUsage: boolean;
  /** The router asked for usage in the caller's place, to count it: the caller does not get to see it. */
  readonly hidesUsage?: true;
  /** The request as read: Responses echoes parts of it. */
  readonly conversation?: Conversation;
}

export interface ReadContext {
  /** Mints ids for tool calls that come without one: alphanumeric, at most 40 characters, never the same twice. */
  readonly mintId: () => string;
  /** `WrittenRequest.jsonTool` of the request: calls of this tool are read as text. */
  readonly jsonTool?: string;
}

/** What is known of the model that a request is written for. */
export interface TargetTraits {
  /** The model as the target's API wants it. */
  readonly model: string;
  /** The target's name in messages, e.g. `anthropic/claude-sonnet-4-5`. */
  readonly name: string;
  /** `max_tokens` or `max_completion_tokens`: which of the two a chat target takes. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** Reasoning text of earlier turns goes back in this field of an assistant message; absent: it does not go back. */
  readonly reasoningField?: 'reasoning' | 'reasoning_content';
  /** The target takes instructions under the role `developer`; otherwise they are written as `system`. */
  readonly developerRole?: boolean;
}

/** How far a relayed stream has come. */
export type MeterState =
  | 'waiting' // only lifecycle frames so far: nothing is lost by trying another target
  | 'content' // the first real content has gone by
  | 'ended' // complete by the dialect's own rule
  | 'failed'; // an error event, or an event that is not the dialect's

export interface Meter {
  /** Looks at one event. Never throws. */
  push(event: SseEvent): void;
  readonly state: MeterState;
  /** The dialect's last mark has gone by: nothing follows. Chat's answer is `ended` at its finish reason, and over at `[DONE]`. */
  readonly isOver: boolean;
  /** What the error event said, once `state` is `failed`. */
  readonly failure: UpstreamFailure | undefined;
  /** Usage as last told by the stream. */
  readonly usage: Usage | undefined;
}
