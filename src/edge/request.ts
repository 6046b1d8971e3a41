import { endpoints, type Call, type Caller, type Endpoint, type Upload } from '../core/call.ts';
import { refuse, RouterError } from '../core/failure.ts';
import { countOf, field, parseJson, textOf, type JsonObject } from '../core/json.ts';
import { envelopeKeys } from '../parameters.ts';
import { readBody } from '../wire/body.ts';
import { parseBody } from '../wire/parse.ts';
import { scanEnvelope, type Envelope } from '../wire/scan.ts';
import { readRest, readUpload, type HeldUpload } from '../wire/upload.ts';

/** Largest body taken where the policy says nothing, in bytes. Agents send several megabytes. */
export const defaultBodyLimit = 33_554_432;

export interface Door {
  readonly requestId: string;
  readonly endpoint: Endpoint;
  readonly pathProvider: string | undefined;
  readonly caller: Caller;
  readonly callerKey: string | undefined;
  readonly limitBytes: number;
  /** It came by HTTP, which holds a body to its announced length; a service binding's caller may write any header. */
  readonly isHttp: boolean;
}

/** Reads one inference request: media type, body, envelope. Throws the 4xx that says what is wrong with it. */
export async function readCall(request: Request, door: Door): Promise<Call> {
  if (door.endpoint === 'transcriptions') return readUploadCall(request, door);
  checkMediaType(request.headers, { accepted: /^application\/(json|[a-z0-9.-]+\+json)$/, wanted: 'application/json' });
  const body = await readBody(request.body, {
    limitBytes: door.limitBytes,
    contentLength: Number(request.headers.get('content-length') ?? 0) || 0,
    isHeldToLength: door.isHttp,
  }).catch(brokenUpload);
  const envelope = scanEnvelope(body, envelopeKeys);
  let parsed: JsonObject | undefined;
  return {
    ...commonOf(request, door),
    model: readModel(envelope),
    stream: readStream(envelope, door.endpoint),
    includeUsage: readIncludeUsage(envelope, body),
    ...outputCapIn(envelope),
    choices: Math.max(1, countOf(envelope.fields.get('n')?.value) ?? 1),
    body,
    json: () => (parsed ??= parseBody(body)),
    ...sessionIn(request.headers, envelope, body),
  };
}

/** What is known of a request without its body. */
function commonOf(
  request: Request,
  door: Door,
): Pick<
  Call,
  'requestId' | 'endpoint' | 'dialect' | 'caller' | 'pathProvider' | 'region' | 'headers' | 'callerKey' | 'signal'
> {
  return {
    requestId: door.requestId,
    endpoint: door.endpoint,
    dialect: endpoints[door.endpoint].dialect,
    caller: door.caller,
    ...(door.pathProvider !== undefined && { pathProvider: door.pathProvider }),
    region: regionOf(request),
    headers: request.headers,
    ...(door.callerKey !== undefined && { callerKey: door.callerKey }),
    signal: request.signal,
  };
}

/** Most of an upload that is held, in bytes: OpenAI takes files of 25 MB, and the form around it is small. */
const uploadLimit = 27_262_976;

/** Reads a multipart request as far as its model; the rest of it streams on when a target is chosen. */
async function readUploadCall(request: Request, door: Door): Promise<Call> {
  checkMediaType(request.headers, { accepted: /^multipart\/form-data$/, wanted: 'multipart/form-data' });
  const contentType = request.headers.get('content-type') ?? '';
  const limitBytes = Math.min(door.limitBytes, uploadLimit);
  const length = Number(request.headers.get('content-length') ?? '');
  if (length > door.limitBytes) throw new RouterError({ kind: 'too-large', limitBytes: door.limitBytes });
  const read = await readUpload(request.body, {
    contentType,
    heldBytes: limitBytes,
    limitBytes: door.limitBytes,
  }).catch(brokenUpload);
  return {
    ...commonOf(request, door),
    model: checkModel(read.model.value),
    stream: false,
    includeUsage: false,
    choices: 1,
    body: read.held,
    // A form is no JSON: conditions on what a conversation holds find nothing in it.
    json: () => ({}),
    upload: openUpload(read, { contentType, limitBytes, ...(door.isHttp && length > 0 && { lengthBytes: length }) }),
  };
}

/** The upload as targets may take it. */
function openUpload(
  { held, model, rest }: HeldUpload,
  { contentType, limitBytes, lengthBytes }: { contentType: string; limitBytes: number; lengthBytes?: number },
): Upload {
  let isSpent = false;
  let gathered: Promise<Uint8Array> | undefined;
  return {
    contentType,
    model,
    ...(lengthBytes !== undefined && { lengthBytes }),
    take: () => {
      if (rest === undefined) return { held };
      isSpent = true;
      return { held, rest };
    },
    whole: () => (gathered ??= rest === undefined ? Promise.resolve(held) : readRest(held, rest, limitBytes)),
    get isSpent() {
      return isSpent || (gathered !== undefined && rest !== undefined);
    },
  };
}

