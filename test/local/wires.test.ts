import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { providerKey } from '../../src/local/keys.ts';
import { askStandIn, clearRequests } from '../support/standin.ts';
import { ask, chat, eventsOf, gatewayBase, message, outcome, stored } from './ask.ts';

beforeEach(clearRequests);

const { 'cf-aig-authorization': token } = stored;
const options = { defaultHeaders: { 'cf-aig-authorization': token }, fetch: fetchStandIn, maxRetries: 0 };
const openai = new OpenAI({ ...options, apiKey: providerKey('openai'), baseURL: `${gatewayBase}/openai` });
const anthropic = new Anthropic({ ...options, apiKey: providerKey('anthropic'), baseURL: `${gatewayBase}/anthropic` });

function fetchStandIn(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  return askStandIn(input instanceof Request ? input.url : String(input), init);
}

const parameters = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
const twoCalls = '!think !say Wait.\n!tool weather {"city":"Tromsø"} !tool weather {"city":"Oslo"}';
const cities = ['{"city":"Tromsø"}', '{"city":"Oslo"}'];

describe('Chat Completions', () => {
  it('streams chunks as OpenAI does', async () => {
    const body = chat('!say Good day', { stream: true, stream_options: { include_usage: true } });
    const base = { id: 'chatcmpl-local1', object: 'chat.completion.chunk', created: 1_795_132_800, model: 'gpt-5' };
    const every = { ...base, service_tier: 'default', system_fingerprint: null, usage: null };
    const choice = (delta: object, finish: string | null = null): unknown => ({
      ...every,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
    const usage = {
      prompt_tokens: 3,
      completion_tokens: 2,
      total_tokens: 5,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    };
    expect(await eventsOf(ask('openai/chat/completions', body))).toEqual([
      choice({ role: 'assistant', content: '', refusal: null }),
      choice({ content: 'Good ' }),
      choice({ content: 'day' }),
      choice({}, 'stop'),
      { ...every, choices: [], usage },
      '[DONE]',
    ]);
  });

  it.each([true, false])('holds what the official client needs, streamed: %s', async (streamed) => {
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters } }];
    const body = { model: 'gpt-5', tools, messages: [{ role: 'user' as const, content: twoCalls }] };
    const whole = streamed
      ? openai.chat.completions.stream({ ...body, stream_options: { include_usage: true } }).finalChatCompletion()
      : openai.chat.completions.create(body);
    const { choices, usage } = await whole;
    const calls = choices[0]?.message.tool_calls?.map((call) =>
      call.type === 'function' ? call.function.arguments : '',
    );
    expect([choices[0]?.message.content, calls, choices[0]?.finish_reason]).toEqual(['Wait.', cities, 'tool_calls']);
    expect(usage?.completion_tokens_details?.reasoning_tokens).toBe(7);
  });

  it.each([
    ['deepseek/chat/completions', 'deepseek-reasoner', 'reasoning_content'],
    ['groq/chat/completions', 'gpt-oss', 'reasoning'],
  ])('shows reasoning on %s', async (path, model, name) => {
    const { body } = await outcome(ask(path, chat('!think !say a', { model })));
    expect(body).toMatchObject({
      choices: [{ message: { content: 'a', [name]: 'The user said 0 words. I answer.' } }],
    });
  });

  it('refuses in a field of its own', async () => {
    const { body } = await outcome(ask('openai/chat/completions', chat('!refuse')));
    const said = { content: null, refusal: 'I cannot help with that.' };
    expect(body).toMatchObject({ choices: [{ message: said, finish_reason: 'stop' }] });
  });
});

