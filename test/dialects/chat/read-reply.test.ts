import { describe, expect, it } from 'vitest';
import { chatTarget } from '../../../src/dialects/chat/index.ts';
import { context } from './support.ts';

const call = (id: string | undefined, name: string, args: unknown) => ({ id, function: { name, arguments: args } });

function read(message: object, finish: string | null = 'stop') {
  return chatTarget.readReply({ choices: [{ index: 0, message: message as never, finish_reason: finish }] }, context());
}

describe('a whole reply', () => {
  it('is read part by part, with its usage', () => {
    const message = {
      role: 'assistant',
      content: 'hi',
      refusal: null,
      reasoning: 'hm',
      tool_calls: [call('call_a', 'f', '{"a":1}'), call('call_b', 'f', '{"a":1}')],
    };
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const body = {
      id: 'chatcmpl-1',
      model: 'm1',
      choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
      usage,
    };
    expect(chatTarget.readReply(JSON.parse(JSON.stringify(body)), context())).toEqual([
      {
        type: 'reply-start',
        id: 'chatcmpl-1',
        model: 'm1',
        usage: { input: 3, cachedRead: 0, cachedWrite: 0, output: 2, reasoning: 0 },
      },
      { type: 'part-start', index: 0, part: 'thinking' },
      { type: 'part-delta', index: 0, delta: { text: 'hm' } },
      { type: 'part-end', index: 0 },
      { type: 'part-start', index: 1, part: 'text' },
      { type: 'part-delta', index: 1, delta: { text: 'hi' } },
      { type: 'part-end', index: 1 },
      { type: 'part-start', index: 2, part: 'tool-call', id: 'call_a', name: 'f' },
      { type: 'part-delta', index: 2, delta: { text: '{"a":1}' } },
      { type: 'part-end', index: 2 },
      { type: 'part-start', index: 3, part: 'tool-call', id: 'call_b', name: 'f' },
      { type: 'part-delta', index: 3, delta: { text: '{"a":1}' } },
      { type: 'part-end', index: 3 },
      { type: 'reply-end', stop: 'tool', usage: { input: 3, cachedRead: 0, cachedWrite: 0, output: 2, reasoning: 0 } },
    ]);
  });

  it('tells calls apart that come without ids, whatever their arguments', () => {
    const starts = read({ content: null, tool_calls: [call(undefined, 'f', '{"a'), call(undefined, 'f', '')] }).filter(
      (event) => event.type === 'part-start',
    );
    expect(starts).toEqual([
      { type: 'part-start', index: 0, part: 'tool-call', id: 'minted0', name: 'f' },
      { type: 'part-start', index: 1, part: 'tool-call', id: 'minted1', name: 'f' },
    ]);
  });

  it.each([
    ['no finish reason', { content: 'a' }, null, 'end'],
    ['no finish reason and a call', { tool_calls: [call('a', 'f', '{}')] }, null, 'tool'],
    ['stop and a call', { tool_calls: [call('a', 'f', '{}')] }, 'stop', 'tool'],
    ['length', { content: null }, 'length', 'length'],
    ['a refusal', { refusal: 'no' }, 'stop', 'refusal'],
  ])('with %s ends in the right way', (_name, message, finish, stop) => {
    expect(read(message, finish).at(-1)).toEqual({ type: 'reply-end', stop });
  });

  it.each([
    ['garbage', {}, 'garbage'],
    ['no choice', { choices: [] }, 'garbage'],
    ['choices that are none', { choices: [7] }, 'garbage'],
    ['an error', { error: { message: 'x', type: 'server_error' } }, 'provider-error'],
    ['a Cloudflare envelope', { success: false, errors: [{ code: 3040, message: 'x' }] }, 'capacity'],
  ])('that is %s is one failure', (_name, body, cause) => {
    expect(chatTarget.readReply(body, context())).toEqual([
      { type: 'reply-failed', failure: { kind: 'upstream', cause } },
    ]);
  });
});