/** An upload that breaks off is the caller's, not a fault of ours; there is mostly nobody left to tell. */
function brokenUpload(error: unknown): never {
  if (error instanceof RouterError) throw error;
  refuse('Cannot read the body: it broke off before its end.', 'incomplete_body');
}

/** Throws `wrong-content-type` unless the body is of an accepted type, and not compressed. */
function checkMediaType(headers: Headers, { accepted, wanted }: { accepted: RegExp; wanted: string }): void {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding !== '' && encoding !== 'identity') {
    throw new RouterError({ kind: 'wrong-content-type', got: `content-encoding ${encoding.slice(0, 40)}`, wanted });
  }
  const type = (headers.get('content-type') ?? 'none').split(';')[0]?.trim().toLowerCase() ?? 'none';
  if (!accepted.test(type)) {
    throw new RouterError({ kind: 'wrong-content-type', got: type.replace(/[^\x20-\x7e]/g, '?').slice(0, 80), wanted });
  }
}

function readModel(envelope: Envelope): string {
  const found = envelope.fields.get('model');
  // An object or a list is there, and is no name.
  return checkModel(found === undefined ? undefined : (found.value ?? null));
}

function checkModel(value: unknown): string {
  if (value === undefined) refuse('Cannot choose a model: the body has no "model".', 'missing_model', 'model');
  if (typeof value !== 'string' || value === '' || value.length > 300) {
    refuse('Cannot choose a model: "model" must be a string of 1 to 300 characters.', 'invalid_model', 'model');
  }
  return value;
}

/** Router and upstream must agree on whether there is a stream: anything but a boolean is refused (threats.md T41). */
function readStream(envelope: Envelope, endpoint: Endpoint): boolean {
  const found = envelope.fields.get('stream');
  if (found === undefined) return false;
  if (found.value === null) return false;
  if (typeof found.value !== 'boolean')
    refuse('Cannot read "stream": it must be true or false.', 'invalid_type', 'stream');
  const { stream, path } = endpoints[endpoint];
  if (found.value && stream === 'refused')
    refuse(`Cannot stream ${path}: it answers whole. Leave "stream" out.`, 'unsupported_value', 'stream');
  return found.value && stream === 'honoured';
}

function readIncludeUsage(envelope: Envelope, body: Uint8Array): boolean {
  return field(readMember(envelope, body, 'stream_options'), 'include_usage') === true;
}

/** One top-level member, parsed; the rest of the body stays unread. */
function readMember(envelope: Envelope, body: Uint8Array, key: string): unknown {
  const span = envelope.fields.get(key);
  return span === undefined ? undefined : parseJson(new TextDecoder().decode(body.subarray(span.start, span.end)));
}

/** The larger of the fields in which the dialects cap the answer (threats.md T42). */
function outputCapIn(envelope: Envelope): { outputCap?: number } {
  const caps = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'].flatMap(
    (key) => countOf(envelope.fields.get(key)?.value) ?? [],
  );
  return caps.length === 0 ? {} : { outputCap: Math.max(...caps) };
}

/** Headers in which clients send a session or conversation id (clients.md 2.4, 3.6 to 3.14), surest first. */
const sessionHeaders = [
  'x-session-affinity',
  'x-claude-code-session-id',
  'x-session-id',
  'session-id',
  'session_id',
  'x-litellm-session-id',
  'thread-id',
];

/** A session id from the headers, else from the body: `prompt_cache_key`, `session_id`, `metadata.user_id`. */
function sessionIn(headers: Headers, envelope: Envelope, body: Uint8Array): { session?: string } {
  const named = sessionHeaders.map((name) => headers.get(name)).find((value) => value !== null && value !== '');
  const inBody = ['prompt_cache_key', 'session_id'].map((key) => envelope.fields.get(key)?.value);
  const found = [named, ...inBody, field(readMember(envelope, body, 'metadata'), 'user_id')];
  const session = found.find((value) => typeof value === 'string' && value !== '');
  return typeof session === 'string' ? { session: session.slice(0, 512) } : {};
}

/** Where the caller is, as Cloudflare says; absent in tests and over RPC. */
function regionOf(request: Request): Call['region'] {
  const country = textOf(field(request.cf, 'country'));
  const continent = textOf(field(request.cf, 'continent'));
  const colo = textOf(field(request.cf, 'colo'));
  return {
    ...(country !== undefined && { country }),
    ...(continent !== undefined && { continent }),
    ...(colo !== undefined && { colo }),
  };
}
