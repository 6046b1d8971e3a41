import type { ReplyContext } from '../../core/half.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ReplyEnd, ReplyEvent } from '../../core/reply.ts';
import { envelopeOf } from './chunk.ts';
import { writeFinish } from './stops.ts';
import { writeUsage } from './usage.ts';

/** The pieces of an answer, gathered. */
interface Gathered {
  readonly text: string[];
  readonly thinking: string[];
  readonly refusal: string[];
  readonly calls: { readonly id: string; readonly name: string; arguments: string }[];
  told: { id?: string; model?: string };
  end: ReplyEnd;
}

/** Writes a whole reply from a complete run of events. */
export function writeReply(events: readonly ReplyEvent[], context: ReplyContext): JsonObject {
  const gathered = gather(events);
  const { calls, end, refusal, text, thinking, told } = gathered;
  const message: JsonObject = {
    role: 'assistant',
    content: text.length > 0 || calls.length + refusal.length === 0 ? text.join('') : null,
    refusal: refusal.length > 0 ? refusal.join('') : null,
    ...(thinking.length > 0 && { reasoning_content: thinking.join('') }),
    ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
  };
  const finish = writeFinish(end.stop, { tool: calls.length > 0, refusal: refusal.length > 0 });
  const { id, created, model } = envelopeOf(context, told);
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    ...(end.usage !== undefined && { usage: writeUsage(end.usage) }),
  };
}

function gather(events: readonly ReplyEvent[]): Gathered {
  const gathered: Gathered = {
    text: [],
    thinking: [],
    refusal: [],
    calls: [],
    told: {},
    end: { type: 'reply-end', stop: 'other' },
  };
  let take: ((piece: string) => unknown) | undefined;
  for (const event of events) {
    if (event.type === 'reply-start') gathered.told = event;
    if (event.type === 'reply-end') gathered.end = event;
    if (event.type === 'part-start') take = taker(gathered, event);
    if (event.type === 'part-delta' && 'text' in event.delta) take?.(event.delta.text);
  }
  return gathered;
}

/** Where the pieces of the part that starts here go. */
function taker(gathered: Gathered, start: Extract<ReplyEvent, { type: 'part-start' }>): (piece: string) => unknown {
  if (start.part !== 'tool-call') {
    const list = gathered[start.part];
    return (piece) => list.push(piece);
  }
  const call = { id: start.id, name: start.name, arguments: '' };
  gathered.calls.push(call);
  return (piece) => {
    call.arguments += piece;
  };
}

function writeCall(call: Gathered['calls'][number]): JsonObject {
  const text = call.arguments === '' ? '{}' : call.arguments;
  return { id: call.id, type: 'function', function: { name: call.name, arguments: text } };
}
