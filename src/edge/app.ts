import { Hono } from 'hono/tiny';
import { endpoints, type Call, type Caller, type Endpoint } from '../core/call.ts';
import type { Dialect } from '../core/dialect.ts';
import { RouterError, type Failure } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import { sayExplanation } from '../explain-text.ts';
import { explainCall } from '../explain.ts';
import { routeJsonSchema } from '../policy/json-schema.ts';
import { readKeys, sameKey } from '../policy/callers.ts';
import { findCaller, identifyCaller, providerKeyOf } from '../policy/identify.ts';
import { Defaults } from '../policy/schema.ts';
import type { Ports } from '../ports.ts';
import { routeCall } from '../route.ts';
import { serveAdmin } from './admin.ts';
import { answerResponse, failureResponse, jsonResponse, textResponse } from './answer.ts';
import { corsHeaders } from './cors.ts';
import { answerOnce } from './once.ts';
import { findModel, modelInfo, modelList, type Asking } from './models.ts';
import { opencodeConfig, opencodeLogin } from './opencode.ts';
import { readPath, showPath, type Asked } from './paths.ts';
import { adminKeyIn, portsFrom, routerKeyIn, type Env } from './ports.ts';
import { callerFromProps, providerKeyBeside } from './props.ts';
import { defaultBodyLimit, readCall } from './request.ts';

/** The router as a Hono app: one door, since clients' base URLs make paths that no pattern lists. */
export function buildApp(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  app.all('*', (c) =>
    serve(openVisit(c.req.raw, { env: c.env, ports: portsFrom(c.env, c.executionCtx), isHttp: true })),
  );
  return app;
}

/** One request on its way through the router, by HTTP or by a service binding. */
export interface Visit {
  readonly request: Request;
  readonly asked: Asked;
  readonly dialect: Dialect;
  readonly requestId: string;
  readonly env: Env;
  readonly ports: Ports;
  /** The service binding's `props`, where it came by one. */
  readonly props: unknown;
  readonly isHttp: boolean;
}

/** What a request asks for, before anybody has looked at who asks. Never throws. */
export function openVisit(
  request: Request,
  world: { env: Env; ports: Ports; props?: unknown; isHttp?: boolean },
): Visit {
  const asked = readPath(new URL(request.url).pathname);
  return {
    request,
    asked,
    dialect: dialectOf(asked, request.headers),
    requestId: requestIdOf(request.headers, world.ports),
    env: world.env,
    ports: world.ports,
    props: world.props,
    isHttp: world.isHttp === true,
  };
}

/** Serves one request. Everything that is thrown is answered here, in the dialect of the path or of the headers. */
export async function serve(visit: Visit): Promise<Response> {
  const response = await answer(visit).catch((error: unknown) =>
    failureResponse(failureIn(error, visit), rated(visit)),
  );
  // No page of another origin has business with the admin plane.
  return visit.request.headers.has('origin') && visit.asked.kind !== 'admin' ? withCors(response, visit) : response;
}

/** The same for who would rather catch the failure: a good answer, or `RouterError` (anything else thrown is a bug). */
export async function answer(visit: Visit): Promise<Response> {
  const { asked, requestId } = visit;
  switch (asked.kind) {
    case 'root':
    case 'health':
      return methodIn(visit, ['GET', 'HEAD']) && jsonResponse({ status: 'ok' }, { requestId });
    case 'models':
    case 'model':
    case 'model-info':
      methodIn(visit, ['GET', 'HEAD']);
      return jsonResponse(await readModels(visit, (await whoCalls(visit)).caller), { requestId });
    case 'inference':
      return serveInference(visit, await admit(visit, asked));
    case 'explain':
      return explain(visit, asked);
    case 'schema':
      methodIn(visit, ['GET', 'HEAD']);
      return jsonResponse(routeJsonSchema(), { requestId });
    case 'opencode-login':
      return methodIn(visit, ['GET', 'HEAD']) && jsonResponse(opencodeLogin(originOf(visit)), { requestId });
    case 'opencode-config': {
      methodIn(visit, ['GET', 'HEAD']);
      const { caller } = await whoCalls(visit);
      return jsonResponse(await opencodeConfig(originOf(visit), askingOf(visit, caller)), { requestId });
    }
    case 'admin':
      return adminKeyIn(visit.env) === undefined ? unknownPath(visit, asked) : serveAdmin(visit);
    case 'unknown':
      return unknownPath(visit, asked);
  }
}

function unknownPath({ request }: Visit, { nearest, unserved }: Asked & { kind: 'unknown' | 'admin' }): never {
  throw new RouterError({
    kind: 'unknown-path',
    method: request.method,
    path: showPath(request.url),
    ...(nearest !== undefined && { nearest }),
    ...(unserved !== undefined && { unserved }),
  });
}

/** Answers that are files, which the ledger does not keep. */
const unkept: ReadonlySet<Endpoint> = new Set(['speech', 'transcriptions']);

/** Answers an inference request; one with an `Idempotency-Key` is paid for once. */
async function serveInference(visit: Visit, call: Call): Promise<Response> {
  const respond = async () => warned(answerResponse(await routeCall(call, visit.ports), rated(visit)), visit);
  const key = visit.request.headers.get('idempotency-key');
  return key === null || call.stream || unkept.has(call.endpoint)
    ? respond()
    : answerOnce(call, { key, ports: visit.ports, respond });
}

