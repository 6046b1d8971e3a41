import type { AssistantPart, TextPart, ThinkingPart, ToolCallPart, Turn, UserPart } from '../../core/conversation.ts';
import type { TargetTraits } from '../../core/half.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { LossList } from './losses.ts';
import { writeResult, writeUserPart } from './write-parts.ts';

/** Writes turns as chat messages, in their order. A turn may become several messages (tool results) or none. */
export function writeMessages(turns: readonly Turn[], target: TargetTraits, losses: LossList): JsonObject[] {
  return turns.flatMap((turn): JsonObject[] => {
    switch (turn.role) {
      case 'system':
        return [{ role: 'system', content: writeText(turn.parts, losses) }];
      case 'developer':
        return [
          { role: target.developerRole === true ? 'developer' : 'system', content: writeText(turn.parts, losses) },
        ];
      case 'user':
        return writeUser(turn.parts, losses);
      case 'assistant':
        return writeAssistant(turn.parts, target, losses);
    }
  });
}

/** One part is written as a string: it is what every server takes. */
function writeText(parts: readonly TextPart[], losses: LossList): Json {
  if (parts.some((part) => part.cacheControl !== undefined)) losses.name('cacheControl');
  const [only] = parts;
  if (parts.length <= 1) return only?.text ?? '';
  return parts.map(({ text }) => ({ type: 'text', text }));
}

/** Tool results come first, one message each: chat wants them right behind the calls that they answer. */
function writeUser(parts: readonly UserPart[], losses: LossList): JsonObject[] {
  const results = parts.filter((part) => part.type === 'tool-result');
  const spoken = parts.filter((part) => part.type !== 'tool-result');
  const messages = results.map((part) => writeResult(part, losses));
  if (spoken.length === 0 && messages.length > 0) return messages;
  return [...messages, { role: 'user', content: writeSpoken(spoken, losses) }];
}

function writeSpoken(parts: readonly Exclude<UserPart, { type: 'tool-result' }>[], losses: LossList): Json {
  const texts = parts.filter((part) => part.type === 'text');
  if (texts.length === parts.length && parts.length <= 1) return writeText(texts, losses);
  const written = parts.flatMap((part) => writeUserPart(part, losses));
  // OpenAI takes an empty text and refuses an empty list: what is left where everything was lost.
  return written.length === 0 ? '' : written;
}

/** An assistant turn with nothing that chat can hold is left out: an empty message would be refused. */
function writeAssistant(parts: readonly AssistantPart[], target: TargetTraits, losses: LossList): JsonObject[] {
  const texts = parts.filter((part) => part.type === 'text');
  const calls = parts.filter((part) => part.type === 'tool-call');
  const refusals = parts.filter((part) => part.type === 'refusal');
  const thinking = writeThinking(
    parts.filter((part) => part.type === 'thinking'),
    target,
    losses,
  );
  if (texts.length + calls.length + refusals.length === 0 && parts.length > 0 && thinking === undefined) return [];
  const silent = texts.length === 0 && (calls.length > 0 || refusals.length > 0);
  return [
    {
      role: 'assistant',
      content: silent ? null : writeText(texts, losses),
      ...thinking,
      ...(refusals.length > 0 && { refusal: refusals.map((part) => part.text).join('') }),
      ...(calls.length > 0 && { tool_calls: calls.map((call) => writeCall(call, losses)) }),
    },
  ];
}

function writeThinking(
  parts: readonly ThinkingPart[],
  { reasoningField }: TargetTraits,
  losses: LossList,
): JsonObject | undefined {
  if (parts.some((part) => (part.signature ?? part.redacted ?? part.encrypted) !== undefined)) losses.name('signature');
  const text = parts.map((part) => part.text).join('');
  if (text === '') return undefined;
  if (reasoningField !== undefined) return { [reasoningField]: text };
  losses.name('thinking');
  return undefined;
}

function writeCall(call: ToolCallPart, losses: LossList): JsonObject {
  if (call.cacheControl !== undefined) losses.name('cacheControl');
  // OpenAI wants JSON; a call without arguments comes as empty text from some models.
  const text = call.arguments.trim() === '' ? '{}' : call.arguments;
  return { id: call.id, type: 'function', function: { name: call.name, arguments: text } };
}
