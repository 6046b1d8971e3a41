import type OpenAI from 'openai';
import type { Door, Turn, Wishes } from './door.ts';
import { stopOf } from './door.ts';
import { openai } from './openai-chat.ts';

/** Responses by the `openai` client: `create()`, and the strict helper `stream()`. */
export const responsesDoors: readonly Door[] = [
  {
    name: 'openai responses.create()',
    dialect: 'responses',
    streams: false,
    showsThinking: true,
    open: (model, wishes = {}) =>
      openResponses(model, wishes, (client, body) => client.responses.create(body, optionsOf(wishes))),
  },
  {
    name: 'openai responses.stream()',
    dialect: 'responses',
    streams: true,
    showsThinking: true,
    open: (model, wishes = {}) =>
      openResponses(model, wishes, (client, body) => client.responses.stream(body, optionsOf(wishes)).finalResponse()),
  },
];

type Body = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'stream'>;
type Ask = (client: OpenAI, body: Body) => Promise<OpenAI.Responses.Response>;

function openResponses(model: string, wishes: Wishes, ask: Ask): ReturnType<Door['open']> {
  const client = openai(wishes.key);
  const input: OpenAI.Responses.ResponseInputItem[] = [];
  const next = async (): Promise<Turn> => {
    const response = await ask(client, bodyOf(model, input, wishes));
    // As OpenAI's own guides do it.
    input.push(...(response.output as OpenAI.Responses.ResponseInputItem[]));
    return readTurn(response);
  };
  return {
    say(text, image) {
      const part = image === undefined ? [] : [{ type: 'input_image', image_url: image, detail: 'auto' } as const];
      input.push({ role: 'user', content: image === undefined ? text : [...part, { type: 'input_text', text }] });
      return next();
    },
    answer(results) {
      for (const { call, text } of results) {
        input.push({ type: 'function_call_output', call_id: call.id, output: text });
      }
      return next();
    },
  };
}

function bodyOf(model: string, input: OpenAI.Responses.ResponseInputItem[], wishes: Wishes): Body {
  const { tools, schema, maxTokens } = wishes;
  return {
    model,
    input,
    // As Codex asks: the conversation stays with the client, reasoning goes back sealed.
    store: false,
    include: ['reasoning.encrypted_content'],
    ...(tools !== undefined && { tools: tools.map((tool) => ({ type: 'function', strict: true, ...tool }) as const) }),
    ...(schema !== undefined && { text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } } }),
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
  };
}

function optionsOf({ signal }: Wishes): OpenAI.RequestOptions {
  return signal === undefined ? {} : { signal };
}

function readTurn({ output, output_text, incomplete_details, usage, status }: OpenAI.Responses.Response): Turn {
  const calls = output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) as unknown }]
      : [],
  );
  const summaries = output.flatMap((item) => (item.type === 'reasoning' ? item.summary : []));
  // Responses has no word for a turn that ends in calls: it is complete.
  const ended = calls.length > 0 ? 'tool_calls' : status;
  return {
    text: output_text,
    thinking: summaries.map((part) => part.text).join(''),
    calls,
    stop: stopOf(incomplete_details?.reason ?? ended),
    usage: usage && {
      input: usage.input_tokens,
      cached: usage.input_tokens_details.cached_tokens,
      output: usage.output_tokens,
    },
  };
}
