import type { AssistantPart, ThinkingPart, ToolResultPart, Turn, UserPart } from '../../core/conversation.ts';
import type { JsonObject } from '../../core/json.ts';
import { createCallIds } from './call-ids.ts';
import type { CallIds } from './call-ids.ts';
import type { Losses } from './losses.ts';
import { writePart } from './write-parts.ts';

/** The conversation as a body holds it. */
export interface WrittenTurns {
  readonly instructions?: string;
  readonly input: readonly JsonObject[];
}

interface Writing {
  readonly items: JsonObject[];
  readonly ids: CallIds;
  readonly losses: Losses;
}

/**
 * Writes turns as items, in their order. A first system turn of one text becomes `instructions`, which is where Responses
 * clients put it; every other system or developer turn stays a message of that role in its place.
 */
export function writeTurns(turns: readonly Turn[], losses: Losses): WrittenTurns {
  const writing: Writing = { items: [], ids: createCallIds(), losses };
  const instructions = instructionsOf(turns[0], losses);
  for (const turn of instructions === undefined ? turns : turns.slice(1)) {
    if (turn.role === 'assistant') writeAnswer(turn.parts, writing);
    else writeAsked(turn.role, turn.parts, writing);
  }
  return { ...(instructions !== undefined && { instructions }), input: writing.items };
}

function instructionsOf(turn: Turn | undefined, losses: Losses): string | undefined {
  if (turn?.role !== 'system') return undefined;
  const [part, another] = turn.parts;
  if (part === undefined || another !== undefined || part.text === '') return undefined;
  if (part.cacheControl !== undefined) losses.add('cacheControl');
  return part.text;
}

/** A message holds adjacent parts; a tool result is an item of its own between them. */
function writeAsked(role: 'user' | 'system' | 'developer', parts: readonly UserPart[], writing: Writing): void {
  let content: JsonObject[] = [];
  const flush = () => {
    if (content.length > 0) writing.items.push({ type: 'message', role, content });
    content = [];
  };
  for (const part of parts) {
    noteCacheControl(part, writing.losses);
    if (part.type !== 'tool-result') {
      content.push(...writePart(part, writing.losses));
      continue;
    }
    flush();
    writing.items.push(writeResult(part, writing));
  }
  flush();
}

function writeResult(part: ToolResultPart, { ids, losses }: Writing): JsonObject {
  if (part.isError === true) losses.add('toolError');
  for (const inside of part.content) noteCacheControl(inside, losses);
  const output = plainText(part.content) ?? part.content.flatMap((inside) => writePart(inside, losses));
  return { type: 'function_call_output', call_id: ids.write(part.callId), output };
}

function plainText(content: ToolResultPart['content']): string | undefined {
  const [only, another] = content;
  if (only === undefined) return '';
  return another === undefined && only.type === 'text' ? only.text : undefined;
}

function writeAnswer(parts: readonly AssistantPart[], writing: Writing): void {
  let content: JsonObject[] = [];
  const flush = () => {
    if (content.length > 0) writing.items.push({ type: 'message', role: 'assistant', content });
    content = [];
  };
  for (const part of parts) {
    noteCacheControl(part, writing.losses);
    if (part.type === 'text' || part.type === 'refusal') {
      if (part.text !== '') content.push(writeSaid(part));
      continue;
    }
    flush();
    if (part.type === 'thinking') writing.items.push(...writeThinking(part, writing.losses));
    else writing.items.push(writeCall(part, writing));
  }
  flush();
}

function writeSaid(part: Extract<AssistantPart, { type: 'text' | 'refusal' }>): JsonObject {
  return part.type === 'text' ? { type: 'output_text', text: part.text } : { type: 'refusal', refusal: part.text };
}

function writeCall(part: Extract<AssistantPart, { type: 'tool-call' }>, { ids }: Writing): JsonObject {
  return { type: 'function_call', call_id: ids.write(part.id), name: part.name, arguments: part.arguments };
}

/** Only what OpenAI has encrypted means something to it; its summary goes along as it came. */
function writeThinking({ text, encrypted, id }: ThinkingPart, losses: Losses): JsonObject[] {
  if (encrypted === undefined) {
    losses.add('earlierThinking');
    return [];
  }
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  return [{ type: 'reasoning', ...(id !== undefined && { id }), summary, encrypted_content: encrypted }];
}

function noteCacheControl(part: UserPart | AssistantPart, losses: Losses): void {
  if ('cacheControl' in part && part.cacheControl !== undefined) losses.add('cacheControl');
}
