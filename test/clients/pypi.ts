import type { Client } from './clients.ts';

/** Clients from PyPI, each in a venv. */
export const pypiClients: readonly Client[] = [];
