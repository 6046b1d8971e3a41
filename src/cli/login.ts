import * as z from 'zod/mini';
import { field, parseJson, textOf } from '../core/json.ts';
import { openAccount, type Account } from './account.ts';
import type { Desk } from './command.ts';
import { readPages } from './pages.ts';
import type { Place } from './place.ts';
import { Stop } from './stop.ts';

/** Which account, and of which environment. */
export interface LoginPlace {
  readonly desk: Desk;
  readonly place: Place;
  readonly accountId: string;
}

/** Opens the account with the token that wrangler uses: CLOUDFLARE_API_TOKEN where it is set, else its own login. */
export async function openLogin({ desk, place, accountId }: LoginPlace): Promise<Account> {
  const { world } = desk;
  const token = textOf(field(parseJson(await world.wrangler(['auth', 'token', '--json'])), 'token'));
  if (token === undefined) throw new Stop(1, 'wrangler gives no token: log in with npx wrangler login');
  const values = new Map([['account', accountId], ...(place.env === undefined ? [] : [['env', place.env] as const])]);
  const asked = { flags: new Set(['remote']), values, operands: [] };
  return openAccount(asked, { world: { ...world, env: { ...world.env, CLOUDFLARE_API_TOKEN: token } } });
}

/** `<name>` of `<worker>.<name>.workers.dev`. */
export async function readSubdomain(account: Account): Promise<string> {
  const { subdomain } = await account.ask({
    what: 'read the workers.dev subdomain',
    needs: 'Workers Scripts Read',
    output: z.object({ subdomain: z.string() }),
    call: async (client, of) => client.workers.subdomains.get(of),
  });
  return subdomain;
}

const Namespace = z.object({ id: z.string(), title: z.string() });

/** The id of the KV namespace with this title; `undefined` where there is none. */
export async function findNamespace(account: Account, title: string): Promise<string | undefined> {
  const rows = await account.ask({
    what: 'read the KV namespaces',
    needs: 'Workers KV Storage Read',
    output: z.array(Namespace),
    call: async (client, of) => readPages(client.kv.namespaces.list({ ...of, per_page: 50 })),
  });
  return rows.find((row) => row.title === title)?.id;
}

/** Makes a KV namespace and gives its id. */
export async function createNamespace(account: Account, title: string): Promise<string> {
  const { id } = await account.ask({
    what: `make the KV namespace ${title}`,
    needs: 'Workers KV Storage Edit',
    output: Namespace,
    call: async (client, of) => client.kv.namespaces.create({ ...of, title }),
  });
  return id;
}
