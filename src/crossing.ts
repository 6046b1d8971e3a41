import { mustMeter } from './metering.ts';
import type { Call } from './core/call.ts';
import { errorDialectOf } from './core/dialect.ts';
import type { UpstreamFailure } from './core/failure.ts';
import type { ClientHalf, ReadContext, ReplyContext, TargetHalf } from './core/half.ts';
import { isObject, type JsonObject } from './core/json.ts';
import { chain, type Machine, type SseEvent } from './core/machine.ts';
import { findProvider } from './core/providers.ts';
import type { Target } from './core/target.ts';
import type { Usage } from './core/usage.ts';
import * as chat from './dialects/chat/index.ts';
import { clientHalves, targetHalves } from './halves.ts';
import type { Ports } from './ports.ts';
import type { WrittenCall } from './request.ts';
import { repairReply } from './upstream/workersai/reply.ts';
import { repairStream } from './upstream/workersai/stream.ts';
import type { Passage } from './wire/stream.ts';

/** How a body crosses between two dialects, and what that takes. */
export interface Crossing {
  readonly client: ClientHalf;
  readonly target: TargetHalf;
  /** The target's name, for failures. */
  readonly name: string;
  /** Takes the keys out of what an upstream says of its own failure. */
  readonly redact: (text: string) => string;
  readonly reply: ReplyContext;
  readonly read: ReadContext;
  /** Makes the target's known deviations honest before anything else looks at them. */
  readonly repair?: {
    stream(): Machine<SseEvent, SseEvent>;
    reply(body: unknown): JsonObject | undefined;
  };
}

/** A stream's way to the caller, which also knows the usage that went by. */
export interface MeteredPassage extends Passage {
  readonly usage: Usage | undefined;
  /** The upstream's events so far: about one a token, for a stream that ends before it tells its usage. */
  readonly events: number;
}

/** A failure that was read in an answer, as it may be told: with the target's name, and without keys in its words (T86). */
export function tellFailure({ name, redact }: Crossing, failure: UpstreamFailure): UpstreamFailure {
  return { ...failure, target: name, ...(failure.detail !== undefined && { detail: redact(failure.detail) }) };
}

/** What the writers of replies need to know of a call. */
export function replyContextOf(call: Call, options: Omit<ReplyContext, 'requestId' | 'model'>): ReplyContext {
  return { requestId: call.requestId, model: call.model, ...options };
}

/** Everything that the way back needs: the two halves, the contexts, and the repair of a target that needs one. */
export function crossingOf(call: Call, options: { target: Target; written: WrittenCall; ports: Ports }): Crossing {
  const { target, written, ports } = options;
  const reply = replyContextOf(call, {
    createdSeconds: Math.floor(ports.timer.now() / 1000),
    includeUsage: call.includeUsage,
    ...(mustMeter(call) && { hidesUsage: true }),
    ...(written.conversation !== undefined && { conversation: written.conversation }),
  });
  const read = {
    mintId: () => mintCallId(ports),
    ...(written.jsonTool !== undefined && { jsonTool: written.jsonTool }),
  };
  const crossing = {
    client: clientHalves[errorDialectOf(call.dialect)],
    // Legacy completions stream as chat does, with `text` in the place of `delta`.
    target: targetHalves[errorDialectOf(target.dialect)],
    name: target.name,
    redact: (text: string) => ports.redact(text, call.callerKey),
    reply,
    read,
  };
  if (findProvider(target.provider)?.repairs !== true) return crossing;
  const { notes } = written;
  const context = {
    ...reply,
    ...read,
    ...(notes?.forcedTools !== undefined && { forcedTools: notes.forcedTools }),
    ...(notes?.maxOutputTokens !== undefined && { maxOutputTokens: notes.maxOutputTokens }),
    ...(notes !== undefined && { takenIds: notes.toolCallIds }),
  };
  return {
    ...crossing,
    // First Workers AI's own shapes become chat, then what the chat lacks is filled in.
    repair: {
      stream: () => chain(repairStream(context), chat.repairStream(context)),
      reply: (body) => {
        const completion = repairReply(body, context);
        return isObject(completion) ? chat.repairReply(completion, context) : undefined;
      },
    },
  };
}

/** Tool call ids that every dialect and every client's own sanitising leaves as they are (clients.md 4(iv).13). */
function mintCallId(ports: Ports): string {
  return `call${ports.newId().slice(0, 24)}`;
}
