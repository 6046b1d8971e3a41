import Cloudflare, { APIError } from 'cloudflare';
import { field, parseJson, textOf } from '../../core/json.ts';
import { Stop } from '../stop.ts';
import type { Facts } from './facts.ts';

/** One stored key: its provider and its alias. */
export interface StoredKey {
  readonly provider: string;
  readonly alias: string;
}

/** Cloudflare's API by the operator's own login, as far as doctor reads it. Everything throws `Stop` where it is refused. */
export interface Login {
  storedKeys(gatewayId: string): Promise<readonly StoredKey[]>;
  /** `<name>` of `<worker>.<name>.workers.dev`. */
  subdomain(): Promise<string>;
  /** The id of the KV namespace with this title; `undefined` where there is none. */
  findNamespace(title: string): Promise<string | undefined>;
  /** Makes a KV namespace and gives its id. */
  createNamespace(title: string): Promise<string>;
  /** Makes a gateway that wants a token. */
  createGateway(id: string): Promise<void>;
}

/** Opens Cloudflare's API with the token that wrangler uses: CLOUDFLARE_API_TOKEN where it is set, else its login. */
export async function openLogin({ desk, accountId }: Pick<Facts, 'desk' | 'accountId'>): Promise<Login> {
  const { world } = desk;
  const token = textOf(field(parseJson(await world.wrangler(['auth', 'token', '--json'])), 'token'));
  if (token === undefined) throw new Stop(1, 'wrangler gives no token: log in with npx wrangler login');
  const client = new Cloudflare({
    apiToken: token,
    apiEmail: null,
    apiKey: null,
    maxRetries: 1,
    fetch: async (input, init) => world.fetch(input instanceof Request ? input.url : String(input), init ?? {}),
  });
  const account = { account_id: accountId };
  return {
    storedKeys: async (gatewayId) =>
      orStop(async () => {
        const keys: StoredKey[] = [];
        for await (const row of client.aiGateway.providerConfigs.list(gatewayId, account))
          keys.push({ provider: row.provider_slug, alias: row.alias });
        return keys;
      }),
    findNamespace: async (title) =>
      orStop(async () => {
        for await (const row of client.kv.namespaces.list(account)) if (row.title === title) return row.id;
        return undefined;
      }),
    createNamespace: async (title) => orStop(async () => (await client.kv.namespaces.create({ ...account, title })).id),
    createGateway: async (id) =>
      orStop(async () => {
        await client.aiGateway.create({ ...account, id, ...newGateway });
      }),
    subdomain: async () => orStop(async () => (await client.workers.subdomains.get(account)).subdomain),
  };
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

async function orStop<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof APIError)) throw cause;
    const told = cause.errors[0];
    throw new Stop(
      1,
      `status ${cause.status ?? 'none'}, code ${told?.code ?? 'none'}: ${told?.message ?? 'no connection'}`,
      { cause },
    );
  }
}
