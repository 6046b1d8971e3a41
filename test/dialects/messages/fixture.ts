import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conversation } from '../../../src/core/conversation.ts';
import type { ReadContext, ReplyContext } from '../../../src/core/half.ts';
import { parseJson } from '../../../src/core/json.ts';
import type { SseEvent } from '../../../src/core/machine.ts';
import type { Usage } from '../../../src/core/usage.ts';

/** The events of a recorded-like stream under test/fixtures/messages, one `event:` and one `data:` line each. */
export function readFixture(name: string): SseEvent[] {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures/messages', `${name}.sse`), 'utf8');
  return text
    .trim()
    .split('\n\n')
    .map((block) => {
      const [event = '', data = ''] = block.split('\n');
      return { event: event.slice('event: '.length), data: data.slice('data: '.length) };
    });
}

/** Events given as objects, with their names on the `event:` line. */
export function sse(...events: { type: string; [key: string]: unknown }[]): SseEvent[] {
  return events.map((event) => ({ event: event.type, data: JSON.stringify(event) }));
}

/** Events read back as `[event name, data]`. */
export function unpack(events: readonly SseEvent[]): [string | undefined, unknown][] {
  return events.map(({ event, data }) => [event, parseJson(data)]);
}

/** Mints `minted1`, `minted2`, ... */
export function readContext(more: Partial<ReadContext> = {}): ReadContext {
  let count = 0;
  return { mintId: () => `minted${++count}`, ...more };
}

export const replyContext: ReplyContext = {
  requestId: 'req_test',
  model: 'my-route',
  createdSeconds: 1_700_000_000,
  includeUsage: false,
};

/** A conversation of one question, with whatever a case adds. */
export function conversation(more: Partial<Conversation> = {}): Conversation {
  return {
    turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    tools: [],
    sampling: {},
    stream: false,
    carried: new Map(),
    unread: [],
    ...more,
  };
}

export function usage(more: Partial<Usage> = {}): Usage {
  return { input: 0, cachedRead: 0, cachedWrite: 0, output: 0, reasoning: 0, ...more };
}
