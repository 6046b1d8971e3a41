import { RoutePolicy } from '../policy/schema.ts';
import {
  deleteRoute,
  getRoute,
  listRoutes,
  listVersions,
  putRoute,
  rollBack,
  RouteRollback,
} from '../policy/route-admin.ts';
import * as z from 'zod/mini';
import { pageQuery, readPage } from './admin-callers.ts';
import type { AdminRoute } from './admin-route.ts';
import { DeletedRoute, PutRoute, RolledBack, Route, Routes, RouteVersions } from './admin-schema.ts';

const path = '/admin/routes';
const RollbackBody = z.omit(RouteRollback, { name: true });

/** Routes: the policies that decide which models answer. A slash in a name is written `%2F` in the path. */
export const policyRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path,
    group: 'Routes',
    id: 'listRoutes',
    summary: 'List the routes',
    query: pageQuery,
    output: Routes,
    run: ({ query }, world) => listRoutes(readPage(query), world),
  },
  {
    method: 'GET',
    path: `${path}/{name}`,
    group: 'Routes',
    id: 'getRoute',
    summary: 'Show a route',
    output: Route,
    run: (asked, world) => getRoute(asked.path, world),
  },
  {
    method: 'PUT',
    path: `${path}/{name}`,
    group: 'Routes',
    id: 'putRoute',
    summary: 'Write a route whole',
    details: 'Checked before it is stored; what it was goes into its history.',
    body: {
      schema: RoutePolicy,
      example: {
        targets: [
          { model: 'openai/gpt-5.1', credentials: 'stored' },
          { model: '@cf/zai-org/glm-4.7-flash', credentials: 'binding' },
        ],
      },
    },
    output: PutRoute,
    run: (asked, world) => putRoute({ ...asked.path, policy: asked.body }, world),
  },
  {
    method: 'DELETE',
    path: `${path}/{name}`,
    group: 'Routes',
    id: 'deleteRoute',
    summary: 'Delete a route',
    details: 'A rollback to the version that the answer names brings it back.',
    output: DeletedRoute,
    run: (asked, world) => deleteRoute(asked.path, world),
  },
  {
    method: 'GET',
    path: `${path}/{name}/history`,
    group: 'Routes',
    id: 'listVersions',
    summary: 'List the earlier versions of a route',
    details: 'The last 20 are kept. What was written in the last minute may still be missing.',
    output: RouteVersions,
    run: (asked, world) => listVersions(asked.path, world),
  },
  {
    method: 'POST',
    path: `${path}/{name}/rollback`,
    group: 'Routes',
    id: 'rollBackRoute',
    summary: 'Write an earlier version of a route again',
    details: 'Without a version: the last one. It has to pass the check of today.',
    body: { schema: RollbackBody, example: { version: 1_795_176_000_000 } },
    output: RolledBack,
    run: (asked, world) => rollBack({ ...asked.body, ...asked.path }, world),
  },
];
