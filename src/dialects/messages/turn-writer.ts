import type { TextPart, Turn } from '../../core/conversation.ts';
import { textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { shorten, writeAssistantPart, writeText, writeUserPart } from './block-writer.ts';
import type { Writing } from './block-writer.ts';
import { lossRows } from './losses.ts';
import type { ClaudeModel } from './models.ts';

interface Message {
  readonly role: 'user' | 'assistant' | 'system';
  readonly blocks: readonly JsonObject[];
}

/** A message that grows: its blocks are its own. */
interface GrowingMessage extends Message {
  readonly blocks: JsonObject[];
}

/**
 * Writes turns as `system` and `messages`. Leading instructions are `system`. Neighbours of one role become one message,
 * with tool results before everything else, because Anthropic wants every result right behind its call.
 */
export function writeTurns(turns: readonly Turn[], model: ClaudeModel, writing: Writing): JsonObject {
  const messages = mergeNeighbours(turns.map((turn) => writeTurn(turn, writing)));
  const [first, ...rest] = messages;
  const leads = first?.role === 'system';
  // Instructions alone are the whole request: Anthropic wants a user's message, so they are that.
  if (leads && rest.length === 0) {
    writing.losses.add(lossRows.systemTurn);
    return { messages: [{ role: 'user', content: shorten(first.blocks) }] };
  }
  const placed = placeSystem(leads ? rest : messages, model, writing);
  return {
    ...(leads && { system: shorten(first.blocks) }),
    messages: placed.map(finishMessage),
  };
}

function writeTurn(turn: Turn, writing: Writing): Message {
  switch (turn.role) {
    case 'system':
    case 'developer':
      return { role: 'system', blocks: turn.parts.flatMap((part: TextPart) => writeText(part)) };
    case 'user':
      return { role: 'user', blocks: turn.parts.flatMap((part) => writeUserPart(part, writing)) };
    case 'assistant':
      return { role: 'assistant', blocks: turn.parts.flatMap((part) => writeAssistantPart(part, writing)) };
  }
}

function mergeNeighbours(messages: readonly Message[]): Message[] {
  const merged: GrowingMessage[] = [];
  for (const message of messages) append(merged, message);
  return merged;
}

function append(messages: GrowingMessage[], { role, blocks }: Message): void {
  const last = messages.at(-1);
  if (blocks.length === 0) return;
  if (last?.role !== role) messages.push({ role, blocks: [...blocks] });
  // In place and one by one: copying all before each would take seconds for 30,000 short messages of one role.
  else for (const block of blocks) last.blocks.push(block);
}

/**
 * Models since Claude Opus 4.8 take a system message that follows a user's and that an answer or nothing follows. All
 * other ones become text of the user, in their place and marked: moving them to the top would change what they are about
 * and break the prompt cache of all that stands between.
 */
function placeSystem(messages: readonly Message[], model: ClaudeModel, { losses }: Writing): Message[] {
  const placed: GrowingMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const fits = model.systemTurns && placed.at(-1)?.role === 'user' && messages[index + 1]?.role !== 'user';
    if (message.role !== 'system' || fits) {
      append(placed, message);
      continue;
    }
    losses.add(lossRows.systemTurn);
    append(placed, { role: 'user', blocks: message.blocks.map(markAsSystem) });
  }
  return placed;
}

function markAsSystem(block: JsonObject): JsonObject {
  return { ...block, text: `<system>\n${textOf(block['text']) ?? ''}\n</system>` };
}

function finishMessage(message: Message, index: number, all: readonly Message[]): JsonObject {
  const { role } = message;
  if (role === 'user') return { role, content: shorten(resultsFirst(message.blocks)) };
  const isPrefill = role === 'assistant' && index === all.length - 1;
  return { role, content: shorten(isPrefill ? trimLastText(message.blocks) : message.blocks) };
}

const isResult = (block: JsonObject): boolean => block['type'] === 'tool_result';

function resultsFirst(blocks: readonly JsonObject[]): JsonObject[] {
  return [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))];
}

/** Anthropic refuses an answer's beginning that ends in blanks. */
function trimLastText(blocks: readonly JsonObject[]): readonly JsonObject[] {
  const last = blocks.at(-1);
  const text = last?.['text'];
  return last !== undefined && typeof text === 'string'
    ? [...blocks.slice(0, -1), { ...last, text: text.trimEnd() }]
    : blocks;
}
