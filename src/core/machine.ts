/**
 * A synchronous translator of one stream: events in, events out. No I/O, clock, `await` or logging inside.
 * `wire/` lifts a finished chain of machines into one stream hop.
 */
export interface Machine<In, Out> {
  /** Takes the next event and gives what it makes of it: nothing, one or several. */
  push(event: In): Out[];
  /** The source has ended: gives what was still held. Called once, last. */
  end(): Out[];
}

/** Runs two machines as one. */
export function chain<A, B, C>(first: Machine<A, B>, second: Machine<B, C>): Machine<A, C> {
  return {
    push: (event) => first.push(event).flatMap((between) => second.push(between)),
    end: () => [...first.end().flatMap((between) => second.push(between)), ...second.end()],
  };
}

/** Feeds a whole list through a machine: for whole replies, and for tests on plain arrays. */
export function runMachine<In, Out>(machine: Machine<In, Out>, events: Iterable<In>): Out[] {
  const out: Out[] = [];
  for (const event of events) out.push(...machine.push(event));
  out.push(...machine.end());
  return out;
}

/** One server-sent event: its `event:` name where it has one, and its data lines joined by a newline. */
export interface SseEvent {
  readonly event?: string;
  readonly data: string;
}
