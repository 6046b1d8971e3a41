import { describe, expect, it } from 'vitest';
import type { Tool, ToolChoice } from '../../../src/core/conversation.ts';
import { RouterError } from '../../../src/core/failure.ts';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import { responsesClient } from '../../../src/dialects/responses/index.ts';

const read = (body: JsonObject) => responsesClient.readRequest({ model: 'm', input: 'Hi', ...body });
const parameters = { type: 'object', properties: { '10': { type: 'number' }, '2': {} } };
const wireTool = (name: string): JsonObject => ({ type: 'function', name, parameters });
const namespace = (name: string, ...tools: JsonObject[]): JsonObject => ({ type: 'namespace', name, tools });
const tool = (name: string): Tool => ({ name, parameters });

function refused(body: JsonObject): unknown {
  try {
    return read(body);
  } catch (error) {
    return error instanceof RouterError && error.failure.kind === 'bad-request' ? error.failure.param : error;
  }
}

describe('tools', () => {
  it('reads functions, their schema untouched', () => {
    const full = { ...wireTool('f'), description: 'does f', strict: true };
    expect(read({ tools: [full, { type: 'function', name: 'g', parameters: null, strict: null }] }).tools).toEqual([
      { name: 'f', description: 'does f', parameters, strict: true },
      { name: 'g', parameters: { type: 'object', properties: {} } },
    ]);
  });

  it.each<[string, Json | undefined, 'offered' | undefined]>([
    ['offered without a choice', null, 'offered'],
    ['offered with auto', 'auto', 'offered'],
    ['a real loss where some tool must be called', 'required', undefined],
  ])('names hosted tools: %s', (_, tool_choice = null, mark) => {
    const { tools, unread, unreadMarks } = read({
      tools: [{ type: 'web_search' }, wireTool('f'), { type: 'custom', name: 'c' }],
      tool_choice,
    });
    expect([tools, unread, unreadMarks?.get('tools[].type web_search')]).toEqual([
      [tool('f')],
      ['tools[].type web_search', 'tools[].type custom'],
      mark,
    ]);
  });

  it('names fields of functions that it does not know, unless they ask for nothing', () => {
    const odd = { ...wireTool('f'), async: false, output_schema: {}, defer_loading: true };
    const { unread, unreadMarks } = read({ tools: [odd] });
    expect([unread, unreadMarks]).toEqual([
      ['tools[].output_schema', 'tools[].defer_loading'],
      new Map([['tools[].defer_loading', 'harmless']]),
    ]);
  });
});

describe('namespaces', () => {
  it('flattens their functions and remembers where they are from', () => {
    const { tools, unread } = read({
      tools: [namespace('mcp__git', wireTool('log')), namespace('crm__', wireTool('get'))],
    });
    expect([tools, unread]).toEqual([
      [
        { ...tool('mcp__git__log'), origin: { namespace: 'mcp__git', name: 'log' } },
        { ...tool('crm__get'), origin: { namespace: 'crm__', name: 'get' } },
      ],
      [],
    ]);
  });

  it('finds another name where the joined one is taken or too long', () => {
    const long = 'n'.repeat(63);
    const names = read({
      tools: [
        namespace('a', wireTool('b')),
        wireTool('a__b'),
        namespace(long, wireTool('c')),
        namespace(long, wireTool('b')),
      ],
    }).tools.map(({ name }) => name);
    expect(names).toEqual(['b', 'a__b', 'c']);
  });

  it('uses the flat name for calls of earlier turns and for the choice', () => {
    const { turns, toolChoice } = read({
      tools: [namespace('git', wireTool('log'))],
      tool_choice: { type: 'function', namespace: 'git', name: 'log' },
      input: [
        { type: 'function_call', call_id: '1', namespace: 'git', name: 'log', arguments: '{}' },
        { type: 'function_call', call_id: '2', namespace: 'gone', name: 'x', arguments: '{}' },
      ],
    });
    expect([turns, toolChoice]).toEqual([
      [
        {
          role: 'assistant',
          parts: [
            { type: 'tool-call', id: '1', name: 'git__log', arguments: '{}' },
            { type: 'tool-call', id: '2', name: 'gone__x', arguments: '{}' },
          ],
        },
      ],
      { type: 'named', name: 'git__log' },
    ]);
  });

  it('names what a namespace holds beside functions, and never recurses', () => {
    const inner = namespace('in', wireTool('f'));
    const { tools, unread } = read({
      tools: [{ ...namespace('out', inner, { type: 'custom', name: 'c' }), description: 'd' }],
    });
    expect([tools, unread]).toEqual([
      [],
      ['tools[].description of a namespace', 'tools[].type namespace-in-namespace', 'tools[].type custom'],
    ]);
  });
});

describe('tool_choice', () => {
  it.each<[Json, ToolChoice]>([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    [
      { type: 'function', name: 'f' },
      { type: 'named', name: 'f' },
    ],
  ])('reads %j', (tool_choice, expected) => {
    expect(read({ tools: [wireTool('f')], tool_choice }).toolChoice).toEqual(expected);
  });

  it('offers only the allowed tools', () => {
    const tool_choice = {
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'function', name: 'g' }, { type: 'mcp' }],
    };
    const { tools, toolChoice, unread } = read({ tools: [wireTool('f'), wireTool('g')], tool_choice });
    expect([tools, toolChoice, unread]).toEqual([[tool('g')], { type: 'required' }, ['tool_choice.tools[].type mcp']]);
  });

  it('names a forced hosted tool as a real loss', () => {
    const { toolChoice, unread, unreadMarks } = read({
      tools: [{ type: 'web_search' }],
      tool_choice: { type: 'web_search' },
    });
    expect([toolChoice, unread, unreadMarks]).toEqual([
      undefined,
      ['tools[].type web_search', 'tool_choice.type web_search'],
      undefined,
    ]);
  });

  it.each<[JsonObject, string]>([
    [{ tools: {} }, 'tools'],
    [{ tools: [1] }, 'tools[0]'],
    [{ tools: [{}] }, 'tools[0].type'],
    [{ tools: [{ type: 'function', name: '' }] }, 'tools[0].name'],
    [{ tools: [{ type: 'function', name: 'f', strict: 'yes' }] }, 'tools[0].strict'],
    [{ tools: [{ type: 'namespace' }] }, 'tools[0].name'],
    [{ tools: [{ type: 'namespace', name: 'n', tools: [0] }] }, 'tools[0].tools[0]'],
    [{ tool_choice: 'any' }, 'tool_choice'],
    [{ tool_choice: 1 }, 'tool_choice'],
    [{ tool_choice: { type: 'function' } }, 'tool_choice.name'],
    [{ tool_choice: { type: 'allowed_tools', mode: 'none' } }, 'tool_choice.mode'],
  ])('refuses %j', (body, param) => {
    expect(refused(body)).toBe(param);
  });
});
