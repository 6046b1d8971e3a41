import * as z from 'zod/mini';
import { beforeEach, describe, expect, it } from 'vitest';
import { endpoints } from '../../src/core/call.ts';
import { field } from '../../src/core/json.ts';
import type { AdminRoute } from '../../src/edge/admin-route.ts';
import { adminRoutes } from '../../src/edge/admin-routes.ts';
import type { OpenApi, Operation } from '../../src/edge/openapi.ts';
import { routerKey } from '../../src/local/keys.ts';
import { adminKey, administer, newCaller, newKey, newName } from './admin-rig.ts';
import { catchConsole } from './canaries.ts';
import { visit } from './router.ts';

beforeEach(() => {
  catchConsole();
});

/** Without a key: the documents are open. */
async function read(path: string, method = 'GET'): Promise<Response> {
  const { response } = await visit(path, { method, env: { ADMIN_KEY: adminKey } });
  return response;
}

async function document(): Promise<OpenApi> {
  return (await read('/openapi.json')).json();
}

function operationsOf({ paths }: OpenApi): { path: string; method: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

describe('openapi.json', () => {
  it('names every endpoint of the table, and those of inference', async () => {
    const named = operationsOf(await document()).map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    const admin = adminRoutes.map(({ path, method }) => `${method} ${path}`);
    const inference = Object.values(endpoints).map(({ path }) => `POST ${path}`);
    expect(named.toSorted()).toEqual([...admin, ...inference, 'GET /v1/models'].toSorted());
  });

  it('asks for the admin key on every path of the plane, and on no other', async () => {
    const ways = operationsOf(await document()).map(({ path, operation }) => [
      path.startsWith('/admin/'),
      operation.security,
    ]);
    const other = ways.filter(
      ([isAdmin, security]) => JSON.stringify(security) !== `[{"${isAdmin ? 'admin' : 'router'}Key":[]}]`,
    );
    expect([ways.length > 20, other]).toEqual([true, []]);
  });

  it('has an id for every operation, each once', async () => {
    const ids = operationsOf(await document()).map(({ operation }) => operation.operationId);
    expect(ids.length).toBe(new Set(ids).size);
  });

  it('declares what stands in braces', async () => {
    const undeclared = operationsOf(await document()).filter(({ path, operation }) => {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((one) => one.in === 'path' && one.required);
      return names.join(' ') !== declared.map(({ name }) => name).join(' ');
    });
    expect(undeclared).toEqual([]);
  });

  it('refers to nothing that is not in it', async () => {
    const whole = await document();
    const refs = [...JSON.stringify(whole).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, ref = '']) => ref);
    const lost = refs.filter(
      (ref) => ref.split('/').reduce<unknown>((at, step) => field(at, step), whole) === undefined,
    );
    expect([refs.length > 20, lost]).toEqual([true, []]);
  });

  it('is OpenAPI 3.1 of this host, and tells nothing secret', async () => {
    const text = await (await read('/openapi.json')).text();
    expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'https://router.example' }] });
    expect([routerKey, adminKey].filter((key) => text.includes(key))).toEqual([]);
  });
});

describe('the page', () => {
  it('has a section for every operation', async () => {
    const page = await (await read('/docs')).text();
    const missing = operationsOf(await document()).filter(
      ({ operation }) => !page.includes(`id="${operation.operationId}"`),
    );
    expect(missing).toEqual([]);
  });

  it('needs nothing from anywhere, and its policy would let nothing through', async () => {
    const response = await read('/docs');
    const page = await response.text();
    const nonce = /<style nonce="(\w+)">/.exec(page)?.[1] ?? 'none';
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(page.match(/<script|<link|<img|<iframe|\ssrc=|@import|url\(|\son\w+=/gi)).toBeNull();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  it('has a nonce of its own each time', async () => {
    const [first, second] = [await read('/docs'), await read('/docs')];
    expect(first.headers.get('content-security-policy')).not.toBe(second.headers.get('content-security-policy'));
  });

  it('escapes what is put into it', async () => {
    const page = await (await read('/docs')).text();
    expect(page).toContain('-H &quot;authorization: Bearer $ADMIN_KEY&quot;');
    expect(page).not.toContain('<{');
  });
});

it.each(['/docs', '/openapi.json'])('%s is only read', async (path) => {
  expect([(await read(path, 'HEAD')).status, (await read(path, 'POST')).status]).toEqual([200, 405]);
});

/** Where each row's names lead, and a body for it. */
async function prepared(): Promise<(route: AdminRoute) => { path: string; body?: object }> {
  const name = await newCaller({ limits: { concurrent: 1 } });
  const { id } = await newKey(name);
  const route = newName();
  await administer('PUT', `/admin/routes/${route}`, {
    targets: [{ model: 'openai/gpt-5.1', credentials: 'stored' }],
  });
  // A caller has two keys at the most.
  const names: Readonly<Record<string, string>> = { createKey: await newCaller() };
  const bodies: Readonly<Record<string, object>> = {
    createCaller: { name: newName(), policy: {} },
    rollBackRoute: {},
  };
  return ({ path, group, id: operation, body }) => ({
    path: path.replace('{name}', group === 'Routes' ? route : (names[operation] ?? name)).replace('{id}', id),
    ...(body !== undefined && { body: bodies[operation] ?? body.example }),
  });
}

describe('the table', () => {
  it('says what the answers really are', async () => {
    const asked = await prepared();
    const last = ['deleteKey', 'deleteCaller', 'deleteRoute'];
    const order = adminRoutes.toSorted((a, b) => last.indexOf(a.id) - last.indexOf(b.id));
    const came: unknown[] = [];
    for (const route of order) {
      const { path, body } = asked(route);
      const answer = await administer(route.method, path, body);
      came.push([route.id, answer.status, z.safeParse(route.output, answer.body).error?.message]);
    }
    expect(came).toEqual(order.map(({ id, status = 200 }) => [id, status, undefined]));
  });

  it('has examples that are taken', () => {
    const refused = adminRoutes.filter(
      ({ body }) => body !== undefined && !z.safeParse(body.schema, body.example).success,
    );
    expect(refused.map(({ id }) => id)).toEqual([]);
  });
});
