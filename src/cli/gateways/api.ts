import { isDeepStrictEqual } from 'node:util';
import type { Cloudflare } from 'cloudflare';
import * as z from 'zod/mini';
import type { Json } from '../../core/json.ts';
import type { Account } from '../account.ts';
import { readPages } from '../pages.ts';
import { Stop } from '../stop.ts';
import { AccountGateway, GatewayId } from './schema.ts';

const toRead = 'AI Gateway Read';
const toEdit = 'AI Gateway Edit';

/** All gateways of the account, by id. */
export async function readGateways(account: Account): Promise<AccountGateway[]> {
  const gateways = await account.ask({
    what: 'read the gateways',
    needs: toRead,
    output: z.array(AccountGateway),
    call: async (client, of) => readPages(client.aiGateway.list({ ...of, per_page: 50 })),
  });
  return gateways.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** One gateway; `undefined` where there is none of the id. */
export async function findGateway(account: Account, id: string): Promise<AccountGateway | undefined> {
  return account.find({
    what: `read the gateway ${id}`,
    needs: toRead,
    output: AccountGateway,
    call: async (client, of) => client.aiGateway.get(id, of),
  });
}

/** One gateway. Throws {@link Stop} where there is none of the id. */
export async function requireGateway(account: Account, id: string): Promise<AccountGateway> {
  const found = await findGateway(account, id);
  if (found !== undefined) return found;
  throw new Stop(1, `Cannot find the gateway ${id} in the ${account.name}. See router gateways list.`);
}

/**
 * What is not the operator's to set: a PUT has no such parameter. `wholesale` is told by the live API and is in none of its
 * types (contract sheet 5.1, uncertain).
 */
const readOnly: ReadonlySet<string> = new Set([
  'id',
  'account_id',
  'account_tag',
  'created_at',
  'internal_id',
  'is_default',
  'modified_at',
  'wholesale',
]);

/** Settings of a gateway that a change took away or altered without being asked to. */
export function lostSettings(before: AccountGateway, after: AccountGateway, asked: readonly string[]): string[] {
  return Object.entries(before)
    .filter(([name, value]) => !readOnly.has(name) && !asked.includes(name) && !isDeepStrictEqual(value, after[name]))
    .map(([name]) => name);
}

/**
 * Replaces a gateway's settings by those that it had, with some changed: PUT takes the whole, and what it is not told is lost.
 * A setting that this version does not know is sent back as it came.
 */
export async function writeGateway(
  account: Account,
  seen: AccountGateway,
  settings: Readonly<Record<string, Json>>,
): Promise<AccountGateway> {
  const kept = Object.entries(seen).filter(([name]) => !readOnly.has(name));
  // The types know the settings of their day alone; the API checks the body.
  const body = { ...Object.fromEntries(kept), ...settings } as unknown as Parameters<
    Cloudflare['aiGateway']['update']
  >[1];
  return account.ask({
    what: `change the gateway ${seen.id}`,
    needs: toEdit,
    output: AccountGateway,
    call: async (client, of) => client.aiGateway.update(seen.id, { ...body, ...of }),
  });
}

/** Makes a gateway. */
export async function createGateway(
  account: Account,
  id: string,
  settings: Readonly<Record<string, Json>>,
): Promise<AccountGateway> {
  const body = { ...settings, id } as unknown as Parameters<Cloudflare['aiGateway']['create']>[0];
  return account.ask({
    what: `make the gateway ${id}`,
    needs: toEdit,
    output: AccountGateway,
    call: async (client, of) => client.aiGateway.create({ ...body, ...of }),
  });
}

/** Deletes a gateway, with its stored logs. */
export async function deleteGateway(account: Account, id: string): Promise<void> {
  await account.ask({
    what: `delete the gateway ${id}`,
    needs: toEdit,
    output: z.unknown(),
    call: async (client, of) => (await client.aiGateway.delete(id, of)) ?? null,
  });
}

const StoredKeys = z.array(z.object({ provider_slug: z.string(), alias: z.string() }));

/** The provider keys that are stored for a gateway, by provider and alias. Never a key, nor its preview. */
export async function readStoredKeys(account: Account, id: string): Promise<z.infer<typeof StoredKeys>> {
  const found = await account.find({
    what: `read the stored keys of ${id}`,
    needs: toRead,
    output: StoredKeys,
    call: async (client, of) => readPages(client.aiGateway.providerConfigs.list(id, { ...of, per_page: 50 })),
  });
  return found ?? [];
}

/** An id that somebody typed. Throws {@link Stop} with 2 where it is none: it goes into a path. */
export function readGatewayId(text: string): string {
  const { data } = z.safeParse(GatewayId, text);
  if (data !== undefined) return data;
  throw new Stop(2, `Cannot use ${JSON.stringify(text)} as the id of a gateway. See router gateways list.`);
}
