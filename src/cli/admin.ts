import * as z from 'zod/mini';
import { field, parseJson, textOf, type JsonObject } from '../core/json.ts';
import type { Asked, OptionRow } from './asked.ts';
import type { World } from './command.ts';
import { readKey, readUrl } from './reach.ts';
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
  const key = readKey(values.get('key-file'), world, { variable: 'ROUTER_ADMIN_KEY', secret: 'ADMIN_KEY' });
  if (key === undefined)
    throw new Stop(
      2,
      "Cannot find the admin key: ROUTER_ADMIN_KEY is not set, or holds none. Set ROUTER_ADMIN_KEY to the router's ADMIN_KEY, or give --key-file.",
    );
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
