import type { Conversation, Turn } from '../../core/conversation.ts';
import { RouterError } from '../../core/failure.ts';
import { field, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { readAssistantContent, readSystemContent, readUserContent } from './block-reader.ts';
import { readMaxTokens, readOutput, readReasoning, readSampling, readStops, readStream } from './option-reader.ts';
import { optional, refuseAt, requireObject, within } from './place.ts';
import type { Place } from './place.ts';
import { markOffered, readToolChoice, readTools } from './tool-reader.ts';

/** Fields that the conversation holds; every other one is carried. `model` is the router's own business. */
const known: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'stop_sequences',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'thread',
]);

/** What is known of `output_config`; its other options are carried under their full path. */
const knownOutput: ReadonlySet<string> = new Set(['format', 'effort']);

/** Reads a Messages request. Throws `RouterError` (`bad-request`, with the field's path) where it breaks the dialect. */
export function readRequest(body: JsonObject): Conversation {
  refuseThread(body);
  const maxOutputTokens = readMaxTokens(body, { path: '', unread: new Set() });
  return { ...readPrompt(body), maxOutputTokens };
}

/** Reads all of a request but `max_tokens`: what `count_tokens` is asked about. */
export function readPrompt(body: JsonObject): Conversation {
  const place: Place = { path: '', unread: new Set() };
  const turns = [...readSystem(body, place), ...readMessages(body, place)];
  const { tools, hosted } = readTools(body, place);
  const choice = readToolChoice(body, place);
  return {
    turns,
    tools,
    ...choice,
    ...readStops(body, place),
    sampling: readSampling(body, place),
    ...readOutput(body, place),
    ...readReasoning(body, place),
    stream: readStream(body, place),
    carried: readCarried(body),
    unread: [...place.unread],
    ...markOffered(hosted, choice.toolChoice),
  };
}

/**
 * A thread continues a conversation that only Anthropic holds. The SDK's tool runner understands this answer and sends
 * the whole history again without a thread; any other 400 is fatal to it (clients.md, finding 20).
 */
function refuseThread(body: JsonObject): void {
  if (optional(body, 'thread') === undefined) return;
  throw new RouterError({
    kind: 'bad-request',
    message: 'thread: threads are not supported for this model. Send the full conversation without thread.',
    code: 'thread_unsupported_request',
    param: 'thread',
    details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
  });
}

function readSystem(body: JsonObject, place: Place): Turn[] {
  const parts = readSystemContent(optional(body, 'system') ?? '', within(place, 'system'));
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

function readMessages(body: JsonObject, place: Place): Turn[] {
  const list = optional(body, 'messages');
  const at = within(place, 'messages');
  if (list === undefined) return refuseAt(at, 'Field required');
  if (!Array.isArray(list)) return refuseAt(at, 'must be an array');
  if (list.length === 0) return refuseAt(at, 'at least one message is required');
  return list.map((message, index) => readTurn(message, within(at, index)));
}

function readTurn(value: unknown, place: Place): Turn {
  const message = requireObject(value, place);
  const content = field(message, 'content');
  const at = within(place, 'content');
  // The newest API takes an effort for one message, in a system message with nothing else.
  if (optional(message, 'output_config') !== undefined) place.unread.add('output_config on a message');
  switch (field(message, 'role')) {
    case 'user':
      return { role: 'user', parts: readUserContent(content, at) };
    case 'assistant':
      return { role: 'assistant', parts: readAssistantContent(content, at) };
    case 'system':
      return { role: 'system', parts: readSystemContent(content, at) };
    default:
      return refuseAt(within(place, 'role'), 'must be "user", "assistant" or "system"');
  }
}

function readCarried(body: JsonObject): ReadonlyMap<string, unknown> {
  const carried = new Map<string, unknown>();
  for (const [key, value] of Object.entries(body)) {
    if (!known.has(key) && value !== null) carried.set(key, value);
  }
  const output = field(body, 'output_config');
  for (const [key, value] of Object.entries(isObject(output) ? output : {})) {
    if (!knownOutput.has(key) && value !== null) carried.set(`output_config.${key}`, value);
  }
  return carried;
}
