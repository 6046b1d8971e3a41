import { WorkerEntrypoint } from 'cloudflare:workers';
import { endpoints } from '../core/call.ts';
import { describe } from '../core/describe.ts';
import type { Failure } from '../core/failure.ts';
import type { Json } from '../core/json.ts';
import { answer, failureIn, openVisit, serve } from './app.ts';
import type { CallOptions, Router as Binding, RunOptions } from './binding.ts';
import { portsFrom, type Env } from './ports.ts';
import { readRun, refuseRun, runHeaders, writeRun } from './run.ts';

/** What one call gives: the parsed answer, or the bytes of a stream. */
type Reply = Json | ReadableStream<Uint8Array>;

/** Every method that the binding's type names is there; what each takes and gives is said there, overload by overload. */
type Methods = Record<keyof Binding, (...given: never[]) => unknown>;

/**
 * The way in for other Workers, by a service binding with `entrypoint = "Router"`; see {@link Binding}. Each method writes the
 * request that HTTP would have brought and takes the same way from there. The caller is in the binding's `props`.
 */
export class Router extends WorkerEntrypoint<Env, { readonly caller?: string }> implements Methods {
  override async fetch(request: Request): Promise<Response> {
    const ports = portsFrom(this.env, this.ctx);
    return serve(openVisit(request, { env: this.env, ports, props: this.ctx.props }));
  }

  async chat(body: unknown, options?: CallOptions): Promise<Reply> {
    return this.#ask(endpoints.chat.path, { body, options });
  }

  async messages(body: unknown, options?: CallOptions): Promise<Reply> {
    return this.#ask(endpoints.messages.path, { body, options });
  }

  async responses(body: unknown, options?: CallOptions): Promise<Reply> {
    return this.#ask(endpoints.responses.path, { body, options });
  }

  async embeddings(body: unknown, options?: CallOptions): Promise<Reply> {
    return this.#ask(endpoints.embeddings.path, { body, options });
  }

  async countTokens(body: unknown, options?: CallOptions): Promise<Reply> {
    return this.#ask(endpoints['count-tokens'].path, { body, options });
  }

  async models(options?: CallOptions): Promise<Reply> {
    return this.#ask('/v1/models', { method: 'GET', options });
  }

  async explain(path: string, body: unknown, options?: CallOptions): Promise<Reply> {
    // The path alone, resolved: `..` in it must not lead out of /explain and to a call that costs money.
    const { pathname } = URL.parse(path, origin) ?? { pathname: '/' };
    return this.#ask(`/explain${pathname}`, { body, options });
  }

  async run(model: string, inputs: unknown, options?: RunOptions): Promise<Reply | Response> {
    const refused = refuseRun(options);
    if (refused !== undefined) throw callError(refused, `req_${portsFrom(this.env, this.ctx).newId()}`);
    const { endpoint, body } = readRun(model, inputs);
    const { path } = endpoints[endpoint];
    const asked: Asked = { body, options: { ...options, headers: runHeaders(options) } };
    if (options?.returnRawResponse === true) return this.fetch(writeRequest(path, asked));
    const reply = await this.#ask(path, asked);
    return reply instanceof ReadableStream ? reply : writeRun(endpoint, reply);
  }

  async #ask(path: string, asked: Asked): Promise<Reply> {
    const request = writeRequest(path, asked);
    const ports = portsFrom(this.env, this.ctx);
    const visit = openVisit(request, { env: this.env, ports, props: this.ctx.props });
    const response = await answer(visit).catch((error: unknown) => {
      if (request.signal.aborted) throw abortError();
      throw callError(failureIn(error, visit), visit.requestId);
    });
    // Over HTTP a caller who has left gets nothing; here somebody may still await the answer.
    if (request.signal.aborted) throw abortError();
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    return isStream && response.body !== null ? response.body : response.json();
  }
}

interface Asked {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly options: CallOptions | undefined;
}

/** No host is called: requests are told apart by their paths. */
const origin = 'https://router.internal';

/** The request that HTTP would have brought. Throws `TypeError` for a header that is none. */
function writeRequest(path: string, { method = 'POST', body, options }: Asked): Request {
  const headers = new Headers(options?.headers);
  headers.set('content-type', 'application/json');
  // Not into `Authorization`: that one is free for a provider key of the caller's own, as over HTTP.
  if (options?.key !== undefined) headers.set('cf-aig-authorization', `Bearer ${options.key}`);
  return new Request(`${origin}${path}`, {
    method,
    headers,
    ...(method === 'POST' && { body: jsonText(body) }),
    ...(options?.signal !== undefined && { signal: options.signal }),
  });
}

/** A body as JSON. What has none (a cycle, a `bigint`, nothing at all) becomes `null`, which is refused as over HTTP. */
function jsonText(body: unknown): string {
  try {
    return JSON.stringify(body) ?? 'null';
  } catch {
    return 'null';
  }
}

/**
 * A failure as the calling Worker catches it: a plain `Error`, whose own properties the runtime carries over (seen with
 * workerd 1.20261102; to calling Workers dated before 2026-04-21 it carries `"<name>: <message>"` alone). Without our stack.
 */
function callError(failure: Failure, requestId: string): Error {
  const { openaiCode: code, message, status, retryAfterSeconds } = describe(failure);
  return Object.assign(named(code, message), {
    code,
    status,
    requestId,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

function abortError(): Error {
  return named('AbortError', 'The operation was aborted');
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name, stack: `${name}: ${message}` });
}
