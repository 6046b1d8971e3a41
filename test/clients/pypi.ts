import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { Client } from './clients.ts';
import { library } from './library.ts';
import { pypiPackages } from './packages.ts';

const { openai, anthropic, anthropicOld, litellm, livekit, openhands, pydantic } = pypiPackages;

const noEmbeddings = { embeddings: 'Anthropic has none' };
const hasNone = { embeddings: 'it has none' };

/** litellm by one of its prefixes, with what users put behind the router's address. */
function litellmRow(name: string, dialect: ConversationDialect, argument: string): Client {
  const without = dialect === 'messages' ? noEmbeddings : {};
  return library({ name, dialect, packages: litellm, file: 'litellm_sdk.py', argument, without });
}

function pydanticRow(dialect: ConversationDialect): Client {
  const noSchema = dialect === 'messages' ? { schema: 'it knows of no structured outputs of this model' } : {};
  const without = { ...hasNone, ...noSchema };
  return library({
    name: `pydantic-ai-${dialect}`,
    dialect,
    packages: pydantic,
    file: 'pydantic_sdk.py',
    argument: dialect,
    without,
  });
}

function openhandsRow(name: string, dialect: ConversationDialect, argument: string): Client {
  const streams = 'it asks for whole answers';
  const without = {
    ...hasNone,
    tools: 'its agent runs tools in a workspace of its own',
    parallel: 'its agent runs tools in a workspace of its own',
    'kimi-tools': 'its agent runs tools in a workspace of its own',
    schema: 'it has no such option',
    cut: streams,
    stall: streams,
    'stream-error': streams,
  };
  return library({ name, dialect, packages: openhands, file: 'openhands_sdk.py', argument, without });
}

/** Clients from PyPI, each in a venv. */
export const pypiClients: readonly Client[] = [
  library({ name: 'openai-python-chat', dialect: 'chat', packages: openai, file: 'openai_chat.py' }),
  library({
    name: 'openai-python-responses',
    dialect: 'responses',
    packages: openai,
    file: 'openai_responses.py',
    without: { embeddings: 'the same call as by chat' },
  }),
  library({
    name: 'anthropic-python',
    dialect: 'messages',
    packages: anthropic,
    file: 'anthropic_sdk.py',
    without: noEmbeddings,
    showsThinking: true,
  }),
  library({
    name: 'anthropic-python-1',
    dialect: 'messages',
    packages: anthropicOld,
    file: 'anthropic_sdk.py',
    without: noEmbeddings,
    showsThinking: true,
  }),
  litellmRow('litellm-openai', 'chat', 'openai,/v1'),
  litellmRow('litellm-openai-bare', 'chat', 'openai,'),
  litellmRow('litellm-anthropic', 'messages', 'anthropic,'),
  litellmRow('litellm-anthropic-v1', 'messages', 'anthropic,/v1'),
  library({
    name: 'livekit-python',
    dialect: 'chat',
    packages: livekit,
    file: 'livekit_sdk.py',
    without: {
      ...hasNone,
      text: 'it always streams',
      schema: 'its model has no such option',
      image: 'pictures come from a room',
    },
    most: { 'rate-limit': 4 },
  }),
  openhandsRow('openhands-anthropic', 'messages', 'anthropic'),
  openhandsRow('openhands-openai', 'chat', 'openai'),
  pydanticRow('chat'),
  pydanticRow('responses'),
  pydanticRow('messages'),
];
