import type { PartDelta, PartStart, ReplyEvent } from '../../src/core/reply.ts';

/** Where a reply stands in the neutral grammar. */
interface Place {
  readonly at: 'before' | 'between' | 'within' | 'over';
  readonly part?: PartStart['part'];
  readonly parts: number;
  readonly ids: ReadonlySet<string>;
}

/**
 * The neutral grammar as a state machine of its own, written from core/reply.ts. Gives the first fault in plain words, or
 * `undefined` where a complete run of events is well formed.
 */
export function findFault(events: readonly ReplyEvent[]): string | undefined {
  let place: Place = { at: 'before', parts: 0, ids: new Set() };
  for (const [number, event] of events.entries()) {
    const next = step(place, event);
    if (typeof next === 'string') return `event ${number}, ${event.type}: ${next}`;
    place = next;
  }
  return place.at === 'over' ? undefined : 'the reply has no end';
}

function step(place: Place, event: ReplyEvent): Place | string {
  if (place.at === 'over') return 'follows the end';
  switch (event.type) {
    case 'reply-start':
      return place.at === 'before' ? { ...place, at: 'between' } : 'is not the first';
    case 'part-start':
      return startPart(place, event);
    case 'part-delta':
      return takeDelta(place, event);
    case 'part-end':
      if (place.at !== 'within') return 'ends no part';
      return event.index === place.parts - 1 ? { ...place, at: 'between' } : 'ends another part';
    case 'reply-end':
      return place.at === 'between' ? { ...place, at: 'over' } : 'comes before the start or within a part';
    case 'reply-failed':
      return { ...place, at: 'over' };
  }
}

function startPart(place: Place, event: Extract<ReplyEvent, { type: 'part-start' }>): Place | string {
  if (place.at !== 'between') return 'starts before the reply or within a part';
  if (event.index !== place.parts) return `is numbered ${event.index} instead of ${place.parts}`;
  const next: Place = { ...place, at: 'within', part: event.part, parts: place.parts + 1 };
  if (event.part !== 'tool-call') return next;
  if (event.id === '' || place.ids.has(event.id)) return 'has no id of its own';
  return { ...next, ids: new Set([...place.ids, event.id]) };
}

function takeDelta(place: Place, event: Extract<ReplyEvent, { type: 'part-delta' }>): Place | string {
  if (place.at !== 'within') return 'belongs to no part';
  if (event.index !== place.parts - 1) return 'belongs to another part';
  if (valueOf(event.delta) === '') return 'is empty';
  if (!('text' in event.delta) && place.part !== 'thinking') return 'is opaque outside of thinking';
  return place;
}

function valueOf(delta: PartDelta): string {
  if ('text' in delta) return delta.text;
  return 'signature' in delta ? delta.signature : delta.encrypted;
}

/** The same reply with the deltas of each part joined, kind by kind: what two ways of streaming one reply share. */
export function joinDeltas(events: readonly ReplyEvent[]): ReplyEvent[] {
  const joined: ReplyEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    const both = event.type === 'part-delta' && last?.type === 'part-delta' ? join(last.delta, event.delta) : undefined;
    if (both === undefined || event.type !== 'part-delta') joined.push(event);
    else joined.splice(-1, 1, { ...event, delta: both });
  }
  return joined;
}

function join(first: PartDelta, second: PartDelta): PartDelta | undefined {
  if ('text' in first && 'text' in second) return { text: first.text + second.text };
  if ('signature' in first && 'signature' in second) return { signature: first.signature + second.signature };
  return undefined;
}
