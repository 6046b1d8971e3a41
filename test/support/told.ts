import type { ConversationDialect } from '../../src/core/dialect.ts';
import { parseJson } from '../../src/core/json.ts';
import type { ReplyEvent, StopReason } from '../../src/core/reply.ts';
import { noUsage, type Usage } from '../../src/core/usage.ts';

/** What a reply tells, however it was streamed: all that every dialect can say. */
export interface Told {
  readonly text: string;
  readonly refusal: string;
  /** `input`: the arguments, parsed. */
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly stop: StopReason;
  readonly usage: Usage | undefined;
}

/** Folds neutral events into what they tell. */
export function foldEvents(events: readonly ReplyEvent[]): Told {
  const texts: Record<'text' | 'refusal', string> = { text: '', refusal: '' };
  const calls: { id: string; name: string; input: string }[] = [];
  const end = events.at(-1);
  let take = ignore;
  for (const event of events) {
    if (event.type === 'part-start') take = taker(event, texts, calls);
    if (event.type === 'part-delta' && 'text' in event.delta) take(event.delta.text);
  }
  return {
    ...texts,
    calls: calls.map((call) => ({ ...call, input: parseJson(call.input === '' ? '{}' : call.input) })),
    stop: end?.type === 'reply-end' ? end.stop : 'other',
    usage: end?.type === 'reply-end' ? end.usage : undefined,
  };
}

const ignore = (_text: string): void => undefined;

function taker(
  start: Extract<ReplyEvent, { type: 'part-start' }>,
  texts: Record<'text' | 'refusal', string>,
  calls: { id: string; name: string; input: string }[],
): (text: string) => void {
  if (start.part === 'thinking') return ignore;
  if (start.part !== 'tool-call') {
    return (text) => {
      texts[start.part] += text;
    };
  }
  const call = { id: start.id, name: start.name, input: '' };
  calls.push(call);
  return (text) => {
    call.input += text;
  };
}

/** Stop reasons that a dialect has no word for, and the word that it uses. A stop sequence is a plain stop in both of OpenAI's. */
const stopsIn: Readonly<Record<ConversationDialect, Partial<Record<StopReason, StopReason>>>> = {
  chat: { 'stop-sequence': 'end', refusal: 'content-filter', pause: 'end', other: 'end' },
  messages: { 'content-filter': 'refusal', other: 'end' },
  responses: { 'stop-sequence': 'end', refusal: 'content-filter', pause: 'end', other: 'end' },
};

/**
 * What a dialect makes of a reply that it cannot tell in its own words: Anthropic says refusals as text, with a stop
 * reason for them, and has no way to leave usage out; OpenAI says refusals in a field, and stops as usual.
 */
export function toldIn(dialect: ConversationDialect, told: Told): Told {
  const stop = stopsIn[dialect][told.stop] ?? told.stop;
  const hasRefused = told.refusal !== '';
  if (dialect !== 'messages') return { ...told, stop: hasRefused && told.stop === 'refusal' ? 'end' : stop };
  const { text, refusal, usage = noUsage } = told;
  return { ...told, text: text + refusal, refusal: '', stop: hasRefused ? 'refusal' : stop, usage };
}
