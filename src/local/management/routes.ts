import { field, isObject } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { elementsOf, nextId, nextMoment, routeOf, servingVersion } from '../account.ts';
import type { AccountGateway, DynamicRoute, RouteVersion } from '../account.ts';
import { apiError } from '../errors.ts';
import type { Refusal } from '../errors.ts';
import { accountId } from '../keys.ts';
import { gatewayOf, idOf } from './gateways.ts';
import { invalid, isText, notFound, result, wrongField } from './row.ts';
import type { FieldCheck, ManagementAnswer, ManagementCall, ManagementRow } from './row.ts';

const routes = '/accounts/:account/ai-gateway/gateways/:gateway/routes';
const read = ['AI Gateway Read', 'AI Gateway Edit'];
const edit = ['AI Gateway Edit'];

/** Dynamic routes, their versions and deployments (contract sheet 1.7). Lists stand in `data`, not in `result`. */
export const routeRows: readonly ManagementRow[] = [
  { method: 'GET', path: routes, needs: read, answer: listRoutes },
  { method: 'POST', path: routes, needs: edit, answer: createRoute },
  { method: 'GET', path: `${routes}/:route`, needs: read, answer: onRoute((call) => result(shown(call))) },
  { method: 'PATCH', path: `${routes}/:route`, needs: edit, answer: onRoute(renameRoute) },
  { method: 'DELETE', path: `${routes}/:route`, needs: edit, answer: onRoute(deleteRoute) },
  { method: 'GET', path: `${routes}/:route/versions`, needs: read, answer: onRoute(listVersions) },
  { method: 'POST', path: `${routes}/:route/versions`, needs: edit, answer: onRoute(createVersion) },
  { method: 'GET', path: `${routes}/:route/versions/:version`, needs: read, answer: onRoute(showVersion) },
  { method: 'GET', path: `${routes}/:route/deployments`, needs: read, answer: onRoute(listDeployments) },
  { method: 'POST', path: `${routes}/:route/deployments`, needs: edit, answer: onRoute(deployVersion) },
];

/** A call about a route that is there. */
interface RouteCall extends ManagementCall {
  readonly gateway: AccountGateway;
  readonly gatewayId: string;
  readonly route: DynamicRoute;
}

function onRoute(answer: (call: RouteCall) => ManagementAnswer): ManagementRow['answer'] {
  return (call) => {
    const gateway = gatewayOf(call);
    const route = gateway?.routes.get(call.named['route'] ?? '');
    return gateway === undefined || route === undefined
      ? notFound()
      : answer({ ...call, gateway, gatewayId: idOf(call), route });
  };
}

function listRoutes(call: ManagementCall): ManagementAnswer {
  const gateway = gatewayOf(call);
  if (gateway === undefined) return notFound();
  const found = [...gateway.routes.values()].map((route) => ({
    account_tag: accountId,
    ...shown({ gatewayId: idOf(call), route }),
  }));
  return dataPage('routes', found, call.query);
}

function createRoute(call: ManagementCall): ManagementAnswer {
  const gateway = gatewayOf(call);
  if (gateway === undefined) return notFound();
  const { body } = call;
  const name = field(body, 'name');
  if (!isText(name)) return invalid('name');
  const refusal = refuseElements(body, ['name', 'elements']);
  if (refusal !== undefined) return refusal;
  // Neither the status nor the code is documented (uncertain).
  if ([...gateway.routes.values()].some((route) => route.name === name))
    return apiError(409, 7005, `A route with the name ${String(name)} exists already`);
  const route = routeOf(String(name), elementsOf(body));
  gateway.routes.set(route.id, route);
  return result(shown({ gatewayId: idOf(call), route }));
}

function renameRoute(call: RouteCall): ManagementAnswer {
  const name = field(call.body, 'name');
  if (!isText(name)) return invalid('name');
  const route = { ...call.route, name: String(name), modifiedAt: nextMoment() };
  call.gateway.routes.set(route.id, route);
  return { body: { success: true, route: { account_tag: accountId, ...shown({ ...call, route }) } } };
}

function deleteRoute({ gateway, gatewayId, route }: RouteCall): ManagementAnswer {
  gateway.routes.delete(route.id);
  return result(brief({ gatewayId, route, version: servingVersion(route) }));
}

function listVersions({ route, query }: RouteCall): ManagementAnswer {
  const versions = route.versions.map((version) => versionRow(route, version));
  return dataPage('versions', versions, query);
}

