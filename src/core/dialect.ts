/** The dialects that hold a conversation: these translate into one another through {@link ./conversation.ts}. */
export type ConversationDialect = 'chat' | 'messages' | 'responses';

/**
 * OpenAI's other formats, each for one kind of call. They are relayed to whoever speaks them, and made fit for Workers AI's models of
 * that kind; none is translated. Of these only `completions` streams events as a conversation does.
 */
export type OneShotDialect = 'embeddings' | 'completions' | 'moderations' | 'images' | 'speech' | 'transcriptions';

/** The wire formats that callers speak and targets understand. */
export type Dialect = ConversationDialect | OneShotDialect;

export const conversationDialects: readonly ConversationDialect[] = ['chat', 'messages', 'responses'];

/** Whether a dialect holds a conversation. */
export function isConversation(dialect: Dialect): dialect is ConversationDialect {
  return dialect === 'chat' || dialect === 'messages' || dialect === 'responses';
}

/** The conversation whose error body a dialect has: OpenAI's endpoints all have that of chat. */
export function errorDialectOf(dialect: Dialect): ConversationDialect {
  return isConversation(dialect) ? dialect : 'chat';
}

/** The dialect's name as a person reads it in an error message. */
export const dialectNames: Readonly<Record<Dialect, string>> = {
  chat: 'OpenAI Chat Completions',
  messages: 'Anthropic Messages',
  responses: 'OpenAI Responses',
  embeddings: 'OpenAI embeddings',
  completions: 'OpenAI completions',
  moderations: 'OpenAI moderations',
  images: 'OpenAI image generation',
  speech: 'OpenAI speech',
  transcriptions: 'OpenAI transcriptions',
};
