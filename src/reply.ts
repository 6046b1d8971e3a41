import { causes } from './core/cause.ts';
import type { Call } from './core/call.ts';
import type { Dialect } from './core/dialect.ts';
import type { Failure, UpstreamFailure } from './core/failure.ts';
import { field, isObject, parseJson, type JsonObject } from './core/json.ts';
import { findProvider } from './core/providers.ts';
import type { Target } from './core/target.ts';
import type { Usage } from './core/usage.ts';
import { crossingOf, type Crossing, type MeteredPassage } from './crossing.ts';
import { readEmbeddingsRequest } from './dialects/embeddings/index.ts';
import { estimateTokens } from './dialects/estimate.ts';
import { readOneShotUsage } from './dialects/one-shot.ts';
import { passStream } from './passage.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import type { WrittenCall } from './request.ts';
import { classify, readLogId } from './upstream/classify.ts';
import { readEmbeddings } from './upstream/workersai/embeddings.ts';
import { readImage } from './upstream/workersai/images.ts';
import { readSpeech } from './upstream/workersai/speech.ts';
import { readTranscription } from './upstream/workersai/transcriptions.ts';
import { passReply, passReplyAsStream, passStreamAsReply, type WholeReply } from './whole.ts';
import { readAll, readAnswerBody } from './wire/body.ts';
import { openStream } from './wire/open.ts';
import type { Clocks, OpenedStream, Timer } from './wire/stream.ts';

/** What one try came to. A failure that may be tried elsewhere is a value: the story decides what comes next. */
export type Tried =
  | {
      readonly kind: 'reply';
      readonly bytes: Uint8Array;
      readonly usage: Usage | undefined;
      readonly facts: AnswerFacts;
    }
  | {
      readonly kind: 'stream';
      readonly opened: OpenedStream;
      readonly passage: MeteredPassage;
      readonly facts: AnswerFacts;
      /** Ends the upstream call: a cancelled body alone does not cross the AI binding. */
      readonly abort: () => void;
    }
  /** A file, or a stream of one, that goes out under its own media type. */
  | {
      readonly kind: 'file';
      readonly body: Uint8Array | ReadableStream<Uint8Array>;
      readonly contentType: string;
      readonly usage: Usage | undefined;
      readonly facts: AnswerFacts;
    }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly elsewhere: boolean; readonly logId?: string }
  | { readonly kind: 'left' };

/** What of the upstream's answer is worth telling the caller. */
export interface AnswerFacts {
  readonly target: Target;
  readonly written: WrittenCall;
  /** AI Gateway's ids that are passed on, by header name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly logId?: string;
}

export interface Trying {
  readonly plan: Plan;
  readonly target: Target;
  readonly ports: Ports;
  /** Called once the upstream's headers are in: from then on the caller may be kept company. */
  readonly onHeaders: () => void;
}

/**
 * The clocks where the policy names none, for long agent turns: reasoning models think for minutes. A whole reply answers
 * when it is done, so its first byte may take as long as it does.
 */
const usualClocks: { readonly stream: Clocks; readonly whole: Clocks } = {
  stream: { firstByteMs: 120_000, idleMs: 120_000, totalMs: 3_600_000 },
  whole: { firstByteMs: 900_000, idleMs: 120_000, totalMs: 900_000 },
};

/** The clocks of one attempt: the policy's, and the usual ones for what it does not name. */
export function clocksOf(call: Call, target: Target): Clocks {
  const usual = call.stream ? usualClocks.stream : usualClocks.whole;
  return { ...usual, ...target.clocks };
}

export interface Answered {
  readonly trying: Trying;
  readonly written: WrittenCall;
  readonly response: Response;
  readonly startedMs: number;
  /** Ends the upstream call. */
  readonly abort: () => void;
}

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

/** One JSON object is the answer. */
const plainDialects: ReadonlySet<Dialect> = new Set(['embeddings', 'moderations', 'images']);

/** What may come in answer to a request for sound, or for a transcript that is no JSON. Anything else is a page or an error. */
const fileTypes =
  /^(audio\/[\w.+-]+|application\/octet-stream|text\/(event-stream|plain|vtt)|application\/(x-subrip|srt))\b/i;

/**
 * Sound and transcripts. What is no JSON streams through as it comes; it is settled when it begins, since nothing in it tells its end.
 */
async function readFile(call: Call, answered: Answered): Promise<Tried> {
  const { response, trying } = answered;
  const facts = factsOf(answered);
  const contentType = response.headers.get('content-type') ?? '';
  if (fileTypes.test(contentType) && response.body !== null)
    return { kind: 'file', body: response.body, contentType, usage: undefined, facts };
  const bytes = await readWhole(call, answered);
  if (typeof bytes === 'string') return unread(bytes, answered);
  const body = parseJson(new TextDecoder().decode(bytes));
  const made = isObject(body) && !isObject(field(body, 'error')) ? fileIn(call, { body, bytes, answered }) : undefined;
  if (made === undefined)
    return failed({ kind: 'upstream', cause: 'garbage', target: trying.target.name }, facts.logId);
  return { kind: 'file', ...made, usage: isObject(body) ? readOneShotUsage(body) : undefined, facts };
}

