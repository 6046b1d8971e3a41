import * as z from 'zod/mini';
import { refuse, RouterError } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import type { AdminFault } from '../policy/admin.ts';
import { isPlausible, maskKey, readKeys, sameKey } from '../policy/callers.ts';
import { sayFaults } from '../policy/store.ts';
import type { Ports } from '../ports.ts';
import { readBody } from '../wire/body.ts';
import { parseBody } from '../wire/parse.ts';
import type { AdminRoute, AdminWorld, QueryRow } from './admin-route.ts';
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
  const csv = query['format'] === 'csv' ? route.csv : undefined;
  const came = await (csv ?? route.run)(asked, world);
  if (route.method !== 'GET') {
    const outcome = came.ok ? 'done' : came.fault.kind;
    warn({ event: 'admin', requestId, operation: route.id, on: Object.values(path).join(' '), outcome });
  }
  if (!came.ok) throw failureOf(came.fault);
  const answered = came.value;
  // Only `csv` gives this shape: the value of `run` is never looked into.
  if (csv !== undefined) return csvResponse(answered as Awaited<CsvValue>, requestId);
  return jsonResponse(answered, { requestId, ...(route.status !== undefined && { status: route.status }) });
}

function requireRoute(method: string, url: URL): ReturnType<typeof findFitting>[number] {
  const fitting = findFitting(url.pathname.replace(/\/+$/, ''));
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = fitting.find(({ route }) => route.method === wanted);
  if (found !== undefined) return found;
  const path = showPath(url.href);
  if (fitting.length === 0) throw new RouterError({ kind: 'unknown-path', method, path, nearest: 'GET /docs' });
  const allow = fitting.map(({ route }) => route.method).join(', ');
  throw new RouterError({ kind: 'wrong-method', method, path, allow });
}
