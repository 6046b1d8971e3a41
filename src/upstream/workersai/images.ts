import type { Loss } from '../../core/conversation.ts';
import { refuse } from '../../core/failure.ts';
import { countOf, field, textOf, type JsonObject } from '../../core/json.ts';
import { encodeBase64 } from './base64.ts';

/** Fields of OpenAI's request that change nothing about the picture. */
const harmless: ReadonlySet<string> = new Set(['user', 'moderation']);
const known: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'n',
  'size',
  'response_format',
  'steps',
  'seed',
  'stream',
]);
/** FLUX schnell paints squares of this size and takes no other. */
const sizes: ReadonlySet<unknown> = new Set([undefined, null, 'auto', '1024x1024']);

/**
 * Writes the input of FLUX.1 schnell from OpenAI's image request (`prompt`, and Cloudflare's own `steps` and `seed`, which go
 * through). Throws `RouterError` for what it cannot do at all; what it does not know is lost under its name.
 */
export function writeImageInput(body: JsonObject): { input: JsonObject; losses: Loss[] } {
  const prompt = textOf(body['prompt']) ?? '';
  if (prompt === '') refuse("Missing required parameter: 'prompt'.", 'missing_required_parameter', 'prompt');
  if ((countOf(body['n']) ?? 1) !== 1)
    refuse('Cannot paint more than one picture with a Workers AI model: send n: 1.', 'unsupported_value', 'n');
  if (!sizes.has(body['size']))
    refuse('Cannot choose the size of a Workers AI picture: it is 1024x1024.', 'unsupported_value', 'size');
  const losses = Object.keys(body)
    .filter((key) => !known.has(key) && body[key] !== null)
    .map((feature) => ({ feature, harmless: harmless.has(feature) }));
  const own = ['steps', 'seed'].flatMap((key) => (body[key] === undefined ? [] : [[key, body[key]] as const]));
  return { input: { prompt, ...Object.fromEntries(own) }, losses };
}

/**
 * OpenAI's list of one picture, from `{ image }` (base64) or from the picture's own bytes, which older models answer. With
 * `response_format: "url"` the URL is a data URL: the picture is stored nowhere. `undefined` where there is no picture.
 */
export function readImage(
  answer: { body: unknown; bytes: Uint8Array; type: string },
  context: { request: JsonObject; createdSeconds: number },
): JsonObject | undefined {
  const isPicture = answer.type.startsWith('image/');
  const image = textOf(field(field(answer.body, 'result') ?? answer.body, 'image'));
  const base64 = isPicture ? encodeBase64(answer.bytes) : image;
  if (base64 === undefined || base64 === '') return undefined;
  const type = isPicture ? answer.type : 'image/jpeg';
  const asUrl = context.request['response_format'] === 'url';
  const data = [asUrl ? { url: `data:${type};base64,${base64}` } : { b64_json: base64 }];
  return { created: context.createdSeconds, data };
}
