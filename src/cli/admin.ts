import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { field, parseJson, textOf, type JsonObject } from '../core/json.ts';
import type { Asked, OptionRow } from './asked.ts';
import type { World } from './command.ts';
import { Stop } from './stop.ts';
import { plainText } from './table.ts';

/** The options of every command that calls a router's admin plane. */
export const adminOptions: Readonly<Record<string, OptionRow>> = {
  url: { value: '<url>', says: 'the router (default: http://127.0.0.1:8787, where npm start serves)' },
  'key-file': { value: '<file>', says: 'a file that holds ADMIN_KEY (default: the variable ROUTER_ADMIN_KEY)' },
};

/** One call of the admin plane. */
export interface AdminCall<T> {
  readonly method: string;
  /** Below `/admin`, its parts not yet encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  readonly output: z.core.$ZodType<T>;
}

/** A router's admin plane. */
export interface AdminPlane {
  readonly url: string;
  /** Throws {@link Stop} with what the router said, or why it cannot be reached. */
  call<T>(call: AdminCall<T>): Promise<T>;
}

const usualUrl = 'http://127.0.0.1:8787';
const callMs = 30_000;

/** The admin plane that a command line asks for. Throws {@link Stop} with 2 where address or key is missing or unfit. */
export function openAdmin({ values }: Asked, { world }: { readonly world: World }): AdminPlane {
  const url = readUrl(values.get('url') ?? usualUrl);
  const key = readKey(values.get('key-file'), world);
  return {
    url,
    async call({ method, path, query = {}, body, output }) {
      const where = `${url}/admin/${path.map(segmentOf).join('/')}`;
      const sent = new URLSearchParams(query).toString();
      const response = await world
        .fetch(sent === '' ? where : `${where}?${sent}`, {
          method,
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          // Followed, a redirect would carry the key to whatever host it names.
          redirect: 'manual',
          signal: AbortSignal.timeout(callMs),
        })
        .catch((cause: unknown) => {
          throw new Stop(1, `Cannot reach the router at ${url}. Is it up? Name another with --url.`, { cause });
        });
      const text = await response.text();
      if (!response.ok) throw refusal(url, response.status, text.replaceAll(key, '[key]'));
      const read = z.safeParse(output, parseJson(text));
      if (read.success) return read.data;
      throw new Stop(1, `Cannot read the answer of ${url}: it is not one of this version's. Deploy the router anew.`);
    },
  };
}

/** `..` would climb from a key to its caller, which `DELETE` then takes away; there is no way to write it in a URL. */
function segmentOf(part: string): string {
  if (!['', '.', '..'].includes(part)) return encodeURIComponent(part);
  throw new Stop(2, `Cannot use "${part}" as a name or id.`);
}

/** The address of a router, checked. A key must not go over the wire in the open: plain HTTP is for this machine alone. */
export function readUrl(given: string): string {
  const url = URL.parse(given);
  const isLocal = url !== null && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname);
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)))
    throw new Stop(2, `Cannot use --url ${plainText(given)}: give the router's address, beginning with https://.`);
  return `${url.origin}${url.pathname.replace(/(\/v1)?\/*$/, '')}`;
}

function readKey(file: string | undefined, { env, folder }: World): string {
  const key = file === undefined ? env['ROUTER_ADMIN_KEY'] : readFile(resolve(folder, file));
  const trimmed = key?.trim() ?? '';
  // What cannot stand in a header would make `fetch` quote it in its complaint.
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  const what = file === undefined ? 'ROUTER_ADMIN_KEY is not set, or holds none' : `${file} holds none`;
  throw new Stop(
    2,
    `Cannot find the admin key: ${what}. Set ROUTER_ADMIN_KEY to the router's ADMIN_KEY, or give --key-file.`,
  );
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Stop(2, `Cannot read the admin key: there is no readable file ${path}.`, { cause });
  }
}

/** What the router said, in its own words where it has any. */
function refusal(url: string, status: number, text: string): Stop {
  const error = field(parseJson(text), 'error');
  if (status === 404 && field(error, 'code') === 'unknown_url')
    return new Stop(
      1,
      `Cannot administer ${url}: it has no admin plane. Set its secret: npx wrangler secret put ADMIN_KEY.`,
    );
  const said = textOf(field(error, 'message'));
  return new Stop(1, plainText(said ?? `Cannot understand ${url}: it answered ${status}, and not as a router does.`));
}
