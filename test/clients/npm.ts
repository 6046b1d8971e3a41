import type { Client } from './clients.ts';

/** Clients from npm. */
export const npmClients: readonly Client[] = [
  {
    name: 'openai-node-chat',
    dialect: 'chat',
    packages: { from: 'npm', names: ['openai@7.55.0'] },
    required: true,
    without: {},
    way: { kind: 'driver', file: 'openai-chat.mjs' },
  },
];
