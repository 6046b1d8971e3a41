import * as z from 'zod/mini';
import { refuse, RouterError } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import type { Done } from '../policy/admin.ts';
import { isPlausible, maskKey, readKeys, sameKey } from '../policy/callers.ts';
import { sayFaults } from '../policy/store.ts';
import type { Ports } from '../ports.ts';
import { readBody } from '../wire/body.ts';
import { parseBody } from '../wire/parse.ts';
import type { AdminRoute, AdminWorld, CsvAnswer, QueryRow } from './admin-route.ts';
import { findFitting } from './admin-routes.ts';
import { jsonResponse, textResponse } from './answer.ts';
import { docsResponse } from './docs.ts';
import { openApi } from './openapi.ts';
import { showPath } from './paths.ts';
import { adminKeyIn, policyWriterIn, routerKeyIn, type Env } from './ports.ts';

/** A request to the admin plane, by HTTP or by a service binding. */
export interface AdminVisit {
  readonly request: Request;
  readonly requestId: string;
  readonly env: Env;
  readonly ports: Pick<Ports, 'ledger' | 'timer' | 'warn' | 'newId'>;
}

/** Largest body taken, in bytes: a route with everything in it has a tenth of that. */
const bodyLimit = 262_144;

/**
 * Serves the admin plane. Its documents are open, since they tell nothing but paths; for everything else the key is asked
 * for before the path is even looked at. Throws `RouterError`.
 */
export async function serveAdmin(visit: AdminVisit): Promise<Response> {
  const { request, requestId, env, ports } = visit;
  const url = new URL(request.url);
  if (!/^\/+admin(\/|$)/.test(url.pathname)) return serveDocuments(visit, url);
  await requireAdmin(request.headers, { adminKey: adminKeyIn(env), routerKey: routerKeyIn(env) }).catch(
    (error: unknown) => {
      ports.warn({ event: 'admin-refused', requestId });
      throw error;
    },
  );
  const world: AdminWorld = {
    writer: policyWriterIn(env),
    ledger: ports.ledger,
    nowMs: ports.timer.now(),
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  };
  return answerAdmin(request, { world, requestId, warn: ports.warn });
}

/**
 * Lets the holder of `ADMIN_KEY` in and nobody else: no virtual key and no `ROUTER_KEY`, not even where both secrets have
 * the same value. Throws `no-key`, `wrong-key`, `two-keys`.
 */
export async function requireAdmin(
  headers: Headers,
  { adminKey, routerKey }: { adminKey: string | undefined; routerKey: string | undefined },
): Promise<void> {
  const { routerKey: key } = readKeys(headers);
  if (key === undefined) throw new RouterError({ kind: 'no-key', admin: true });
  if (adminKey === undefined || !isPlausible(key) || !(await sameKey(key, adminKey)))
    throw new RouterError({ kind: 'wrong-key', shown: maskKey(key), admin: true });
  if (routerKey === undefined || !(await sameKey(key, routerKey))) return;
  const message = 'Cannot open the admin plane: ADMIN_KEY and ROUTER_KEY are the same. Give ADMIN_KEY another value.';
  throw new RouterError({ kind: 'admin', fault: 'broken', message });
}

/** What answering a request of the administrator's takes. */
export interface AdminDesk {
  readonly world: AdminWorld;
  readonly requestId: string;
  readonly warn: (fields: Readonly<Record<string, string>>) => void;
}

/** Answers a request of which it is known that the administrator sends it. Throws `RouterError`. */
export async function answerAdmin(request: Request, { world, requestId, warn }: AdminDesk): Promise<Response> {
  const url = new URL(request.url);
  const { route, path } = requireRoute(request.method, url);
  const query = readQuery(route.query ?? {}, url.searchParams);
  const asked = { path, query, body: await readInputBody(route, request) };
  if (query['format'] === 'csv' && route.csv !== undefined)
    return csvResponse(requireDone(await route.csv(asked, world)), requestId);
  const came = await route.run(asked, world);
  if (route.method !== 'GET') {
    const outcome = came.ok ? 'done' : came.fault.kind;
    warn({ event: 'admin', requestId, operation: route.id, on: Object.values(path).join(' '), outcome });
  }
  return jsonResponse(requireDone(came), { requestId, ...(route.status !== undefined && { status: route.status }) });
}

function requireRoute(method: string, url: URL): ReturnType<typeof findFitting>[number] {
  // To the letter: a name that a script left empty must not make an operation on one key one on all of them.
  const fitting = findFitting(url.pathname);
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = fitting.find(({ route }) => route.method === wanted);
  if (found !== undefined) return found;
  const path = showPath(url.href);
  if (fitting.length === 0) throw new RouterError({ kind: 'unknown-path', method, path, nearest: 'GET /docs' });
  const allow = fitting.map(({ route }) => route.method).join(', ');
  throw new RouterError({ kind: 'wrong-method', method, path, allow });
}

/** The parameters of a query, each through its schema. One that is not known would otherwise be a filter that does nothing. */
function readQuery(rows: Readonly<Record<string, QueryRow>>, sent: URLSearchParams): Record<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of sent) {
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
    const shown = name.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);
    if (row === undefined) {
      const known = Object.keys(rows).join(', ');
      refuse(
        `Cannot use the parameter "${shown}": ${known === '' ? 'there are none here' : `there are ${known}`}.`,
        code,
        shown,
      );
    }
    if (query.has(name)) refuse(`Cannot use the parameter "${shown}" twice.`, code, shown);
    const parsed = z.safeParse(row.schema, value);
    if (!parsed.success) refuse(`Cannot use the parameter "${shown}": ${sayFaults(parsed.error)}.`, code, shown);
    query.set(name, parsed.data);
  }
  return Object.fromEntries(query);
}

const code = 'invalid_input';

/** The body, through the row's schema: what is passed on is as it came. */
async function readInputBody({ body: row }: AdminRoute, { body, headers }: Request): Promise<JsonObject> {
  if (row === undefined) return {};
  const contentLength = Number(headers.get('content-length') ?? 0) || 0;
  const bytes = await readBody(body, { limitBytes: bodyLimit, contentLength });
  const input = bytes.length === 0 ? {} : parseBody(bytes);
  const parsed = z.safeParse(row.schema, input);
  if (!parsed.success) refuse(`Cannot take the input: ${sayFaults(parsed.error)}.`, code);
  return input;
}

function requireDone<T>(came: Done<T>): T {
  if (came.ok) return came.value;
  const { kind, message } = came.fault;
  if (kind === 'invalid') return refuse(message, code);
  throw new RouterError({ kind: 'admin', fault: kind, message });
}

function csvResponse({ text, next }: CsvAnswer, requestId: string): Response {
  const response = textResponse(text, { requestId });
  response.headers.set('content-type', 'text/csv; charset=utf-8');
  response.headers.set('content-disposition', 'attachment; filename="usage.csv"');
  if (next !== undefined) response.headers.set('x-router-next', next);
  return response;
}

async function serveDocuments({ request, requestId, ports }: AdminVisit, url: URL): Promise<Response> {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD')
    throw new RouterError({ kind: 'wrong-method', method, path: showPath(url.href), allow: 'GET, HEAD' });
  const document = openApi(url.origin);
  if (url.pathname.includes('openapi.json')) return jsonResponse(document, { requestId });
  return docsResponse(document, { requestId, nonce: ports.newId() });
}