/** The file in a JSON answer: a transcript is one itself, Workers AI wraps both kinds. */
function fileIn(
  { dialect }: Call,
  { body, bytes, answered }: { body: JsonObject; bytes: Uint8Array; answered: Answered },
): { body: Uint8Array; contentType: string } | undefined {
  const { fields } = answered.written;
  if (dialect === 'speech') {
    const sound = readSpeech(body);
    return sound === undefined ? undefined : { body: sound, contentType: 'audio/mpeg' };
  }
  if (fields === undefined) return { body: bytes, contentType: 'application/json' };
  const transcript = readTranscription(body, fields);
  if (transcript === undefined) return undefined;
  return { body: new TextEncoder().encode(transcript.text), contentType: transcript.contentType };
}

/** Embeddings, moderations, images and token counts: one JSON object, relayed as it is or made OpenAI's. */
async function readPlain(call: Call, answered: Answered): Promise<Tried> {
  const { trying } = answered;
  const facts = factsOf(answered);
  const bytes = await readWhole(call, answered);
  if (typeof bytes === 'string') return unread(bytes, answered);
  const type = answered.response.headers.get('content-type') ?? '';
  const isPicture = call.dialect === 'images' && type.startsWith('image/');
  const body = isPicture ? {} : parseJson(new TextDecoder().decode(bytes));
  const broken = failed({ kind: 'upstream', cause: 'garbage', target: trying.target.name }, facts.logId);
  if (!isObject(body) || isObject(field(body, 'error'))) return broken;
  if (findProvider(trying.target.provider)?.repairs !== true) {
    return { kind: 'reply', bytes, usage: readOneShotUsage(body), facts };
  }
  if (call.dialect === 'images') {
    const createdSeconds = Math.floor(trying.ports.timer.now() / 1000);
    const image = readImage({ body, bytes, type }, { request: call.json(), createdSeconds });
    return image === undefined ? broken : { kind: 'reply', bytes: encodeJson(image), usage: undefined, facts };
  }
  const request = readEmbeddingsRequest(call.json());
  const texts = request.input.kind === 'texts' ? request.input.texts : [];
  const estimatedTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  const list = readEmbeddings(body, { request, model: call.model, estimatedTokens });
  if (list === undefined) return broken;
  return { kind: 'reply', bytes: encodeJson(list.body), usage: list.usage, facts };
}

function encodeJson(value: JsonObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Why a whole answer could not be read. */
type Unread = 'left' | 'total-timeout' | 'garbage';

/** Reads a whole answer, or says why not: the caller has left, the clock ran out, the transport broke, it is over the limit. */
async function readWhole(call: Call, { response, trying, startedMs }: Answered): Promise<Uint8Array | Unread> {
  const { timer } = trying.ports;
  const left = startedMs + clocksOf(call, trying.target).totalMs - timer.now();
  const read = await readWithin(readAnswerBody(response), { timer, mostMs: Math.max(left, 0) });
  return call.signal.aborted ? 'left' : read;
}

async function readWithin(
  reading: Promise<Uint8Array | undefined>,
  { timer, mostMs }: { timer: Timer; mostMs: number },
): Promise<Uint8Array | Exclude<Unread, 'left'>> {
  const over = new AbortController();
  const late = timer.wait(mostMs, over.signal).then(
    () => 'total-timeout' as const,
    () => 'total-timeout' as const,
  );
  const read = reading.then(
    (bytes) => bytes ?? ('garbage' as const),
    () => 'garbage' as const,
  );
  return Promise.race([read, late]).finally(() => over.abort());
}

function unread(why: Unread, { trying, response, abort }: Answered): Tried {
  abort();
  if (why === 'left') return { kind: 'left' };
  return failed({ kind: 'upstream', cause: why, target: trying.target.name }, readLogId(response.headers));
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

/** A failure of the upstream as an outcome of the try. */
export function failed(failure: UpstreamFailure, logId?: string): Tried {
  return { kind: 'failed', failure, elsewhere: causes[failure.cause].elsewhere, ...(logId !== undefined && { logId }) };
}

/** The gateway's response headers that are passed on; all others are dropped (sheet 3.2). */
const keptHeaders = [
  'cf-aig-log-id',
  'cf-aig-event-id',
  'cf-aig-request-id',
  'cf-aig-step',
  'cf-aig-cache-status',
  'cf-aig-model',
  'cf-aig-provider',
];

function factsOf({ trying, written, response }: Answered): AnswerFacts {
  const kept = keptHeaders.flatMap((name) => {
    const value = response.headers.get(name);
    return value !== null && /^[\w./@: -]{1,128}$/.test(value) ? [[name, value] as const] : [];
  });
  const logId = readLogId(response.headers);
  return { target: trying.target, written, headers: Object.fromEntries(kept), ...(logId !== undefined && { logId }) };
}
