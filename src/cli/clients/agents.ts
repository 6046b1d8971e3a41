import { examplePlaceholders, type ClientBlock } from './block.ts';

const { url, key } = examplePlaceholders;

/** Agents. */
export const agentBlocks: readonly ClientBlock[] = [
  {
    name: 'openhands',
    title: 'OpenHands',
    note: 'By litellm, so the first word of the model chooses the dialect: `anthropic/` speaks Messages, `openai/` Chat Completions. `LLM_BASE_URL` may end in `/v1` or not.',
    parts: [
      {
        language: 'sh',
        text: `
export LLM_MODEL=anthropic/claude-sonnet-4-5
export LLM_BASE_URL=${url}
export LLM_API_KEY=${key}
`,
      },
      {
        language: 'yaml',
        file: '.github/workflows/openhands.yml',
        text: `
name: openhands
on: workflow_dispatch
jobs:
  ask:
    runs-on: ubuntu-latest
    env:
      LLM_MODEL: openai/dynamic/support
      LLM_BASE_URL: ${url}
      LLM_API_KEY: \${{ secrets.ROUTER_KEY }}
    steps:
      - uses: actions/setup-python@v5
        with:
          python-version: '3.12'
      - run: pip install openhands-sdk
      - shell: python
        run: |
          import os
          from openhands.sdk import LLM, Message, TextContent
          llm = LLM(
              usage_id="ci",
              model=os.environ["LLM_MODEL"],
              base_url=os.environ["LLM_BASE_URL"],
              api_key=os.environ["LLM_API_KEY"],
          )
          asked = Message(role="user", content=[TextContent(text="Say hello")])
          print(llm.completion(messages=[asked]).message.content[0].text)
`,
      },
    ],
  },
  {
    name: 'opencode',
    title: 'opencode',
    note: "Its built-in `cloudflare-ai-gateway` provider has Cloudflare's host hard-coded: use this one instead.",
    parts: [
      {
        language: 'json',
        file: 'opencode.json',
        text: `
{
  "$schema": "https://opencode.ai/config.json",
  "model": "router/dynamic/support",
  "small_model": "router/workers-ai/@cf/moonshotai/kimi-k2.6",
  "provider": {
    "router": {
      "npm": "@ai-sdk/openai-compatible",
      "name": "AI Edge Router",
      "options": { "baseURL": "${url}/v1", "apiKey": "${key}" },
      "models": {
        "dynamic/support": { "name": "Dynamic route", "tool_call": true },
        "workers-ai/@cf/moonshotai/kimi-k2.6": { "name": "Kimi K2.6", "tool_call": true, "reasoning": true },
        "anthropic/claude-sonnet-4-5": { "name": "Claude Sonnet 4.5", "tool_call": true }
      }
    }
  }
}
`,
      },
      { language: 'sh', text: 'opencode run "Say hello"' },
    ],
  },
  {
    name: 'opencode-login',
    title: 'opencode, configured by the router',
    note: `The router serves its configuration at \`${url}/.well-known/opencode\`, with the models that the key may use.`,
    parts: [
      {
        language: 'sh',
        text: `
export ROUTER_KEY=${key}
opencode auth login ${url}
opencode run "Say hello"
`,
      },
    ],
  },
  {
    name: 'openclaw',
    title: 'OpenClaw',
    note: 'Its built-in Cloudflare provider knows one provider of one gateway: use this one instead.',
    parts: [
      {
        language: 'json',
        file: '~/.openclaw/openclaw.json',
        text: `
{
  "agents": {
    "defaults": {
      "model": { "primary": "router/dynamic/support" },
      "models": { "router/dynamic/support": {}, "router/workers-ai/@cf/moonshotai/kimi-k2.6": {} }
    }
  },
  "models": {
    "mode": "merge",
    "providers": {
      "router": {
        "baseUrl": "${url}/v1",
        "api": "openai-completions",
        "apiKey": "${key}",
        "models": [
          {
            "id": "dynamic/support",
            "name": "Dynamic route",
            "contextWindow": 128000,
            "maxTokens": 8192,
            "input": ["text"],
            "reasoning": false,
            "cost": { "input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0 }
          },
          {
            "id": "workers-ai/@cf/moonshotai/kimi-k2.6",
            "name": "Kimi K2.6 on Workers AI",
            "contextWindow": 256000,
            "maxTokens": 8192,
            "input": ["text"],
            "reasoning": true,
            "cost": { "input": 0.95, "output": 4, "cacheRead": 0.16, "cacheWrite": 0 }
          }
        ]
      }
    }
  }
}
`,
      },
      {
        language: 'sh',
        text: 'openclaw agent exec --config ~/.openclaw/openclaw.json --cwd . --no-auth-env-only "Say hello"',
      },
    ],
  },
  {
    name: 'claude-code',
    title: 'Claude Code',
    note: 'Without `/v1`. Models whose names begin otherwise than `claude` are asked for by `ANTHROPIC_MODEL`.',
    parts: [
      {
        language: 'sh',
        text: `
export ANTHROPIC_BASE_URL=${url}
export ANTHROPIC_AUTH_TOKEN=${key}
export ANTHROPIC_MODEL=claude-sonnet-4-5
claude -p "Say hello"
`,
      },
    ],
  },
  {
    name: 'codex',
    title: 'Codex',
    note: '`OPENAI_BASE_URL` is ignored by it, and Responses is the one dialect that it speaks.',
    parts: [
      {
        language: 'toml',
        file: '~/.codex/config.toml',
        text: `
model = "openai/gpt-5.1"
model_provider = "router"

[model_providers.router]
name = "AI Edge Router"
base_url = "${url}/v1"
env_key = "ROUTER_KEY"
wire_api = "responses"
`,
      },
      { language: 'sh', text: `export ROUTER_KEY=${key}\ncodex exec --skip-git-repo-check "Say hello"` },
    ],
  },
];
