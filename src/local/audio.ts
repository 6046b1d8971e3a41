import { field, textOf } from '../core/json.ts';
import type { Fault } from './errors.ts';
import { refuse } from './serve.ts';
import type { Site } from './sites.ts';

/** Endpoints whose request or answer is no JSON. */
export type AudioEndpoint = 'speech' | 'transcriptions';

interface AudioRequest {
  readonly site: Site;
  readonly body: unknown;
  /** The body as it came: a form is no JSON. */
  readonly raw: string;
  readonly headers: Headers;
}

/** Answers as OpenAI's audio endpoints: sound that is made of the words, words that are made of the sound. */
export async function askAudio(endpoint: AudioEndpoint, request: AudioRequest): Promise<Response> {
  return endpoint === 'speech' ? speak(request) : transcribe(request);
}

function speak({ site, body }: AudioRequest): Response {
  const model = textOf(field(body, 'model')) ?? '';
  const input = textOf(field(body, 'input')) ?? '';
  const missing = [
    ['model', model],
    ['input', input],
    ['voice', textOf(field(body, 'voice')) ?? ''],
  ].find(([, value]) => value === '');
  if (missing !== undefined) return refuse(site.voice.invalid(missingParameter(missing[0] ?? '')));
  if (!site.models.test(model)) return refuse(site.voice.unknownModel(model));
  if (input.includes('!html')) return new Response('<html></html>', { headers: { 'content-type': 'text/html' } });
  return new Response(soundOf(input), { headers: { 'content-type': 'audio/mpeg' } });
}

/** The sound of words: no sound, but bytes that tell which words they are of. */
export function soundOf(words: string): Uint8Array {
  return new TextEncoder().encode(`sound of ${words}`);
}

async function transcribe({ site, headers, raw }: AudioRequest): Promise<Response> {
  const type = headers.get('content-type') ?? '';
  const form = await new Response(raw, { headers: { 'content-type': type } }).formData().catch(() => undefined);
  if (form === undefined) return refuse(site.voice.invalid({ message: 'Could not parse multipart form' }));
  const file: unknown = form.get('file');
  const model = textOf(form.get('model')) ?? '';
  if (!(file instanceof Blob)) return refuse(site.voice.invalid(missingParameter('file')));
  if (!site.models.test(model)) return refuse(site.voice.unknownModel(model));
  const text = wordsOf(await file.text());
  if (form.get('stream') === 'true')
    return new Response(eventsOf(text), { headers: { 'content-type': 'text/event-stream' } });
  if (form.get('response_format') === 'text')
    return new Response(`${text}\n`, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
  return Response.json({ text, usage: { type: 'tokens', input_tokens: 9, output_tokens: 3, total_tokens: 12 } });
}

/** What a recording says: the words after `sound of`, or how long it is. */
export function wordsOf(recording: string): string {
  return /sound of ([^\r\n]*)/.exec(recording)?.[1] ?? `${recording.length} bytes`;
}

function eventsOf(text: string): string {
  const events = [
    { type: 'transcript.text.delta', delta: text },
    { type: 'transcript.text.done', text },
  ];
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
}

function missingParameter(name: string): Fault {
  return { message: `Missing required parameter: '${name}'.`, param: name, code: 'missing_required_parameter' };
}
