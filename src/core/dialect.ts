/** The wire formats that callers speak and targets understand. `embeddings` is a one-shot call, never a stream. */
export type Dialect = 'chat' | 'messages' | 'responses' | 'embeddings';

/** The dialects that hold a conversation: these translate into one another through {@link ./conversation.ts}. */
export type ConversationDialect = Exclude<Dialect, 'embeddings'>;

export const conversationDialects: readonly ConversationDialect[] = ['chat', 'messages', 'responses'];

/** The dialect's name as a person reads it in an error message. */
export const dialectNames: Readonly<Record<Dialect, string>> = {
  chat: 'OpenAI Chat Completions',
  messages: 'Anthropic Messages',
  responses: 'OpenAI Responses',
  embeddings: 'OpenAI embeddings',
};
