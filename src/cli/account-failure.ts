import { field, textOf } from '../core/json.ts';
import type { Place } from './place.ts';
import { Stop } from './stop.ts';
import { plainText } from './table.ts';

/** What was asked of Cloudflare's API when it failed. */
export interface FailedCall {
  readonly what: string;
  readonly needs: string;
  readonly baseUrl: string;
  readonly token: string;
  readonly place: Place;
}

/** What to do about a status of Cloudflare's API (contract sheet 2.1, 2.5, 2.6). */
const advice: ReadonlyMap<number, (call: FailedCall) => string> = new Map<number, (call: FailedCall) => string>([
  [400, () => 'Cloudflare refuses what was sent.'],
  [401, () => 'Cloudflare does not know the token. Set CLOUDFLARE_API_TOKEN of this shell to one that is still valid.'],
  [
    403,
    ({ needs }) =>
      `the token may not do this. It needs the permission "${needs}" on this account: dashboard, My Profile > API Tokens.`,
  ],
  [404, () => 'Cloudflare knows no such account or object. Check the account id and the name.'],
  [409, () => 'it exists already, or somebody else is changing it. Look again, then run the command again.'],
  [429, () => 'too many calls. Wait a few minutes, then run the command again.'],
]);

/** An error of the SDK, or of the network below it, as the refusal that the operator reads. The token is never in it. */
export function apiFailure(error: unknown, call: FailedCall): Stop {
  const cause = stopIn(error);
  if (cause !== undefined) return cause;
  const status: unknown = Object(error).status;
  const hide = (text: string): string => plainText(text.replaceAll(call.token, '[token]'));
  if (typeof status !== 'number') return unreachable(error, call, hide);
  const usual = status >= 500 ? 'Cloudflare is in trouble. Try again in a moment.' : `it answered ${status}.`;
  const said = saidIn(error).map(hide).join('; ');
  return new Stop(
    1,
    [`Cannot ${call.what}: ${advice.get(status)?.(call) ?? usual}`, `  ${status}${said === '' ? '' : ` ${said}`}`].join(
      '\n',
    ),
    { json: { status } },
  );
}

/** Refusals of our own come up through the SDK, which wraps whatever `fetch` throws. */
function stopIn(error: unknown): Stop | undefined {
  if (error instanceof Stop) return error;
  return error instanceof Error && error.cause instanceof Stop ? error.cause : undefined;
}

function unreachable(error: unknown, { what, baseUrl, place }: FailedCall, hide: (text: string) => string): Stop {
  const isNetwork = error instanceof Error && error.name !== 'TypeError' && /connection|timed out/i.test(error.message);
  if (!isNetwork) {
    const said = hide(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    return new Stop(1, `Cannot ${what}: ${said}`);
  }
  const next = place.remote ? 'Check the network, then run the command again.' : 'Is npm start running?';
  return new Stop(1, `Cannot ${what}: ${baseUrl} cannot be reached. ${next}`);
}

/** What Cloudflare said: both `errors` and, as its gateway has it, `error` (contract sheet 2.6). */
function saidIn(error: unknown): string[] {
  const body: unknown = Object(error).error;
  const listed: unknown = field(body, 'errors') ?? field(body, 'error');
  const said = Array.isArray(listed) ? listed.slice(0, 5) : [];
  return said.flatMap((one: unknown) => {
    const message = textOf(field(one, 'message'));
    const code = field(one, 'code');
    return message === undefined ? [] : [`${typeof code === 'number' ? `(${code}) ` : ''}${message.slice(0, 500)}`];
  });
}
