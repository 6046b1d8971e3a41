import { field, parseJson, textOf } from '../../core/json.ts';
import type { Facts } from './facts.ts';

/** What came back from a request: an answer, or why none came. */
export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Headers;
      readonly text: string;
      /** The body where it is JSON. */
      readonly body: unknown;
    }
  | { readonly kind: 'nothing'; readonly why: string };

const longestWaitMs = 60_000;

/** Sends a request and never throws. Redirects are not followed: they would carry the key to whatever host they name. */
export async function ask(url: string, init: RequestInit, { desk }: Pick<Facts, 'desk'>): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(longestWaitMs);
    const response = await desk.world.fetch(url, { redirect: 'manual', signal, ...init });
    const text = await response.text();
    return { kind: 'answer', status: response.status, headers: response.headers, text, body: parseJson(text) };
  } catch (error) {
    const code = codeOf(error);
    const says = connectionFaults.find(({ when }) => when.test(code))?.says ?? 'no connection';
    return { kind: 'nothing', why: says.endsWith(')') ? says : `${says} (${code})` };
  }
}

/** Node's `fetch` says "fetch failed" and hides the reason in its cause. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = textOf(field(error.cause, 'code'));
  return code ?? (error.cause instanceof Error ? error.cause.message : error.name);
}

const connectionFaults = [
  { when: /ENOTFOUND|EAI_AGAIN/, says: 'there is no host of this name (DNS)' },
  { when: /ECONNREFUSED/, says: 'nothing listens there (connection refused)' },
  { when: /CERT|TLS|SSL|SELF_SIGNED|VERIFY|EPROTO/, says: 'its certificate is not accepted' },
  { when: /Timeout|ETIMEDOUT|UND_ERR_(CONNECT|HEADERS)/, says: 'no answer in time' },
  { when: /ECONNRESET|EPIPE|UND_ERR_SOCKET/, says: 'the connection broke off' },
];

/** The router's own words in an error answer, in any dialect. */
export function saidIn({ body }: { readonly body: unknown }): string | undefined {
  return textOf(field(field(body, 'error'), 'message'));
}

/** A page in the place of an API answer: what Cloudflare's edge or Access puts before a Worker. */
export interface Stranger {
  readonly says: string;
  readonly next: string;
}

/** Who answered where no router did; `undefined` where the answer may well be a router's. */
export function findStranger(answer: Answer & { kind: 'answer' }): Stranger | undefined {
  const { status, headers, text, body } = answer;
  if (isAccess(answer)) return access;
  if (status >= 300 && status < 400) {
    const to = URL.parse(headers.get('location') ?? '')?.origin ?? 'another place';
    return { says: `a redirect to ${to}`, next: `Give the address itself: router doctor --url ${to}` };
  }
  // A code of Cloudflare's edge, as text or within its page.
  const code = /error code:? (\d{3,4})|Error\s+(1\d{3})/i.exec(text)?.slice(1).find(Boolean);
  if (body === undefined && code !== undefined) return edgeFault(status, code);
  if (body === undefined && status === 404) return noWorker;
  return body === undefined ? { says: `status ${status} and no JSON: not a router`, next: giveAddress } : undefined;
}

const giveAddress =
  'Give the address that npx wrangler deploy printed: router doctor --url https://<worker>.<subdomain>.workers.dev';

const noWorker: Stranger = {
  says: 'status 404 and a page: no Worker is deployed at this address',
  next: 'Deploy it: npx wrangler deploy --env="", or give the address that it printed with --url. A new Worker takes up to a minute.',
};

/** Access lets nobody through without its own token. Which of these signs a path gets is not documented (uncertain). */
function isAccess({ status, headers, text }: Answer & { kind: 'answer' }): boolean {
  const signs = [
    headers.get('location') ?? '',
    headers.get('www-authenticate') ?? '',
    headers.get('cf-access-domain') === null ? '' : 'cloudflareaccess.com',
    status === 401 || status === 403 ? text : '',
  ];
  return signs.some((sign) => /cloudflareaccess\.com|cdn-cgi\/access|Cloudflare[- ]Access/i.test(sign));
}

const access: Stranger = {
  says: 'Cloudflare Access stands before the router and wants its own login',
  next: 'Zero Trust dashboard > Access > Applications: add a policy "Service Auth" or "Bypass" for this host, or let its tokens in by the KV value "oidc".',
};

const edgeFaults: Readonly<Record<string, Stranger>> = {
  '1010': {
    says: 'the firewall of the zone refuses this client (Browser Integrity Check)',
    next: 'Dashboard > the zone > Security: switch the Browser Integrity Check off for this host.',
  },
  '1020': {
    says: 'a firewall rule of the zone refuses the request',
    next: 'Dashboard > the zone > Security > Events names the rule.',
  },
  '1042': {
    says: 'a Worker that calls another of the same zone by fetch',
    next: 'Use a service binding between the two Workers.',
  },
  '1101': { says: 'the Worker threw an exception before it could answer', next: 'npx wrangler tail shows it.' },
  '1102': {
    says: 'the Worker went over its CPU limit',
    next: 'Raise limits.cpu_ms in wrangler.toml, or move to Workers Paid.',
  },
  '1015': {
    says: 'a rate limiting rule of the zone',
    next: 'Dashboard > the zone > Security > Events names the rule.',
  },
  '1016': {
    says: 'the host name leads to no origin',
    next: 'Give the Worker this custom domain, or use its workers.dev address.',
  },
};

function edgeFault(status: number, code: string): Stranger {
  const known = Object.hasOwn(edgeFaults, code) ? edgeFaults[code] : undefined;
  const { says, next } = known ?? { says: "Cloudflare's edge answered in the router's place", next: giveAddress };
  return { says: `status ${status}, Cloudflare error ${code}: ${says}`, next };
}
