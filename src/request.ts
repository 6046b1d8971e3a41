import type { Call } from './core/call.ts';
import type { Loss } from './core/conversation.ts';
import type { ConversationDialect, Dialect } from './core/dialect.ts';
import { RouterError } from './core/failure.ts';
import { isObject, type JsonObject } from './core/json.ts';
import type { TargetTraits } from './core/half.ts';
import { findProvider } from './core/providers.ts';
import type { Target } from './core/target.ts';
import type { HeaderValue, UpstreamRequest } from './core/upstream.ts';
import { clientHalves, targetHalves } from './passage.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import { gatewayIdOf, upstreamModel, upstreamUrl } from './upstream/address.ts';
import { credentialHeaders } from './upstream/credentials.ts';
import {
  headerOnly,
  settleOptions,
  writeBindingOptions,
  writeOptionHeaders,
  type SentOptions,
} from './upstream/gateway.ts';
import { mergeOptions } from './upstream/options.ts';
import { writeEmbeddingInput } from './upstream/workersai/embeddings.ts';
import { writeWorkersAiInput } from './upstream/workersai/request.ts';
import { scanEnvelope, type Envelope } from './wire/scan.ts';
import { setKey, spliceModel, spliceValues, type Edit } from './wire/splice.ts';

/** One target's request, complete and without a secret in it: what is sent, and what explaining shows. */
export interface WrittenCall {
  readonly request: UpstreamRequest;
  /** What the target cannot carry. Empty for a relay. */
  readonly losses: readonly Loss[];
  /** The caller's `cf-aig-*` options that policy does not honour. */
  readonly ignored: readonly string[];
  /** The tool that stands in for a JSON schema, for the reader of the reply. */
  readonly jsonTool?: string;
}

/** Writes the request for one target. Throws `lost`, `not-configured`, `bad-request`, ...: nothing has been sent yet. */
export async function writeCall(
  call: Call,
  options: { plan: Plan; target: Target; ports: Ports },
): Promise<WrittenCall> {
  const { plan, target, ports } = options;
  const crossed = crossBody(call, plan, target);
  const serious = crossed.losses.filter((loss) => !loss.harmless).map((loss) => loss.feature);
  if (serious.length > 0 && plan.losses === 'refuse') {
    throw new RouterError({ kind: 'lost', features: serious, target: target.name });
  }
  const { options: merged, ignored } = mergeOptions(target.gateway, plan.allow, call.headers);
  const sent = await settleOptions(merged, {
    requestId: call.requestId,
    caller: call.caller.name,
    route: plan.route,
    target: target.name,
    body: crossed.bytes,
  });
  const request =
    target.carrier === 'binding'
      ? writeBinding(crossed, { target, sent, ports })
      : writeFetch(call, crossed, { target, sent, ports });
  return {
    request,
    losses: crossed.losses,
    ignored,
    ...(crossed.jsonTool !== undefined && { jsonTool: crossed.jsonTool }),
  };
}

interface Crossed {
  /** The body as bytes; for the binding only its digest counts. */
  readonly bytes: Uint8Array;
  /** The body as a value, where it had to become one. */
  readonly json?: JsonObject;
  readonly losses: readonly Loss[];
  readonly jsonTool?: string;
}

/** The caller's body on its way to the target: relayed, made fit for Workers AI, or translated. */
function crossBody(call: Call, plan: Plan, target: Target): Crossed {
  const bounded = applyParameters(call, plan, target);
  const model = upstreamModel(target);
  if (target.dialect === call.dialect) {
    const bytes = spliceModel(bounded.body, bounded.envelope, model);
    if (findProvider(target.provider)?.repairs !== true) return { bytes, losses: [] };
    return fitWorkersAi(parseBody(bytes), call.dialect, []);
  }
  const { from, to } = conversationsOf(call.dialect, target);
  const conversation = clientHalves[from].readRequest(parseBody(bounded.body));
  const written = targetHalves[to].writeRequest(conversation, traitsOf(target, model));
  const crossed = { losses: written.losses, ...(written.jsonTool !== undefined && { jsonTool: written.jsonTool }) };
  if (findProvider(target.provider)?.repairs === true)
    return { ...fitWorkersAi(written.body, 'chat', written.losses), ...crossed };
  return { bytes: encode(written.body), json: written.body, ...crossed };
}

