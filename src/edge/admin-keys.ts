import * as z from 'zod/mini';
import { done } from '../policy/admin.ts';
import { getCaller } from '../policy/caller-admin.ts';
import { createKey, deleteKey, NewKey, rotateKey, Rotation } from '../policy/key-admin.ts';
import { KeyChanges, updateKey } from '../policy/key-change.ts';
import type { AdminRoute } from './admin-route.ts';
import { Key, Keys, MadeKey } from './admin-schema.ts';

const path = '/admin/callers/{name}/keys';
const late = 'Routers go by it within about a minute and a half, for KV and their memory of it are late.';

/** A body says nothing of the caller: the path does. */
const CreateBody = z.omit(NewKey, { caller: true });
const RotateBody = z.omit(Rotation, { caller: true });

/** Virtual keys, two a caller. */
export const keyRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path,
    group: 'Keys',
    id: 'listKeys',
    summary: 'List the keys of a caller',
    details: 'A key itself is shown once, when it is made: nobody but its holder has it.',
    output: Keys,
    run: async (asked, world) => {
      const found = await getCaller(asked.path, world);
      return found.ok ? done({ keys: found.value.keys }) : found;
    },
  },
  {
    method: 'POST',
    path,
    group: 'Keys',
    id: 'createKey',
    summary: 'Make a key; it is shown this once',
    body: { schema: CreateBody, example: { label: 'laptop', expiresAt: '2027-12-31T00:00:00Z' } },
    output: MadeKey,
    status: 201,
    run: ({ path: { name }, body }, world) => createKey({ ...body, caller: name }, world),
  },
  {
    method: 'POST',
    path: `${path}/rotate`,
    group: 'Keys',
    id: 'rotateKey',
    summary: 'Make a second key beside the first, to change over',
    details: 'Where there are two already, replaceOldest takes the older one away.',
    body: { schema: RotateBody, example: { replaceOldest: true } },
    output: MadeKey,
    status: 201,
    run: ({ path: { name }, body }, world) => rotateKey({ ...body, caller: name }, world),
  },
  {
    method: 'PATCH',
    path: `${path}/{id}`,
    group: 'Keys',
    id: 'updateKey',
    summary: 'Disable a key, or let it in again; change its expiry or label',
    details: `The id may be cut after 8 characters or more; null takes an expiry or a label away. ${late}`,
    body: { schema: KeyChanges, example: { disabled: true } },
    output: Key,
    run: ({ path: { name, id }, body }, world) => updateKey({ caller: name, key: id, changes: body }, world),
  },
  {
    method: 'DELETE',
    path: `${path}/{id}`,
    group: 'Keys',
    id: 'deleteKey',
    summary: 'Delete a key',
    details: late,
    output: Key,
    run: ({ path: { name, id } }, world) => deleteKey({ caller: name, key: id }, world),
  },
];
