import * as z from 'zod/mini';
import { field, parseJson, textOf } from '../../core/json.ts';
import { openAccount } from '../account.ts';
import { Stop } from '../stop.ts';
import type { Facts } from './facts.ts';

/** One stored key: its provider and its alias. */
export interface StoredKey {
  readonly provider: string;
  readonly alias: string;
}

/** Cloudflare's API by the operator's own login, as far as doctor and setup ask it. Refusals are thrown as `Stop`. */
export interface Login {
  /** `undefined`: the account has no such gateway. */
  storedKeys(gatewayId: string): Promise<readonly StoredKey[] | undefined>;
  /** `<name>` of `<worker>.<name>.workers.dev`. */
  subdomain(): Promise<string>;
  /** The id of the KV namespace with this title; `undefined` where there is none. */
  findNamespace(title: string): Promise<string | undefined>;
  /** Makes a KV namespace and gives its id. */
  createNamespace(title: string): Promise<string>;
  /** Makes a gateway that wants a token. */
  createGateway(id: string): Promise<void>;
}

/** As the dashboard makes one, but with authentication: nobody calls it without a token. */
const newGateway = {
  authentication: true,
  cache_invalidate_on_update: true,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
} as const;

const StoredKeys = z.array(z.object({ provider_slug: z.string(), alias: z.string() }));
const Namespace = z.object({ id: z.string(), title: z.string() });

/** Opens Cloudflare's API with the token that wrangler uses: CLOUDFLARE_API_TOKEN where it is set, else its login. */
export async function openLogin({
  desk,
  place,
  accountId,
}: Pick<Facts, 'desk' | 'place' | 'accountId'>): Promise<Login> {
  const { world } = desk;
  const token = textOf(field(parseJson(await world.wrangler(['auth', 'token', '--json'])), 'token'));
  if (token === undefined) throw new Stop(1, 'wrangler gives no token: log in with npx wrangler login');
  const values = new Map([['account', accountId], ...(place.env === undefined ? [] : [['env', place.env] as const])]);
  const asked = { flags: new Set(['remote']), values, operands: [] };
  const account = await openAccount(asked, { world: { ...world, env: { ...world.env, CLOUDFLARE_API_TOKEN: token } } });
  return {
    async storedKeys(gatewayId) {
      const rows = await account.find({
        what: 'read the stored keys',
        needs: 'AI Gateway Read',
        output: StoredKeys,
        call: async (client, own) => listed(client.aiGateway.providerConfigs.list(gatewayId, own)),
      });
      return rows?.map(({ provider_slug: provider, alias }) => ({ provider, alias }));
    },
    async subdomain() {
      const output = z.object({ subdomain: z.string() });
      const needs = 'Workers Scripts Read';
      const read = await account.ask({
        what: 'read the workers.dev subdomain',
        needs,
        output,
        call: async (client, own) => client.workers.subdomains.get(own),
      });
      return read.subdomain;
    },
    async findNamespace(title) {
      const rows = await account.ask({
        what: 'read the KV namespaces',
        needs: 'Workers KV Storage Read',
        output: z.array(Namespace),
        call: async (client, own) => listed(client.kv.namespaces.list(own)),
      });
      return rows.find((row) => row.title === title)?.id;
    },
    async createNamespace(title) {
      const call = { what: 'create the KV namespace', needs: 'Workers KV Storage Edit', output: Namespace };
      const made = await account.ask({
        ...call,
        call: async (client, own) => client.kv.namespaces.create({ ...own, title }),
      });
      return made.id;
    },
    async createGateway(id) {
      await account.ask({
        what: 'create the gateway',
        needs: 'AI Gateway Edit',
        output: z.object({ id: z.string() }),
        call: async (client, own) => client.aiGateway.create({ ...own, id, ...newGateway }),
      });
    },
  };
}

async function listed<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const row of pages) rows.push(row);
  return rows;
}
