import type { Loss } from '../../core/conversation.ts';
import { refuse } from '../../core/failure.ts';
import { field, textOf, type Json, type JsonObject } from '../../core/json.ts';
import { encodeBase64 } from './base64.ts';

/** What a form of OpenAI's transcription endpoint says, its file in the open. */
export interface TranscriptionForm {
  readonly audio: Uint8Array;
  /** All other parts that are text, by name. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Plain Whisper takes a list of numbers, which costs eight bytes and more for each: longer audio needs the large model. */
const listedAtMostBytes = 4_194_304;

const known: ReadonlySet<string> = new Set([
  'model',
  'language',
  'prompt',
  'response_format',
  'stream',
  'timestamp_granularities[]',
]);
const formats = ['json', 'text', 'verbose_json', 'vtt'] as const;
type Format = (typeof formats)[number];

/**
 * Writes the input of Whisper (a list of bytes) or of Whisper large v3 turbo (base64). Throws `RouterError` for what these cannot do;
 * what they do not know is lost under its name.
 */
export function writeTranscriptionInput(model: string, form: TranscriptionForm): { input: JsonObject; losses: Loss[] } {
  const { audio, fields } = form;
  if (audio.length === 0) refuse("Missing required parameter: 'file'.", 'missing_required_parameter', 'file');
  if (fields.get('stream') === 'true')
    refuse('Cannot stream a transcription of a Workers AI model: leave "stream" out.', 'unsupported_value', 'stream');
  readFormat(fields);
  const isLarge = model.includes('whisper-large');
  if (!isLarge && !model.includes('/whisper'))
    refuse(`Cannot transcribe with ${model}: ask for @cf/openai/whisper-large-v3-turbo.`, 'unsupported_value', 'model');
  if (!isLarge && audio.length > listedAtMostBytes)
    refuse(
      `Cannot transcribe more than ${listedAtMostBytes} bytes with ${model}: use @cf/openai/whisper-large-v3-turbo.`,
      'unsupported_value',
      'file',
    );
  const hints = isLarge ? ['language', 'prompt'] : [];
  const losses = [...fields.keys()]
    .filter((key) => !known.has(key) || (!isLarge && ['language', 'prompt'].includes(key)))
    .map((feature) => ({ feature, harmless: feature === 'temperature' && fields.get(feature) === '0' }));
  if (!isLarge) return { input: { audio: [...audio] }, losses };
  const told = hints.flatMap((key) => {
    const value = fields.get(key);
    return value === undefined ? [] : [[key === 'prompt' ? 'initial_prompt' : key, value] as const];
  });
  return { input: { audio: encodeBase64(audio), ...Object.fromEntries(told) }, losses };
}

function readFormat(fields: ReadonlyMap<string, string>): Format {
  const asked = fields.get('response_format') ?? 'json';
  const format = formats.find((name) => name === asked);
  return (
    format ??
    refuse(
      `Cannot answer "${asked.slice(0, 20)}" with a Workers AI model: it has ${formats.join(', ')}.`,
      'unsupported_value',
      'response_format',
    )
  );
}

/** What goes back to the caller. */
export interface Transcript {
  readonly contentType: string;
  readonly text: string;
}

/** A transcript in the format that the caller asked for. `undefined` where the model gave none. */
export function readTranscription(body: unknown, fields: ReadonlyMap<string, string>): Transcript | undefined {
  const result = field(body, 'result') ?? body;
  // Silence has an empty transcript, which is one.
  const text = field(result, 'text');
  if (typeof text !== 'string') return undefined;
  switch (readFormat(fields)) {
    case 'json':
      return { contentType: 'application/json', text: JSON.stringify({ text }) };
    case 'text':
      return { contentType: 'text/plain; charset=utf-8', text: `${text}\n` };
    case 'vtt': {
      const vtt = textOf(field(result, 'vtt'));
      return vtt === undefined ? undefined : { contentType: 'text/vtt; charset=utf-8', text: vtt };
    }
    case 'verbose_json':
      return { contentType: 'application/json', text: JSON.stringify(verbose(result, text)) };
  }
}

/** OpenAI's verbose form, with what the model tells of it and nothing made up. */
function verbose(result: unknown, text: string): JsonObject {
  const info = field(result, 'transcription_info');
  const parts: (readonly [string, unknown])[] = [
    ['task', 'transcribe'],
    ['language', field(info, 'language')],
    ['duration', field(info, 'duration')],
    ['text', text],
    ['words', field(result, 'words')],
    ['segments', field(result, 'segments')],
  ];
  // Read from JSON, so these are JSON.
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined)) as Record<string, Json>;
}
