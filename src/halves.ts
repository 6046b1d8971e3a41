import type { ConversationDialect } from './core/dialect.ts';
import type { ClientHalf, TargetHalf } from './core/half.ts';
import { chatClient, chatTarget } from './dialects/chat/index.ts';
import { messagesClient, messagesTarget } from './dialects/messages/index.ts';
import { responsesClient, responsesTarget } from './dialects/responses/index.ts';

/** The callers' side of each dialect. */
export const clientHalves: Readonly<Record<ConversationDialect, ClientHalf>> = {
  chat: chatClient,
  messages: messagesClient,
  responses: responsesClient,
};

/** The targets' side of each dialect. */
export const targetHalves: Readonly<Record<ConversationDialect, TargetHalf>> = {
  chat: chatTarget,
  messages: messagesTarget,
  responses: responsesTarget,
};
