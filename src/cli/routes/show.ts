import { accountOptions, openAccount } from '../account.ts';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { parseJson } from '../../core/json.ts';
import { plainText, sayCount, sayTable } from '../table.ts';
import { gatewayOf, gatewayOption, listRoutes, requireRoute } from './api.ts';
import { fileText } from './changes.ts';
import type { AccountRoute } from './schema.ts';

const options = { ...accountOptions, ...gatewayOption };

/** `routes list`. */
export const routesListCommand: Command = {
  name: 'routes list',
  summary: 'List the dynamic routes of a gateway',
  details: ['A caller asks for one by the model name dynamic/<name>.'],
  operands: [],
  options,
  json: ['account, gateway, routes: [{ id, name, model, models: [text], modified_at? }]'],
  examples: ['routes list', 'routes list --env staging --gateway other --json'],
  run: list,
};

async function list(asked: Asked, desk: Desk): Promise<Outcome> {
  const gateway = gatewayOf(asked, desk.world);
  const account = await openAccount(asked, desk);
  const routes = (await listRoutes({ account, gateway })).map((route) => ({
    id: route.id,
    name: route.name,
    model: `dynamic/${route.name}`,
    models: modelsOf(route),
    ...(route.modified_at !== undefined && { modified_at: route.modified_at }),
  }));
  const json = { account: account.id, gateway, routes };
  if (routes.length === 0)
    return { exitCode: 0, json, text: `The gateway ${gateway} has no dynamic route. Next: router routes push` };
  const rows = routes.map(({ model, models, modified_at = '' }) => [
    plainText(model),
    plainText(models.join(', ')),
    plainText(modified_at.slice(0, 16).replace('T', ' ')),
  ]);
  const table = sayTable([['model', 'asks', 'changed'], ...rows]);
  return {
    exitCode: 0,
    json,
    text: `${table}\n\n${sayCount(routes.length, 'dynamic route')} on the gateway ${gateway}.`,
  };
}

/** The models that a route may ask, as `provider/model`. */
function modelsOf({ elements }: AccountRoute): string[] {
  const asked = elements.flatMap(({ type, properties }) => {
    const { provider, model } = Object(properties) as { provider?: unknown; model?: unknown };
    return type === 'model' && typeof provider === 'string' && typeof model === 'string'
      ? [`${provider}/${model}`]
      : [];
  });
  return [...new Set(asked)];
}

/** `routes show`. */
export const routesShowCommand: Command = {
  name: 'routes show',
  summary: 'Show a dynamic route as its file would have it',
  details: ['What is printed is what serves, and can be saved: routes show support > dynamic-routes/support.json'],
  operands: ['<name>'],
  options,
  json: ['account, gateway, id, name, modified_at?, route: { elements }'],
  examples: ['routes show support', 'routes show support --remote --json'],
  run: show,
};

async function show(asked: Asked, desk: Desk): Promise<Outcome> {
  const gateway = gatewayOf(asked, desk.world);
  const account = await openAccount(asked, desk);
  const route = await requireRoute({ account, gateway }, asked.operands[0] ?? '');
  const { id, name, modified_at } = route;
  const text = fileText(route);
  const json = {
    account: account.id,
    gateway,
    id,
    name,
    ...(modified_at !== undefined && { modified_at }),
    route: Object(parseJson(text)),
  };
  return { exitCode: 0, json, text: plainText(text) };
}
