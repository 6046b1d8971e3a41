import { field, textOf } from '../core/json.ts';
import { accountId as localAccountId, operatorToken } from '../local/keys.ts';
import { apiPath, localApiUrl } from '../local/address.ts';
import type { Asked } from './asked.ts';
import type { World } from './command.ts';
import { environmentOf, readConfig, variableOf, type Environment } from './config.ts';
import { readPlace, type Place } from './place.ts';
import { Stop } from './stop.ts';
import { plainText } from './table.ts';

/** Where an account is, and what opens it. */
export interface AccountSettings {
  readonly place: Place;
  readonly accountId: string;
  /** Ends in `/client/v4`. */
  readonly baseUrl: string;
  readonly token: string;
}

const usualApiUrl = 'https://api.cloudflare.com/client/v4';

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

function chooseAccount({ values }: Asked, { env }: World, environment: Environment): string {
  const given = values.get('account');
  const shell = env['CLOUDFLARE_ACCOUNT_ID'] ?? '';
  const declared = variableOf(environment, 'CLOUDFLARE_ACCOUNT_ID') ?? accountIdOf(environment) ?? '';
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

/** wrangler's own `account_id`, which environments inherit. */
function accountIdOf({ table, config }: Environment): string | undefined {
  return textOf(field(table, 'account_id')) ?? textOf(field(config.whole, 'account_id'));
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
