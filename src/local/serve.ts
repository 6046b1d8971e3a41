import { answer } from './answers.ts';
import type { Answer } from './answers.ts';
import type { Refusal } from './errors.ts';
import type { Faults } from './faults.ts';
import type { Prompt } from './prompt.ts';
import { sendEvents, sendWhole, wait, waitForever } from './stream.ts';
import type { Listener } from './stream.ts';
import type { Voice } from './voice.ts';
import type { Wire } from './wire.ts';

/** A request that was found good: everything that its answer is made of. */
export interface Serving {
  readonly prompt: Prompt;
  /** The body, parsed. */
  readonly body: unknown;
  readonly wire: Wire;
  readonly voice: Voice;
  /** How this surface words an error of Cloudflare's own. */
  readonly cloudflare: (status: number, code: number) => Refusal;
  /** Puts a whole answer into an envelope (`/ai/run` over HTTP). */
  readonly wrap?: (body: unknown) => unknown;
  readonly listener: Listener;
}

/** Answers a conversation: whole or streamed, well or badly, as the prompt's commands want it. */
export async function serve(serving: Serving): Promise<Response> {
  const answered = answer(serving.prompt);
  const { faults } = answered;
  if (faults.instead === 'hang') return hang(serving.listener);
  if (faults.instead !== undefined) return answerInstead(faults, serving);
  if (faults.fail !== undefined) return answerFailure(faults.fail, serving);
  if (serving.prompt.stream !== faults.otherKind) return stream(answered, serving);
  if (faults.turn?.kind === 'fail-stream') return answerFailure({ status: 500 }, serving);
  return whole(answered, serving);
}

/** An answer that refuses, as a response. */
export function refuse(refusal: Refusal): Response {
  return Response.json(refusal.body, { status: refusal.status, headers: refusal.headers ?? {} });
}

function stream(answered: Answer, serving: Serving): Response {
  const context = contextOf(serving);
  const plan = {
    events: serving.wire.events(answered, context),
    errorEvent: serving.wire.errorEvent(answered.faults.turn?.code, context),
    emptyDelta: serving.wire.emptyDelta(context),
    faults: answered.faults,
  };
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
  return new Response(sendEvents(plan, serving.listener), { headers });
}

async function whole(answered: Answer, serving: Serving): Promise<Response> {
  const { faults } = answered;
  const body = serving.wire.whole(answered, contextOf(serving));
  const text = faults.garbageAfter === undefined ? JSON.stringify(serving.wrap?.(body) ?? body) : '{"garbage": tru';
  await wait(faults.slowMilliseconds, new AbortController().signal);
  const content = faults.turn === undefined ? text : sendWhole(text, faults, serving.listener);
  return new Response(content, { headers: { 'content-type': 'application/json' } });
}

function contextOf({ prompt, body, listener }: Serving): Parameters<Wire['whole']>[1] {
  return { seq: listener.record.seq, model: prompt.model, includeUsage: prompt.includeUsage, body };
}

async function hang(listener: Listener): Promise<Response> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  if (listener.signal?.aborted === true) leave();
  listener.signal?.addEventListener('abort', leave);
  await waitForever(gone.signal);
  listener.record.cancelled = true;
  throw new DOMException('The operation was aborted', 'AbortError');
}

function answerFailure(fail: NonNullable<Faults['fail']>, serving: Serving): Response {
  const code = Number(fail.code);
  const refusal = Number.isInteger(code)
    ? serving.cloudflare(fail.status, code)
    : serving.voice.failure(fail.status, fail.code);
  const seconds = fail.retryAfterSeconds;
  return refuse({ ...refusal, ...(seconds !== undefined && { headers: { 'retry-after': String(seconds) } }) });
}

const page = '<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>';

function answerInstead(faults: Faults, serving: Serving): Response {
  if (faults.instead === 'redirect') {
    return new Response(null, { status: 302, headers: { location: 'https://elsewhere.example/v1/chat/completions' } });
  }
  if (faults.instead === 'html') {
    return new Response(page, { status: faults.htmlStatus, headers: { 'content-type': 'text/html; charset=utf-8' } });
  }
  if (faults.instead === 'error-200') return refuse({ ...serving.voice.failure(500), status: 200 });
  const type = serving.prompt.stream ? 'text/event-stream; charset=utf-8' : 'application/json';
  return new Response('', { headers: { 'content-type': type } });
}
