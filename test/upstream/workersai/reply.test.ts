import { describe, expect, it } from 'vitest';
import { repairReply } from '../../../src/upstream/workersai/reply.ts';
import { context, head } from './support.ts';

const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };

function completion(message: object, finish = 'stop', rest: object = {}): object {
  const choice = { index: 0, message: { role: 'assistant', ...message }, finish_reason: finish };
  return { ...head, object: 'chat.completion', choices: [choice], ...rest };
}

function call(name: string, args: string, id = 'minted0'): object {
  return { id, type: 'function', function: { name, arguments: args } };
}

const answer = (content: string, finish = 'stop') => ({
  id: 'x',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finish }],
  usage,
});

describe('a whole answer', () => {
  it.each<[string, unknown, object]>([
    ['a legacy text', { response: 'hi', usage }, completion({ content: 'hi' }, 'stop', { usage })],
    [
      'a legacy text in the REST envelope',
      { result: { response: 'hi' }, success: true },
      completion({ content: 'hi' }),
    ],
    ['a bare text', 'hi', completion({ content: 'hi' })],
    ['an object, from JSON mode', { response: { a: 1 } }, completion({ content: '{"a":1}' })],
    ['a number, from JSON mode', { response: 42 }, completion({ content: '42' })],
    ['no text at all', { response: null }, completion({ content: '' })],
    [
      'legacy calls',
      { response: '', tool_calls: [{ name: 'f', arguments: { a: 1 } }, { name: 'g' }] },
      completion({ content: null, tool_calls: [call('f', '{"a":1}'), call('g', '{}', 'minted1')] }, 'tool_calls'),
    ],
    [
      'calls in OpenAI’s shape beside a response',
      { tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } }] },
      completion({ content: null, tool_calls: [call('f', '{}', 'call_1')] }, 'tool_calls'),
    ],
    [
      'a Responses answer',
      {
        output: [
          { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'hm' }] },
          {
            type: 'message',
            content: [
              { type: 'output_text', text: 'a' },
              { type: 'output_text', text: 'b' },
            ],
          },
          { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
        ],
        usage: {
          input_tokens: 5,
          output_tokens: 3,
          input_tokens_details: { cached_tokens: 2 },
          output_tokens_details: { reasoning_tokens: 1 },
        },
      },
      completion({ content: 'ab', reasoning_content: 'hm', tool_calls: [call('f', '{}', 'call_1')] }, 'tool_calls', {
        usage: {
          prompt_tokens: 5,
          completion_tokens: 3,
          total_tokens: 8,
          prompt_tokens_details: { cached_tokens: 2 },
          completion_tokens_details: { reasoning_tokens: 1 },
        },
      }),
    ],
  ])('that is %s becomes a completion', (_name, value, expected) => {
    expect(repairReply(value, context())).toEqual(expected);
  });

  it('as long as its cap was cut by it', () => {
    expect(repairReply({ response: 'x', usage }, context({ maxOutputTokens: 4 }))).toMatchObject({
      choices: [{ finish_reason: 'length' }],
    });
  });

  it.each([
    ['a completion', { choices: [{ message: { content: 'a' } }], odd: 1 }],
    ['an error', { error: { message: 'x' } }],
    ['a Cloudflare envelope of errors', { result: null, success: false, errors: [{ code: 5007 }] }],
    ['an AiError', { name: 'AiError', internalCode: 3040 }],
  ])('that is %s is left to others', (_name, value) => {
    expect(repairReply(value, context())).toBe(value);
  });

  it.each([
    ['a queue ticket', { request_id: 'x' }],
    ['an empty object', {}],
    ['an array', []],
    ['nothing', undefined],
  ])('that is %s is no answer', (_name, value) => {
    expect(repairReply(value, context())).toBeUndefined();
  });
});

describe('a leaked tool call', () => {
  const forcedTools = new Set(['get', 'put']);

  it.each([
    ['arguments', '{"name":"get","arguments":{"a":1}}', [call('get', '{"a":1}')]],
    ['parameters', ' {"type":"function","name":"get","parameters":{}}', [call('get', '{}')]],
    ['arguments as text', '{"name":"get","arguments":"{}"}', [call('get', '{}')]],
    [
      'a list',
      '[{"name":"get","arguments":{}},{"function":{"name":"put","arguments":{}}}]',
      [call('get', '{}'), call('put', '{}', 'minted1')],
    ],
    ['tool_calls', '{"tool_calls":[{"name":"put","arguments":{}}]}', [call('put', '{}')]],
  ])('with %s becomes a call', (_name, content, tool_calls) => {
    expect(repairReply(answer(content), context({ forcedTools }))).toEqual({
      id: 'x',
      choices: [{ index: 0, message: { role: 'assistant', content: null, tool_calls }, finish_reason: 'tool_calls' }],
      usage,
    });
  });

  it('of a legacy answer becomes a call', () => {
    expect(repairReply({ response: '{"name":"get","arguments":{}}' }, context({ forcedTools }))).toEqual(
      completion({ content: null, tool_calls: [call('get', '{}')] }, 'tool_calls'),
    );
  });

  it.each([
    ['an undeclared name', '{"name":"rm","arguments":{}}'],
    ['one undeclared name among others', '[{"name":"get","arguments":{}},{"name":"rm","arguments":{}}]'],
    ['no arguments', '{"name":"get"}'],
    ['text around it', 'Here: {"name":"get","arguments":{}}'],
    ['half of it', '{"name":"get","argum'],
    ['an empty list', '[]'],
  ])('stays text with %s', (_name, content) => {
    const value = answer(content);
    expect(repairReply(value, context({ forcedTools }))).toBe(value);
  });

  it('stays text where no call was demanded', () => {
    const value = answer('{"name":"get","arguments":{}}');
    expect(repairReply(value, context())).toBe(value);
  });
});
