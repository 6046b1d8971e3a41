import Anthropic from '@anthropic-ai/sdk';
import Anthropic0 from 'anthropic-sdk-0';
import type { Door, Turn, Wishes } from './door.ts';
import { stopOf } from './door.ts';
import { access, origin } from './router.ts';

/** `@anthropic-ai/sdk` 1.x, which sends the key as a Bearer and the version of 2026-10-21; without retries of its own. */
export function anthropic(key: string = access.key): Anthropic {
  return new Anthropic({ baseURL: origin, apiKey: key, fetch: access.fetch, maxRetries: 0 });
}

/** The same before 1.0: `x-api-key`, and the version of 2023-06-01. */
export function anthropic0(key: string = access.key): Anthropic {
  const client = new Anthropic0({ baseURL: origin, apiKey: key, fetch: access.fetch, maxRetries: 0 });
  // What these tests use of the two generations has the same shape; their types are not assignable to each other.
  return client as unknown as Anthropic;
}

type Connect = (key?: string) => Anthropic;

/** Messages by both generations of Anthropic's client: `create()`, and the strict helper `stream()`. */
export const messagesDoors: readonly Door[] = [
  ...doorsOf('anthropic 1.x', anthropic),
  ...doorsOf('anthropic 0.x', anthropic0),
];

function doorsOf(name: string, connect: Connect): Door[] {
  const base = { dialect: 'messages', showsThinking: true } as const;
  return [
    {
      ...base,
      name: `${name} messages.create()`,
      streams: false,
      open: (model, wishes = {}) =>
        openMessages(connect, model, wishes, (client, body) => client.messages.create(body, optionsOf(wishes))),
    },
    {
      ...base,
      name: `${name} messages.stream()`,
      streams: true,
      open: (model, wishes = {}) =>
        openMessages(connect, model, wishes, (client, body) =>
          client.messages.stream(body, optionsOf(wishes)).finalMessage(),
        ),
    },
  ];
}

type Body = Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'>;
type Ask = (client: Anthropic, body: Body) => Promise<Anthropic.Message>;

function openMessages(connect: Connect, model: string, wishes: Wishes, ask: Ask): ReturnType<Door['open']> {
  const client = connect(wishes.key);
  const messages: Anthropic.MessageParam[] = [];
  const next = async (): Promise<Turn> => {
    const message = await ask(client, bodyOf(model, messages, wishes));
    // What comes is what may go back, says the API; the type of what goes is narrower.
    messages.push({ role: 'assistant', content: message.content as Anthropic.ContentBlockParam[] });
    return readTurn(message);
  };
  return {
    say(text, image) {
      const part = image === undefined ? [] : [imageBlock(image)];
      messages.push({ role: 'user', content: image === undefined ? text : [...part, { type: 'text', text }] });
      return next();
    },
    answer(results) {
      const blocks = results.map(({ call, text }) => {
        return { type: 'tool_result', tool_use_id: call.id, content: text } as const;
      });
      messages.push({ role: 'user', content: blocks });
      return next();
    },
  };
}

function imageBlock(url: string): Anthropic.ImageBlockParam {
  const data = url.replace('data:image/png;base64,', '');
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
}

function bodyOf(model: string, messages: Anthropic.MessageParam[], wishes: Wishes): Body {
  const { tools, schema, maxTokens } = wishes;
  return {
    model,
    messages,
    max_tokens: maxTokens ?? 1024,
    ...(tools !== undefined && { tools: tools.map(({ name, parameters }) => ({ name, input_schema: parameters })) }),
    ...(schema !== undefined && { output_config: { format: { type: 'json_schema', schema } } }),
  };
}

function optionsOf({ signal }: Wishes): Anthropic.RequestOptions {
  return signal === undefined ? {} : { signal };
}

function readTurn({ content, stop_reason, usage }: Anthropic.Message): Turn {
  const cached = usage.cache_read_input_tokens ?? 0;
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    thinking: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    stop: stopOf(stop_reason),
    usage: {
      input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
      cached,
      output: usage.output_tokens,
    },
  };
}
