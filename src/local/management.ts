import { parseJson } from '../core/json.ts';
import { apiError, textOfCode } from './errors.ts';
import { accountId, tokens } from './keys.ts';
import { gatewayRows } from './management/gateways.ts';
import { workersRows } from './management/workers.ts';
import { providerRows } from './management/providers.ts';
import { routeRows } from './management/routes.ts';
import type { ManagementAnswer, ManagementRow } from './management/row.ts';
import { couldNotRoute } from './voices-workers.ts';

/** Every endpoint of the management API that is played: a new one is a new row. */
const rows: readonly ManagementRow[] = [...gatewayRows, ...routeRows, ...providerRows, ...workersRows];

const base = '/client/v4';

/**
 * Plays Cloudflare's management API at `https://api.cloudflare.com/client/v4` (contract sheet 1.4, 1.7, 5). A function of
 * the request alone, so that it runs in the stand-in's Worker and in Node.
 */
export async function manage(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const body = parseJson(await request.text());
  const { status = 200, body: answered } = answer({ url, method: request.method, headers: request.headers, body });
  return Response.json(answered, { status });
}

interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/**
 * A token that nobody knows is 401/10000. One without the permission is 403 (measured, contract sheet 2.1); that its code is
 * 10000 as well is what users report (uncertain).
 */
function answer({ url, method, headers, body }: Asked): ManagementAnswer {
  const found = rows.flatMap((row) => {
    const named = namesIn(row.path, url.pathname);
    return named === undefined ? [] : [{ row, named }];
  });
  const token = /^Bearer (\S+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? '';
  const permissions = tokens.get(token);
  if (permissions === undefined) return apiError(401, 10_000, textOfCode(10_000));
  const [first] = found;
  if (first === undefined || !isOwnAccount(first.named)) return couldNotRoute(url.pathname);
  const match = found.find(({ row }) => row.method === method);
  if (match === undefined) return apiError(405, 7001, `${method} not supported for requested URI.`);
  const { row, named } = match;
  const isAllowed = row.needs.length === 0 || row.needs.some((needed) => permissions.includes(needed));
  if (!isAllowed) return apiError(403, 10_000, textOfCode(10_000));
  return row.answer({ named, query: url.searchParams, body, token });
}

function isOwnAccount(named: Readonly<Record<string, string>>): boolean {
  return named['account'] === undefined || named['account'] === accountId;
}

/** What the path holds for each `:name` of a row's; `undefined` where it is not that row's. */
function namesIn(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = `${base}${pattern}`.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const named: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? '';
    if (part.startsWith(':') && text !== '') named[part.slice(1)] = decodeSegment(text);
    else if (part !== text) return undefined;
  }
  return named;
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
