import type { Call } from './core/call.ts';
import { field, isObject, parseJson, type JsonObject } from './core/json.ts';
import { findProvider } from './core/providers.ts';
import { readEmbeddingsRequest } from './dialects/embeddings/index.ts';
import { estimateTokens } from './dialects/estimate.ts';
import { readOneShotUsage } from './dialects/one-shot.ts';
import { failed, factsOf, readWhole, unread, type Answered, type Tried } from './tried.ts';
import { readEmbeddings } from './upstream/workersai/embeddings.ts';
import { readImage } from './upstream/workersai/images.ts';
import { readSpeech } from './upstream/workersai/speech.ts';
import { readTranscription } from './upstream/workersai/transcriptions.ts';
import { encodeJson } from './wire/parse.ts';

/** What may come in answer to a request for sound, or for a transcript that is no JSON. Anything else is a page or an error. */
const fileTypes =
  /^(audio\/[\w.+-]+|application\/octet-stream|text\/(event-stream|plain|vtt)|application\/(x-subrip|srt))\b/i;

/**
 * Sound and transcripts. What is no JSON streams through as it comes; it is settled when it begins, since nothing in it tells its end.
 */
export async function readFile(call: Call, answered: Answered): Promise<Tried> {
  const { response, trying } = answered;
  const facts = factsOf(answered);
  const contentType = response.headers.get('content-type') ?? '';
  if (fileTypes.test(contentType) && response.body !== null)
    return { kind: 'file', body: response.body, contentType, usage: undefined, facts };
  const bytes = await readWhole(call, answered);
  if (typeof bytes === 'string') return unread(bytes, answered);
  const body = parseJson(new TextDecoder().decode(bytes));
  const made = isObject(body) && !isObject(field(body, 'error')) ? fileIn(call, { body, bytes, answered }) : undefined;
  if (made === undefined)
    return failed({ kind: 'upstream', cause: 'garbage', target: trying.target.name }, facts.logId);
  return { kind: 'file', ...made, usage: isObject(body) ? readOneShotUsage(body) : undefined, facts };
}

/** The file in a JSON answer: a transcript is one itself, Workers AI wraps both kinds. */
function fileIn(
  { dialect }: Call,
  { body, bytes, answered }: { body: JsonObject; bytes: Uint8Array; answered: Answered },
): { body: Uint8Array; contentType: string } | undefined {
  const { fields } = answered.written;
  if (dialect === 'speech') {
    const sound = readSpeech(body);
    return sound === undefined ? undefined : { body: sound, contentType: 'audio/mpeg' };
  }
  if (fields === undefined) return { body: bytes, contentType: 'application/json' };
  const transcript = readTranscription(body, fields);
  if (transcript === undefined) return undefined;
  return { body: new TextEncoder().encode(transcript.text), contentType: transcript.contentType };
}

/** Embeddings, moderations, images and token counts: one JSON object, relayed as it is or made OpenAI's. */
export async function readPlain(call: Call, answered: Answered): Promise<Tried> {
  const { trying } = answered;
  const facts = factsOf(answered);
  const bytes = await readWhole(call, answered);
  if (typeof bytes === 'string') return unread(bytes, answered);
  const type = answered.response.headers.get('content-type') ?? '';
  const isPicture = call.dialect === 'images' && type.startsWith('image/');
  const body = isPicture ? {} : parseJson(new TextDecoder().decode(bytes));
  const broken = failed({ kind: 'upstream', cause: 'garbage', target: trying.target.name }, facts.logId);
  if (!isObject(body) || isObject(field(body, 'error'))) return broken;
  if (findProvider(trying.target.provider)?.repairs !== true) {
    return { kind: 'reply', bytes, usage: readOneShotUsage(body), facts };
  }
  if (call.dialect === 'images') {
    const createdSeconds = Math.floor(trying.ports.timer.now() / 1000);
    const image = readImage({ body, bytes, type }, { request: call.json(), createdSeconds });
    return image === undefined ? broken : { kind: 'reply', bytes: encodeJson(image), usage: undefined, facts };
  }
  const request = readEmbeddingsRequest(call.json());
  const texts = request.input.kind === 'texts' ? request.input.texts : [];
  const estimatedTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  const list = readEmbeddings(body, { request, model: call.model, estimatedTokens });
  if (list === undefined) return broken;
  return { kind: 'reply', bytes: encodeJson(list.body), usage: list.usage, facts };
}
