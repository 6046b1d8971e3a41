import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Env } from '../../src/edge/ports.ts';
import { routerKey } from '../../src/local/keys.ts';
// Also leads the router's `fetch` to the stand-in.
import router from '../../src/local/router.ts';

/** The Worker's bindings and secrets, as the local environment has them. */
export const routerEnv = env as unknown as Env;

/** Something like `RequestInit` for {@link visit}; `env` replaces or takes away bindings and secrets. */
export interface Visit {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: BodyInit | object;
  readonly signal?: AbortSignal;
  readonly env?: Partial<Record<string, unknown>>;
}

const unsettled: ExecutionContext[] = [];

/** Waits for everything that the router still does behind the answers so far: settlements, mostly. */
export async function settled(): Promise<void> {
  await Promise.all(unsettled.splice(0).map((context) => waitOnExecutionContext(context)));
}

/** Calls the Worker as the runtime does. A plain object as the body is sent as JSON, with POST unless said otherwise. */
export async function visit(path: string, options: Visit = {}): Promise<{ readonly response: Response }> {
  const { body, headers, signal } = options;
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  const request = new Request(`https://router.example${path}`, {
    method,
    headers: headersOf(headers, body),
    ...(body !== undefined && { body: isPlain(body) ? JSON.stringify(body) : body }),
    ...(signal !== undefined && { signal }),
  });
  const context = createExecutionContext();
  const response = await router.fetch(request, { ...routerEnv, ...options.env }, context);
  unsettled.push(context);
  return { response };
}

/** The same with the router's key, and only the response. */
export async function ask(path: string, body?: Visit['body'], options: Visit = {}): Promise<Response> {
  const headers = { ...withKey, ...options.headers };
  const { response } = await visit(path, { ...options, headers, ...(body !== undefined && { body }) });
  return response;
}

/** The header that opens the router. */
export const withKey = { authorization: `Bearer ${routerKey}` };

function headersOf(headers: Visit['headers'], body: Visit['body']): Headers {
  const sent = new Headers(headers);
  if (isPlain(body) && !sent.has('content-type')) sent.set('content-type', 'application/json');
  return sent;
}

function isPlain(body: Visit['body']): body is object {
  return (
    typeof body === 'object' && [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(body) as object)
  );
}

let routes = 0;

/** Puts a route into KV under a name that nobody has asked for, since the router remembers names for 30 seconds. */
export async function putRoute(policy: object): Promise<string> {
  routes += 1;
  const name = `test-${routes}`;
  await routerEnv.POLICY.put(`route:${name}`, JSON.stringify(policy));
  return name;
}
