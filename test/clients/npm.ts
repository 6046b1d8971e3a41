import type { Client } from './clients.ts';
import { library } from './library.ts';
import { npmPackages } from './packages.ts';

const noEmbeddings = { embeddings: 'Anthropic has none' };
const embedsByChat = { embeddings: 'the same call as by chat' };

const { openai, anthropic, aiSdk, langchain, openaiAgents, livekit } = npmPackages;

/** Libraries from npm. */
export const npmClients: readonly Client[] = [
  library({ name: 'openai-node-chat', dialect: 'chat', packages: openai, file: 'openai-chat.mjs' }),
  library({
    name: 'openai-node-responses',
    dialect: 'responses',
    packages: openai,
    file: 'openai-responses.mjs',
    without: embedsByChat,
  }),
  library({
    name: 'anthropic-node',
    dialect: 'messages',
    packages: anthropic,
    file: 'anthropic.mjs',
    without: noEmbeddings,
    showsThinking: true,
  }),
  library({ name: 'ai-sdk-compatible', dialect: 'chat', packages: aiSdk, file: 'ai-sdk.mjs', argument: 'compatible' }),
  library({
    name: 'ai-sdk-openai',
    dialect: 'responses',
    packages: aiSdk,
    file: 'ai-sdk.mjs',
    argument: 'openai',
  }),
  library({
    name: 'ai-sdk-anthropic',
    dialect: 'messages',
    packages: aiSdk,
    file: 'ai-sdk.mjs',
    argument: 'anthropic',
    without: noEmbeddings,
    showsThinking: true,
  }),
  library({ name: 'langchain-chat', dialect: 'chat', packages: langchain, file: 'langchain.mjs', argument: 'chat' }),
  library({
    name: 'langchain-responses',
    dialect: 'responses',
    packages: langchain,
    file: 'langchain.mjs',
    argument: 'responses',
    without: embedsByChat,
  }),
  library({
    name: 'langchain-anthropic',
    dialect: 'messages',
    packages: langchain,
    file: 'langchain.mjs',
    argument: 'messages',
    without: noEmbeddings,
  }),
  library({
    name: 'openai-agents-responses',
    dialect: 'responses',
    packages: openaiAgents,
    file: 'openai-agents.mjs',
    argument: 'responses',
    without: { embeddings: 'it has none' },
  }),
  library({
    name: 'openai-agents-chat',
    dialect: 'chat',
    packages: openaiAgents,
    file: 'openai-agents.mjs',
    argument: 'chat',
    without: { embeddings: 'it has none' },
  }),
  library({
    name: 'livekit-node',
    dialect: 'chat',
    packages: livekit,
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
