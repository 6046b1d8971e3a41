import { describe, expect, it } from 'vitest';
import { askStandIn } from '../support/standin.ts';
import { ask, chat, gatewayBase, message, outcome, stored } from './ask.ts';

const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const user = { role: 'user', content: 'hi' };

function openai(message: string, param: string | null = null, code: string | null = null): unknown {
  return { error: { message, type: 'invalid_request_error', param, code } };
}

function anthropic(message: string): unknown {
  return { type: 'error', error: { type: 'invalid_request_error', message }, request_id: 'req_local' };
}

describe('OpenAI refuses a chat', () => {
  const preceding =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  const following =
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: c1";

  it.each([
    [
      'without messages',
      { messages: undefined },
      "Missing required parameter: 'messages'.",
      'messages',
      'missing_required_parameter',
    ],
    [
      'with no message in it',
      { messages: [] },
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    ],
    ['without a model', { model: undefined }, 'you must provide a model parameter', null, null],
    [
      'with a role of another dialect',
      { messages: [{ role: 'model', content: 'hi' }] },
      "Invalid value: 'model'. Supported values are: 'system', 'assistant', 'user', 'tool', 'developer'.",
      'messages[0].role',
      'invalid_value',
    ],
    [
      'with null for a user’s content',
      { messages: [{ role: 'user', content: null }] },
      "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got null instead.",
      'messages[0].content',
      'invalid_type',
    ],
    [
      'with a block of another dialect',
      { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] },
      "Invalid value: 'image'. Supported values are: 'text' and 'image_url' and 'input_audio' and 'file'.",
      'messages[0].content[0]',
      'invalid_value',
    ],
    [
      'with a tool of another dialect',
      { tools: [{ name: 'f', input_schema: {} }] },
      "Missing required parameter: 'tools[0].type'.",
      'tools[0].type',
      'missing_required_parameter',
    ],
    [
      'with max_tokens for a reasoning model',
      { max_tokens: 5 },
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'unsupported_parameter',
    ],
    [
      'with both limits',
      { max_tokens: 5, max_completion_tokens: 5 },
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      null,
      null,
    ],
    [
      'with a result before its call',
      { messages: [user, { role: 'tool', tool_call_id: 'c1', content: 'x' }] },
      preceding,
      'messages[1].role',
      null,
    ],
    [
      'with a call without its result',
      { messages: [user, { role: 'assistant', content: null, tool_calls: [call] }, user] },
      following,
      'messages[2].role',
      null,
    ],
  ])('%s', async (_name, more, text, param, code) => {
    expect(await outcome(ask('openai/chat/completions', chat('hi', more)))).toEqual({
      status: 400,
      body: openai(text, param, code),
    });
  });

  it.each([
    ['null for the content of a turn with calls', { role: 'assistant', content: null, tool_calls: [call] }],
    ['text parts in its turn', { role: 'assistant', content: [{ type: 'text', text: 'a' }], tool_calls: [call] }],
  ])('but takes %s', async (_name, turn) => {
    const messages = [user, turn, { role: 'tool', tool_call_id: 'c1', content: 'x' }];
    expect((await ask('openai/chat/completions', chat('', { messages }))).status).toBe(200);
  });

  it('by an unknown model with 404', async () => {
    expect(await outcome(ask('openai/chat/completions', chat('hi', { model: 'llama-3' })))).toEqual({
      status: 404,
      body: openai('The model `llama-3` does not exist or you do not have access to it.', null, 'model_not_found'),
    });
  });

  it('by an unknown path with 404', async () => {
    expect(await outcome(ask('openai/chat', chat('hi')))).toEqual({
      status: 404,
      body: openai('Invalid URL (POST /chat)'),
    });
  });

  it('of another content type', async () => {
    const init = {
      method: 'POST',
      headers: { ...stored, 'content-type': 'text/plain' },
      body: JSON.stringify(chat('hi')),
    };
    expect(await outcome(askStandIn(`${gatewayBase}/openai/chat/completions`, init))).toEqual({
      status: 400,
      body: openai(
        "Unsupported content type: 'text/plain'. This API method only accepts 'application/json' requests.",
        null,
        'unsupported_content_type',
      ),
    });
  });

  it('that is no JSON', async () => {
    const init = { method: 'POST', headers: stored, body: '{"model":' };
    expect((await askStandIn(`${gatewayBase}/openai/chat/completions`, init)).status).toBe(400);
  });
});

