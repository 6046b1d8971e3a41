import type { Loss } from '../../core/conversation.ts';
import { refuse } from '../../core/failure.ts';
import { field, textOf, type JsonObject } from '../../core/json.ts';
import { decodeBase64 } from './base64.ts';

/** OpenAI's voices, each by the speaker of Aura that comes nearest; any other name is taken for a speaker's. */
const speakers: ReadonlyMap<string, string> = new Map([
  ['alloy', 'asteria'],
  ['ash', 'orion'],
  ['ballad', 'perseus'],
  ['coral', 'luna'],
  ['echo', 'arcas'],
  ['fable', 'helios'],
  ['nova', 'athena'],
  ['onyx', 'zeus'],
  ['sage', 'hera'],
  ['shimmer', 'stella'],
  ['verse', 'orpheus'],
]);

/** OpenAI's formats as Aura names them, with the media type of what comes. */
const formats: ReadonlyMap<string, { readonly encoding: string; readonly container?: string }> = new Map([
  ['mp3', { encoding: 'mp3' }],
  ['opus', { encoding: 'opus', container: 'ogg' }],
  ['aac', { encoding: 'aac' }],
  ['flac', { encoding: 'flac' }],
  ['wav', { encoding: 'linear16', container: 'wav' }],
  ['pcm', { encoding: 'linear16', container: 'none' }],
]);

const known: ReadonlySet<string> = new Set(['model', 'input', 'voice', 'response_format', 'stream_format']);

/**
 * Writes the input of Deepgram's Aura or of MeloTTS from OpenAI's speech request. Throws `RouterError` for a format that the model
 * does not make; what it does not know (`instructions`, `speed`) is lost under its name.
 */
export function writeSpeechInput(model: string, body: JsonObject): { input: JsonObject; losses: Loss[] } {
  const text = textOf(body['input']) ?? '';
  if (text === '') refuse("Missing required parameter: 'input'.", 'missing_required_parameter', 'input');
  if (body['stream_format'] === 'sse')
    refuse(
      'Cannot stream a Workers AI voice as events: send stream_format: "audio".',
      'unsupported_value',
      'stream_format',
    );
  const losses = Object.keys(body)
    .filter((key) => !known.has(key) && body[key] !== null && !(key === 'speed' && body[key] === 1))
    .map((feature) => ({ feature, harmless: false }));
  const input = model.includes('/melotts') ? writeMelo(text, body) : writeAura(text, body);
  return { input, losses };
}

function writeAura(text: string, body: JsonObject): JsonObject {
  const voice = textOf(body['voice']) ?? 'alloy';
  const format = textOf(body['response_format']) ?? 'mp3';
  const made = formats.get(format) ?? unknownFormat(format, [...formats.keys()]);
  return { text, speaker: speakers.get(voice) ?? voice, ...made };
}

/** MeloTTS has one voice a language, which stands in the place of the voice, and makes MP3. */
function writeMelo(prompt: string, body: JsonObject): JsonObject {
  const format = textOf(body['response_format']) ?? 'mp3';
  if (format !== 'mp3') unknownFormat(format, ['mp3']);
  const voice = textOf(body['voice']) ?? '';
  return { prompt, lang: /^[a-z]{2}$/.test(voice) ? voice : 'en' };
}

function unknownFormat(format: string, formats: readonly string[]): never {
  return refuse(
    `Cannot make "${format.slice(0, 20)}" with this Workers AI model: it makes ${formats.join(', ')}.`,
    'unsupported_value',
    'response_format',
  );
}

/** The sound in `{ audio }` (base64 MP3), as MeloTTS answers it; `undefined` where there is none. */
export function readSpeech(body: unknown): Uint8Array | undefined {
  const audio = textOf(field(field(body, 'result') ?? body, 'audio'));
  return audio === undefined || audio === '' ? undefined : decodeBase64(audio);
}
