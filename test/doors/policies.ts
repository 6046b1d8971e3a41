/**
 * What the router of these tests has in KV. The routes exist where a direct name does not say which dialect or which
 * carrier is meant.
 */
export const policies: Readonly<Record<string, unknown>> = {
  patterns: [{ match: 'claude-*', model: 'anthropic/{model}' }],
  'route:openai-by-chat': { targets: [{ model: 'openai/gpt-5.1', credentials: 'stored', dialect: 'chat' }] },
  'route:openai-by-responses': { targets: [{ model: 'openai/gpt-5.1', credentials: 'stored', dialect: 'responses' }] },
  'route:anthropic-by-secret': {
    targets: [{ model: 'anthropic/claude-sonnet-4-5', credentials: 'secret', secret: 'ANTHROPIC_API_KEY' }],
  },
  'route:workers-ai-by-rest': {
    targets: [
      {
        model: '@cf/moonshotai/kimi-k2.6',
        credentials: 'secret',
        secret: 'CLOUDFLARE_API_TOKEN',
        carrier: 'rest',
      },
    ],
  },
  'route:custom-by-responses': {
    targets: [{ model: 'custom-local/m-1', credentials: 'stored', dialect: 'responses' }],
  },
  'route:impatient-with-openai': { targets: [{ model: 'openai/gpt-5.1', credentials: 'stored', idleMs: 100 }] },
  'route:impatient-with-anthropic': {
    targets: [{ model: 'anthropic/claude-sonnet-4-5', credentials: 'stored', idleMs: 100 }],
  },
  'route:impatient-with-workers-ai': {
    targets: [{ model: '@cf/moonshotai/kimi-k2.6', credentials: 'binding', idleMs: 100 }],
  },
  'route:openai-revoked': { targets: [{ model: 'openai/gpt-5.1', credentials: 'stored', byokAlias: 'revoked' }] },
  'route:anthropic-revoked': {
    targets: [{ model: 'anthropic/claude-sonnet-4-5', credentials: 'stored', byokAlias: 'revoked' }],
  },
};
