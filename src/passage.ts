import type { Call } from './core/call.ts';
import { describe } from './core/describe.ts';
import type { ConversationDialect } from './core/dialect.ts';
import type { UpstreamFailure } from './core/failure.ts';
import type { ClientHalf, Meter, MeterState, ReadContext, ReplyContext, TargetHalf } from './core/half.ts';
import type { JsonObject } from './core/json.ts';
import type { Machine, SseEvent } from './core/machine.ts';
import type { ReplyEvent } from './core/reply.ts';
import type { Usage } from './core/usage.ts';
import { chatClient, chatTarget, hideUsage } from './dialects/chat/index.ts';
import { messagesClient, messagesTarget } from './dialects/messages/index.ts';
import { responsesClient, responsesTarget } from './dialects/responses/index.ts';
import { splitBlocks, type Block } from './wire/blocks.ts';
import { encodeEvents } from './wire/sse.ts';
import type { Passage } from './wire/stream.ts';

/** The callers' side of each dialect. */
export const clientHalves: Readonly<Record<ConversationDialect, ClientHalf>> = {
  chat: chatClient,
  messages: messagesClient,
  responses: responsesClient,
};

/** The targets' side of each dialect. */
export const targetHalves: Readonly<Record<ConversationDialect, TargetHalf>> = {
  chat: chatTarget,
  messages: messagesTarget,
  responses: responsesTarget,
};

/** How a body crosses between two dialects, and what that takes. */
export interface Crossing {
  readonly client: ClientHalf;
  readonly target: TargetHalf;
  /** The target's name, for failures. */
  readonly name: string;
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
}

/** The passage of a streamed reply: relayed where the dialects are one, else translated. */
export function passStream(crossing: Crossing): MeteredPassage {
  if (crossing.client.dialect !== crossing.target.dialect) return translate(crossing);
  return crossing.repair === undefined ? relay(crossing) : relayRepaired(crossing);
}

/** Relay: blocks go by untouched while a meter watches. Only an error event is held back, and said in the router's words. */
function relay(crossing: Crossing): MeteredPassage {
  const meter = crossing.target.meter();
  const hidden = crossing.reply.hidesUsage === true ? hideUsage() : undefined;
  return watch(crossing, {
    meter,
    pass(block) {
      if (block.event !== undefined) meter.push(block.event);
      if (meter.state === 'failed') return [];
      const isHidden = hidden !== undefined && block.event !== undefined && hidden.push(block.event).length === 0;
      return isHidden ? [] : [block.bytes];
    },
    finish: () => [],
  });
}

/** The same for a target whose events must be made honest first: each event is repaired, metered and written anew. */
function relayRepaired(crossing: Crossing): MeteredPassage {
  const meter = crossing.target.meter();
  const repair = crossing.repair?.stream();
  const hidden = crossing.reply.includeUsage ? undefined : hideUsage();
  const write = (events: SseEvent[]) => {
    for (const event of events) meter.push(event);
    const shown = hidden === undefined ? events : events.flatMap((event) => hidden.push(event));
    return meter.state === 'failed' || shown.length === 0 ? [] : [encodeEvents(shown)];
  };
  return watch(crossing, {
    meter,
    pass: (block) => (block.event === undefined || repair === undefined ? [] : write(repair.push(block.event))),
    finish: () => write(repair?.end() ?? []),
  });
}

interface Watched {
  readonly meter: Meter;
  pass(block: Block): Uint8Array[];
  finish(): Uint8Array[];
}

