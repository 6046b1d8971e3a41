import { describe, type Description } from '../core/describe.ts';
import { errorDialectOf, type Dialect } from '../core/dialect.ts';
import type { Failure } from '../core/failure.ts';
import type { LimitState } from '../core/limits.ts';
import { clientHalves } from '../halves.ts';
import type { Answer } from '../route.ts';

/** Headers on everything that leaves the router. Both id headers: OpenAI's SDKs read the first, Anthropic's the second. */
function commonHeaders(requestId: string): Record<string, string> {
  return { 'x-request-id': requestId, 'request-id': requestId, 'x-content-type-options': 'nosniff' };
}

/** A JSON answer of the router's own. */
export function jsonResponse(body: unknown, options: { requestId: string; status?: number }): Response {
  return new Response(JSON.stringify(body), {
    status: options.status ?? 200,
    headers: { ...commonHeaders(options.requestId), 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

/** A text for people. */
export function textResponse(text: string, options: { requestId: string }): Response {
  return new Response(text, {
    headers: {
      ...commonHeaders(options.requestId),
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    },
  });
}

/** A failure in the caller's dialect, with the headers that the official SDKs obey (clients.md 2.2 and 2.3). */
export function failureResponse(failure: Failure, options: Rated & { requestId: string }): Response {
  const description = describe(failure);
  const client = clientHalves[errorDialectOf(options.dialect)];
  const response = jsonResponse(client.errorBody(description, options.requestId), {
    requestId: options.requestId,
    status: description.status,
  });
  const rates = failure.kind === 'over-limit' ? rateHeaders(failure.states, options) : {};
  for (const [name, value] of Object.entries({ ...rates, ...retryHeaders(description) }))
    response.headers.set(name, value);
  if (description.status === 426) response.headers.set('upgrade', 'HTTP/1.1');
  return response;
}

function retryHeaders(description: Description): Record<string, string> {
  const { retryAfterSeconds: seconds } = description;
  return {
    // Said where it is certain: a 4xx is not retried anyway, and 2xx never come here.
    ...(description.status >= 429 && { 'x-should-retry': String(description.shouldRetry) }),
    ...(seconds !== undefined && { 'retry-after': String(seconds), 'retry-after-ms': String(seconds * 1000) }),
    ...(description.allow !== undefined && { allow: description.allow }),
  };
}

/** The answer to an inference request. */
export function answerResponse(answer: Answer, options: Rated & { requestId: string }): Response {
  const { facts } = answer;
  const losses = facts?.written.losses.map((loss) => loss.feature) ?? [];
  const headers = {
    ...commonHeaders(options.requestId),
    ...facts?.headers,
    'content-type': answer.contentType ?? (answer.isStream ? 'text/event-stream; charset=utf-8' : 'application/json'),
    'cache-control': answer.isStream ? 'no-cache' : 'no-store',
    'x-router-route': headerText(answer.route),
    'x-router-attempts': String(answer.attempts),
    ...(facts !== undefined && { 'x-router-target': facts.target.name }),
    ...(answer.costNanoUsd !== undefined && { 'x-router-cost-usd': usdText(answer.costNanoUsd) }),
    ...rateHeaders(answer.limits ?? [], options),
    ...(answer.isEstimate === true && { 'x-router-token-count': 'estimate' }),
    ...(losses.length > 0 && { 'x-router-losses': headerText(losses.join(', ')) }),
    ...(facts !== undefined &&
      facts.written.ignored.length > 0 && { 'x-router-ignored': facts.written.ignored.join(', ') }),
  };
  // What the gateway's cache did is an oracle across callers: told only where its key holds the caller (threats.md T72).
  return new Response(answer.body, { status: 200, headers });
}

/** A header's value: printable ASCII, cut. Route and feature names may come from callers. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 1024);
}

/** What rate headers depend on: Anthropic's clients read other names, and a moment instead of a wait. */
interface Rated {
  readonly dialect: Dialect;
  /** For the moments. */
  readonly nowMs: number;
}

/** The limits that have a header of their own, in both vendors' words. Money and requests at once have none. */
const ratedLimits = { requestsPerMinute: 'requests', tokensPerMinute: 'tokens' } as const;

/** The rate headers of a limited caller: `x-ratelimit-*`, and on Messages `anthropic-ratelimit-*`. The tightest of each kind counts. */
function rateHeaders(states: readonly LimitState[], { dialect, nowMs }: Rated): Record<string, string> {
  return Object.fromEntries(
    Object.entries(ratedLimits).flatMap(([limit, word]) => {
      const state = states.filter((one) => one.limit === limit).toSorted((a, b) => a.left - b.left)[0];
      return state === undefined ? [] : rateRows({ state, word, dialect, nowMs });
    }),
  );
}

function rateRows({ state, word, dialect, nowMs }: Rated & { state: LimitState; word: string }): [string, string][] {
  const reset = new Date(nowMs + state.resetSeconds * 1000).toISOString();
  const openai: [string, string][] = [
    [`x-ratelimit-limit-${word}`, String(state.most)],
    [`x-ratelimit-remaining-${word}`, String(state.left)],
    [`x-ratelimit-reset-${word}`, `${Math.ceil(state.resetSeconds)}s`],
  ];
  if (dialect !== 'messages') return openai;
  const anthropic: [string, string][] = [
    [`anthropic-ratelimit-${word}-limit`, String(state.most)],
    [`anthropic-ratelimit-${word}-remaining`, String(state.left)],
    [`anthropic-ratelimit-${word}-reset`, reset],
  ];
  return [...openai, ...anthropic];
}

/** Nano-USD as dollars, without an exponent. */
export function usdText(nanoUsd: number): string {
  return (nanoUsd / 1e9).toFixed(9);
}
