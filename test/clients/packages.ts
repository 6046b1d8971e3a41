import type { Packages } from './clients.ts';

function npm(...names: readonly string[]): Packages {
  return { from: 'npm', names };
}

function pypi(names: readonly string[], python?: string): Packages {
  return { from: 'pypi', names, ...(python !== undefined && { python }) };
}

/** What is installed from npm, each at the version that is tested. The first names the folder. */
export const npmPackages = {
  openai: npm('openai@7.55.0'),
  anthropic: npm('@anthropic-ai/sdk@1.11.0'),
  aiSdk: npm('ai@7.0.173', '@ai-sdk/openai@4.0.118', '@ai-sdk/openai-compatible@3.0.92', '@ai-sdk/anthropic@4.0.105'),
  langchain: npm('@langchain/openai@1.6.0', '@langchain/anthropic@1.5.11', '@langchain/core@1.2.13'),
  openaiAgents: npm('@openai/agents@0.20.0', 'openai@7.55.0', 'zod@4'),
  // Without `openai`: its own client must be of the version that the plugin came with, or the plugin does not know its errors.
  livekit: npm('@livekit/agents-plugin-openai@1.9.0', '@livekit/agents@1.9.0'),
  opencode: npm('opencode-ai@1.18.33'),
  openclaw: npm('openclaw@2026.9.6'),
  codex: npm('@openai/codex@0.169.0'),
  claudeCode: npm('@anthropic-ai/claude-code@2.1.329'),
} as const;

/** What is installed from PyPI. */
export const pypiPackages = {
  openai: pypi(['openai==3.52.0']),
  anthropic: pypi(['anthropic==2.11.0']),
  anthropicOld: pypi(['anthropic==1.13.0']),
  // Its tools need `mcp`, which it does not bring.
  litellm: pypi(['litellm==1.106.2', 'mcp']),
  livekit: pypi(['livekit-plugins-openai==1.8.9']),
  openhands: pypi(['openhands-sdk==1.58.0'], '3.12'),
  pydantic: pypi(['pydantic-ai-slim[openai,anthropic]==2.68.0']),
} as const;
