import { field, isObject, textOf } from '../core/json.ts';
import { soundOf, wordsOf } from './audio.ts';
import { drawImage } from './one-shot.ts';
import { refuse } from './serve.ts';
import type { Voice } from './voice.ts';

/** Models of Workers AI that paint, speak and listen, by the types of the Workers runtime. */
const models: ReadonlyMap<string, (inputs: unknown) => Response | undefined> = new Map([
  ['@cf/black-forest-labs/flux-1-schnell', paint],
  ['@cf/deepgram/aura-1', speakAura],
  ['@cf/myshell-ai/melotts', speakMelo],
  ['@cf/openai/whisper', listenToList],
  ['@cf/openai/whisper-large-v3-turbo', listenToBase64],
]);

/** Answers for such a model; `undefined` where it is none. */
export function runMedia({
  model,
  inputs,
  voice,
}: {
  model: string;
  inputs: unknown;
  voice: Voice;
}): Response | undefined {
  const run = models.get(model);
  if (run === undefined) return undefined;
  const message = `Bad input: Error: the inputs do not fit ${model}`;
  return run(inputs) ?? refuse(voice.invalid({ message, code: '5004' }));
}

function paint(inputs: unknown): Response | undefined {
  const prompt = textOf(field(inputs, 'prompt')) ?? '';
  if (prompt === '' || !hasOnly(inputs, ['prompt', 'steps', 'seed'])) return undefined;
  return Response.json({ image: drawImage(prompt) });
}

const speakers = 'angus asteria arcas orion orpheus athena luna zeus perseus helios hera stella'.split(' ');

function speakAura(inputs: unknown): Response | undefined {
  const text = textOf(field(inputs, 'text')) ?? '';
  const speaker = textOf(field(inputs, 'speaker')) ?? 'angus';
  if (text === '' || !speakers.includes(speaker)) return undefined;
  if (!hasOnly(inputs, ['text', 'speaker', 'encoding', 'container', 'sample_rate', 'bit_rate'])) return undefined;
  return new Response(soundOf(`${text} by ${speaker}`), { headers: { 'content-type': 'audio/mpeg' } });
}

function speakMelo(inputs: unknown): Response | undefined {
  const prompt = textOf(field(inputs, 'prompt')) ?? '';
  if (prompt === '' || !hasOnly(inputs, ['prompt', 'lang'])) return undefined;
  const sound = soundOf(`${prompt} in ${textOf(field(inputs, 'lang')) ?? 'en'}`);
  return Response.json({ audio: btoa(String.fromCharCode(...sound)) });
}

function listenToList(inputs: unknown): Response | undefined {
  const audio = field(inputs, 'audio');
  if (!Array.isArray(audio) || !audio.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256))
    return undefined;
  return transcript(String.fromCharCode(...(audio as number[])));
}

function listenToBase64(inputs: unknown): Response | undefined {
  const audio = textOf(field(inputs, 'audio')) ?? '';
  return audio === '' ? undefined : transcript(atob(audio));
}

function transcript(recording: string): Response {
  const text = wordsOf(recording);
  return Response.json({ text, word_count: text.split(' ').length, vtt: `WEBVTT\n\n00.000 --> 01.000\n${text}\n` });
}

function hasOnly(inputs: unknown, names: readonly string[]): boolean {
  return isObject(inputs) && Object.keys(inputs).every((name) => names.includes(name));
}