/** Says loudly that a policy is not the one that stands in KV. */
function warned(response: Response, { ports }: Visit): Response {
  const keys = [...ports.policy.lastGood].map((key) => key.replace(/[^\x21-\x7e]/g, '?')).join(', ');
  if (keys !== '') response.headers.set('x-router-policy', `last good value in force for ${keys.slice(0, 500)}`);
  return response;
}

function rated({ requestId, dialect, ports }: Visit): { requestId: string; dialect: Dialect; nowMs: number } {
  return { requestId, dialect, nowMs: ports.timer.now() };
}

/** Lets one inference request in: method, caller, body, in this order. */
async function admit(visit: Visit, asked: Asked & { kind: 'inference' | 'explain' }): Promise<Call> {
  const { request, ports, requestId } = visit;
  if (request.headers.get('upgrade')?.toLowerCase() === 'websocket') throw new RouterError({ kind: 'no-websocket' });
  methodIn(visit, ['POST']);
  const { caller, callerKey } = await whoCalls(visit);
  const defaults = await ports.policy.find('defaults', Defaults).catch(() => undefined);
  return readCall(request, {
    requestId,
    endpoint: asked.endpoint,
    pathProvider: asked.pathProvider,
    caller,
    callerKey,
    limitBytes: defaults?.maxBodyBytes ?? defaultBodyLimit,
    isHttp: visit.isHttp,
  });
}

/** `POST /explain/...`: what would happen to the request. `?format=text` is for people. */
async function explain(visit: Visit, asked: Asked & { kind: 'explain' }): Promise<Response> {
  const explanation = await explainCall(await admit(visit, asked), visit.ports);
  const { requestId, request } = visit;
  if (new URL(request.url).searchParams.get('format') !== 'text') return jsonResponse(explanation, { requestId });
  return textResponse(sayExplanation(explanation), { requestId });
}

interface WhoCalls {
  readonly caller: Caller;
  readonly callerKey: string | undefined;
}

/** Identifies the caller before anything is read of the body. The router's own key is never taken for a provider's. */
async function whoCalls({ request, env, ports, props }: Visit): Promise<WhoCalls> {
  const { policy, issuers, warn } = ports;
  const gatehouse = { routerKey: routerKeyIn(env), policy, issuers, nowMs: ports.timer.now(), warn };
  const bound = callerFromProps(props);
  if (bound !== undefined) {
    const callerKey = providerKeyBeside(request.headers, ports);
    return {
      caller: await boundCaller(bound, ports),
      callerKey: await providerKeyOf({ routerKey: undefined, callerKey }, gatehouse),
    };
  }
  const presented = readKeys(request.headers);
  return {
    caller: await identifyCaller(presented, gatehouse),
    callerKey: await withoutAdminKey(await providerKeyOf(presented, gatehouse), env),
  };
}

/** A client that was given the admin key for a provider key must not carry it out. */
async function withoutAdminKey(callerKey: string | undefined, env: Env): Promise<string | undefined> {
  const adminKey = adminKeyIn(env);
  const isAdmin = callerKey !== undefined && adminKey !== undefined && (await sameKey(callerKey, adminKey));
  return isAdmin ? undefined : callerKey;
}

/** The record of a service binding's caller. One that nobody wrote is a caller without limits: only deployers name it. */
async function boundCaller(bound: Caller, { policy }: Ports): Promise<Caller> {
  const found = await findCaller(bound, policy);
  if (found.kind === 'caller') return found.caller;
  if (found.kind === 'missing') return bound;
  throw new RouterError({ kind: 'model-refused', model: '*', reason: found.reason });
}

function originOf({ request }: Visit): string {
  return new URL(request.url).origin;
}

function askingOf({ dialect, ports }: Visit, caller: Caller): Asking {
  return { dialect, store: ports.policy, caller };
}

async function readModels(visit: Visit, caller: Caller): Promise<JsonObject> {
  const { asked } = visit;
  const asking = askingOf(visit, caller);
  if (asked.kind === 'model') return findModel(asked.id, asking);
  return asked.kind === 'model-info' ? modelInfo(asking) : modelList(asking);
}

function methodIn({ request }: Visit, allowed: readonly string[]): true {
  if (allowed.includes(request.method)) return true;
  throw new RouterError({
    kind: 'wrong-method',
    method: request.method,
    path: showPath(request.url),
    allow: allowed.join(', '),
  });
}

/** The dialect to answer in: the endpoint's own; elsewhere Anthropic's where the headers speak it. */
function dialectOf(asked: Asked, headers: Headers): Dialect {
  if (asked.kind === 'inference' || asked.kind === 'explain') return endpoints[asked.endpoint].dialect;
  return headers.has('anthropic-version') && asked.kind !== 'admin' ? 'messages' : 'chat';
}

/** The caller's request id where it is a plain one, else a new one (threats.md T22). */
function requestIdOf(headers: Headers, ports: Ports): string {
  const given = headers.get('x-request-id') ?? '';
  return /^[\w-]{1,64}$/.test(given) ? given : `req_${ports.newId()}`;
}

/** A thrown failure, or a bug: logged whole, answered as a plain 500. */
export function failureIn(error: unknown, { requestId, ports }: Pick<Visit, 'requestId' | 'ports'>): Failure {
  if (error instanceof RouterError) return error.failure;
  ports.bug(error, requestId);
  return { kind: 'internal' };
}

async function withCors(response: Response, { request, ports }: Visit): Promise<Response> {
  const defaults = await ports.policy.find('defaults', Defaults).catch(() => undefined);
  return corsHeaders(request, response, defaults?.corsOrigins ?? []);
}
