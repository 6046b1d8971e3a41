import { describe, type Description } from '../core/describe.ts';
import type { Dialect } from '../core/dialect.ts';
import type { Failure } from '../core/failure.ts';
import { clientHalves } from '../passage.ts';
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
export function failureResponse(failure: Failure, options: { requestId: string; dialect: Dialect }): Response {
  const description = describe(failure);
  const client = clientHalves[options.dialect === 'embeddings' ? 'chat' : options.dialect];
  const response = jsonResponse(client.errorBody(description, options.requestId), {
    requestId: options.requestId,
    status: description.status,
  });
  for (const [name, value] of Object.entries(retryHeaders(description))) response.headers.set(name, value);
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
export function answerResponse(answer: Answer, requestId: string): Response {
  const { facts } = answer;
  const losses = facts?.written.losses.map((loss) => loss.feature) ?? [];
  const headers = {
    ...commonHeaders(requestId),
    ...facts?.headers,
    'content-type': answer.isStream ? 'text/event-stream; charset=utf-8' : 'application/json',
    'cache-control': answer.isStream ? 'no-cache' : 'no-store',
    'x-router-route': headerText(answer.route),
    'x-router-attempts': String(answer.attempts),
    ...(facts !== undefined && { 'x-router-target': facts.target.name }),
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
