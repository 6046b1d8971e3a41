import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { Client } from './clients.ts';

const noEmbeddings = { embeddings: 'Anthropic has none' };
const embedsByChat = { embeddings: 'the same call as by chat' };

/** A library, in one of the ways in which it calls. */
function library(row: {
  name: string;
  dialect: ConversationDialect;
  names: readonly string[];
  file: string;
  argument?: string;
  without?: Client['without'];
  most?: Client['most'];
  showsThinking?: true;
}): Client {
  const { name, dialect, names, file, argument, without = {}, most, showsThinking } = row;
  return {
    name,
    dialect,
    packages: { from: 'npm', names },
    required: true,
    without,
    ...(most !== undefined && { most }),
    ...(showsThinking !== undefined && { showsThinking }),
    way: { kind: 'driver', file, ...(argument !== undefined && { argument }) },
  };
}

const openai = ['openai@7.55.0'];
const aiSdk = ['ai@7.0.173', '@ai-sdk/openai@4.0.118', '@ai-sdk/openai-compatible@3.0.92', '@ai-sdk/anthropic@4.0.105'];
const langchain = ['@langchain/openai@1.6.0', '@langchain/anthropic@1.5.11', '@langchain/core@1.2.13'];
const agents = ['@openai/agents@0.20.0', 'openai@7.55.0', 'zod@4'];
// Without `openai`: its own client must be of the version that the plugin came with, or the plugin does not know its errors.
const livekit = ['@livekit/agents-plugin-openai@1.9.0', '@livekit/agents@1.9.0'];

/** Libraries from npm. */
export const npmClients: readonly Client[] = [
  library({ name: 'openai-node-chat', dialect: 'chat', names: openai, file: 'openai-chat.mjs' }),
  library({
    name: 'openai-node-responses',
    dialect: 'responses',
    names: openai,
    file: 'openai-responses.mjs',
    without: embedsByChat,
  }),
  library({
    name: 'anthropic-node',
    dialect: 'messages',
    names: ['@anthropic-ai/sdk@1.11.0'],
    file: 'anthropic.mjs',
    without: noEmbeddings,
    showsThinking: true,
  }),
  library({ name: 'ai-sdk-compatible', dialect: 'chat', names: aiSdk, file: 'ai-sdk.mjs', argument: 'compatible' }),
  library({
    name: 'ai-sdk-openai',
    dialect: 'responses',
    names: aiSdk,
    file: 'ai-sdk.mjs',
    argument: 'openai',
  }),
  library({
    name: 'ai-sdk-anthropic',
    dialect: 'messages',
    names: aiSdk,
    file: 'ai-sdk.mjs',
    argument: 'anthropic',
    without: noEmbeddings,
    showsThinking: true,
  }),
  library({ name: 'langchain-chat', dialect: 'chat', names: langchain, file: 'langchain.mjs', argument: 'chat' }),
  library({
    name: 'langchain-responses',
    dialect: 'responses',
    names: langchain,
    file: 'langchain.mjs',
    argument: 'responses',
    without: embedsByChat,
  }),
  library({
    name: 'langchain-anthropic',
    dialect: 'messages',
    names: langchain,
    file: 'langchain.mjs',
    argument: 'messages',
    without: noEmbeddings,
  }),
  library({
    name: 'openai-agents-responses',
    dialect: 'responses',
    names: agents,
    file: 'openai-agents.mjs',
    argument: 'responses',
    without: { embeddings: 'it has none' },
  }),
  library({
    name: 'openai-agents-chat',
    dialect: 'chat',
    names: agents,
    file: 'openai-agents.mjs',
    argument: 'chat',
    without: { embeddings: 'it has none' },
  }),
  library({
    name: 'livekit-node',
    dialect: 'chat',
    names: livekit,
    file: 'livekit.mjs',
    without: {
      text: 'it always streams',
      schema: 'its model has no such option',
      image: 'pictures come from a room, by native code',
      embeddings: 'it has none',
    },
    // Three tries more, whatever the SDK's client does.
    most: { 'rate-limit': 4 },
  }),
];
