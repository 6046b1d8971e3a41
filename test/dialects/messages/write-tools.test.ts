import { describe, expect, it } from 'vitest';
import type { Conversation, OutputFormat } from '../../../src/core/conversation.ts';
import { messagesTarget } from '../../../src/dialects/messages/index.ts';
import { conversation } from './fixture.ts';

const older = 'claude-sonnet-4-20250514';
const structured = 'claude-sonnet-4-5';
const newest = 'claude-opus-5-5';
const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false };
const look = { name: 'look', parameters: { type: 'object', properties: {} } };
const written = { name: 'look', input_schema: { type: 'object', properties: {} } };
const json: OutputFormat = { type: 'json-schema', schema, name: 'answer', strict: true };

function write(more: Partial<Conversation>, model: string) {
  const { body, losses, jsonTool } = messagesTarget.writeRequest(conversation(more), { model, name: 'x' });
  const { tools, tool_choice, output_config } = body;
  return {
    ...(tools !== undefined && { tools }),
    ...(tool_choice !== undefined && { tool_choice }),
    ...(output_config !== undefined && { output_config }),
    ...(jsonTool !== undefined && { jsonTool }),
    losses: losses.map(({ feature }) => feature),
  };
}

describe('tools', () => {
  it.each([
    [undefined, { type: 'object', properties: {} }],
    [{}, { type: 'object' }],
    [{ properties: { 2: {}, 1: {} } }, { type: 'object', properties: { 2: {}, 1: {} } }],
    [schema, schema],
  ])('writes the parameters %j as a schema of an object', (parameters, input_schema) => {
    const { tools } = write({ tools: [{ name: 'f', description: 'Does.', parameters }] }, older);
    expect(tools).toEqual([{ name: 'f', description: 'Does.', input_schema }]);
  });

  it('keeps strict where the model takes it and says so where not', () => {
    const tools = [{ ...look, strict: true }];
    expect([write({ tools }, structured), write({ tools }, older)]).toEqual([
      { tools: [{ ...written, strict: true }], losses: [] },
      { tools: [written], losses: ['strict tools'] },
    ]);
  });

  it('gives up strict for more tools than may be strict', () => {
    const tools = Array.from({ length: 21 }, (_, index) => ({ ...look, name: `t${index}`, strict: true }));
    expect(write({ tools }, structured).losses).toEqual(['strict tools']);
  });

  it('names the tools of the history where the request brings none', () => {
    const turns: Conversation['turns'] = [
      { role: 'user', parts: [{ type: 'text', text: 'x' }] },
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'look', arguments: '{}' }] },
    ];
    expect(write({ turns }, older)).toEqual({ tools: [written], tool_choice: { type: 'none' }, losses: [] });
  });
});

describe('tool_choice', () => {
  it.each<[Partial<Conversation>, unknown]>([
    [{}, undefined],
    [{ toolChoice: { type: 'auto' } }, { type: 'auto' }],
    [{ toolChoice: { type: 'required' } }, { type: 'any' }],
    [{ toolChoice: { type: 'none' }, parallelTools: false }, { type: 'none' }],
    [{ toolChoice: { type: 'named', name: 'look' } }, { type: 'tool', name: 'look' }],
    [{ parallelTools: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      { toolChoice: { type: 'required' }, parallelTools: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
  ])('writes %j', (more, choice) => {
    expect(write({ tools: [look], ...more }, older)).toEqual({
      tools: [written],
      ...(choice !== undefined && { tool_choice: choice }),
      losses: [],
    });
  });

  it('is left to the model where the model cannot be forced', () => {
    expect(write({ tools: [look], toolChoice: { type: 'required' } }, newest)).toEqual({
      tools: [written],
      tool_choice: { type: 'auto' },
      losses: ['tool_choice'],
    });
  });

  it('is left out without tools', () => {
    expect(write({ toolChoice: { type: 'auto' } }, older)).toEqual({ losses: [] });
  });
});

describe('JSON output', () => {
  it('is output_config.format where the model takes it', () => {
    expect(write({ output: json, tools: [look] }, structured)).toEqual({
      tools: [written],
      output_config: { format: { type: 'json_schema', schema } },
      losses: [],
    });
  });

  it('is a forced tool where the model has nothing better', () => {
    expect(write({ output: json }, older)).toEqual({
      tools: [{ name: 'json_output', description: 'Gives the answer.', input_schema: schema }],
      tool_choice: { type: 'tool', name: 'json_output', disable_parallel_tool_use: true },
      jsonTool: 'json_output',
      losses: [],
    });
  });

  it('is one tool among the caller’s, one of which must be called', () => {
    const taken = { ...look, name: 'json_output' };
    expect(write({ output: json, tools: [taken] }, older)).toEqual({
      tools: [
        { ...written, name: 'json_output' },
        { name: 'json_output_2', description: 'Gives the answer.', input_schema: schema },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      jsonTool: 'json_output_2',
      losses: [],
    });
  });

  it('yields to a tool that the caller forces by name', () => {
    expect(write({ output: json, tools: [look], toolChoice: { type: 'named', name: 'look' } }, older)).toEqual({
      tools: [written],
      tool_choice: { type: 'tool', name: 'look' },
      losses: ['response_format beside a forced tool'],
    });
  });

  it.each<[OutputFormat, string, string[]]>([
    [{ type: 'json' }, older, ['response_format json_object']],
    [{ type: 'json-schema', schema: { type: 'array' } }, older, ['response_format json_schema that is no object']],
    [{ ...json, description: 'An answer.' }, structured, ['response_format description']],
  ])('loses of %j to %s: %j', (output, model, losses) => {
    expect(write({ output }, model).losses).toEqual(losses);
  });
});