describe('Messages', () => {
  it('streams events as Anthropic does', async () => {
    const usage = { input_tokens: 3, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
    const started = {
      ...usage,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 1,
      service_tier: 'standard',
    };
    const envelope = { id: 'msg_local1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [] };
    expect(await eventsOf(ask('anthropic/v1/messages', message('!say Good day', { stream: true })))).toEqual([
      { type: 'message_start', message: { ...envelope, stop_reason: null, stop_sequence: null, usage: started } },
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Good ' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'day' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { ...usage, output_tokens: 2 },
      },
      { type: 'message_stop' },
    ]);
  });

  it.each([true, false])('holds what the official client needs, streamed: %s', async (streamed) => {
    const body = {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      tools: [{ name: 'weather', input_schema: parameters }],
      messages: [{ role: 'user' as const, content: twoCalls }],
    };
    const { content, stop_reason, usage } = await (streamed
      ? anthropic.messages.stream(body).finalMessage()
      : anthropic.messages.create(body));
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'The user said 0 words. I answer.', signature: 'c2lnbmF0dXJlMDAx' },
      { type: 'text', text: 'Wait.' },
      { type: 'tool_use', id: 'toolu_local1n2', name: 'weather', input: { city: 'Tromsø' } },
      { type: 'tool_use', id: 'toolu_local1n3', name: 'weather', input: { city: 'Oslo' } },
    ]);
    expect([stop_reason, usage.output_tokens]).toEqual(['tool_use', 10]);
  });

  it('takes its own thinking back', async () => {
    const first = await anthropic.messages.create({
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      messages: [{ role: 'user', content: '!think hi' }],
    });
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: first.content },
      { role: 'user', content: 'on' },
    ];
    expect((await ask('anthropic/v1/messages', message('', { messages }))).status).toBe(200);
  });
});

describe('Responses', () => {
  it('numbers its events', async () => {
    const events = await eventsOf(ask('openai/responses', { model: 'gpt-5', input: '!say Good day', stream: true }));
    const types = events.map((event) => (event as { type: string }).type.slice('response.'.length));
    expect(types).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(events.map((event) => (event as { sequence_number: number }).sequence_number)).toEqual([...types.keys()]);
  });

  it.each([true, false])('holds what the official client needs, streamed: %s', async (streamed) => {
    const tools = [{ type: 'function' as const, name: 'weather', parameters, strict: false }];
    const body = { model: 'gpt-5', input: twoCalls, tools, include: ['reasoning.encrypted_content' as const] };
    const { output, output_text, usage } = await (streamed
      ? openai.responses.stream(body).finalResponse()
      : openai.responses.create(body));
    expect(output).toMatchObject([
      {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'The user said 0 words. I answer.' }],
        encrypted_content: 'ZW5jcnlwdGVkMQ==',
      },
      { type: 'message', content: [{ type: 'output_text', text: 'Wait.' }] },
      { type: 'function_call', call_id: 'call_local1n2', name: 'weather', arguments: cities[0] },
      { type: 'function_call', call_id: 'call_local1n3', name: 'weather', arguments: cities[1] },
    ]);
    expect([output_text, usage?.output_tokens]).toEqual(['Wait.', 10]);
  });

  it('says that it is incomplete where it ran out of tokens', async () => {
    const { body } = await outcome(
      ask('openai/responses', { model: 'gpt-5', input: '!long 99', max_output_tokens: 16 }),
    );
    expect(body).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });
});

describe('embeddings', () => {
  it('are as long as asked, and the same as base64', async () => {
    const body = { model: 'text-embedding-3-small', input: ['a', 'b c'], dimensions: 4 };
    const floats = await openai.embeddings.create({ ...body, encoding_format: 'float' });
    const decoded = await openai.embeddings.create(body);
    expect(floats.data.map(({ embedding }) => embedding.length)).toEqual([4, 4]);
    expect(decoded.data).toEqual(floats.data);
    expect(floats.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  });
});

describe('lists of models', () => {
  it('come in each provider’s shape', async () => {
    const [first] = (await openai.models.list()).data;
    const [other] = (await anthropic.models.list()).data;
    expect([first?.id, other?.display_name]).toEqual(['gpt-5', 'claude-sonnet-4-5']);
  });
});
