import type { Call } from './core/call.ts';
import { describe } from './core/describe.ts';
import { errorDialectOf } from './core/dialect.ts';
import { RouterError, type Failure } from './core/failure.ts';
import type { LimitState } from './core/limits.ts';
import type { Outcome } from './core/settlement.ts';
import { noUsage } from './core/usage.ts';
import { readPrices, reserve } from './account.ts';
import { isLimited } from './metering.ts';
import { countTokens } from './count.ts';
import { rememberTarget, tryTargets } from './fallback.ts';
import { clientHalves } from './halves.ts';
import { replyContextOf } from './crossing.ts';
import { planFor } from './policy/grants.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import type { AnswerFacts, Tried } from './tried.ts';
import { openSettling, type Settling } from './settle.ts';
import { delayStream, type Continuation } from './wire/delay.ts';
import { flowStream } from './wire/flow.ts';
import { encodeEvents } from './wire/sse.ts';

/** What goes back to the caller, before it becomes a `Response`. */
export interface Answer {
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
  readonly isStream: boolean;
  /** Of a file; absent: JSON, or an event stream. */
  readonly contentType?: string;
  readonly route: string;
  /** Absent on a stream that began before a target had answered. */
  readonly facts?: AnswerFacts;
  readonly attempts: number;
  /** The token count in the body is the router's own. */
  readonly isEstimate?: true;
  /** What a whole answer cost, in nano-USD, where that is known. */
  readonly costNanoUsd?: number;
  /** The caller's limits after this request was let in; empty where it has none. */
  readonly limits?: readonly LimitState[];
}

/** Silence after which a waiting caller is sent a comment: LiveKit gives up after 10 seconds (clients.md 3.9). */
export const keepaliveMs = 5_000;

/** The story of one request: plan, try, answer, settle. Throws `RouterError` where nothing can be answered. */
export async function routeCall(call: Call, ports: Ports): Promise<Answer> {
  const settle = openSettling(call, ports);
  try {
    const plan = await planFor(call, ports.policy);
    settle.planned(plan, await readPrices(ports));
    const limits = await reserve(call, { plan, ports, prices: settle.prices });
    settle.reserved = isLimited(call);
    return { ...(await answerCall(call, { plan, ports, settle })), limits };
  } catch (error) {
    const failure = error instanceof RouterError ? error.failure : ({ kind: 'internal' } as const);
    settle.now({ outcome: outcomeOf(failure), status: describe(failure).status });
    throw error;
  }
}

interface Story {
  readonly plan: Plan;
  readonly ports: Ports;
  readonly settle: Settling;
}

async function answerCall(call: Call, story: Story): Promise<Answer> {
  if (call.endpoint === 'count-tokens') return answerCount(call, story);
  const { plan, ports, settle } = story;
  const headersIn = Promise.withResolvers<void>();
  const trying = tryTargets(call, { plan, ports, attempts: settle.attempts, onHeaders: () => headersIn.resolve() });
  // Kept alive past a caller who leaves, so that what was tried is settled.
  ports.later(trying.catch(() => undefined));
  if (!call.stream) return answerWith(call, await trying, story);
  const decided = new AbortController();
  const patience = headersIn.promise
    .then(() => ports.timer.wait(keepaliveMs, decided.signal))
    .then(
      () => 'slow' as const,
      () => trying,
    );
  const first = await Promise.race([trying, patience]).finally(() => decided.abort());
  return first === 'slow' ? answerEarly(call, trying, story) : answerWith(call, first, story);
}

async function answerCount(call: Call, { plan, ports, settle }: Story): Promise<Answer> {
  const { bytes, facts } = await countTokens(call, { plan, ports });
  // Counting costs nothing, here and at Anthropic: a request was made, and no more.
  settle.now({ outcome: 'complete', status: 200, ...(facts !== undefined && { facts }), usage: noUsage });
  const answer = { body: bytes, isStream: false, route: plan.route, attempts: settle.tries };
  return facts === undefined ? { ...answer, isEstimate: true } : { ...answer, facts };
}