/** A new version serves nobody until it is deployed. */
function createVersion({ gateway, gatewayId, route, body }: RouteCall): ManagementAnswer {
  const refusal = refuseElements(body, ['elements']);
  if (refusal !== undefined) return refusal;
  const version = { id: nextId(), createdAt: nextMoment(), elements: elementsOf(body) };
  gateway.routes.set(route.id, { ...route, versions: [...route.versions, version], modifiedAt: version.createdAt });
  return result(brief({ gatewayId, route, version }));
}

function showVersion({ gatewayId, route, named }: RouteCall): ManagementAnswer {
  const version = route.versions.find(({ id }) => id === named['version']);
  if (version === undefined) return notFound();
  const summary = brief({ gatewayId, route, version });
  return result({ ...summary, ...versionRow(route, version) });
}

function listDeployments({ route, query }: RouteCall): ManagementAnswer {
  return dataPage('deployments', route.deployments.map(deploymentRow), query);
}

function deployVersion({ gateway, gatewayId, route, body }: RouteCall): ManagementAnswer {
  const version = route.versions.find(({ id }) => id === field(body, 'version_id'));
  if (version === undefined) return invalid('version_id');
  const createdAt = nextMoment();
  const deployments = [...route.deployments, { id: nextId(), createdAt, versionId: version.id }];
  gateway.routes.set(route.id, { ...route, deployments, modifiedAt: createdAt });
  return result(brief({ gatewayId, route, version }));
}

/** A route with its serving version and deployment. */
function shown({ gatewayId, route }: Pick<RouteCall, 'gatewayId' | 'route'>): JsonObject {
  const version = servingVersion(route);
  const deployment = route.deployments.at(-1);
  return {
    ...brief({ gatewayId, route, version }),
    ...(deployment !== undefined && { deployment: deploymentRow(deployment) }),
    ...(version !== undefined && { version: versionRow(route, version) }),
  };
}

function brief(of: { gatewayId: string; route: DynamicRoute; version: RouteVersion | undefined }): JsonObject {
  const { gatewayId, route, version } = of;
  return {
    id: route.id,
    created_at: route.createdAt,
    elements: version?.elements ?? [],
    gateway_id: gatewayId,
    modified_at: route.modifiedAt,
    name: route.name,
  };
}

function versionRow(route: DynamicRoute, version: RouteVersion): JsonObject {
  return {
    active: String(servingVersion(route)?.id === version.id),
    created_at: version.createdAt,
    data: JSON.stringify(version.elements),
    version_id: version.id,
    is_valid: true,
  };
}

function deploymentRow({ id, createdAt, versionId }: DynamicRoute['deployments'][number]): JsonObject {
  return { created_at: createdAt, deployment_id: id, version_id: versionId };
}

/** That lists take `page` and `per_page` follows from what they answer; the SDK has no such parameter (uncertain). */
function dataPage(name: string, rows: readonly JsonObject[], query: URLSearchParams): ManagementAnswer {
  const number = Number(query.get('page') ?? 1);
  const size = Number(query.get('per_page') ?? 20);
  const order = { order_by: 'created_at', order_by_direction: 'asc', page: number, per_page: size };
  return { body: { success: true, data: { ...order, [name]: rows.slice((number - 1) * size, number * size) } } };
}

/** Which ways out each type of element must have; `undefined`: any. */
const elementOutputs: ReadonlyMap<string, readonly string[] | undefined> = new Map([
  ['start', ['next']],
  ['conditional', ['true', 'false']],
  ['percentage', undefined],
  ['rate', ['success', 'fallback']],
  ['model', ['success', 'fallback']],
  ['end', undefined],
]);

function refuseElements(body: unknown, known: readonly string[]): Refusal | undefined {
  const checks = new Map<string, FieldCheck>(known.map((name) => [name, name === 'elements' ? isElements : isText]));
  const wrong = isObject(body) ? wrongField(body, checks, known) : 'body';
  return wrong === undefined ? undefined : invalid(wrong);
}

function isElements(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isElement);
}

function isElement(element: Json): boolean {
  const outputs = field(element, 'outputs');
  const type = field(element, 'type');
  if (!isText(field(element, 'id')) || typeof type !== 'string' || !isObject(outputs)) return false;
  const needed = elementOutputs.get(type) ?? [];
  const leads = Object.values(outputs).every((output) => isText(field(output, 'elementId')));
  return elementOutputs.has(type) && leads && needed.every((name) => Object.hasOwn(outputs, name));
}
