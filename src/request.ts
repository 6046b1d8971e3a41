import type { Call, Upload } from './core/call.ts';
import type { Conversation, Loss } from './core/conversation.ts';
import { isConversation, type ConversationDialect, type Dialect } from './core/dialect.ts';
import { refuse, RouterError } from './core/failure.ts';
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
import { gatewayIdOf, requireSpoken, upstreamModel, upstreamUrl } from './upstream/address.ts';
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
import { writeImageInput } from './upstream/workersai/images.ts';
import { writeSpeechInput } from './upstream/workersai/speech.ts';
import { writeTranscriptionInput, type TranscriptionForm } from './upstream/workersai/transcriptions.ts';
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
  /** The text parts of a form that Workers AI answers. */
  readonly fields?: ReadonlyMap<string, string>;
}

/** Writes the request for one target. Throws `lost`, `not-configured`, `bad-request`, ...: nothing has been sent yet. */
export async function writeCall(
  call: Call,
  options: { plan: Plan; target: Target; ports: Ports },
): Promise<WrittenCall> {
  const { plan, target, ports } = options;
  const crossed = call.upload === undefined ? crossBody(call, plan, target) : await crossUpload(call.upload, target);
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

interface Crossed {
  /** The body as bytes; for the binding only its digest counts. */
  readonly bytes: Uint8Array;
  /** The body as a value, where it had to become one. */
  readonly json?: JsonObject;
  readonly losses: readonly Loss[];
  readonly jsonTool?: string;
  readonly notes?: InputNotes;
  readonly conversation?: Conversation;
  /** What an upload still has to send. */
  readonly rest?: ReadableStream<Uint8Array>;
  readonly lengthBytes?: number;
  /** The text parts of a form. */
  readonly fields?: ReadonlyMap<string, string>;
}

/** The caller's body on its way to the target: relayed, made fit for Workers AI, or translated. */
function crossBody(call: Call, plan: Plan, target: Target): Crossed {
  const bounded = applyParameters(call, plan, target);
  const model = upstreamModel(target);
  const isWorkersAi = findProvider(target.provider)?.repairs === true;
  if (target.dialect === call.dialect) {
    const bytes = spliceRelayed(call, { ...bounded, model });
    if (!isWorkersAi) return { bytes, losses: [] };
    return fitWorkersAi(call, bytes, target);
  }
  const { from, to } = conversationsOf(call.dialect, target);
  const conversation = clientHalves[from].readRequest(parseBody(bounded.body));
  const { body, ...rest } = targetHalves[to].writeRequest(conversation, traitsOf(target, model));
  const fit = isWorkersAi ? fitChat(body, target) : { bytes: encode(body), json: body };
  return { ...fit, ...rest, conversation };
}

/** A form on its way: another model name for a relay, Workers AI's own input from all of it. */
async function crossUpload(upload: Upload, target: Target): Promise<Crossed> {
  if (findProvider(target.provider)?.repairs === true) {
    if (target.carrier !== 'binding') conversationsOf('transcriptions', target);
    const form = await readForm(await upload.whole(), upload.contentType);
    const { input, losses } = writeTranscriptionInput(target.model, form);
    return { bytes: new Uint8Array(), json: input, losses, fields: form.fields };
  }
  const { held, rest } = upload.take();
  const model = new TextEncoder().encode(upstreamModel(target));
  const { start, end } = upload.model;
  const growth = model.length - (end - start);
  return {
    bytes: spliceValues(held, [{ span: upload.model, bytes: model }]),
    losses: [],
    ...(rest !== undefined && { rest }),
    ...(upload.lengthBytes !== undefined && { lengthBytes: upload.lengthBytes + growth }),
  };
}

/** The file of a form and its other parts, by the platform's own reader. */
async function readForm(bytes: Uint8Array, contentType: string): Promise<TranscriptionForm> {
  const form = await new Response(bytes, { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => refuse('Cannot read the body: it is no well-formed multipart form.', 'invalid_multipart'));
  const file: unknown = form.get('file');
  const texts = [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
  const audio = file instanceof Blob ? new Uint8Array(await file.arrayBuffer()) : new Uint8Array();
  return { audio, fields: new Map(texts) };
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

/** A request in a dialect that Workers AI's models are made fit for, each kind in its own way. */
function fitWorkersAi(call: Call, bytes: Uint8Array, target: Target): Crossed {
  switch (call.dialect) {
    case 'embeddings':
      return fitEmbeddings(bytes, target);
    case 'images':
      return fitMedia(writeImageInput(call.json()));
    case 'speech':
      return fitMedia(writeSpeechInput(target.model, call.json()));
    case 'completions':
    case 'moderations':
    case 'transcriptions':
      requireSpoken(target, call.dialect);
      return notSpoken(call.dialect, target);
    case 'chat':
    case 'messages':
    case 'responses':
      return fitChat(parseBody(bytes), target);
  }
}

function fitMedia({ input, losses }: { input: JsonObject; losses: Loss[] }): Crossed {
  return { bytes: encode(input), json: input, losses };
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
  if (!isConversation(from) || !isConversation(target.dialect)) return notSpoken(from, target);
  return { from, to: target.dialect };
}

function notSpoken(from: Dialect, target: Target): never {
  throw new RouterError({ kind: 'not-translatable', from, to: target.dialect, target: target.name });
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

function encode(value: JsonObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
