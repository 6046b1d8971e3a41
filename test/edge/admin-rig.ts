import { expect } from 'vitest';
import { visit, type Visit } from './router.ts';

/** The key of the admin plane in tests. */
export const adminKey = 'sk-admin-canary-4242';

/** What came of one request. */
export interface Came {
  readonly status: number;
  readonly body: unknown;
}

/** Calls the admin plane as its administrator. */
export async function administer(method: string, path: string, body?: object): Promise<Came> {
  const response = await callAdmin(path, { method, ...(body !== undefined && { body }) });
  return { status: response.status, body: await response.json() };
}

/** The same with everything at hand, and only the response. */
export async function callAdmin(path: string, options: Visit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${adminKey}`, ...options.headers };
  const { response } = await visit(path, { ...options, headers, env: { ADMIN_KEY: adminKey, ...options.env } });
  return response;
}

let names = 0;

/** A name that no test has used. */
export function newName(): string {
  names += 1;
  return `admin-${names}`;
}

/** A caller of its own. */
export async function newCaller(policy: object = {}): Promise<string> {
  const name = newName();
  expect(await administer('POST', '/admin/callers', { name, policy })).toMatchObject({ status: 201 });
  return name;
}

/** A key of a caller's, shown this once. */
export async function newKey(name: string, body?: object): Promise<{ key: string; id: string }> {
  const made = await administer('POST', `/admin/callers/${name}/keys`, body);
  expect(made.status).toBe(201);
  return made.body as { key: string; id: string };
}
