import type { ClientOptions, Cloudflare } from 'cloudflare';
import * as z from 'zod/mini';
import { field } from '../core/json.ts';
import { apiFailure } from './account-failure.ts';
import { readAccount, type AccountSettings } from './account-settings.ts';
import type { Asked, OptionRow } from './asked.ts';
import type { World } from './command.ts';
import { configOption } from './config.ts';
import type { Place } from './place.ts';
import { Stop } from './stop.ts';
import { plainText } from './table.ts';

/** The options of every command that works in the Cloudflare account. */
export const accountOptions: Readonly<Record<string, OptionRow>> = {
  remote: { says: 'the top level of wrangler.toml; without it and --env the account that npm start plays' },
  env: { value: '<name>', says: 'an environment of wrangler.toml, such as staging' },
  account: { value: '<id>', says: 'the account id (default: CLOUDFLARE_ACCOUNT_ID of the shell or of wrangler.toml)' },
  ...configOption,
};

/** One call of Cloudflare's API. */
export interface AccountCall<Answer, Read> {
  /** What it is for, after "Cannot": `read the gateways`. */
  readonly what: string;
  /** The permission of the token that it takes, as the dashboard calls it: `AI Gateway Read`. */
  readonly needs: string;
  /** What is needed of the answer. */
  readonly output: z.core.$ZodType<Read>;
  readonly call: (client: Cloudflare, account: { readonly account_id: string }) => Promise<Answer>;
}

/** A Cloudflare account, open. */
export interface Account {
  readonly id: string;
  readonly place: Place;
  /** As messages name it: `account 0123… (env staging)`. */
  readonly name: string;
  /** Throws {@link Stop} with the cause in plain words. */
  ask<Answer, Read>(call: AccountCall<Answer, Read>): Promise<Read>;
  /** The same where it may be that there is no such thing (404): `undefined` then. */
  find<Answer, Read>(call: AccountCall<Answer, Read>): Promise<Read | undefined>;
}

const callMs = 30_000;

/** Opens the account by the official SDK, which is loaded here and by no other command. */
export async function openAccount(asked: Asked, { world }: { readonly world: World }): Promise<Account> {
  const settings = readAccount(asked, world);
  const sdk = await import('cloudflare');
  const client = new sdk.Cloudflare(clientOptions(settings, world));
  const { place, accountId, baseUrl, token } = settings;
  const find = async <Answer, Read>({
    what,
    needs,
    output,
    call,
  }: AccountCall<Answer, Read>): Promise<Read | undefined> => {
    const asking = { what: plainText(what), needs, baseUrl, token, place };
    try {
      const read = z.safeParse(output, await call(client, { account_id: accountId }));
      if (read.success) return read.data;
    } catch (error) {
      if (error instanceof sdk.NotFoundError && !isNoRoute(error)) return undefined;
      throw apiFailure(error, asking);
    }
    throw new Stop(1, `Cannot ${plainText(what)}: the answer of ${baseUrl} is not one that this version can read.`);
  };
  return {
    id: accountId,
    place,
    name: sayAccount({ place, accountId }),
    find,
    ask: async (call) => {
      const found = await find(call);
      if (found === undefined)
        throw new Stop(
          1,
          `Cannot ${plainText(call.what)}: there is no such thing in the account (404). Look at the names.`,
        );
      return found;
    },
  };
}

/** Everything that the SDK would else take from the shell is said. */
function clientOptions({ baseUrl, token }: AccountSettings, { fetch }: World): ClientOptions {
  return {
    apiToken: token,
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    baseURL: baseUrl,
    // Waiting is the operator's to decide, and a repeated POST could make a second one.
    maxRetries: 0,
    timeout: callMs,
    // The SDK's own log would go to the console.
    logLevel: 'off',
    // Followed, a redirect would carry the call to whatever host it names.
    fetchOptions: { redirect: 'manual' },
    fetch: async (input, init) => requireJson(await fetch(requestUrl(input), plainInit(init, token)), baseUrl),
  };
}

/** A path that leads nowhere, which is how a wrong account id is answered (7003), is no missing gateway. */
function isNoRoute({ errors }: { readonly errors: unknown }): boolean {
  return Array.isArray(errors) && errors.some((one: unknown) => field(one, 'code') === 7003);
}

function sayAccount({ place, accountId }: { place: Place; accountId: string }): string {
  if (!place.remote) return 'local account (the stand-in of npm start)';
  return plainText(`account ${accountId}${place.env === undefined ? '' : ` (env ${place.env})`}`);
}

function requestUrl(input: string | URL | { readonly url: string }): string {
  return typeof input === 'string' || input instanceof URL ? String(input) : input.url;
}

/** Everything else that the SDK would send it takes from the shell (`CLOUDFLARE_CUSTOM_HEADERS`), or is for its makers. */
const sentHeaders = ['accept', 'api-version', 'content-type', 'user-agent'] as const;

/**
 * The request with headers built from nothing. The SDK's types are Node's, ours the Workers'; at run time both are the same
 * `fetch`.
 */
function plainInit(init: unknown, token: string): RequestInit {
  const given = Object(init) as RequestInit;
  const own = new Headers(given.headers);
  const headers = new Headers({ authorization: `Bearer ${token}` });
  for (const name of sentHeaders) {
    const value = own.get(name);
    if (value !== null) headers.set(name, value);
  }
  return { ...given, headers };
}

/** A page of a proxy is no empty list, as which the SDK would read it. */
function requireJson(response: Response, baseUrl: string): Response {
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || type.includes('json')) return response;
  throw new Stop(1, `Cannot understand ${baseUrl}: it answered ${response.status}, and not as Cloudflare's API does.`);
}
