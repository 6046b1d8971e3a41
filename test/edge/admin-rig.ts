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
