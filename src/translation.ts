import type { UpstreamFailure } from './core/failure.ts';
import type { MeterState } from './core/half.ts';
import type { SseEvent } from './core/machine.ts';
import type { ReplyEvent } from './core/reply.ts';
import type { Usage } from './core/usage.ts';
import { tellFailure, type Crossing, type MeteredPassage } from './crossing.ts';
import { splitBlocks, type Block } from './wire/blocks.ts';
import { encodeEvents } from './wire/sse.ts';

/** Translation: the target half reads, the client half writes, one hop for both. */
export function translate(crossing: Crossing): MeteredPassage {
  const splitter = splitBlocks();
  const reader = crossing.target.readStream(crossing.read);
  const repair = crossing.repair?.stream();
  const writer = crossing.client.writeStream(crossing.reply);
  let state: MeterState = 'waiting';
  let failure: UpstreamFailure | undefined;
  let usage: Usage | undefined;
  let seen = 0;

  const write = (events: ReplyEvent[]): Uint8Array[] => {
    const out: SseEvent[] = [];
    for (const event of events) {
      if (state === 'failed' || state === 'ended') break;
      const named = event.type === 'reply-failed' ? nameFailure(event, crossing) : event;
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
    seen += events.length;
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
    get events() {
      return seen;
    },
  };
}

function nameFailure(
  event: Extract<ReplyEvent, { type: 'reply-failed' }>,
  crossing: Crossing,
): ReplyEvent & { type: 'reply-failed' } {
  return event.failure.kind === 'upstream' ? { ...event, failure: tellFailure(crossing, event.failure) } : event;
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
