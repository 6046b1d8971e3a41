import type { Call } from './core/call.ts';
import type { Conversation, Loss } from './core/conversation.ts';
import type { ConversationDialect, Dialect } from './core/dialect.ts';
import { RouterError } from './core/failure.ts';
import { isObject, type JsonObject } from './core/json.ts';
import type { TargetTraits } from './core/half.ts';
import { findProvider } from './core/providers.ts';
import type { Target } from './core/target.ts';
import type { HeaderValue, UpstreamRequest } from './core/upstream.ts';
import { readEmbeddingsRequest } from './dialects/embeddings/index.ts';
import { mustMeter } from './metering.ts';
import { applyParameters } from './parameters.ts';
import { clientHalves, targetHalves } from './halves.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import { gatewayIdOf, upstreamModel, upstreamUrl } from './upstream/address.ts';
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
import { writeEmbeddingInput } from './upstream/workersai/embeddings.ts';
import { writeWorkersAiInput, type InputNotes } from './upstream/workersai/request.ts';
import { parseBody } from './wire/parse.ts';
import type { Envelope } from './wire/scan.ts';
import { setKey, spliceValues } from './wire/splice.ts';

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
}

/** Writes the request for one target. Throws `lost`, `not-configured`, `bad-request`, ...: nothing has been sent yet. */
export async function writeCall(
  call: Call,
  options: { plan: Plan; target: Target; ports: Ports },
): Promise<WrittenCall> {
  const { plan, target, ports } = options;
  const crossed = crossBody(call, plan, target);
  const refused = refusedLosses(crossed, plan);
  if (refused.length > 0) throw new RouterError({ kind: 'lost', features: refused, target: target.name });
  const { options: merged, ignored } = mergeOptions(target.gateway, plan.allow, call.headers);
  const sent = await settleOptions(merged, {
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
  const { bytes: _bytes, json: _json, ...kept } = crossed;
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

interface Crossed {
  /** The body as bytes; for the binding only its digest counts. */
  readonly bytes: Uint8Array;
  /** The body as a value, where it had to become one. */
  readonly json?: JsonObject;
  readonly losses: readonly Loss[];
  readonly jsonTool?: string;
  readonly notes?: InputNotes;
  readonly conversation?: Conversation;
}

/** The caller's body on its way to the target: relayed, made fit for Workers AI, or translated. */
function crossBody(call: Call, plan: Plan, target: Target): Crossed {
  const bounded = applyParameters(call, plan, target);
  const model = upstreamModel(target);
  const isWorkersAi = findProvider(target.provider)?.repairs === true;
  if (target.dialect === call.dialect) {
    const bytes = spliceRelayed(call, { ...bounded, model });
    if (!isWorkersAi) return { bytes, losses: [] };
    return call.dialect === 'embeddings' ? fitEmbeddings(bytes, target) : fitChat(parseBody(bytes), target);
  }
  const { from, to } = conversationsOf(call.dialect, target);
  const conversation = clientHalves[from].readRequest(parseBody(bounded.body));
  const { body, ...rest } = targetHalves[to].writeRequest(conversation, traitsOf(target, model));
  const fit = isWorkersAi ? fitChat(body, target) : { bytes: encode(body), json: body };
  return { ...fit, ...rest, conversation };
}

/** The relayed body: another model name, and usage asked for where the caller is billed by it. All other bytes stay. */
function spliceRelayed(
  call: Call,
  { body, envelope, model }: { body: Uint8Array; envelope: Envelope; model: string },
): Uint8Array {
  const edits = [setKey(envelope, 'model', JSON.stringify(model))];
  if (mustMeter(call)) {
    const given = call.json()['stream_options'];
    edits.push(
      setKey(envelope, 'stream_options', JSON.stringify({ ...(isObject(given) && given), include_usage: true })),
    );
  }
  return spliceValues(body, edits);
}

/** Workers AI deviates from the chat format in known ways; its requests are made fit in one place (sheet 4.2). */
function fitChat(body: JsonObject, target: Target): Crossed {
  const { input, notes } = writeWorkersAiInput(body, target.carrier === 'binding' ? 'native' : 'openai');
  return { bytes: encode(input), json: input, losses: [], notes };
}

/** The binding has its own form for embeddings; Cloudflare's HTTP routes take OpenAI's. */
function fitEmbeddings(bytes: Uint8Array, target: Target): Crossed {
  const request = readEmbeddingsRequest(parseBody(bytes));
  if (target.carrier !== 'binding') return { bytes, losses: [] };
  const json = writeEmbeddingInput(request);
  return { bytes: encode(json), json, losses: [] };
}

function conversationsOf(from: Dialect, target: Target): { from: ConversationDialect; to: ConversationDialect } {
  if (from === 'embeddings' || target.dialect === 'embeddings') {
    throw new RouterError({ kind: 'not-translatable', from, to: target.dialect, target: target.name });
  }
  return { from, to: target.dialect };
}

/** What the provider table knows of the target, as the dialects need it. */
function traitsOf(target: Target, model: string): TargetTraits {
  const row = findProvider(target.provider);
  return {
    model,
    name: target.name,
    ...(row?.maxTokensField !== undefined && { maxTokensField: row.maxTokensField }),
    ...(row?.reasoningField !== undefined && { reasoningField: row.reasoningField }),
    ...(row?.developerRole === true && { developerRole: true }),
  };
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
      'content-type': 'application/json',
      accept: call.stream ? 'text/event-stream' : 'application/json',
      'user-agent': 'ai-edge-router',
      ...writeOptionHeaders(sent),
      ...affinity,
      ...(target.carrier === 'rest' && { 'cf-aig-gateway-id': gatewayIdOf(target, ports.settings) }),
      ...credentialHeaders(target),
    },
    body: crossed.bytes,
  };
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

function encode(value: JsonObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
