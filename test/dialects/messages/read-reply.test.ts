import { describe, expect, it } from 'vitest';
import { messagesTarget } from '../../../src/dialects/messages/index.ts';
import { readContext, usage } from './fixture.ts';

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: { input_tokens: 5, cache_read_input_tokens: 2, cache_creation_input_tokens: null, output_tokens: 9 },
};
const counted = usage({ input: 7, cachedRead: 2, output: 9 });

describe('readReply', () => {
  it('reads every kind of block', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm', signature: 'sig' },
      { type: 'redacted_thinking', data: 'Em' },
      { type: 'text', text: 'So.', citations: null },
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: [1] }, caller: { type: 'direct' } },
      { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} },
    ];
    expect(messagesTarget.readReply({ ...message, content }, readContext())).toEqual([
      { type: 'reply-start', id: 'msg_1', model: 'claude-x', usage: counted },
      { type: 'part-start', index: 0, part: 'thinking' },
      { type: 'part-delta', index: 0, delta: { text: 'Hm' } },
      { type: 'part-delta', index: 0, delta: { signature: 'sig' } },
      { type: 'part-end', index: 0 },
      { type: 'part-start', index: 1, part: 'thinking', redacted: 'Em' },
      { type: 'part-end', index: 1 },
      { type: 'part-start', index: 2, part: 'text' },
      { type: 'part-delta', index: 2, delta: { text: 'So.' } },
      { type: 'part-end', index: 2 },
      { type: 'part-start', index: 3, part: 'tool-call', id: 'toolu_1', name: 'f' },
      { type: 'part-delta', index: 3, delta: { text: '{"a":[1]}' } },
      { type: 'part-end', index: 3 },
      { type: 'part-start', index: 4, part: 'tool-call', id: 'toolu_2', name: 'g' },
      { type: 'part-delta', index: 4, delta: { text: '{}' } },
      { type: 'part-end', index: 4 },
      { type: 'reply-end', stop: 'tool', usage: counted },
    ]);
  });

  it('reads the stand-in tool as text, beside which a real call still counts', () => {
    const content = [{ type: 'tool_use', id: 't', name: 'json_output', input: { a: 1 } }];
    expect(messagesTarget.readReply({ ...message, content }, readContext({ jsonTool: 'json_output' }))).toEqual([
      { type: 'reply-start', id: 'msg_1', model: 'claude-x', usage: counted },
      { type: 'part-start', index: 0, part: 'text' },
      { type: 'part-delta', index: 0, delta: { text: '{"a":1}' } },
      { type: 'part-end', index: 0 },
      { type: 'reply-end', stop: 'end', usage: counted },
    ]);
  });

  it.each([
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'capacity'],
    [{ error: 'odd' }, 'provider-error'],
    [{ choices: [] }, 'garbage'],
    [{}, 'garbage'],
  ])('fails on %j as %s', (body, cause) => {
    expect(messagesTarget.readReply(body, readContext())).toEqual([
      { type: 'reply-failed', failure: { kind: 'upstream', cause } },
    ]);
  });

  it('reads nothing out of content that is no block', () => {
    expect(messagesTarget.readReply({ content: [null, 7, 'x', {}] }, readContext())).toEqual([
      { type: 'reply-start' },
      { type: 'reply-end', stop: 'end' },
    ]);
  });
});

describe('readUsage', () => {
  it('adds the cached tokens to the input', () => {
    expect(messagesTarget.readUsage(message)).toEqual(counted);
  });

  it.each([[{}], [{ usage: null }], [{ usage: 7 }]])('knows nothing of %j', (body) => {
    expect(messagesTarget.readUsage(body)).toBeUndefined();
  });

  it('takes nonsense for nothing', () => {
    expect(messagesTarget.readUsage({ usage: { input_tokens: -1, output_tokens: '9', __proto__: null } })).toEqual(
      usage(),
    );
  });
});
