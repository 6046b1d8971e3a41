import * as z from 'zod/mini';
import { createCaller, deleteCaller, getCaller, listCallers, NewCaller, updateCaller } from '../policy/caller-admin.ts';
import { text } from '../policy/field.ts';
import type { AdminRoute, QueryRow } from './admin-route.ts';
import { Caller, CallerChanges, Callers, DeletedCaller } from './admin-schema.ts';

/** The query of a list that comes in pages. */
export const pageQuery: Readonly<Record<'after' | 'limit', QueryRow>> = {
  after: { schema: z.string().check(z.maxLength(128)), says: 'begin after this name: the `next` of the page before' },
  limit: { schema: text(/^\d{1,3}$/, 'must be a whole number'), says: 'how many at most, 1 to 200; 100 where absent' },
};

/** A page's query as the operations take it. */
export function readPage({ after, limit }: Readonly<Record<string, string>>): { after?: string; limit?: number } {
  return { ...(after !== undefined && { after }), ...(limit !== undefined && { limit: Number(limit) }) };
}

const path = '/admin/callers';

/** Callers: who may call, what for, how much. */
export const callerRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path,
    group: 'Callers',
    id: 'listCallers',
    summary: 'List the callers, with their keys',
    query: pageQuery,
    output: Callers,
    run: ({ query }, world) => listCallers(readPage(query), world),
  },
  {
    method: 'POST',
    path,
    group: 'Callers',
    id: 'createCaller',
    summary: 'Create a caller',
    details: 'It has no key yet.',
    body: {
      schema: NewCaller,
      example: { name: 'billing', policy: { models: ['openai/*'], limits: { requestsPerMinute: 60, usdPerDay: 5 } } },
    },
    output: Caller,
    status: 201,
    run: ({ body }, world) => createCaller(body, world),
  },
  {
    method: 'GET',
    path: `${path}/{name}`,
    group: 'Callers',
    id: 'getCaller',
    summary: 'Show a caller, with its keys',
    output: Caller,
    run: (asked, world) => getCaller(asked.path, world),
  },
  {
    method: 'PATCH',
    path: `${path}/{name}`,
    group: 'Callers',
    id: 'updateCaller',
    summary: 'Change fields of a caller',
    details: 'A field replaces the stored one whole, and null takes it away. What comes out is checked as a whole.',
    body: { schema: CallerChanges, example: { limits: { usdPerDay: 20 }, group: null } },
    output: Caller,
    run: (asked, world) => updateCaller({ ...asked.path, changes: asked.body }, world),
  },
  {
    method: 'DELETE',
    path: `${path}/{name}`,
    group: 'Callers',
    id: 'deleteCaller',
    summary: 'Delete a caller and its keys',
    details: 'Its usage stays, and can be asked for by its name.',
    output: DeletedCaller,
    run: (asked, world) => deleteCaller(asked.path, world),
  },
];
