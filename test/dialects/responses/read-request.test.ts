import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../../src/core/conversation.ts';
import { RouterError } from '../../../src/core/failure.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { responsesClient, responsesTarget } from '../../../src/dialects/responses/index.ts';
import { objectOf, question, traits } from './support.ts';

const read = (body: JsonObject) => responsesClient.readRequest({ model: 'm', input: 'Hi', ...body });

const carriedOf = (body: JsonObject) => Object.fromEntries(read(body).carried);

/** The failure of a request that must be refused. */
function refused(body: JsonObject): unknown {
  try {
    return read(body);
  } catch (error) {
    return error instanceof RouterError ? error.failure : error;
  }
}

describe('top-level fields', () => {
  it('reads a string as one user turn', () => {
    expect(read({})).toEqual(question);
  });

  it.each<[string, JsonObject, Partial<Conversation>]>([
    ['max_output_tokens', { max_output_tokens: 400 }, { maxOutputTokens: 400 }],
    ['temperature and top_p', { temperature: 0.2, top_p: 1 }, { sampling: { temperature: 0.2, topP: 1 } }],
    ['parallel_tool_calls', { parallel_tool_calls: false }, { parallelTools: false }],
    ['stream', { stream: true }, { stream: true }],
    [
      'reasoning',
      { reasoning: { effort: 'high', summary: 'auto' } },
      { reasoning: { effort: 'high', summary: 'auto' } },
    ],
    ['the old name of summary', { reasoning: { generate_summary: 'concise' } }, { reasoning: { summary: 'concise' } }],
    ['plain text as no format', { text: { format: { type: 'text' } } }, {}],
    ['JSON mode', { text: { format: { type: 'json_object' } } }, { output: { type: 'json' } }],
    [
      'a JSON schema',
      {
        text: {
          format: { type: 'json_schema', name: 'n', description: 'd', schema: { type: 'object' }, strict: true },
        },
      },
      { output: { type: 'json-schema', name: 'n', description: 'd', schema: { type: 'object' }, strict: true } },
    ],
    [
      'null as nothing',
      {
        temperature: null,
        instructions: null,
        tools: null,
        tool_choice: null,
        text: null,
        reasoning: null,
        stream: null,
        user: null,
      },
      {},
    ],
  ])('reads %s', (_, body, expected) => {
    expect(read(body)).toEqual({ ...question, ...expected });
  });

  it('puts instructions first, as a system turn', () => {
    expect(read({ instructions: 'Be brief.' }).turns).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      ...question.turns,
    ]);
  });

  it.each<[JsonObject, string, string]>([
    [{ input: null }, 'missing_required_parameter', 'input'],
    [{ input: 3 }, 'invalid_type', 'input'],
    [{ max_output_tokens: 0 }, 'invalid_value', 'max_output_tokens'],
    [{ max_output_tokens: 1.5 }, 'invalid_value', 'max_output_tokens'],
    [{ max_output_tokens: '10' }, 'invalid_type', 'max_output_tokens'],
    [{ temperature: -1 }, 'invalid_value', 'temperature'],
    [{ top_p: 1.1 }, 'invalid_value', 'top_p'],
    [{ stream: 'true' }, 'invalid_type', 'stream'],
    [{ parallel_tool_calls: 1 }, 'invalid_type', 'parallel_tool_calls'],
    [{ instructions: [] }, 'invalid_type', 'instructions'],
    [{ reasoning: 'high' }, 'invalid_type', 'reasoning'],
    [{ text: { format: { type: 'yaml' } } }, 'invalid_value', 'text.format.type'],
    [{ text: { format: { type: 'json_schema', name: 'n' } } }, 'missing_required_parameter', 'text.format.schema'],
    [{ text: { format: { type: 'json_schema', schema: {} } } }, 'missing_required_parameter', 'text.format.name'],
  ])('refuses %j', (body, code, param) => {
    expect(refused(body)).toEqual({ kind: 'bad-request', code, param, message: expect.stringContaining(`'${param}'`) });
  });

  it('never quotes a value, which may be a prompt', () => {
    expect(refused({ input: [{ role: 'rate limit', content: 'x' }] })).toEqual({
      kind: 'bad-request',
      code: 'invalid_value',
      param: 'input[0].role',
      message: "Invalid value for 'input[0].role': expected user, assistant, system or developer.",
    });
  });
});

describe('carried fields', () => {
  it.each<[JsonObject]>([
    [{ previous_response_id: 'resp_1' }],
    [{ conversation: { id: 'conv_1' } }],
    [{ background: true }],
    [{ store: true }],
    [{ prompt: { id: 'pmpt_1' } }],
    [{ truncation: 'auto' }],
    [{ top_logprobs: 2 }],
    [{ max_tool_calls: 3 }],
    [{ metadata: { a: 'b' } }],
    [{ user: 'u', prompt_cache_key: 'k', service_tier: 'flex', client_metadata: { x: 1 } }],
    [{ include: ['web_search_call.action.sources'] }],
    [{ stream_options: { include_obfuscation: true } }],
    [{ never_heard_of: [1] }],
  ])('keeps %j untouched', (body) => {
    expect(carriedOf(body)).toEqual(body);
  });

  it.each<[string, JsonObject]>([
    ['nothing is stored, runs behind or is cut', { store: false, background: false, truncation: 'disabled' }],
    ['empty values', { metadata: {}, include: [], top_logprobs: 0, prompt: null }],
    ['encrypted reasoning, which is always given', { include: ['reasoning.encrypted_content'] }],
    ['no padding, of which there is none', { stream_options: { include_obfuscation: false } }],
  ])('carries nothing that asks for nothing: %s', (_, body) => {
    expect(carriedOf(body)).toEqual({});
  });

  it('carries what is left of objects that are read in part', () => {
    const body = {
      text: { verbosity: 'low', format: { type: 'text' } },
      reasoning: { effort: 'low', mode: 'pro' },
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
    };
    expect(carriedOf(body)).toEqual({
      'text.verbosity': 'low',
      'reasoning.mode': 'pro',
      include: ['message.output_text.logprobs'],
    });
  });

  it('takes a conversation that is kept elsewhere without input', () => {
    const conversation = responsesClient.readRequest({ model: 'm', previous_response_id: 'resp_1' });
    expect(conversation).toEqual({ ...question, turns: [], carried: new Map([['previous_response_id', 'resp_1']]) });
  });
});

describe('hostile bodies', () => {
  it('takes prototype names for fields like any other', () => {
    const body: unknown = JSON.parse('{"model":"m","input":"Hi","__proto__":{"stream":true},"constructor":1}');
    const { stream, carried } = responsesClient.readRequest(objectOf(body));
    expect([stream, [...carried.keys()]]).toEqual([false, ['__proto__', 'constructor']]);
  });

  it('finds nothing inherited where a type is looked up', () => {
    const { unread } = read({ input: [{ type: '__proto__' }, { type: 'constructor' }], tools: [{ type: 'toString' }] });
    expect(unread).toEqual(['tools[].type toString', 'input[].type __proto__', 'input[].type constructor']);
  });

  it('reads and writes a very long list of parts and fields', () => {
    const content = Array.from({ length: 150_000 }, () => ({ type: 'output_text', text: 'x' }));
    const odd = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`field_${at}`, 1]));
    const conversation = read({ ...odd, input: [{ role: 'assistant', content }] });
    const { losses } = responsesTarget.writeRequest(conversation, traits);
    expect([conversation.turns[0]?.parts.length, losses.length]).toEqual([150_000, 50_000]);
  });
});
