import type { Cloudflare } from 'cloudflare';
import * as z from 'zod/mini';
import { textOf } from '../../core/json.ts';
import type { Account } from '../account.ts';
import type { Asked, OptionRow } from '../asked.ts';
import type { World } from '../command.ts';
import { environmentOf, readConfig, variableOf } from '../config.ts';
import { readGatewayId } from '../gateways/api.ts';
import { readPlace } from '../place.ts';
import { Stop } from '../stop.ts';
import { plainText } from '../table.ts';
import { AccountRoute, AccountVersion, type RouteElement } from './schema.ts';

const toRead = 'AI Gateway Read';
const toEdit = 'AI Gateway Edit';

export const gatewayOption: Readonly<Record<string, OptionRow>> = {
  gateway: { value: '<id>', says: 'the gateway (default: AI_GATEWAY_ID of wrangler.toml)' },
};

/** The gateway that a command line means. Throws {@link Stop} with 2 where none is named. */
export function gatewayOf(asked: Asked, { folder }: World): string {
  const given = asked.values.get('gateway');
  if (given !== undefined) return readGatewayId(given);
  const config = readConfig(asked, folder);
  const declared = variableOf(environmentOf(config, readPlace(asked, folder)), 'AI_GATEWAY_ID');
  if (declared !== undefined) return readGatewayId(declared);
  throw new Stop(2, `Cannot choose the gateway: ${config.file} has no AI_GATEWAY_ID. Give --gateway.`);
}

/** The dynamic routes of one gateway. */
export interface GatewayRoutes {
  readonly account: Account;
  readonly gateway: string;
}

const RoutePage = z.object({ data: z.object({ routes: z.array(AccountRoute), per_page: z.optional(z.number()) }) });
const VersionPage = z.object({
  data: z.object({ versions: z.array(z.object({ version_id: z.string() })), per_page: z.optional(z.number()) }),
});

const mostPages = 50;

/** All dynamic routes of a gateway, by name. */
export async function listRoutes({ account, gateway }: GatewayRoutes): Promise<AccountRoute[]> {
  const routes = await readAll(async (page) => {
    const { data } = await account.ask({
      what: `read the dynamic routes of ${gateway}`,
      needs: toRead,
      output: RoutePage,
      call: async (client, of) => client.aiGateway.dynamicRouting.list(gateway, { ...of, ...page }),
    });
    return { rows: data.routes, size: data.per_page };
  });
  return routes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The route of a name. Throws {@link Stop} where there is none. */
export async function requireRoute(of: GatewayRoutes, name: string): Promise<AccountRoute> {
  const routes = await listRoutes(of);
  const found = routes.find((route) => route.name === name);
  if (found !== undefined) return findRoute(of, found.id);
  const there = routes.length === 0 ? 'it has none' : `it has ${routes.map((route) => route.name).join(', ')}`;
  throw new Stop(1, plainText(`Cannot find the dynamic route ${name} on the gateway ${of.gateway}: ${there}.`));
}

/** A route by its id, with the elements that serve. */
export async function findRoute({ account, gateway }: GatewayRoutes, id: string): Promise<AccountRoute> {
  const what = `read the dynamic route ${id}`;
  const route = await account.ask({
    what,
    needs: toRead,
    output: AccountRoute,
    call: async (client, of) => client.aiGateway.dynamicRouting.get(id, { ...of, gateway_id: gateway }),
  });
  const serving = route.deployment?.version_id;
  if (serving === undefined || serving === route.version?.version_id) return route;
  // A version that is saved and not deployed serves nobody.
  const version = await account.ask({
    what,
    needs: toRead,
    output: AccountVersion,
    call: async (client, of) => client.aiGateway.dynamicRouting.getVersion(serving, { ...of, gateway_id: gateway, id }),
  });
  return { ...route, elements: version.elements };
}

/** Makes a route; its first version serves at once. */
export async function createRoute(
  { account, gateway }: GatewayRoutes,
  { name, elements }: { readonly name: string; readonly elements: readonly RouteElement[] },
): Promise<AccountRoute> {
  return account.ask({
    what: `make the dynamic route ${name}`,
    needs: toEdit,
    output: AccountRoute,
    call: async (client, of) =>
      client.aiGateway.dynamicRouting.create(gateway, { ...of, name, elements: sentElements(elements) }),
  });
}

/**
 * Makes a new version of a route and deploys it. The answer to a new version has one `id`, and whether that is the route's or
 * the version's is not documented (uncertain): the new one is what the list has more than before.
 */
export async function deployRoute(
  of: GatewayRoutes,
  { id, name }: AccountRoute,
  elements: readonly RouteElement[],
): Promise<void> {
  const { account, gateway } = of;
  const before = new Set(await listVersions(of, id));
  await account.ask({
    what: `make a version of the dynamic route ${name}`,
    needs: toEdit,
    output: z.unknown(),
    call: async (client, { account_id }) =>
      (await client.aiGateway.dynamicRouting.createVersion(id, {
        account_id,
        gateway_id: gateway,
        elements: sentElements(elements),
      })) ?? null,
  });
  const [fresh, ...more] = (await listVersions(of, id)).filter((version) => !before.has(version));
  if (fresh === undefined || more.length > 0)
    throw new Stop(
      1,
      `Cannot deploy the dynamic route ${name}: ${fresh === undefined ? 'its new version is not listed' : 'somebody else made a version too'}. Nothing that serves was changed; deploy the version in the dashboard, or push again.`,
    );
  await account.ask({
    what: `deploy the new version of the dynamic route ${name}, which is saved and serves nobody yet`,
    needs: toEdit,
    output: z.unknown(),
    call: async (client, { account_id }) =>
      (await client.aiGateway.dynamicRouting.createDeployment(id, {
        account_id,
        gateway_id: gateway,
        version_id: fresh,
      })) ?? null,
  });
}

async function listVersions({ account, gateway }: GatewayRoutes, id: string): Promise<string[]> {
  return readAll(async (page) => {
    const { data } = await account.ask({
      what: `read the versions of the dynamic route ${id}`,
      needs: toRead,
      output: VersionPage,
      call: async (client, of) =>
        client.aiGateway.dynamicRouting.listVersions(id, { ...of, gateway_id: gateway }, { query: page }),
    });
    return { rows: data.versions.map(({ version_id }) => version_id), size: data.per_page };
  });
}

type Page = { readonly page: number; readonly per_page: number };

/** Pages that tell their size in `data`. An API that takes no page number ends the list by repeating itself. */
async function readAll<Row>(read: (page: Page) => Promise<{ rows: Row[]; size: number | undefined }>): Promise<Row[]> {
  const all: Row[] = [];
  let last = '';
  for (let page = 1; page <= mostPages; page += 1) {
    const { rows, size = 0 } = await read({ page, per_page: 50 });
    const text = JSON.stringify(rows);
    if (text === last) break;
    all.push(...rows);
    if (rows.length < size || textOf(text) === '[]') break;
    last = text;
  }
  return all;
}

type SentElements = Parameters<Cloudflare['aiGateway']['dynamicRouting']['create']>[1]['elements'];

/** The SDK's types want arrays that may be written to; nobody writes to them. */
function sentElements(elements: readonly RouteElement[]): SentElements {
  return elements as SentElements;
}