/** The frame of both relays: cutting into blocks, stopping at the first failure, the error event. */
function watch(crossing: Crossing, watched: Watched): MeteredPassage {
  const { meter } = watched;
  const splitter = splitBlocks();
  let own: UpstreamFailure | undefined;
  let upstreamEnded = false;
  const failure = () => own ?? (meter.failure === undefined ? undefined : { ...meter.failure, target: crossing.name });
  const state = (): MeterState => {
    if (own !== undefined) return 'failed';
    // Complete in what it says, yet usage and an end mark may follow.
    return meter.state === 'ended' && !meter.isOver && !upstreamEnded ? 'content' : meter.state;
  };
  const fail = (reason: UpstreamFailure) => {
    upstreamEnded = true;
    if (state() === 'ended') return [];
    own = { ...reason, target: crossing.name };
    return [encodeEvents(crossing.client.failureEvents(describe(own), crossing.reply))];
  };
  const passAll = (blocks: Block[]) => {
    const out: Uint8Array[] = [];
    for (const block of blocks) {
      if (state() === 'failed' || state() === 'ended') break;
      if (block.oversize === true) return [...out, ...fail({ kind: 'upstream', cause: 'garbage' })];
      // A last block without its blank line is half an event: passed on only where nothing is missing from it.
      if (block.unfinished === true && block.event === undefined && meter.state !== 'ended') continue;
      out.push(...watched.pass(block));
      if (block.unfinished === true && block.event !== undefined) out.push(blankLine);
    }
    const reason = own === undefined && state() === 'failed' ? failure() : undefined;
    return reason === undefined ? out : [...out, ...fail(reason)];
  };
  return {
    push: (chunk) => passAll(splitter.push(chunk)),
    end() {
      const rest = passAll(splitter.end());
      const last = state() === 'failed' ? [] : watched.finish();
      upstreamEnded = true;
      return [...rest, ...last];
    },
    fail,
    get state() {
      return state();
    },
    get failure() {
      return failure();
    },
    get usage() {
      return meter.usage;
    },
  };
}

/** Ends an event that its author left open, so that clients see it. */
const blankLine = new TextEncoder().encode('\n\n');

/** Translation: the target half reads, the client half writes, one hop for both. */
function translate(crossing: Crossing): MeteredPassage {
  const splitter = splitBlocks();
  const reader = crossing.target.readStream(crossing.read);
  const repair = crossing.repair?.stream();
  const writer = crossing.client.writeStream(crossing.reply);
  let state: MeterState = 'waiting';
  let failure: UpstreamFailure | undefined;
  let usage: Usage | undefined;

  const write = (events: ReplyEvent[]): Uint8Array[] => {
    const out: SseEvent[] = [];
    for (const event of events) {
      if (state === 'failed' || state === 'ended') break;
      const named = event.type === 'reply-failed' ? nameFailure(event, crossing.name) : event;
      if ('usage' in named && named.usage !== undefined) usage = named.usage;
      state = stateAfter(named, state);
      if (named.type === 'reply-failed' && named.failure.kind === 'upstream') failure = named.failure;
      out.push(...writer.push(named));
    }
    return out.length === 0 ? [] : [encodeEvents(out)];
  };
  const fail = (reason: UpstreamFailure) => {
    // A reply that was complete but for its end mark ends well: the reader knows.
    const ends = reader.end();
    return write(ends.at(-1)?.type === 'reply-end' ? ends : [{ type: 'reply-failed', failure: reason }]);
  };
  const readAll = (blocks: Block[]): Uint8Array[] => {
    const broken = blocks.some((block) => block.oversize === true);
    const events = blocks.flatMap((block) => (block.event === undefined ? [] : [block.event]));
    const honest = repair === undefined ? events : events.flatMap((event) => repair.push(event));
    return [
      ...write(honest.flatMap((event) => reader.push(event))),
      ...(broken ? fail({ kind: 'upstream', cause: 'garbage' }) : []),
    ];
  };
  return {
    push: (chunk) => readAll(splitter.push(chunk)),
    end: () => [
      ...readAll(splitter.end()),
      ...write((repair?.end() ?? []).flatMap((event) => reader.push(event))),
      ...write(reader.end()),
    ],
    fail,
    get state() {
      return state;
    },
    get failure() {
      return failure;
    },
    get usage() {
      return usage;
    },
  };
}

function nameFailure(
  event: Extract<ReplyEvent, { type: 'reply-failed' }>,
  target: string,
): ReplyEvent & { type: 'reply-failed' } {
  return event.failure.kind === 'upstream' ? { ...event, failure: { ...event.failure, target } } : event;
}

function stateAfter(event: ReplyEvent, before: MeterState): MeterState {
  switch (event.type) {
    case 'reply-start':
      return before;
    case 'part-start':
      // A tool call and a redacted block are content already; text and thinking are once they say something.
      return event.part === 'tool-call' || (event.part === 'thinking' && event.redacted !== undefined)
        ? 'content'
        : before;
    case 'part-delta':
    case 'part-end':
      return 'content';
    case 'reply-end':
      return 'ended';
    case 'reply-failed':
      return 'failed';
  }
}

/** What the writers of replies need to know of a call. */
export function replyContextOf(call: Call, options: Omit<ReplyContext, 'requestId' | 'model'>): ReplyContext {
  return { requestId: call.requestId, model: call.model, ...options };
}
