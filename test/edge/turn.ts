import type { ConversationDialect } from '../../src/core/dialect.ts';
import { endpoints } from '../../src/core/call.ts';
import { ask, putRoute, type Visit } from './router.ts';

/** One target of each dialect, and Workers AI by the binding, as a policy writes them. */
export const targets = {
  gpt: { model: 'openai/gpt-5.1', credentials: 'stored' },
  claude: { model: 'anthropic/claude-sonnet-4-5', credentials: 'stored' },
  glm: { model: '@cf/zai-org/glm-4.7-flash', credentials: 'binding' },
} as const;
export type TargetName = keyof typeof targets;

/** Every caller's dialect with every target: relays and translations. */
export const crossings: readonly (readonly [ConversationDialect, TargetName])[] = (
  ['chat', 'messages', 'responses'] as const
).flatMap((dialect) => (['gpt', 'claude', 'glm'] as const).map((target) => [dialect, target] as const));

/** The same, whole and streamed. */
export const turns = crossings.flatMap(([dialect, target]) =>
  [false, true].map((stream) => [dialect, target, stream] as const),
);

/** A request with one prompt, in each dialect. */
export function bodyOf(dialect: ConversationDialect, prompt: string): object {
  const messages = [{ role: 'user', content: prompt }];
  if (dialect === 'responses') return { input: prompt };
  return dialect === 'chat' ? { messages } : { max_tokens: 1000, messages };
}

export interface Turn {
  readonly dialect: ConversationDialect;
  readonly targets: readonly (TargetName | object)[];
  readonly prompt: string;
  readonly stream: boolean;
  /** More of the route's policy. */
  readonly policy?: object;
  readonly visit?: Visit;
}

/** So that a target which many tests make fail is not left alone: the router remembers that for the whole file. */
const patient = { coolDown: { failures: 100, seconds: 1 } };

/** Asks one prompt of a route made for it. */
export async function askTurn(turn: Turn): Promise<Response> {
  const { dialect, prompt, stream, policy, visit } = turn;
  const rows = turn.targets.map((target) => (typeof target === 'string' ? targets[target] : target));
  const model = await putRoute({ ...patient, ...policy, targets: rows });
  return ask(endpoints[dialect].path, { ...bodyOf(dialect, prompt), model, stream }, visit);
}

/** A stream as its caller gets it: the events until its end, and whether the transport broke there. */
export interface Received {
  readonly text: string;
  readonly broken: boolean;
  /** Data of every event; `[DONE]` stays text. */
  readonly events: readonly unknown[];
  /** The type of every event: Anthropic's and Responses' own, for chat `chunk`, `error` or `[DONE]`. */
  readonly types: readonly string[];
}

/** Reads a body until it ends or breaks. */
export async function receive(response: Response): Promise<Received> {
  const decoder = new TextDecoder();
  let text = '';
  let broken = false;
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
  } catch {
    broken = true;
  }
  const events = dataIn(text).map(parse);
  return { text, broken, events, types: events.map(typeOf) };
}

/** The data of each event: several lines of one event are joined, as the specification of server-sent events says. */
function dataIn(text: string): string[] {
  const blocks = text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n')
    .split('\n\n');
  return blocks.flatMap((block) => {
    const lines = block.split('\n').filter((line) => line.startsWith('data:'));
    return lines.length === 0 ? [] : [lines.map((line) => line.replace(/^data: ?/, '')).join('\n')];
  });
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

function typeOf(event: unknown): string {
  if (typeof event !== 'object' || event === null) return String(event);
  if ('type' in event) return String(event.type);
  return 'error' in event ? 'error' : 'chunk';
}

/** What ends a good stream of each dialect, and what ends a bad one. */
export const lastTypes: Readonly<Record<ConversationDialect, { readonly good: string; readonly bad: string }>> = {
  chat: { good: '[DONE]', bad: 'error' },
  messages: { good: 'message_stop', bad: 'error' },
  responses: { good: 'response.completed', bad: 'response.failed' },
};

/** What begins a stream, where that can be seen from the type alone. */
export const firstTypes: Readonly<Record<ConversationDialect, string>> = {
  chat: 'chunk',
  messages: 'message_start',
  responses: 'response.created',
};
