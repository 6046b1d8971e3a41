import type { Cloudflare } from 'cloudflare';
import * as z from 'zod/mini';
import type { Json } from '../../core/json.ts';
import type { Account } from '../account.ts';
import { readPages } from '../pages.ts';
import { Stop } from '../stop.ts';
import { plainText } from '../table.ts';
import { AccountProvider, ProviderSlug } from './schema.ts';

const toRead = 'AI Gateway Read';
const toEdit = 'AI Gateway Edit';

/** All custom providers of the account, by slug. */
export async function listProviders(account: Account): Promise<AccountProvider[]> {
  const providers = await account.ask({
    what: 'read the custom providers',
    needs: toRead,
    output: z.array(AccountProvider),
    call: async (client, of) => readPages(client.aiGateway.customProviders.list({ ...of, per_page: 50 })),
  });
  return providers.toSorted((a, b) => (a.slug < b.slug ? -1 : 1));
}

/** The provider of a slug that somebody typed, `custom-` before it or not. Throws {@link Stop} where there is none. */
export async function requireProvider(account: Account, typed: string): Promise<AccountProvider> {
  const { data: slug } = z.safeParse(ProviderSlug, typed);
  if (slug === undefined)
    throw new Stop(2, `Cannot use ${JSON.stringify(typed)} as the slug of a provider. See router providers list.`);
  const providers = await listProviders(account);
  const found = [slug, slug.replace(/^custom-/, '')].flatMap((one) => providers.find((row) => row.slug === one) ?? []);
  const [first] = found;
  if (first !== undefined) return first;
  const there = providers.length === 0 ? 'it has none' : `it has ${providers.map((row) => row.slug).join(', ')}`;
  throw new Stop(1, plainText(`Cannot find the custom provider ${slug} in the ${account.name}: ${there}.`));
}

/** A provider by its id; `undefined` where it is gone. */
export async function findProvider(
  account: Account,
  { id, slug }: AccountProvider,
): Promise<AccountProvider | undefined> {
  return account.find({
    what: `read the custom provider ${slug}`,
    needs: toRead,
    output: AccountProvider,
    call: async (client, of) => client.aiGateway.customProviders.get(id, of),
  });
}

/** Makes a custom provider. */
export async function createProvider(
  account: Account,
  slug: string,
  settings: Readonly<Record<string, Json>>,
): Promise<AccountProvider> {
  // The settings have been through the schema of the files, or came from the API itself.
  const body = settings as unknown as Parameters<Cloudflare['aiGateway']['customProviders']['create']>[0];
  return account.ask({
    what: `make the custom provider ${slug}`,
    needs: toEdit,
    output: AccountProvider,
    call: async (client, of) => client.aiGateway.customProviders.create({ ...body, ...of }),
  });
}

/** Deletes a custom provider, with its prices. */
export async function deleteProvider(account: Account, { id, slug }: AccountProvider): Promise<void> {
  await account.ask({
    what: `delete the custom provider ${slug}`,
    needs: toEdit,
    output: z.unknown(),
    call: async (client, of) => (await client.aiGateway.customProviders.delete(id, of)) ?? null,
  });
}
