import * as z from 'zod/mini';
import { causes } from '../../core/cause.ts';
import type { UpstreamCause } from '../../core/failure.ts';
import { field } from '../../core/json.ts';
import { saidIn } from './answer.ts';
import type { Seen } from './check.ts';

/** Where a token with one permission is made. */
export const tokenPlace = 'dash.cloudflare.com > My Profile > API Tokens > Create Token';

/** Nothing that anybody could mend: either it passes, or the log tells more. */
function again(where: string): string {
  return `router doctor${where} again in a moment; npx wrangler tail shows more`;
}

/** What to do about a cause, exactly. `where` is ` --env staging` or nothing. Causes without a row say it in their advice. */
const nextSteps: Readonly<Partial<Record<UpstreamCause, (where: string) => string>>> = {
  'gateway-token': (where) =>
    `Make a token with the permission "AI Gateway Run" (${tokenPlace}), then router secrets push${where} CF_AIG_TOKEN`,
  'cloudflare-token': (where) =>
    `Make a token with the permission "Workers AI Read" (${tokenPlace}), then router secrets push${where} CLOUDFLARE_API_TOKEN`,
  'gateway-missing': (where) => `router setup${where} creates the gateway that AI_GATEWAY_ID names`,
  'account-route': () =>
    'Put the id that npx wrangler whoami shows into CLOUDFLARE_ACCOUNT_ID of wrangler.toml, deploy',
  'stored-key-missing': () => 'Dashboard > AI > AI Gateway > the gateway > Provider Keys: store a key for the provider',
  'stored-key-alias': () =>
    'Dashboard > AI > AI Gateway > the gateway > Provider Keys: store a key under this alias, or correct byokAlias',
  'provider-key-missing': () =>
    'Dashboard > AI > AI Gateway > the gateway > Provider Keys: store a key for the provider',
  'provider-key': (where) =>
    `Make a new key at the provider; store it in AI Gateway (Provider Keys), or router secrets push${where} <its name> where the route says "secret"`,
  'unified-model': () => 'Store a provider key in AI Gateway and set the route\'s credentials to "stored"',
  'unified-balance': () => 'Dashboard > AI > AI Gateway > Credits: add credits, or store a provider key',
  'unified-rate': () => 'Wait a minute, or store a provider key: Unified Billing takes 200 requests a minute',
  'provider-billing': () => "Top up the account at the provider's own console",
  'gateway-rate': () =>
    'Dashboard > AI > AI Gateway > the gateway > Settings: raise the rate limit, or wait for its window',
  'spend-limit': () =>
    'Dashboard > AI > AI Gateway > the gateway > Settings > Spend limits: raise it, or wait for its window',
  'provider-rate': () => 'Wait, or raise the rate limit at the provider',
  quota: () => 'Move the account to Workers Paid, or wait for 00:00 UTC',
  guardrail: () => 'Dashboard > AI > AI Gateway > the gateway > Guardrails: they refuse "Say ok"',
  dlp: () => 'Dashboard > AI > AI Gateway > the gateway > DLP: it refuses "Say ok"',
  'content-filter': () => 'Look at the content filter in the provider\'s console: it refuses "Say ok"',
  'too-large': () => "Look at the limits in the provider's console: it refuses a request of 100 bytes",
  capacity: again,
  'provider-error': again,
  connection: again,
  'idle-timeout': again,
  garbage: again,
  cut: again,
  'stream-error': again,
  'model-missing': () => "Correct the model's name in the route: router policy check, then router policy push",
};

/** What the router tells of one target that it tried. */
const Attempt = z.object({
  target: z.string(),
  outcome: z.string(),
  status: z.optional(z.number()),
  reason: z.optional(z.string()),
});

/** What a failed call means, from the router's own words: which target, which status, which cause, what to do. */
export function meaningOf({ status, body }: { status: number; body: unknown }, where: string): Omit<Seen, 'subject'> {
  const { data: attempts = [] } = z.safeParse(z.array(Attempt), field(field(body, 'error'), 'attempts'));
  const told = attempts.flatMap(({ target, outcome, status: upstream }) => {
    const cause = readCause(outcome);
    return cause === undefined ? [] : [{ target, cause, upstream }];
  });
  const [first] = told;
  if (first === undefined) return ownMeaning(status, body, where);
  const got = told.map(
    ({ target, cause, upstream }) =>
      `${target}${upstream === undefined ? '' : ` answered ${upstream}`}: ${causes[cause].says}`,
  );
  const next = nextSteps[first.cause]?.(where) ?? causes[first.cause].advice;
  // The upstream looked at the request itself, so every credential on the way was accepted.
  const refused = told.every(({ cause }) => cause === 'invalid-request');
  return { result: refused ? 'warning' : 'broken', got: `status ${status}; ${got.join('; ')}`, next };
}

function readCause(outcome: string): UpstreamCause | undefined {
  // The keys are causes by the table's type; `Object.hasOwn` forgets it.
  return Object.hasOwn(causes, outcome) ? (outcome as UpstreamCause) : undefined;
}

/** A failure of the router's own, before any target. */
function ownMeaning(status: number, body: unknown, where: string): Omit<Seen, 'subject'> {
  const said = saidIn({ body }) ?? 'an answer that is not a router’s';
  return { result: 'broken', got: `status ${status}: ${said}`, next: nextForWords(said, where) };
}

/** What to do about what the router says of itself. */
export function nextForWords(said: string, where: string): string {
  return (
    ownSteps.flatMap(({ when, next }) =>
      [when.exec(said)].flatMap((found) => (found === null ? [] : [next(found[1] ?? '', where)])),
    )[0] ?? 'npx wrangler tail shows what the router logs about it'
  );
}

const ownSteps: readonly { when: RegExp; next: (name: string, where: string) => string }[] = [
  {
    when: /: ((?:CLOUDFLARE_ACCOUNT_ID|AI_GATEWAY_ID)) is not set on this router/,
    next: (name) => `Set ${name} in wrangler.toml, then deploy`,
  },
  { when: /: (\w+) is not set on this router/, next: (name, where) => `router secrets push${where} ${name}` },
  {
    when: /Cannot use the policy "([^"]+)"/,
    next: () => 'Mend it: router policy pull, router policy check, router policy push',
  },
  {
    when: /Cannot use the model/,
    next: () => 'router keys callers show <caller> says what it may use',
  },
  {
    when: /Incorrect API key provided/,
    next: () => 'router keys create <caller> makes a key; ROUTER_KEY itself works too',
  },
  { when: /limit/i, next: () => 'router keys callers show <caller> says how its limits stand' },
];