describe('OpenAI refuses a response', () => {
  it.each([
    [
      'without input',
      { input: undefined },
      "Missing required parameter: 'input'.",
      'input',
      'missing_required_parameter',
    ],
    [
      'with messages',
      { messages: [] },
      "Unsupported parameter: 'messages'. In the Responses API, this parameter has moved to 'input'.",
      'messages',
      'unsupported_parameter',
    ],
    [
      'with a limit under 16',
      { max_output_tokens: 5 },
      "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.",
      'max_output_tokens',
      'integer_below_min_value',
    ],
    [
      'with a chat tool',
      { tools: [{ type: 'function', function: { name: 'f' } }] },
      "Missing required parameter: 'tools[0].name'.",
      'tools[0].name',
      'missing_required_parameter',
    ],
    [
      'with a chat part',
      { input: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] },
      "Invalid value: 'text'. Supported values are: 'input_text', 'input_image', 'input_file', 'input_audio'.",
      'input[0].content[0]',
      'invalid_value',
    ],
    [
      'with a stray output',
      { input: [{ type: 'function_call_output', call_id: 'c1', output: 'x' }] },
      'No tool call found for function call output with call_id c1.',
      'input',
      null,
    ],
    [
      'with a call left open',
      { input: [{ type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' }] },
      'No tool output found for function call c1.',
      'input',
      null,
    ],
  ])('%s', async (_name, more, text, param, code) => {
    expect(await outcome(ask('openai/responses', { model: 'gpt-5', input: 'hi', ...more }))).toEqual({
      status: 400,
      body: openai(text, param, code),
    });
  });
});

describe('Anthropic refuses a message', () => {
  const use = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: {} }] };
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'x' }] };

  it.each([
    ['without max_tokens', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['without messages', { messages: undefined }, 'messages: Field required'],
    ['with no message in it', { messages: [] }, 'messages: at least one message is required'],
    [
      'with a tool role',
      { messages: [{ role: 'tool', content: 'x' }] },
      "messages.0.role: Input should be 'user' or 'assistant'",
    ],
    [
      'with empty content',
      { messages: [{ role: 'user', content: '' }] },
      'messages.0: all messages must have non-empty content',
    ],
    [
      'with an empty text block',
      { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      'messages: text content blocks must be non-empty',
    ],
    [
      'with a chat tool',
      { tools: [{ type: 'custom', function: { name: 'f' } }] },
      'tools.0.custom.name: Field required',
    ],
    ['with a tool without schema', { tools: [{ name: 'f' }] }, 'tools.0.custom.input_schema: Field required'],
    [
      'with a small budget',
      { thinking: { type: 'enabled', budget_tokens: 100 } },
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [
      'with a budget over the limit',
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      '`max_tokens` must be greater than `thinking.budget_tokens`.',
    ],
    [
      'with a signature that is not its own',
      { messages: [user, { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 'forged' }] }] },
      'messages.1.content.0: Invalid `signature` in `thinking` block',
    ],
    [
      'with a stray result',
      { messages: [user, result] },
      'messages.1.content.0: unexpected `tool_use_id` found in `tool_result` blocks: t1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
    ],
    [
      'with a use left open',
      { messages: [user, use, user] },
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    ],
  ])('%s', async (_name, more, text) => {
    expect(await outcome(ask('anthropic/v1/messages', message('hi', more)))).toEqual({
      status: 400,
      body: anthropic(text),
    });
  });

  it('that samples in the version of 2026-10-21, and takes it in the older one', async () => {
    const sampled = message('hi', { temperature: 0 });
    const newer = await outcome(
      ask('anthropic/v1/messages', sampled, { ...stored, 'anthropic-version': '2026-10-21' }),
    );
    expect(newer).toEqual({ status: 400, body: anthropic('temperature: Extra inputs are not permitted') });
    expect((await ask('anthropic/v1/messages', sampled)).status).toBe(200);
  });

  it('without a version', async () => {
    const { 'anthropic-version': _, ...headers } = stored;
    expect(await outcome(ask('anthropic/v1/messages', message('hi'), headers))).toEqual({
      status: 400,
      body: anthropic('anthropic-version: header is required'),
    });
  });

  it('by an unknown model with 404', async () => {
    expect(await outcome(ask('anthropic/v1/messages', message('hi', { model: 'gpt-5' })))).toEqual({
      status: 404,
      body: { type: 'error', error: { type: 'not_found_error', message: 'model: gpt-5' }, request_id: 'req_local' },
    });
  });

  it('counts tokens without asking for max_tokens', async () => {
    const counted = ask('anthropic/v1/messages/count_tokens', message('one two three', { max_tokens: undefined }));
    expect(await outcome(counted)).toEqual({ status: 200, body: { input_tokens: 3 } });
  });
});
