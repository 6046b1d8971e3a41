import { describe, expect, it } from 'vitest';
import { chain, runMachine } from '../../../src/core/machine.ts';
import { chatTarget, repairStream as repairChat } from '../../../src/dialects/chat/index.ts';
import { repairStream } from '../../../src/upstream/workersai/stream.ts';
import { chunk, context, head, repaired } from './support.ts';
import { sse } from '../../support/events.ts';

const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };

const said = (content: string, finish: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason: finish }],
});

describe('a legacy stream', () => {
  it('becomes chat chunks, with its finish and usage at [DONE]', () => {
    expect(
      repaired([{ response: 'Hel', p: 'abcd' }, { response: 'lo', p: 'ab' }, { response: '', usage }, '[DONE]']),
    ).toEqual([
      chunk({ role: 'assistant', content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk({}, 'stop'),
      { ...head, choices: [], usage },
      '[DONE]',
    ]);
  });

  it('numbers its tool calls, mints their ids and writes their arguments as text', () => {
    expect(
      repaired([
        {
          response: '',
          tool_calls: [
            { name: 'f', arguments: { a: 1 } },
            { name: 'g', arguments: {} },
          ],
        },
        { response: null, tool_calls: [{ name: 'h', arguments: '{"b":2}' }] },
        '[DONE]',
      ]),
    ).toEqual([
      chunk({
        role: 'assistant',
        content: '',
        tool_calls: [
          { index: 0, id: 'minted0', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { index: 1, id: 'minted1', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      }),
      chunk({
        content: '',
        tool_calls: [{ index: 2, id: 'minted2', type: 'function', function: { name: 'h', arguments: '{"b":2}' } }],
      }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ]);
  });

  it.each([
    ['a number', 42, '42'],
    ['an object', { a: 1 }, '{"a":1}'],
    ['null', null, ''],
  ])('writes a response that is %s as text', (_name, response, content) => {
    expect(repaired([{ response }])).toEqual([chunk({ role: 'assistant', content })]);
  });

  it.each([
    [4, 'length'],
    [5, 'stop'],
    [undefined, 'stop'],
  ])('with 4 tokens under a cap of %s ends in %s', (maxOutputTokens, finish) => {
    const told = maxOutputTokens === undefined ? {} : { maxOutputTokens };
    expect(repaired([{ response: 'a' }, { response: '', usage }, '[DONE]'], told)[1]).toEqual(chunk({}, finish));
  });

  it('at the default cap of 256 tokens was cut by it', () => {
    const long = { ...usage, completion_tokens: 256 };
    expect(repaired([{ response: 'a' }, { response: '', usage: long }, '[DONE]'])[1]).toEqual(chunk({}, 'length'));
  });

  it('without [DONE] stays cut', () => {
    expect(repaired([{ response: 'a' }])).toEqual([chunk({ role: 'assistant', content: 'a' })]);
  });
});

describe('a chat stream', () => {
  it.each([
    ['chunks', { id: 'x', choices: [{ delta: { content: 'a' } }], odd: 1 }],
    ['usage', { choices: [], usage: { prompt_tokens: 1, neurons: 2.5 } }],
    ['an error', { error: { message: 'x' } }],
    ['an AiError', { name: 'AiError', internalCode: 3040, message: 'x' }],
    ['junk', '<html>'],
  ])('passes %s untouched', (_name, value) => {
    expect(repaired([value, '[DONE]'])).toEqual([value, '[DONE]']);
  });
});

describe('a leaked tool call', () => {
  const forcedTools = new Set(['get']);
  const leaked = '{"name":"get","arguments":{"a":1}}';

  it('becomes a call where one was demanded', () => {
    expect(
      repaired([said(''), said(leaked.slice(0, 9)), said(leaked.slice(9)), said('', 'stop'), '[DONE]'], {
        forcedTools,
      }),
    ).toEqual([
      said(''),
      chunk({
        tool_calls: [{ index: 0, id: 'minted0', type: 'function', function: { name: 'get', arguments: '{"a":1}' } }],
      }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ]);
  });

  it('keeps the usage of the last chunk and reasoning said meanwhile', () => {
    const thought = { choices: [{ index: 0, delta: { reasoning: 'hm' }, finish_reason: null }] };
    const out = repaired([said(leaked), thought, { ...said('', 'stop'), usage }], { forcedTools });
    expect(out[0]).toEqual(thought);
    expect(out.at(-1)).toEqual({ ...chunk({}, 'tool_calls'), usage });
  });

  it.each<[string, unknown[], Set<string> | undefined]>([
    ['no call was demanded', [said(leaked), said('', 'stop')], undefined],
    ['the tool is not declared', [said(leaked), said('', 'stop')], new Set(['other'])],
    ['the text goes on as prose', [said('{"name":'), said(' is how JSON begins'), said('', 'stop')], forcedTools],
    ['it begins as prose', [said('Sure: '), said(leaked), said('', 'stop')], forcedTools],
    ['the stream is cut', [said(leaked)], forcedTools],
    ['[DONE] comes without a finish', [said(leaked), '[DONE]'], forcedTools],
    [
      'a true call follows',
      [said('{'), { choices: [{ delta: { tool_calls: [{ function: { name: 'get' } }] } }] }, said('', 'stop')],
      forcedTools,
    ],
    ['it is longer than any call', [said(`{${' '.repeat(70_000)}`), said('x')], forcedTools],
  ])('stays text, whole and in order, where %s', (_name, values, tools) => {
    expect(repaired(values, tools === undefined ? {} : { forcedTools: tools })).toEqual(values);
  });
});

it('gives a strict chat stream together with the chat repair', () => {
  const machine = chain(repairStream(context()), repairChat(context()));
  const events = [{ response: 'hi' }, { response: '', usage }, '[DONE]'].map(sse);
  expect(runMachine(chain(machine, chatTarget.readStream(context())), events)).toEqual([
    { type: 'reply-start', id: head.id, model: head.model },
    { type: 'part-start', index: 0, part: 'text' },
    { type: 'part-delta', index: 0, delta: { text: 'hi' } },
    { type: 'part-end', index: 0 },
    { type: 'reply-end', stop: 'end', usage: { input: 9, cachedRead: 0, cachedWrite: 0, output: 4, reasoning: 0 } },
  ]);
});
