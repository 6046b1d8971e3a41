import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { Client, Packages } from './clients.ts';
import { pypiPackages } from './packages.ts';

const { openai, anthropic, anthropicOld, litellm, livekit, openhands, pydantic } = pypiPackages;

const noEmbeddings = { embeddings: 'Anthropic has none' };
const hasNone = { embeddings: 'it has none' };

/** A library, in one of the ways in which it calls. */
function library(row: {
  name: string;
  dialect: ConversationDialect;
  packages: Packages;
  file: string;
  argument?: string;
  more?: Partial<Client>;
}): Client {
  const { name, dialect, packages, file, argument, more } = row;
  return {
    name,
    dialect,
    packages,
    required: true,
    without: {},
    ...more,
    way: { kind: 'driver', file, ...(argument !== undefined && { argument }) },
  };
}

/** litellm by one of its prefixes, with what users put behind the router's address. */
function litellmRow(name: string, dialect: ConversationDialect, argument: string): Client {
  const without = dialect === 'messages' ? noEmbeddings : {};
  return library({ name, dialect, packages: litellm, file: 'litellm_sdk.py', argument, more: { without } });
}

function pydanticRow(dialect: ConversationDialect): Client {
  const noSchema = dialect === 'messages' ? { schema: 'it knows of no structured outputs of this model' } : {};
  const more = { without: { ...hasNone, ...noSchema } };
  return library({
    name: `pydantic-ai-${dialect}`,
    dialect,
    packages: pydantic,
    file: 'pydantic_sdk.py',
    argument: dialect,
    more,
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
  return library({ name, dialect, packages: openhands, file: 'openhands_sdk.py', argument, more: { without } });
}

/** Clients from PyPI, each in a venv. */
export const pypiClients: readonly Client[] = [
  library({ name: 'openai-python-chat', dialect: 'chat', packages: openai, file: 'openai_chat.py' }),
  library({
    name: 'openai-python-responses',
    dialect: 'responses',
    packages: openai,
    file: 'openai_responses.py',
    more: { without: { embeddings: 'the same call as by chat' } },
  }),
  library({
    name: 'anthropic-python',
    dialect: 'messages',
    packages: anthropic,
    file: 'anthropic_sdk.py',
    more: { without: noEmbeddings, showsThinking: true },
  }),
  library({
    name: 'anthropic-python-1',
    dialect: 'messages',
    packages: anthropicOld,
    file: 'anthropic_sdk.py',
    more: { without: noEmbeddings, showsThinking: true },
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
    more: {
      without: {
        ...hasNone,
        text: 'it always streams',
        schema: 'its model has no such option',
        image: 'pictures come from a room',
      },
      most: { 'rate-limit': 4 },
    },
  }),
  openhandsRow('openhands-anthropic', 'messages', 'anthropic'),
  openhandsRow('openhands-openai', 'chat', 'openai'),
  pydanticRow('chat'),
  pydanticRow('responses'),
  pydanticRow('messages'),
];
