import type { JsonObject } from '../core/json.ts';
import type { Settlement } from '../core/settlement.ts';
import type { HeaderValue, UpstreamRequest } from '../core/upstream.ts';
import type { LedgerNamespace } from '../ledger/object.ts';
import { openLedger } from '../ledger/port.ts';
import type { SliceMemo } from '../ledger/slice.ts';
import type { TallyMemo } from '../ledger/tally.ts';
import type { PolicyWriter } from '../policy/admin.ts';
import type { HealthMemo } from '../policy/health.ts';
import { openIssuerKeys, type JwksMemo } from '../policy/jwks.ts';
import { openPolicyStore, type PolicyMemo, type PolicySource } from '../policy/store.ts';
import type { Ports } from '../ports.ts';
import type { Settings } from '../upstream/address.ts';
import { readAll } from '../wire/body.ts';
import { joinUpload } from '../wire/upload.ts';
import type { Timer } from '../wire/stream.ts';
import { kvWriter } from './writer.ts';

/** What Cloudflare hands to the Worker: bindings, variables, secrets (`wrangler.toml`). */
export interface Env {
  readonly AI: {
    run(model: string, inputs: JsonObject, options: Record<string, unknown>): Promise<unknown>;
  };
  readonly POLICY: KVNamespace;
  readonly LEDGER: LedgerNamespace;
  /** Analytics Engine: gets each usage record, where it is bound. */
  readonly USAGE?: { writeDataPoint(point: AnalyticsEngineDataPoint): void };
  readonly CLOUDFLARE_ACCOUNT_ID?: string;
  readonly AI_GATEWAY_ID?: string;
  readonly AI_GATEWAY_BASE_URL?: string;
  readonly CLOUDFLARE_API_BASE_URL?: string;
  readonly ROUTER_KEY?: string;
  readonly ADMIN_KEY?: string;
  /** Secrets, by the names that policies give: read through {@link readSecret} only. */
  readonly [name: string]: unknown;
}

/**
 * Policies of this isolate: at most 1,000 entries, each fresh for 30 seconds.
 */
const memo: PolicyMemo = new Map();
/** Targets that failed lately: at most 500, each forgotten at its next answer. */
const health: HealthMemo = new Map();
/** Slices of limits that are counted here: at most 1,000, each given back after 5 seconds. */
const slices: SliceMemo = new Map();
/** Usage on its way to the ledger: a quarter of a second's. */
const tallies: TallyMemo = new Map();
/** Keys of token issuers: at most 50 issuers, each believed for 10 minutes. */
const jwks: JwksMemo = new Map();

/** Builds the ports of one request. The only place that knows `Env`. */
export function portsFrom(env: Env, context: Pick<ExecutionContext, 'waitUntil'>): Ports {
  const later = (work: Promise<unknown>) => context.waitUntil(work);
  const ledger = openLedger({ namespace: env.LEDGER, timer, slices, tallies, later, warn: logLine, newId });
  return {
    settings: settingsIn(env),
    policy: openPolicyStore({ source: kvSource(env.POLICY), memo, timer, warn: logLine }),
    timer,
    health,
    ledger,
    issuers: openIssuerKeys({ fetchJson, memo: jwks, now: timer.now, warn: logLine }),
    hasSecret: (name) => textIn(env, name) !== undefined,
    send: async (request, { callerKey, signal }) => {
      if (request.carrier === 'fetch')
        return sendFetch(request, resolveHeaders(request.headers, env, callerKey), signal);
      // The request's context may end with its caller, before the abort has crossed to the binding.
      signal.addEventListener('abort', () => later(scheduler.wait(100)), { once: true });
      return runBinding(env, request, signal);
    },
    redact: (text, callerKey) => redact(text, secretsIn(env, callerKey)),
    record: (settlement) => {
      logLine({ event: 'request', ...settlement });
      env.USAGE?.writeDataPoint(dataPointOf(settlement));
      later(ledger.record(settlement, settlement.costNanoUsd));
    },
    bug: logBug,
    warn: logLine,
    later,
    newId,
  };
}

function newId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

function settingsIn(env: Env): Settings {
  return {
    accountId: textIn(env, 'CLOUDFLARE_ACCOUNT_ID') ?? '',
    gatewayId: textIn(env, 'AI_GATEWAY_ID') ?? '',
    gatewayBaseUrl: baseUrl(textIn(env, 'AI_GATEWAY_BASE_URL') ?? 'https://gateway.ai.cloudflare.com/v1'),
    apiBaseUrl: baseUrl(textIn(env, 'CLOUDFLARE_API_BASE_URL') ?? 'https://api.cloudflare.com/client/v4'),
  };
}

async function sendFetch(
  request: UpstreamRequest & { carrier: 'fetch' },
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  // Followed, a redirect would carry keys and body to whatever host it names (threats.md T77).
  const { body, rest, lengthBytes } = request;
  const whole =
    rest === undefined ? body : joinUpload(body, { rest, ...(lengthBytes !== undefined && { lengthBytes }) });
  return fetch(request.url, { method: 'POST', headers, body: whole, redirect: 'manual', signal });
}

