import type { AssistantPart, ToolCallPart, Turn } from '../../core/conversation.ts';
import { field, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { optionalList, refuseMissing, refuseType, refuseValue, requireObject, requireText } from './check.ts';
import { readAssistantParts, readResultParts, readTextParts, readUserParts } from './read-content.ts';
import type { ContentPlace } from './read-content.ts';
import { unsealThinking } from './seal.ts';
import type { ToolNames } from './tool-names.ts';
import { createTurns } from './turns.ts';
import type { Turns } from './turns.ts';
import { shownType } from './shown.ts';
import type { Unread } from '../unread.ts';

interface ItemPlace {
  /** The item's place in the body, e.g. `input[3]`. */
  readonly param: string;
  readonly turns: Turns;
  readonly names: ToolNames;
  readonly unread: Unread;
}

type ItemReader = (item: JsonObject, place: ItemPlace) => void;

const readers: ReadonlyMap<unknown, ItemReader> = new Map<unknown, ItemReader>([
  ['message', readMessage],
  ['function_call', (item, place) => place.turns.assistant([readCall(item, place)])],
  ['function_call_output', readResult],
  ['reasoning', (item, place) => place.turns.assistant(readReasoning(item, place))],
]);

/**
 * Reads `input`: a string is one user message. Adjacent items of the assistant (reasoning, messages, calls) are one turn, and
 * so are adjacent tool results: that is what the other dialects make of one answer and of its results. Items that only
 * OpenAI can resolve (`item_reference`, hosted tools' calls) go into `unread` by type.
 */
export function readInput(input: unknown, names: ToolNames, unread: Unread): readonly Turn[] {
  if (typeof input === 'string') return [{ role: 'user', parts: [{ type: 'text', text: input }] }];
  if (!Array.isArray(input)) return refuseType(input, 'input', 'a string or an array');
  const turns = createTurns();
  for (const [at, value] of input.entries()) {
    const param = `input[${at}]`;
    const item = requireObject(value, param);
    const type = field(item, 'type') ?? 'message';
    const read = readers.get(type);
    if (read === undefined) unread.set(`input[].type ${shownType(type)}${advice.get(type) ?? ''}`, 'lost');
    else read(item, { param, turns, names, unread });
  }
  return turns.list;
}

/** What a client can do about an item that cannot be read. The AI SDK refers to items by default in every second turn. */
const advice: ReadonlyMap<unknown, string> = new Map([
  ['item_reference', ' (the router keeps no items: with store: false clients send them whole)'],
]);

function readMessage(item: JsonObject, { param, turns, unread }: ItemPlace): void {
  const content: unknown = field(item, 'content') ?? refuseMissing(`${param}.content`);
  const place: ContentPlace = { param: `${param}.content`, unread };
  // OpenAI's newest models label what they say on the way; other models have no such label to be told.
  if (textOf(field(item, 'phase')) !== undefined) unread.set('input[].phase', 'harmless');
  const role = field(item, 'role');
  switch (role) {
    case 'user':
      return turns.add({ role, parts: readUserParts(content, place) });
    case 'system':
    case 'developer':
      return turns.add({ role, parts: readTextParts(content, place) });
    case 'assistant':
      return turns.assistant(readAssistantParts(content, place));
    default:
      return refuseValue(`${param}.role`, 'user, assistant, system or developer');
  }
}

function readCall(item: JsonObject, { param, names }: ItemPlace): ToolCallPart {
  const name = requireText(field(item, 'name'), `${param}.name`);
  return {
    type: 'tool-call',
    id: requireText(field(item, 'call_id'), `${param}.call_id`),
    name: names.neutral(textOf(field(item, 'namespace')), name),
    arguments: requireText(field(item, 'arguments'), `${param}.arguments`),
  };
}

function readResult(item: JsonObject, { param, turns, unread }: ItemPlace): void {
  const output: unknown = field(item, 'output') ?? refuseMissing(`${param}.output`);
  turns.result({
    type: 'tool-result',
    callId: requireText(field(item, 'call_id'), `${param}.call_id`),
    content: readResultParts(output, { param: `${param}.output`, unread }),
  });
}

/** Summaries and raw reasoning text are one text, in the order in which they stand, parted by an empty line. */
function readReasoning(item: JsonObject, { param }: ItemPlace): AssistantPart[] {
  const summary = optionalList(field(item, 'summary'), `${param}.summary`);
  const content = optionalList(field(item, 'content'), `${param}.content`);
  const texts = [...summary, ...content].map((part) => textOf(field(part, 'text')));
  const text = texts.filter((each) => each !== undefined).join('\n\n');
  const encrypted = textOf(field(item, 'encrypted_content'));
  const id = textOf(field(item, 'id'));
  const opaque = encrypted === undefined ? {} : (unsealThinking(encrypted) ?? { encrypted });
  if (text === '' && Object.keys(opaque).length === 0) return [];
  return [{ type: 'thinking', text, ...opaque, ...(id !== undefined && { id }) }];
}