/** The answer for what trying came to. */
function answerWith(call: Call, tried: Tried, story: Story): Answer {
  const { plan, settle } = story;
  switch (tried.kind) {
    case 'left':
      settle.now({ outcome: 'caller-left', status: 499 });
      return { body: new Uint8Array(), isStream: false, route: plan.route, attempts: settle.tries };
    case 'failed':
      throw new RouterError(tried.failure);
    case 'reply':
      settle.now({ outcome: 'complete', status: 200, facts: tried.facts, usage: tried.usage });
      return {
        ...(settle.costNanoUsd !== undefined && !call.stream && { costNanoUsd: settle.costNanoUsd }),
        body: tried.bytes,
        isStream: call.stream,
        route: plan.route,
        facts: tried.facts,
        attempts: settle.tries,
      };
    case 'file':
      settle.now({ outcome: 'complete', status: 200, facts: tried.facts, usage: tried.usage });
      return {
        body: tried.body,
        isStream: false,
        contentType: tried.contentType,
        route: plan.route,
        facts: tried.facts,
        attempts: settle.tries,
      };
    case 'stream':
      return {
        body: flow(tried, story),
        isStream: true,
        route: plan.route,
        facts: tried.facts,
        attempts: settle.tries,
      };
  }
}

/** Lets an opened stream flow to the caller. */
function flow(tried: Extract<Tried, { kind: 'stream' }>, story: Story): ReadableStream<Uint8Array> {
  const flowing = flowStream(tried.opened, { keepaliveMs, onEnd: endOf(tried, story) });
  story.ports.later(flowing.done);
  return flowing.readable;
}

/** Settles a stream when it ends, however it ends. */
function endOf(tried: Extract<Tried, { kind: 'stream' }>, story: Story): (outcome: Outcome, fault?: unknown) => void {
  const { facts, passage } = tried;
  return (outcome, fault) => {
    if (fault !== undefined) story.ports.bug(fault, story.settle.requestId);
    if (outcome !== 'complete') tried.abort();
    if (outcome !== 'complete' && outcome !== 'caller-left') {
      rememberTarget(facts.target, story, passage.failure ?? { kind: 'upstream', cause: 'cut' });
    }
    story.settle.now({ outcome, status: 200, facts, usage: passage.usage, events: passage.events });
  };
}

/**
 * The upstream's headers are in but its answer keeps the caller waiting: the 200 goes out with comments in it, and the
 * answer follows. Nothing of any target has been sent, so the search for one that answers goes on behind it.
 */
function answerEarly(call: Call, trying: Promise<Tried>, story: Story): Answer {
  const { ports, plan, settle } = story;
  const next: Promise<Continuation> = trying.then(
    (tried): Continuation => {
      if (tried.kind === 'stream') return { opened: tried.opened, onEnd: endOf(tried, story) };
      if (tried.kind === 'failed') return failLate(call, tried.failure, story);
      const { body } = answerWith(call, tried, story);
      return { bytes: body instanceof Uint8Array ? body : new Uint8Array() };
    },
    (error: unknown) => {
      if (!(error instanceof RouterError)) ports.bug(error, call.requestId);
      return failLate(call, error instanceof RouterError ? error.failure : { kind: 'internal' }, story);
    },
  );
  const delayed = delayStream(next, { keepaliveMs, timer: ports.timer });
  ports.later(delayed.done);
  return { body: delayed.readable, isStream: true, route: plan.route, attempts: settle.tries };
}

/** A failure after the 200 has gone out: the dialect's error event, and the transport is broken. */
function failLate(call: Call, failure: Failure, { ports, settle }: Story): { failBytes: Uint8Array } {
  const description = describe(failure);
  settle.now({ outcome: outcomeOf(failure), status: description.status });
  const client = clientHalves[errorDialectOf(call.dialect)];
  const context = replyContextOf(call, { createdSeconds: Math.floor(ports.timer.now() / 1000), includeUsage: false });
  return { failBytes: encodeEvents(client.failureEvents(description, context)) };
}

function outcomeOf(failure: Failure): Outcome {
  if (failure.kind === 'internal' || failure.kind === 'not-configured' || failure.kind === 'broken-policy')
    return 'error';
  if (failure.kind !== 'upstream') return 'refused';
  return failure.cause.endsWith('timeout') ? 'timeout' : 'error';
}
