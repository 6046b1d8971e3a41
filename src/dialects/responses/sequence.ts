import type { PartDelta, PartStart, ReplyEvent } from '../../core/reply.ts';

/** One step of an item: the neutral event without its number. */
export type Step = { readonly start: PartStart } | { readonly delta: PartDelta } | 'end';

/** The steps of one output item, on their way into the sequence. */
export interface Lane {
  held: Step[];
  closed: boolean;
}

/**
 * Puts items that come side by side one after the other, and numbers their parts. The oldest open item goes straight
 * through; later ones wait, whole, until it is their turn.
 */
export interface Sequence {
  open(): Lane;
  add(lane: Lane, steps: readonly Step[]): ReplyEvent[];
  /** Closes a lane, whose steps must be complete, and lets the next ones go. */
  close(lane: Lane): ReplyEvent[];
  /** How many steps wait. */
  readonly heldSteps: number;
}

/** Starts with no items and part number 0. */
export function createSequence(): Sequence {
  const lanes: Lane[] = [];
  let index = -1;
  let heldSteps = 0;
  const number = (step: Step): ReplyEvent => {
    if (step === 'end') return { type: 'part-end', index };
    if ('delta' in step) return { type: 'part-delta', index, delta: step.delta };
    index += 1;
    return { type: 'part-start', index, ...step.start };
  };
  const release = (lane: Lane | undefined): ReplyEvent[] => {
    if (lane === undefined) return [];
    const { held } = lane;
    lane.held = [];
    heldSteps -= held.length;
    return held.map(number);
  };
  return {
    open() {
      const lane: Lane = { held: [], closed: false };
      lanes.push(lane);
      return lane;
    },
    add(lane, steps) {
      if (lane === lanes[0]) return steps.map(number);
      for (const step of steps) lane.held.push(step);
      heldSteps += steps.length;
      return [];
    },
    close(lane) {
      lane.closed = true;
      const out: ReplyEvent[] = [];
      while (lanes[0]?.closed === true) {
        lanes.shift();
        for (const event of release(lanes[0])) out.push(event);
      }
      return out;
    },
    get heldSteps() {
      return heldSteps;
    },
  };
}
