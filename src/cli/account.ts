import type { Cloudflare } from 'cloudflare';
import * as z from 'zod/mini';
import { accountId as localAccountId, operatorToken } from '../local/keys.ts';
import { apiPath, localApiUrl } from '../local/address.ts';
import type { Asked, OptionRow } from './asked.ts';
import { apiFailure } from './account-failure.ts';
import type { World } from './command.ts';
import { configOption, environmentOf, readConfig, variableOf, type Environment } from './config.ts';
import { readPlace, type Place } from './place.ts';
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

/** Where an account is, and what opens it. */
export interface AccountSettings {
  readonly place: Place;
  readonly accountId: string;
  /** Ends in `/client/v4`. */
  readonly baseUrl: string;
  readonly token: string;
}

const usualApiUrl = 'https://api.cloudflare.com/client/v4';
const callMs = 30_000;

/**
 * What a command line, the shell and `wrangler.toml` say about the account. The token is `CLOUDFLARE_API_TOKEN` of the
 * operator's shell, by which wrangler logs in too; it is not the Worker secret of the same name, which lives in the account
 * and is there for Workers AI alone. In the local environment the account is the stand-in's: its token is made up, and the
 * shell's own never goes there. Throws {@link Stop} with 2 where something is missing or unfit.
 */
export function readAccount(asked: Asked, world: World): AccountSettings {
  const place = readPlace(asked, world.folder);
  if (!place.remote) {
    const baseUrl = localUrl(world.env['CLOUDFLARE_API_BASE_URL']);
    return { place, accountId: asked.values.get('account') ?? localAccountId, baseUrl, token: operatorToken };
  }
  const environment = environmentOf(readConfig(asked, world.folder), place);
  const baseUrl = world.env['CLOUDFLARE_API_BASE_URL'] ?? variableOf(environment, 'CLOUDFLARE_API_BASE_URL');
  return {
    place,
    accountId: chooseAccount(asked, world, environment),
    baseUrl: requireCloudflare(readUrl(baseUrl ?? usualApiUrl)),
    token: readToken(world),
  };
}

/** Opens the account by the official SDK, which is loaded here and by no other command. */
export async function openAccount(asked: Asked, { world }: { readonly world: World }): Promise<Account> {
  const { place, accountId, baseUrl, token } = readAccount(asked, world);
  const sdk = await import('cloudflare');
  const client = new sdk.Cloudflare({
    apiToken: token,
    // Left out, these would be taken from the shell and sent beside the token.
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
    fetch: async (input, init) => requireJson(await world.fetch(requestUrl(input), plainInit(init, token)), baseUrl),
  });
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
        throw new Stop(1, `Cannot ${plainText(call.what)}: there is no such thing in the account (404).`);
      return found;
    },
  };
}

/** A path that leads nowhere, which is how a wrong account id is answered (7003), is no missing gateway. */
function isNoRoute({ errors }: { readonly errors: readonly { readonly code?: number }[] }): boolean {
  return errors.some(({ code }) => code === 7003);
}

function sayAccount({ place, accountId }: { place: Place; accountId: string }): string {
  if (!place.remote) return 'local account (the stand-in of npm start)';
  return plainText(`account ${accountId}${place.env === undefined ? '' : ` (env ${place.env})`}`);
}

function chooseAccount({ values }: Asked, { env }: World, environment: Environment): string {
  const given = values.get('account');
  const shell = env['CLOUDFLARE_ACCOUNT_ID'] ?? '';
  const table: unknown = environment.table;
  const declared = variableOf(environment, 'CLOUDFLARE_ACCOUNT_ID') ?? accountIdIn(table) ?? '';
  const { file } = environment.config;
  if (given === undefined && shell !== '' && declared !== '' && shell !== declared)
    throw new Stop(
      2,
      `Cannot choose the account: CLOUDFLARE_ACCOUNT_ID of this shell and of ${file} differ. Name one with --account.`,
    );
  const id = [given, shell, declared].find((one) => one !== undefined && one !== '');
  if (id !== undefined && /^[0-9a-f]{32}$/.test(id)) return id;
  const what = id === undefined ? 'none is named' : `"${plainText(id)}" is none, it has 32 digits and letters a to f`;
  throw new Stop(
    2,
    `Cannot choose the account: ${what}. Set CLOUDFLARE_ACCOUNT_ID in ${file} or in the shell, or give --account.`,
  );
}

const WithAccount = z.object({ account_id: z.string() });

function accountIdIn(table: unknown): string | undefined {
  return z.safeParse(WithAccount, table).data?.account_id;
}

function readToken({ env }: World): string {
  const token = env['CLOUDFLARE_API_TOKEN']?.trim() ?? '';
  // What cannot stand in a header would make `fetch` quote it in its complaint.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Stop(
    2,
    [
      'Cannot open the account: CLOUDFLARE_API_TOKEN is not set in this shell, or holds none.',
      'Make an API token in the dashboard (My Profile > API Tokens) with Account > AI Gateway > Edit, and export it here.',
      'It is your own, and not the Worker secret of the same name.',
    ].join('\n'),
  );
}

const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/** A token must not go over the wire in the open: plain HTTP is for this machine alone. */
function readUrl(given: string): string {
  const url = URL.parse(given);
  const isFit = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname));
  if (url !== null && isFit && url.username === '' && url.password === '')
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  throw new Stop(2, 'Cannot use CLOUDFLARE_API_BASE_URL: it must begin with https:// and hold no password.');
}

/** The stand-in must get no real token, and no operator should take it for the account. */
function requireCloudflare(url: string): string {
  if (!new URL(url).pathname.startsWith(`${apiPath}/`)) return url;
  throw new Stop(
    2,
    'Cannot open the account: CLOUDFLARE_API_BASE_URL of this shell is the one of npm start. Unset it, or leave out --remote and --env.',
  );
}

/** The shell's address where it is one of this machine: the stand-in may be served on another port. */
function localUrl(given: string | undefined): string {
  const url = given === undefined ? null : URL.parse(given);
  return url !== null && given !== undefined && loopback.test(url.hostname) ? readUrl(given) : localApiUrl;
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
