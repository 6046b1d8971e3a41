import type { Client } from './clients.ts';

/** Agents with a command line of their own, from npm: started once a task, in a home that is thrown away. */
export const agentClients: readonly Client[] = [];
