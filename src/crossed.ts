import type { Call, Upload } from './core/call.ts';
import type { Conversation, Loss } from './core/conversation.ts';
import { isConversation, type ConversationDialect, type Dialect } from './core/dialect.ts';
import { refuse, RouterError } from './core/failure.ts';
import type { TargetTraits } from './core/half.ts';
import { isObject, type JsonObject } from './core/json.ts';
import { findProvider } from './core/providers.ts';
import type { Target } from './core/target.ts';
import { readEmbeddingsRequest } from './dialects/embeddings/index.ts';
import { clientHalves, targetHalves } from './halves.ts';
import { mustMeter } from './metering.ts';
import { applyParameters } from './parameters.ts';
import type { Plan } from './policy/plan.ts';
import { refuseUnspoken, upstreamModel } from './upstream/address.ts';
import { writeEmbeddingInput } from './upstream/workersai/embeddings.ts';
import { writeImageInput } from './upstream/workersai/images.ts';
import { writeWorkersAiInput, type InputNotes } from './upstream/workersai/request.ts';
import { writeSpeechInput } from './upstream/workersai/speech.ts';
import { writeTranscriptionInput, type TranscriptionForm } from './upstream/workersai/transcriptions.ts';
import { encodeJson, parseBody } from './wire/parse.ts';
import type { Envelope } from './wire/scan.ts';
import { setKey, spliceValues } from './wire/splice.ts';

/** A body on its way to a target, in the target's own form. */
export interface Crossed {
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

/** The caller's body on its way to the target. Throws `not-translatable`, `bad-request`, `too-large`. */
export async function crossCall(call: Call, plan: Plan, target: Target): Promise<Crossed> {
  return call.upload === undefined ? crossBody(call, plan, target) : crossUpload(call.upload, target);
}

/** Relayed, made fit for Workers AI, or translated. */
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
  const fit = isWorkersAi ? fitChat(body, target) : { bytes: encodeJson(body), json: body };
  return { ...fit, ...rest, conversation };
}

/** A form on its way: another model name for a relay, Workers AI's own input from all of it. */
async function crossUpload(upload: Upload, target: Target): Promise<Crossed> {
  if (findProvider(target.provider)?.repairs === true) {
    if (target.carrier !== 'binding') return refuseUnspoken(target, 'transcriptions');
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
      return refuseUnspoken(target, call.dialect);
    case 'chat':
    case 'messages':
    case 'responses':
      return fitChat(parseBody(bytes), target);
  }
}

function fitMedia({ input, losses }: { input: JsonObject; losses: Loss[] }): Crossed {
  return { bytes: encodeJson(input), json: input, losses };
}

/** Workers AI deviates from the chat format in known ways; its requests are made fit in one place (sheet 4.2). */
function fitChat(body: JsonObject, target: Target): Crossed {
  const { input, notes } = writeWorkersAiInput(body, target.carrier === 'binding' ? 'native' : 'openai');
  return { bytes: encodeJson(input), json: input, losses: [], notes };
}

/** The binding has its own form for embeddings; Cloudflare's HTTP routes take OpenAI's. */
function fitEmbeddings(bytes: Uint8Array, target: Target): Crossed {
  const request = readEmbeddingsRequest(parseBody(bytes));
  if (target.carrier !== 'binding') return { bytes, losses: [] };
  const json = writeEmbeddingInput(request);
  return { bytes: encodeJson(json), json, losses: [] };
}

function conversationsOf(from: Dialect, target: Target): { from: ConversationDialect; to: ConversationDialect } {
  if (isConversation(from) && isConversation(target.dialect)) return { from, to: target.dialect };
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