/** Workers AI deviates from the chat format in known ways; its requests are made fit in one place (sheet 4.2). */
function fitWorkersAi(body: JsonObject, dialect: Dialect, losses: readonly Loss[]): Crossed {
  const json = dialect === 'embeddings' ? writeEmbeddingInput(body) : writeWorkersAiInput(body).input;
  return { bytes: encode(json), json, losses };
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

/** The request fields that policy parameters stand for, by dialect. The first is written where the caller sent none. */
const parameterFields: Readonly<Record<ConversationDialect, { tokens: readonly [string, ...string[]] }>> = {
  chat: { tokens: ['max_completion_tokens', 'max_tokens'] },
  messages: { tokens: ['max_tokens'] },
  responses: { tokens: ['max_output_tokens'] },
};

/** Applies the policy's defaults and caps by splicing: what the caller wrote beside them keeps its bytes. */
function applyParameters(call: Call, plan: Plan, target: Target): { body: Uint8Array; envelope: Envelope } {
  const envelope = scanEnvelope(call.body, envelopeKeys);
  const { defaults = {}, caps = {} } = plan.parameters;
  if (call.dialect === 'embeddings') return { body: call.body, envelope };
  const edits = [
    ...tokenEdits(envelope, {
      fields: tokenFieldsOf(call.dialect, target),
      cap: caps.maxOutputTokens,
      preset: defaults.maxOutputTokens,
    }),
    ...presetEdits(envelope, { temperature: defaults.temperature, top_p: defaults.topP }),
  ];
  if (edits.length === 0) return { body: call.body, envelope };
  const body = spliceValues(call.body, edits);
  return { body, envelope: scanEnvelope(body, envelopeKeys) };
}

/** Every key that the router itself reads or writes at the top level of a body; asking for it refuses it twice (T39). */
export const envelopeKeys = [
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'temperature',
  'top_p',
  'n',
  'tools',
] as const;

function tokenFieldsOf(dialect: ConversationDialect, target: Target): readonly [string, ...string[]] {
  const preferred = findProvider(target.provider)?.maxTokensField;
  const { tokens } = parameterFields[dialect];
  return dialect === 'chat' && preferred === 'max_tokens' ? ['max_tokens', 'max_completion_tokens'] : tokens;
}

function tokenEdits(
  envelope: Envelope,
  rule: { fields: readonly [string, ...string[]]; cap: number | undefined; preset: number | undefined },
): Edit[] {
  const { fields, cap, preset } = rule;
  const sent = fields.filter((name) => envelope.fields.has(name) && envelope.fields.get(name)?.value !== null);
  const wanted = preset === undefined ? cap : Math.min(preset, cap ?? preset);
  if (sent.length === 0) return wanted === undefined ? [] : [setKey(envelope, fields[0], String(wanted))];
  if (cap === undefined) return [];
  return sent
    .filter((name) => Number(envelope.fields.get(name)?.value) > cap)
    .map((name) => setKey(envelope, name, String(cap)));
}

function presetEdits(envelope: Envelope, presets: Record<string, number | undefined>): Edit[] {
  return Object.entries(presets)
    .filter(([name, value]) => value !== undefined && !envelope.fields.has(name))
    .map(([name, value]) => setKey(envelope, name, String(value)));
}

interface Sending {
  readonly target: Target;
  readonly sent: SentOptions;
  readonly ports: Ports;
}

function writeBinding(crossed: Crossed, { target, sent, ports }: Sending): UpstreamRequest {
  return {
    carrier: 'binding',
    model: target.model,
    input: crossed.json ?? {},
    gateway: writeBindingOptions(sent, gatewayIdOf(target, ports.settings)),
    extraHeaders: headerOnly(sent),
  };
}

function writeFetch(call: Call, crossed: Crossed, { target, sent, ports }: Sending): UpstreamRequest {
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

/** Parses a body that a relay would pass on unread. Invalid UTF-8 is refused here, not silently mended. */
export function parseBody(bytes: Uint8Array): JsonObject {
  const parsed = parseStrict(bytes);
  if (isObject(parsed)) return parsed;
  throw new RouterError({
    kind: 'bad-request',
    message: 'Cannot read the body: it is not a JSON object.',
    code: 'invalid_json',
  });
}

function parseStrict(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    throw new RouterError(
      { kind: 'bad-request', message: 'Cannot read the body: it is not valid JSON in UTF-8.', code: 'invalid_json' },
      { cause },
    );
  }
}

function encode(value: JsonObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
