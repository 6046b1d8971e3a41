import OpenAI from 'openai';
import { field, textOf } from '../../src/core/json.ts';
import type { Door, Turn, Wishes } from './door.ts';
import { stopOf } from './door.ts';
import { access, origin } from './router.ts';

/** The official `openai` client, without retries of its own. */
export function openai(key: string = access.key): OpenAI {
  return new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, fetch: access.fetch, maxRetries: 0 });
}

/** Chat Completions by the `openai` client: `create()`, and the strict helper `stream()`. */
export const chatDoors: readonly Door[] = [
  {
    name: 'openai chat.completions.create()',
    dialect: 'chat',
    streams: false,
    showsThinking: true,
    open: (model, wishes = {}) =>
      openChat(model, wishes, async (client, body) => {
        const completion = await client.chat.completions.create(body, optionsOf(wishes));
        const thought = thoughtIn(completion.choices[0]?.message);
        return { completion, thought };
      }),
  },
  {
    name: 'openai chat.completions.stream()',
    dialect: 'chat',
    streams: true,
    showsThinking: true,
    open: (model, wishes = {}) =>
      openChat(model, wishes, async (client, body) => {
        const asked = { ...body, stream_options: { include_usage: true } };
        const stream = client.chat.completions.stream(asked, optionsOf(wishes));
        const thought: Thought = {};
        // The helper joins the fields that it knows; of others it keeps the last piece alone.
        stream.on('chunk', (chunk) => {
          for (const [name, text] of Object.entries(thoughtIn(chunk.choices[0]?.delta))) {
            thought[name] = (thought[name] ?? '') + text;
          }
        });
        return { completion: await stream.finalChatCompletion(), thought };
      }),
  },
];

type Body = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'stream'>;
type Ask = (client: OpenAI, body: Body) => Promise<{ completion: OpenAI.ChatCompletion; thought: Thought }>;

/** Reasoning text by the field that it came in: OpenAI's own API has none, the others have two. */
type Thought = Record<string, string>;

function thoughtIn(message: unknown): Thought {
  const found = ['reasoning_content', 'reasoning'].map((name) => [name, textOf(field(message, name))] as const);
  return Object.fromEntries(found.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}

function openChat(model: string, wishes: Wishes, ask: Ask): ReturnType<Door['open']> {
  const client = openai(wishes.key);
  const messages: OpenAI.ChatCompletionMessageParam[] = [];
  const next = async (): Promise<Turn> => {
    const { completion, thought } = await ask(client, bodyOf(model, messages, wishes));
    const message = completion.choices[0]?.message;
    // Reasoning goes back as well, as agents have it (clients.md, finding 16).
    if (message !== undefined) messages.push({ ...message, ...thought });
    return readTurn(completion, Object.values(thought)[0] ?? '');
  };
  return {
    say(text, image) {
      const part = image === undefined ? [] : [{ type: 'image_url', image_url: { url: image } } as const];
      messages.push({ role: 'user', content: image === undefined ? text : [...part, { type: 'text', text }] });
      return next();
    },
    answer(results) {
      for (const { call, text } of results) messages.push({ role: 'tool', tool_call_id: call.id, content: text });
      return next();
    },
  };
}

function bodyOf(model: string, messages: OpenAI.ChatCompletionMessageParam[], wishes: Wishes): Body {
  const { tools, schema, maxTokens } = wishes;
  return {
    model,
    messages,
    ...(tools !== undefined && { tools: tools.map((tool) => ({ type: 'function', function: { ...tool } }) as const) }),
    ...(schema !== undefined && {
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    }),
    ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
  };
}

function optionsOf({ signal }: Wishes): OpenAI.RequestOptions {
  return signal === undefined ? {} : { signal };
}

function readTurn({ choices, usage }: OpenAI.ChatCompletion, thinking: string): Turn {
  const [choice] = choices;
  return {
    text: choice?.message.content ?? '',
    thinking,
    calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }]
        : [],
    ),
    stop: stopOf(choice?.finish_reason),
    usage: usage && {
      input: usage.prompt_tokens,
      cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
      output: usage.completion_tokens,
    },
  };
}
