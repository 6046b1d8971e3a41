import type { Call } from './core/call.ts';
import type { Dialect } from './core/dialect.ts';
import type { UpstreamFailure } from './core/failure.ts';
import { parseJson } from './core/json.ts';
import type { Target } from './core/target.ts';
import { crossingOf, type Crossing } from './crossing.ts';
import { readFile, readPlain } from './one-shot-reply.ts';
import { passStream } from './passage.ts';
import {
  clocksOf,
  factsOf,
  failed,
  readWhole,
  readWithin,
  unread,
  type Answered,
  type AnswerFacts,
  type Tried,
} from './tried.ts';
import { classify } from './upstream/classify.ts';
import { passReply, passReplyAsStream, passStreamAsReply, type WholeReply } from './whole.ts';
import { readAll } from './wire/body.ts';
import { openStream } from './wire/open.ts';

/** One JSON object is the answer. */
const plainDialects: ReadonlySet<Dialect> = new Set(['embeddings', 'moderations', 'images']);

/** Reads what a target answered: a stream up to its first content, a whole reply, or the failure that it is. */
export async function readAnswer(call: Call, answered: Answered): Promise<Tried> {
  const { response, trying } = answered;
  if (!response.ok) return readFailure(call, answered);
  const facts = factsOf(answered);
  const type = response.headers.get('content-type') ?? '';
  const isStream = type.includes('text/event-stream');
  if (call.dialect === 'speech' || call.dialect === 'transcriptions') return readFile(call, answered);
  if (plainDialects.has(call.dialect) || call.endpoint === 'count-tokens') return readPlain(call, answered);
  const crossing = crossingOf(call, { ...trying, written: answered.written });
  if (call.stream && isStream) return readStream(call, { answered, crossing, facts });
  const bytes = await readWhole(call, answered);
  if (typeof bytes === 'string') return unread(bytes, answered);
  return settleWhole(crossWhole(call, { crossing, bytes, isStream }), facts);
}

async function readStream(
  call: Call,
  options: { answered: Answered; crossing: Crossing; facts: AnswerFacts },
): Promise<Tried> {
  const { answered, crossing, facts } = options;
  const passage = passStream(crossing);
  const opened = await openStream({
    body: answered.response.body,
    passage,
    clocks: clocksOf(call, answered.trying.target),
    timer: answered.trying.ports.timer,
    signal: call.signal,
    startedMs: answered.startedMs,
  });
  if (opened.kind === 'ready') return { kind: 'stream', opened, passage, facts, abort: answered.abort };
  answered.abort();
  if (opened.kind === 'left') return { kind: 'left' };
  return failed({ ...opened.failure, target: crossing.name }, facts.logId);
}

function crossWhole(call: Call, whole: { crossing: Crossing; bytes: Uint8Array; isStream: boolean }): WholeReply {
  const { crossing, bytes, isStream } = whole;
  if (isStream) return passStreamAsReply(crossing, bytes);
  const body = parseJson(new TextDecoder().decode(bytes));
  return call.stream ? passReplyAsStream(crossing, body) : passReply(crossing, bytes, body);
}

function settleWhole(reply: WholeReply, facts: AnswerFacts): Tried {
  if (reply.kind === 'failed') return failed(reply.failure, facts.logId);
  return { kind: 'reply', bytes: reply.bytes, usage: reply.usage, facts };
}

/** Error bodies are small; what is over this is no error that anyone wrote. */
const errorLimitBytes = 65_536;
/** The status has told most of it: a body that takes longer, in milliseconds, must not keep the next target waiting. */
const errorMs = 5_000;

async function readFailure(call: Call, answered: Answered): Promise<Tried> {
  const { response, trying } = answered;
  const { timer } = trying.ports;
  const read = await readWithin(readAll(response.body, errorLimitBytes), { timer, mostMs: errorMs });
  if (read === 'total-timeout') answered.abort();
  const failure = classify({
    nowMs: timer.now(),
    status: response.status,
    headers: response.headers,
    text: trying.ports.redact(typeof read === 'string' ? '' : new TextDecoder().decode(read), call.callerKey),
    target: trying.target.name,
    provider: trying.target.provider,
  });
  const setting = settingAtFault(failure, trying.target);
  const cause = setting === ownKey ? ('caller-key' as const) : failure.cause;
  return failed({ ...failure, cause, ...(setting !== undefined && setting !== ownKey && { setting }) }, failure.logId);
}

/** In place of a setting's name: nothing of the operator's is at fault. */
const ownKey = "the caller's own provider key";

/** The name of the secret that the operator should look at, for causes that are about one. */
function settingAtFault(failure: UpstreamFailure, target: Target): string | undefined {
  if (failure.cause !== 'provider-key' && failure.cause !== 'provider-key-missing') return undefined;
  if (target.credentials === 'caller') return ownKey;
  if (target.credentials === 'secret') return target.secret;
  return target.byokAlias === undefined ? `credentials "${target.credentials}"` : `byokAlias "${target.byokAlias}"`;
}
