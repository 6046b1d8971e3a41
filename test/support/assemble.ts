import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { ConversationDialect } from '../../src/core/dialect.ts';
import { parseJson, type JsonObject } from '../../src/core/json.ts';
import type { StopReason } from '../../src/core/reply.ts';
import { readUsage as readChatUsage } from '../../src/dialects/chat/usage.ts';
import { readUsage as readMessagesUsage } from '../../src/dialects/messages/usage.ts';
import { readUsageObject } from '../../src/dialects/responses/usage.ts';
import type { Told } from './told.ts';

type Fetch = () => Promise<Response>;

/**
 * A streamed reply as the dialect's official SDK puts it together, in the words of {@link Told}. Rejects where the SDK does.
 * The `stream()` helpers are the strictest readers of each dialect.
 */
export async function assemble(dialect: ConversationDialect, bytes: Uint8Array): Promise<Told> {
  return assemblers[dialect](async () => new Response(bytes, { headers: { 'content-type': 'text/event-stream' } }));
}

/** A whole reply as the dialect's official SDK gives it. */
export async function receive(dialect: ConversationDialect, bytes: Uint8Array): Promise<Told> {
  return receivers[dialect](async () => new Response(bytes, { headers: { 'content-type': 'application/json' } }));
}

const receivers: Readonly<Record<ConversationDialect, (fetch: Fetch) => Promise<Told>>> = {
  chat: async (fetch) => {
    const client = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch });
    return readCompletion(await client.chat.completions.create({ model: 'x', messages: [] }));
  },
  messages: async (fetch) => {
    const client = new Anthropic({ apiKey: 'none', maxRetries: 0, fetch });
    return readMessage(await client.messages.create({ model: 'x', max_tokens: 1, messages: [] }));
  },
  responses: async (fetch) => {
    const client = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch });
    return readResponse(await client.responses.create({ model: 'x', input: '' }));
  },
};

const assemblers: Readonly<Record<ConversationDialect, (fetch: Fetch) => Promise<Told>>> = {
  chat: async (fetch) => {
    const client = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch });
    const stream = client.chat.completions.stream({ model: 'x', messages: [] });
    return readCompletion(await stream.finalChatCompletion());
  },
  messages: async (fetch) => {
    const client = new Anthropic({ apiKey: 'none', maxRetries: 0, fetch });
    return readMessage(await client.messages.stream({ model: 'x', max_tokens: 1, messages: [] }).finalMessage());
  },
  responses: async (fetch) => {
    const client = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch });
    return readResponse(await client.responses.stream({ model: 'x', input: '' }).finalResponse());
  },
};

const stops: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  length: 'length',
  tool_calls: 'tool',
  content_filter: 'content-filter',
  end_turn: 'end',
  max_tokens: 'length',
  tool_use: 'tool',
  stop_sequence: 'stop-sequence',
  refusal: 'refusal',
  pause_turn: 'pause',
  max_output_tokens: 'length',
};

function stopOf(word: string | null | undefined): StopReason {
  return stops[word ?? ''] ?? 'other';
}

function readCompletion({ choices, usage }: OpenAI.ChatCompletion): Told {
  const [choice] = choices;
  return {
    text: choice?.message.content ?? '',
    refusal: choice?.message.refusal ?? '',
    calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, input: parseJson(call.function.arguments) }]
        : [],
    ),
    stop: stopOf(choice?.finish_reason),
    usage: readChatUsage(usage),
  };
}

function readMessage({ content, stop_reason, usage }: Anthropic.Message): Told {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    refusal: '',
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    stop: stopOf(stop_reason),
    // Parsed JSON, which the SDK's type only describes.
    usage: readMessagesUsage({ usage: usage as unknown as JsonObject }),
  };
}

/** The SDK hands a failed response over as one; its caller finds the error in it. */
function readResponse({ status, error, output, incomplete_details, usage }: OpenAI.Responses.Response): Told {
  if (status === 'failed') throw new Error(error?.message);
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []));
  const calls = output.flatMap((item) => {
    if (item.type === 'function_call') return [{ id: item.call_id, name: item.name, input: parseJson(item.arguments) }];
    // A custom tool takes free text, which other dialects' calls hold as `input`.
    return item.type === 'custom_tool_call'
      ? [{ id: item.call_id, name: item.name, input: { input: item.input } }]
      : [];
  });
  const reason = incomplete_details?.reason;
  return {
    text: parts.map((part) => (part.type === 'output_text' ? part.text : '')).join(''),
    refusal: parts.map((part) => (part.type === 'refusal' ? part.refusal : '')).join(''),
    calls,
    stop: reason === undefined ? (calls.length > 0 ? 'tool' : 'end') : stopOf(reason),
    usage: readUsageObject(usage),
  };
}
