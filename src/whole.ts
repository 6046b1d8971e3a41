import type { UpstreamFailure } from './core/failure.ts';
import { field, isObject, type JsonObject } from './core/json.ts';
import { runMachine } from './core/machine.ts';
import type { ReplyEvent } from './core/reply.ts';
import type { Usage } from './core/usage.ts';
import { tellFailure, type Crossing } from './crossing.ts';
import { splitBlocks } from './wire/blocks.ts';
import { encodeJson } from './wire/parse.ts';
import { encodeEvents } from './wire/sse.ts';

/** A whole reply that has crossed: bytes for the caller, or the failure that the body turned out to be. */
export type WholeReply =
  | { readonly kind: 'reply'; readonly bytes: Uint8Array; readonly usage: Usage | undefined }
  | { readonly kind: 'failed'; readonly failure: UpstreamFailure };

/** Passes a whole JSON reply to a caller who asked for one. The same dialect keeps the bytes. */
export function passReply(crossing: Crossing, bytes: Uint8Array, body: unknown): WholeReply {
  const honest = crossing.repair === undefined ? body : crossing.repair.reply(body);
  if (!isObject(honest)) return garbage(crossing);
  const usage = crossing.target.readUsage(honest);
  // A relay does not judge what it does not know: only a body that is nothing but an error is held back.
  const relayed = crossing.client.dialect === crossing.target.dialect;
  if (relayed && !isBareError(honest)) {
    return { kind: 'reply', bytes: crossing.repair === undefined ? bytes : encodeJson(honest), usage };
  }
  const events = crossing.target.readReply(honest, crossing.read);
  const failed = failureIn(events, crossing);
  if (failed !== undefined || relayed) return { kind: 'failed', failure: failed ?? garbageAt(crossing) };
  return { kind: 'reply', bytes: encodeJson(crossing.client.writeReply(events, crossing.reply)), usage };
}

/** Makes the stream that the caller asked for out of a whole reply: some models answer JSON to `stream: true`. */
export function passReplyAsStream(crossing: Crossing, body: unknown): WholeReply {
  const honest = crossing.repair === undefined ? body : crossing.repair.reply(body);
  if (!isObject(honest)) return garbage(crossing);
  const events = crossing.target.readReply(honest, crossing.read);
  const failed = failureIn(events, crossing);
  if (failed !== undefined) return { kind: 'failed', failure: failed };
  const written = runMachine(crossing.client.writeStream(crossing.reply), events);
  return { kind: 'reply', bytes: encodeEvents(written), usage: crossing.target.readUsage(honest) };
}

/** Gathers a stream that came in answer to a request for a whole reply. */
export function passStreamAsReply(crossing: Crossing, bytes: Uint8Array): WholeReply {
  const blocks = runMachine(splitBlocks(), [bytes]);
  const events = blocks.flatMap((block) => (block.event === undefined ? [] : [block.event]));
  const honest = crossing.repair === undefined ? events : runMachine(crossing.repair.stream(), events);
  const read = runMachine(crossing.target.readStream(crossing.read), honest);
  const failed = failureIn(read, crossing);
  if (failed !== undefined) return { kind: 'failed', failure: failed };
  const end = read.at(-1);
  return {
    kind: 'reply',
    bytes: encodeJson(crossing.client.writeReply(read, crossing.reply)),
    usage: end?.type === 'reply-end' ? end.usage : undefined,
  };
}

function failureIn(events: readonly ReplyEvent[], crossing: Crossing): UpstreamFailure | undefined {
  const last = events.at(-1);
  if (last?.type === 'reply-end') return undefined;
  const failure = last?.type === 'reply-failed' && last.failure.kind === 'upstream' ? last.failure : undefined;
  return tellFailure(crossing, failure ?? { kind: 'upstream', cause: 'garbage' });
}

/** The fields that only an answer has, one a dialect: `choices`, `content`, `output`, `data`. */
const answerFields = ['choices', 'content', 'output', 'data'];

function isBareError(body: JsonObject): boolean {
  return errorIn(body) && !answerFields.some((name) => Object.hasOwn(body, name));
}

/** A provider's `error`, Cloudflare's `errors`, or the AiError that Workers AI also answers with status 200. */
function errorIn(body: JsonObject): boolean {
  return (
    isObject(field(body, 'error')) ||
    Array.isArray(field(body, 'error')) ||
    Array.isArray(field(body, 'errors')) ||
    Object.hasOwn(body, 'internalCode')
  );
}

function garbageAt(crossing: Crossing): UpstreamFailure {
  return { kind: 'upstream', cause: 'garbage', target: crossing.name };
}

function garbage(crossing: Crossing): WholeReply {
  return { kind: 'failed', failure: garbageAt(crossing) };
}
