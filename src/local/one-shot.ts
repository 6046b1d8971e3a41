import { countOf, field, textOf } from '../core/json.ts';
import { countWords } from './command.ts';
import { textsOf } from './embeddings.ts';
import type { Fault } from './errors.ts';
import { createdSeconds } from './wire.ts';

/** Finds what OpenAI would refuse in the body of a one-shot endpoint: no model, or nothing to work on. */
export function checkOneShot(body: unknown, name: 'input' | 'prompt'): Fault | undefined {
  if (textOf(field(body, 'model')) === undefined) return { message: 'you must provide a model parameter' };
  if (textsOf(body, name).length > 0) return undefined;
  return { message: `Missing required parameter: '${name}'.`, param: name, code: 'missing_required_parameter' };
}

/** OpenAI's moderation of each input. A text is flagged where it says that it is harmful. */
export function writeModeration(body: unknown): unknown {
  return {
    id: 'modr-1',
    model: field(body, 'model'),
    results: textsOf(body, 'input').map((text) => {
      const flagged = text.includes('harmful');
      return { flagged, categories: { violence: flagged }, category_scores: { violence: flagged ? 0.9 : 0.01 } };
    }),
  };
}

/** OpenAI's images: as many as were asked for, each the prompt itself in base64, with the usage that the gpt-image models tell. */
export function writeImages(body: unknown): unknown {
  const prompt = textOf(field(body, 'prompt')) ?? '';
  const tells = (textOf(field(body, 'model')) ?? '').startsWith('gpt-image');
  const input = countWords(prompt);
  return {
    created: createdSeconds,
    data: Array.from({ length: countOf(field(body, 'n')) ?? 1 }, () => ({ b64_json: drawImage(prompt) })),
    ...(tells && { usage: { input_tokens: input, output_tokens: 1056, total_tokens: input + 1056 } }),
  };
}

/** An image of a prompt, in base64: no picture, but bytes that tell which prompt they are of. */
export function drawImage(prompt: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(`image of ${prompt}`)));
}
