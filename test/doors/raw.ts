import { anthropic } from './anthropic-messages.ts';
import { openai } from './openai-chat.ts';

interface Options {
  readonly signal?: AbortSignal;
  readonly includeUsage?: true;
}

/** Raw iteration of chat chunks by the `openai` client: every event that the router sends. */
export function startChat(model: string, text: string, { includeUsage, ...options }: Options = {}) {
  return openai().chat.completions.create(
    {
      model,
      messages: [{ role: 'user', content: text }],
      stream: true,
      ...(includeUsage && { stream_options: { include_usage: true } }),
    },
    options,
  );
}

/** The same of Responses events. */
export function startResponses(model: string, text: string, options: Options = {}) {
  return openai().responses.create({ model, input: text, stream: true }, options);
}

/** The same of Messages events, by the anthropic client. */
export function startMessages(model: string, text: string, options: Options = {}) {
  return anthropic().messages.create(
    { model, max_tokens: 100, messages: [{ role: 'user', content: text }], stream: true },
    options,
  );
}

/** Reads a stream to its end. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}
