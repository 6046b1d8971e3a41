import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, Output, streamText, tool } from 'ai';
import type { FinishReason, LanguageModel, LanguageModelUsage, ModelMessage, ToolSet } from 'ai';
import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { Door, Talk, Turn, Wishes } from './door.ts';
import { stopOf } from './door.ts';
import { access, origin } from './router.ts';

/** A provider of the AI SDK, aimed at the router. */
interface Provider {
  readonly name: string;
  readonly dialect: ConversationDialect;
  readonly showsThinking: boolean;
  /** Its own options, where a conversation through a gateway needs some. */
  readonly options?: ProviderOptions;
  readonly model: (id: string, key: string) => LanguageModel;
}

type ProviderOptions = NonNullable<Parameters<typeof generateText>[0]['providerOptions']>;

const baseURL = `${origin}/v1`;
const { fetch } = access;

const providers: readonly Provider[] = [
  {
    name: '@ai-sdk/openai',
    dialect: 'responses',
    showsThinking: true,
    // Else it refers to the items of earlier turns, which OpenAI alone keeps.
    options: { openai: { store: false, include: ['reasoning.encrypted_content'] } },
    model: (id, apiKey) => createOpenAI({ baseURL, apiKey, fetch })(id),
  },
  {
    name: '@ai-sdk/openai chat',
    dialect: 'chat',
    // Its schema has no place for it (clients.md 2.1).
    showsThinking: false,
    model: (id, apiKey) => createOpenAI({ baseURL, apiKey, fetch }).chat(id),
  },
  {
    name: '@ai-sdk/openai-compatible',
    dialect: 'chat',
    showsThinking: true,
    model: (id, apiKey) => {
      const options = { name: 'router', includeUsage: true, supportsStructuredOutputs: true };
      return createOpenAICompatible({ baseURL, apiKey, fetch, ...options })(id);
    },
  },
  {
    name: '@ai-sdk/anthropic',
    dialect: 'messages',
    showsThinking: true,
    model: (id, apiKey) => createAnthropic({ baseURL, apiKey, fetch })(id),
  },
];

/** The AI SDK by each of its providers: `generateText()`, and `streamText()` with its strict reader. */
export const aiDoors: readonly Door[] = providers.flatMap((provider) => [
  { ...provider, name: `${provider.name} generateText()`, streams: false, open: opener(provider, generate) },
  { ...provider, name: `${provider.name} streamText()`, streams: true, open: opener(provider, stream) },
]);

interface Asked {
  readonly model: LanguageModel;
  readonly messages: ModelMessage[];
  readonly maxRetries: 0;
  readonly providerOptions?: ProviderOptions;
  readonly tools?: ToolSet;
  readonly output?: ReturnType<typeof Output.object>;
  readonly maxOutputTokens?: number;
  readonly abortSignal?: AbortSignal;
}

/** What both functions end in. */
interface Ended {
  readonly text: string;
  readonly reasoningText: string | undefined;
  readonly toolCalls: readonly { readonly toolCallId: string; readonly toolName: string; readonly input: unknown }[];
  readonly finishReason: FinishReason;
  readonly usage: LanguageModelUsage;
  readonly messages: readonly ModelMessage[];
}

async function generate(asked: Asked): Promise<Ended> {
  const result = await generateText(asked);
  const { text, reasoningText, toolCalls, finishReason, usage } = result;
  return { text, reasoningText, toolCalls, finishReason, usage, messages: result.response.messages };
}

/** Errors are parts of the stream here, and only whoever looks at them learns of them. */
async function stream(asked: Asked): Promise<Ended> {
  const result = streamText({ ...asked, onError: () => undefined });
  for await (const part of result.fullStream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'abort') throw new DOMException('The stream was aborted.', 'AbortError');
  }
  const [text, reasoningText, toolCalls, finishReason, usage, response] = await Promise.all([
    result.text,
    result.reasoningText,
    result.toolCalls,
    result.finishReason,
    result.usage,
    result.response,
  ]);
  return { text, reasoningText, toolCalls, finishReason, usage, messages: response.messages };
}

function opener(provider: Provider, ask: (asked: Asked) => Promise<Ended>): Door['open'] {
  return (id, wishes = {}): Talk => {
    const messages: ModelMessage[] = [];
    const model = provider.model(id, wishes.key ?? access.key);
    const { options } = provider;
    const asked = { ...askedOf(wishes), model, messages, ...(options !== undefined && { providerOptions: options }) };
    const next = async (): Promise<Turn> => {
      const ended = await ask(asked);
      messages.push(...ended.messages);
      return readTurn(ended);
    };
    return {
      say(text, image) {
        const file = image === undefined ? [] : [{ type: 'file', mediaType: 'image/png', data: image } as const];
        messages.push({ role: 'user', content: [...file, { type: 'text', text }] });
        return next();
      },
      answer(results) {
        const content = results.map(({ call, text }) => {
          const output = { type: 'text', value: text } as const;
          return { type: 'tool-result', toolCallId: call.id, toolName: call.name, output } as const;
        });
        messages.push({ role: 'tool', content });
        return next();
      },
    };
  };
}

function askedOf({ tools, schema, maxTokens, signal }: Wishes): Omit<Asked, 'model' | 'messages'> {
  const declared: ToolSet = {};
  for (const { name, parameters } of tools ?? []) declared[name] = tool({ inputSchema: jsonSchema(parameters) });
  return {
    maxRetries: 0,
    ...(tools !== undefined && { tools: declared }),
    ...(schema !== undefined && { output: Output.object({ schema: jsonSchema(schema) }) }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(signal !== undefined && { abortSignal: signal }),
  };
}

function readTurn({ text, reasoningText, toolCalls, finishReason, usage }: Ended): Turn {
  return {
    text,
    thinking: reasoningText ?? '',
    calls: toolCalls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, input })),
    stop: stopOf(finishReason),
    usage: {
      input: usage.inputTokens ?? 0,
      cached: usage.inputTokenDetails.cacheReadTokens ?? 0,
      output: usage.outputTokens ?? 0,
    },
  };
}
