import type { Call } from './core/call.ts';
import type { Conversation, Loss } from './core/conversation.ts';
import { RouterError } from './core/failure.ts';
import { findProvider } from './core/providers.ts';
import type { Target } from './core/target.ts';
import type { HeaderValue, UpstreamRequest } from './core/upstream.ts';
import { crossCall, type Crossed } from './crossed.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import { gatewayIdOf, upstreamUrl } from './upstream/address.ts';
import { credentialHeaders } from './upstream/credentials.ts';
import {
  headerOnly,
  settleOptions,
  sha256,
  writeBindingOptions,
  writeOptionHeaders,
  type SentOptions,
} from './upstream/gateway.ts';
import { mergeOptions } from './upstream/options.ts';
import type { InputNotes } from './upstream/workersai/request.ts';

/** One target's request, complete and without a secret in it: what is sent, and what explaining shows. */
export interface WrittenCall {
  readonly request: UpstreamRequest;
  /** What the target cannot carry. Empty for a relay. */
  readonly losses: readonly Loss[];
  /** The caller's `cf-aig-*` options that policy does not honour. */
  readonly ignored: readonly string[];
  /** The tool that stands in for a JSON schema, for the reader of the reply. */
  readonly jsonTool?: string;
  /** How a chat request was made fit for Workers AI, for the repair of the reply. */
  readonly notes?: InputNotes;
  /** The request as it was read for translation. */
  readonly conversation?: Conversation;
  /** The text parts of a form that Workers AI answers. */
  readonly fields?: ReadonlyMap<string, string>;
}

/** Writes the request for one target. Throws `lost`, `not-configured`, `bad-request`, ...: nothing has been sent yet. */
export async function writeCall(
  call: Call,
  options: { plan: Plan; target: Target; ports: Ports },
): Promise<WrittenCall> {
  const { plan, target, ports } = options;
  const crossed = await crossCall(call, plan, target);
  const refused = refusedLosses(crossed, plan);
  if (refused.length > 0) throw new RouterError({ kind: 'lost', features: refused, target: target.name });
  const { options: merged, ignored } = mergeOptions(target.gateway, plan.allow, call.headers);
  // Of an upload only the beginning is known here: a cache key made of it would mix one recording up with another.
  const settled = call.upload === undefined ? merged : { ...merged, skipCache: true };
  const sent = await settleOptions(settled, {
    requestId: call.requestId,
    caller: call.caller.name,
    route: plan.route,
    // With the endpoint: equal bodies of two endpoints have different answers.
    target: `${call.endpoint} ${target.name}`,
    body: crossed.bytes,
  });
  const affinity = await affinityHeader(call, target);
  const request =
    target.carrier === 'binding'
      ? writeBinding(crossed, { target, sent, ports, affinity })
      : writeFetch(call, crossed, { target, sent, ports, affinity });
  const { bytes: _bytes, json: _json, rest: _rest, lengthBytes: _length, ...kept } = crossed;
  return { request, ignored, ...kept };
}

/**
 * The losses that the policy does not let pass. Where it says nothing, hosted tools that an agent only offers are no reason to
 * refuse: Codex offers `web_search` with every request, and would work with OpenAI's models alone. They are still named.
 */
function refusedLosses({ losses, conversation }: Crossed, plan: Plan): string[] {
  if (plan.losses === 'report') return [];
  const isOffered = (feature: string): boolean => conversation?.unreadMarks?.get(feature) === 'offered';
  return losses
    .filter(({ feature, harmless }) => !harmless && !(plan.losses === 'usual' && isOffered(feature)))
    .map(({ feature }) => feature);
}

interface Sending {
  readonly target: Target;
  readonly sent: SentOptions;
  readonly ports: Ports;
  readonly affinity: Readonly<Record<string, string>>;
}

/**
 * Keeps a session's requests at one place, where Workers AI has its prompt prefix cached (sheet 4.2). The caller's id is
 * digested together with the caller's name: one caller's session is never another's (threats.md T11).
 */
async function affinityHeader(call: Call, target: Target): Promise<Record<string, string>> {
  if (call.session === undefined || target.provider !== 'workers-ai') return {};
  const digest = await sha256(new TextEncoder().encode(JSON.stringify([call.caller.name, call.session])));
  return { 'x-session-affinity': digest.slice(0, 32) };
}

function writeBinding(crossed: Crossed, { target, sent, ports, affinity }: Sending): UpstreamRequest {
  return {
    carrier: 'binding',
    model: target.model,
    input: crossed.json ?? {},
    gateway: writeBindingOptions(sent, gatewayIdOf(target, ports.settings)),
    extraHeaders: { ...headerOnly(sent), ...affinity },
  };
}

function writeFetch(call: Call, crossed: Crossed, { target, sent, ports, affinity }: Sending): UpstreamRequest {
  return {
    carrier: 'fetch',
    url: upstreamUrl(target, call.endpoint === 'count-tokens' ? 'count-tokens' : target.dialect, ports.settings),
    // Built from nothing: fixed names, the credential of this target, the options, and the allowed few of the caller's.
    headers: {
      ...forwardedHeaders(call, target),
      'content-type': call.upload?.contentType ?? 'application/json',
      accept: acceptOf(call),
      'user-agent': 'ai-edge-router',
      ...writeOptionHeaders(sent),
      ...affinity,
      ...(target.carrier === 'rest' && { 'cf-aig-gateway-id': gatewayIdOf(target, ports.settings) }),
      ...credentialHeaders(target),
    },
    body: crossed.bytes,
    ...(crossed.rest !== undefined && { rest: crossed.rest }),
    ...(crossed.lengthBytes !== undefined && { lengthBytes: crossed.lengthBytes }),
  };
}

function acceptOf({ stream, dialect }: Call): string {
  if (dialect === 'speech' || dialect === 'transcriptions') return '*/*';
  return stream ? 'text/event-stream' : 'application/json';
}

/** The caller's headers that the provider's row lets through (a relay only), and the row's defaults for those not sent. */
function forwardedHeaders(call: Call, target: Target): Record<string, HeaderValue> {
  const row = findProvider(target.provider);
  const headers: Record<string, HeaderValue> = { ...row?.defaults };
  if (target.dialect !== call.dialect) return headers;
  for (const name of row?.forwards ?? []) {
    const value = call.headers.get(name);
    if (value === null || value === '') continue;
    // A version or a list of betas; the longest seen is well under this.
    if (!/^[\w.,:; =/-]{1,1024}$/.test(value)) {
      throw new RouterError({
        kind: 'bad-request',
        message: `Cannot forward the header ${name}: its value is not plain.`,
        code: 'invalid_header',
        param: name,
      });
    }
    headers[name] = value;
  }
  return headers;
}