/** Largest list of keys that an issuer may publish, in bytes, and longest wait for it, in milliseconds. */
const jwksBytes = 65_536;
const jwksMs = 2_000;

/** Reads an issuer's public document. Its address comes from the policy alone. */
async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(jwksMs) });
  const bytes = response.status === 200 ? await readAll(response.body, jwksBytes) : undefined;
  if (bytes === undefined) throw new Error(`the issuer answered ${response.status}`);
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** A usage record as Analytics Engine takes it: one index, texts and numbers by position. */
function dataPointOf(settlement: Settlement): AnalyticsEngineDataPoint {
  const { caller, route, target, endpoint, model, outcome, usage, costNanoUsd, requestId, logId } = settlement;
  return {
    indexes: [caller],
    blobs: [caller, route, target ?? '', endpoint, model, outcome, requestId, logId ?? ''],
    doubles: [
      settlement.status,
      settlement.durationMs,
      settlement.attempts.length,
      usage?.input ?? 0,
      usage?.cachedRead ?? 0,
      usage?.cachedWrite ?? 0,
      usage?.output ?? 0,
      usage?.reasoning ?? 0,
      // -1: not known, which is not the same as free.
      costNanoUsd ?? -1,
    ],
  };
}

/** The admin plane's key; absent: there is no admin plane. */
export function adminKeyIn(env: Env): string | undefined {
  return textIn(env, 'ADMIN_KEY');
}

/** The router's own key, for whoever identifies callers. */
export function routerKeyIn(env: Env): string | undefined {
  return textIn(env, 'ROUTER_KEY');
}

const timer = {
  now: () => Date.now(),
  wait: (ms: number, signal?: AbortSignal) => scheduler.wait(ms, signal === undefined ? {} : { signal }),
} satisfies Timer;

function textIn(env: Env, name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function baseUrl(url: string): string {
  return url.replace(/\/+$/, '');
}

function kvSource(kv: KVNamespace): PolicySource {
  return {
    get: (key) => kv.get(key, { cacheTtl: 30 }),
    async list(prefix) {
      const names: string[] = [];
      let cursor: string | null = null;
      // Ten pages of a thousand: more routes than anyone lists in one answer.
      for (let page = 0; page < 10; page += 1) {
        const listed: KVNamespaceListResult<unknown> = await kv.list({ prefix, cursor });
        names.push(...listed.keys.map((key) => key.name));
        if (listed.list_complete) break;
        cursor = listed.cursor;
      }
      return names;
    },
  };
}

/** Policies, callers and keys, for whoever changes them. */
export function policyWriterIn(env: Env): PolicyWriter {
  return kvWriter(env.POLICY);
}

/** The last line before `fetch`: names become values. A name that is not set never gets this far. */
function resolveHeaders(
  headers: Readonly<Record<string, HeaderValue>>,
  env: Env,
  callerKey: string | undefined,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, resolve(value, env, callerKey)]));
}

function resolve(value: HeaderValue, env: Env, callerKey: string | undefined): string {
  if (typeof value === 'string') return value;
  const secret = 'secret' in value ? textIn(env, value.secret) : callerKey;
  if (secret === undefined) throw new Error('a credential is missing that was there a moment ago');
  return `${value.prefix}${secret}`;
}

/**
 * Calls Workers AI. `returnRawResponse` always: the binding shares its options between overlapping requests, and one call
 * without it would change what the others get (contract sheet 1.8, trap 1). `aiGatewayLogId` is shared too: never read.
 */
async function runBinding(
  env: Env,
  request: UpstreamRequest & { carrier: 'binding' },
  signal: AbortSignal,
): Promise<Response> {
  const answer = await env.AI.run(request.model, request.input, {
    gateway: request.gateway,
    returnRawResponse: true,
    extraHeaders: request.extraHeaders,
    signal,
  });
  if (answer instanceof Response) return answer;
  // What an overlapping call without `returnRawResponse` would leave us with.
  if (answer instanceof ReadableStream)
    return new Response(answer, { headers: { 'content-type': 'text/event-stream' } });
  return Response.json(answer);
}

const secretNames = /(_API_KEY(_[A-Z0-9]+)?|_TOKEN|ROUTER_KEY|ADMIN_KEY)$/;

function secretsIn(env: Env, callerKey: string | undefined): string[] {
  const own = Object.keys(env)
    .filter((name) => secretNames.test(name))
    .flatMap((name) => textIn(env, name) ?? []);
  return [...own, ...(callerKey === undefined ? [] : [callerKey])].filter((secret) => secret.length > 3);
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '[key]'), text);
}

/** One line of JSON, at most 4 kB. The fields are the router's own: no header, no body, no key. */
function logLine(fields: object): void {
  // oxlint-disable-next-line no-console -- the Worker's log is the console
  console.log(JSON.stringify(fields).slice(0, 4096));
}

/** A fault of the router's own: the stack too, which holds file names and no values. */
function logBug(error: unknown, requestId: string): void {
  const stack = error instanceof Error ? error.stack : String(error);
  // oxlint-disable-next-line no-console -- the Worker's log is the console
  console.error(JSON.stringify({ event: 'bug', requestId, error: stack }).slice(0, 4096));
}
