import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouterError } from '../../../src/core/failure.ts';
import { isObject } from '../../../src/core/json.ts';
import { runMachine } from '../../../src/core/machine.ts';
import type { ReplyEvent } from '../../../src/core/reply.ts';
import { messagesClient, messagesTarget } from '../../../src/dialects/messages/index.ts';
import { readContext, replyContext, sse, unpack } from './fixture.ts';

/** Spells a reply as letters, so that the neutral grammar is a regular expression. */
const spell = (events: readonly ReplyEvent[]): string => events.map(({ type }) => letters[type]).join('');
const letters = {
  'reply-start': 'S',
  'part-start': '(',
  'part-delta': '.',
  'part-end': ')',
  'reply-end': 'E',
  'reply-failed': 'F',
} as const;
const grammar = /^(?:S?F|S(?:\(\.*\))*(?:E|F|\(\.*F))$/;

/** Events that a confused or hostile upstream might send: right words in any order, wrong values anywhere. */
const word = fc.constantFrom(
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'ping',
);
const blockType = fc.constantFrom(
  'text',
  'thinking',
  'tool_use',
  'redacted_thinking',
  'server_tool_use',
  'json_output',
);
const deltaType = fc.constantFrom('text_delta', 'thinking_delta', 'signature_delta', 'input_json_delta', 'x');
const odd = fc.oneof(fc.string(), fc.jsonValue());
const block = fc.record({ type: blockType, text: odd, thinking: odd, name: odd, id: odd, input: odd, data: odd });
const delta = fc.record({
  type: deltaType,
  text: odd,
  thinking: odd,
  signature: odd,
  partial_json: odd,
  stop_reason: odd,
});
const event = fc.record({ type: word, message: odd, content_block: block, delta, usage: odd, index: odd });

describe('reading', () => {
  it('gives the neutral grammar for any events', () => {
    fc.assert(
      fc.property(fc.array(event), fc.boolean(), (events, ends) => {
        const all = sse(...events, ...(ends ? [{ type: 'message_stop' }] : []));
        const read = runMachine(messagesTarget.readStream(readContext({ jsonTool: 'json_output' })), all);
        expect(spell(read)).toMatch(grammar);
        expect(read.at(-1)?.type).toBe(ends ? 'reply-end' : 'reply-failed');
      }),
    );
  });

  it('writes well-nested blocks and one terminal event from whatever was read', () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const read = runMachine(messagesTarget.readStream(readContext()), sse(...events, { type: 'message_stop' }));
        const names = unpack(runMachine(messagesClient.writeStream(replyContext), read)).map(([name]) => name);
        const spelled = names.map((name) => (name ?? '').replace('content_block_', '')).join(' ');
        expect(spelled).toMatch(/^message_start( start( delta)* stop)* message_delta message_stop$/);
      }),
    );
  });

  it('reads any body without throwing', () => {
    fc.assert(
      fc.property(
        fc.record({ content: fc.oneof(fc.array(fc.oneof(block, fc.jsonValue())), odd), usage: odd }),
        (body) => {
          expect(spell(messagesTarget.readReply(JSON.parse(JSON.stringify(body)), readContext()))).toMatch(grammar);
        },
      ),
    );
  });

  it('refuses or reads any request, and writes what it read', () => {
    const content = fc.oneof(fc.string(), fc.array(fc.oneof(block, fc.jsonValue())));
    const message = fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content });
    const body = fc.record(
      {
        max_tokens: fc.constant(100),
        messages: fc.array(message),
        system: content,
        tools: odd,
        thinking: odd,
        stop: odd,
      },
      { requiredKeys: ['max_tokens', 'messages'] },
    );
    fc.assert(
      fc.property(body, (request) => {
        const written = attempt(() => {
          const conversation = messagesClient.readRequest(JSON.parse(JSON.stringify(request)));
          return messagesTarget.writeRequest(conversation, { model: 'claude-sonnet-4-5', name: 'x' }).body;
        });
        expect(written instanceof RouterError || isObject(written)).toBe(true);
      }),
    );
  });
});

/** The result, or the refusal; anything else thrown is a bug and passes through. */
function attempt<Result>(run: () => Result): Result | RouterError {
  try {
    return run();
  } catch (error) {
    if (error instanceof RouterError) return error;
    throw error;
  }
}
