import { accountOptions, openAccount } from '../account.ts';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { placeArguments } from '../place.ts';
import { requireNoFault } from '../declaration.ts';
import { findingsShape } from '../policy/finding.ts';
import { changesJson, changesShape, countChanges, sayChanges } from '../policy/show.ts';
import { Stop } from '../stop.ts';
import { plainText } from '../table.ts';
import {
  createRoute,
  deployRoute,
  findRoute,
  gatewayOf,
  gatewayOption,
  listRoutes,
  type GatewayRoutes,
} from './api.ts';
import { isAsFile, routeChanges, type RouteChange } from './changes.ts';
import { readRoutes, routesFolderOption, type RouteFolder } from './folder.ts';

/** `routes push`. */
export const routesPushCommand: Command = {
  name: 'routes push',
  summary: 'Make the dynamic routes of a gateway what their files say, and deploy them',
  details: [
    'One file a route: dynamic-routes/<name>.json with { "elements": [...] }. Checks them, shows the difference, asks, makes',
    'what is missing and a new version of what differs, which is deployed at once. A route without a file is left alone.',
  ],
  operands: ['[name]'],
  options: { ...accountOptions, ...gatewayOption, ...routesFolderOption, yes: { says: 'without asking' } },
  json: ['account, gateway, pushed: [name], undeclared: [name]', changesShape, findingsShape],
  examples: ['routes push', 'routes push support --env staging', 'routes push --remote --yes --json'],
  run: push,
};

async function push(asked: Asked, desk: Desk): Promise<Outcome> {
  const { world, paint } = desk;
  const { folder, routes, findings } = requireRoutes(asked, desk);
  const gateway = gatewayOf(asked, world);
  const account = await openAccount(asked, desk);
  const of = { account, gateway };
  desk.progress(`Reading the dynamic routes of ${gateway} in the ${account.name} ...`);
  const listed = await listRoutes(of);
  const names = new Set(routes.map(({ name }) => name));
  const ours = await Promise.all(listed.filter(({ name }) => names.has(name)).map(async ({ id }) => findRoute(of, id)));
  const undeclared = asked.operands.length > 0 ? [] : listed.map(({ name }) => name).filter((name) => !names.has(name));
  const changes = routeChanges(routes, ours);
  const shown = changes.map((change) => change.shown);
  const base = { account: account.id, gateway, changes: changesJson(shown), undeclared };
  const json = { ...base, findings: findings.map((finding) => ({ ...finding })) };
  const rest = undeclared.length === 0 ? '' : `\nWithout a file, and left alone: ${plainText(undeclared.join(', '))}.`;
  if (changes.length === 0) {
    const text = `Nothing to push: the files in ${folder} and the dynamic routes of ${gateway} are the same.${rest}`;
    return { exitCode: 0, json: { ...json, pushed: [] }, text };
  }
  desk.show(`${sayChanges(shown, paint)}\n`);
  await desk.confirm(`Push this to the gateway ${gateway} of the ${account.name}?`);
  const pushed = await pushAll(of, changes, desk);
  const next = `See them: router routes list${placeArguments(account.place)}`;
  return {
    exitCode: 0,
    json: { ...json, pushed },
    text: `Pushed to ${gateway}: ${countChanges(shown)}. ${next}${rest}`,
  };
}

/** Pushes one after the other, and looks whether each serves what its file says. */
async function pushAll(of: GatewayRoutes, changes: readonly RouteChange[], desk: Desk): Promise<string[]> {
  const pushed: string[] = [];
  for (const { file, seen } of changes) {
    desk.progress(`${seen === undefined ? 'Making' : 'Deploying'} ${file.name} ...`);
    const done = pushed.length === 0 ? 'Nothing was changed' : `Pushed so far: ${pushed.join(', ')}`;
    if (seen !== undefined && (await findRoute(of, seen.id)).modified_at !== seen.modified_at)
      throw new Stop(1, `Cannot push ${file.name}: somebody changed it a moment ago. ${done}. Run the command again.`);
    const { id } = seen ?? (await createRoute(of, file));
    if (seen !== undefined) await deployRoute(of, seen, file.elements);
    if (!isAsFile(file, await findRoute(of, id)))
      throw new Stop(
        1,
        `Cannot confirm ${file.name}: Cloudflare took it, and what serves is not what the file says. Look at it: router routes show ${file.name}`,
      );
    pushed.push(file.name);
  }
  return pushed;
}

/** The routes to push, without a fault. */
function requireRoutes(asked: Asked, desk: Desk): RouteFolder {
  const read = readRoutes(asked, desk.world.folder);
  requireNoFault(read.findings, { what: 'push', whose: 'the dynamic routes' }, desk);
  const [only] = asked.operands;
  const routes = only === undefined ? read.routes : read.routes.filter(({ name }) => name === only);
  if (routes.length > 0) return { ...read, routes };
  const missing = only === undefined ? 'no route file' : `no file for the route ${plainText(only)}`;
  throw new Stop(1, `Cannot push: there is ${missing} in ${read.folder}.`);
}
