import { describe } from './core/describe.ts';
import type { UpstreamFailure } from './core/failure.ts';
import type { Meter, MeterState } from './core/half.ts';
import type { SseEvent } from './core/machine.ts';
import { hideUsage } from './dialects/chat/index.ts';
import { tellFailure, type Crossing, type MeteredPassage } from './crossing.ts';
import { splitBlocks, type Block } from './wire/blocks.ts';
import { encodeEvents } from './wire/sse.ts';

/** Relay: blocks go by untouched while a meter watches. Only an error event is held back, and said in the router's words. */
export function relay(crossing: Crossing): MeteredPassage {
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
export function relayRepaired(crossing: Crossing): MeteredPassage {
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
  let events = 0;
  const failure = () => own ?? (meter.failure === undefined ? undefined : tellFailure(crossing, meter.failure));
  const state = (): MeterState => {
    if (own !== undefined) return 'failed';
    // Complete in what it says, yet usage and an end mark may follow.
    return meter.state === 'ended' && !meter.isOver && !upstreamEnded ? 'content' : meter.state;
  };
  const fail = (reason: UpstreamFailure) => {
    upstreamEnded = true;
    if (state() === 'ended') return [];
    own = tellFailure(crossing, reason);
    return [encodeEvents(crossing.client.failureEvents(describe(own), crossing.reply))];
  };
  const passAll = (blocks: Block[]) => {
    const out: Uint8Array[] = [];
    for (const block of blocks) {
      if (state() === 'failed' || state() === 'ended') break;
      if (block.oversize === true) return [...out, ...fail({ kind: 'upstream', cause: 'garbage' })];
      if (block.event !== undefined) events += 1;
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
    get events() {
      return events;
    },
  };
}

/** Ends an event that its author left open, so that clients see it. */
const blankLine = new TextEncoder().encode('\n\n');
