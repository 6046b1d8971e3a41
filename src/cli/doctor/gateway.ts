import type { UpstreamCause } from '../../core/failure.ts';
import { findCause, readErrorFacts } from '../../upstream/classify.ts';
import type { Account } from '../account.ts';
import { findGateway, readStoredKeys } from '../gateways/api.ts';
import { openLogin } from '../login.ts';
import { usesOf, type Use } from '../policy/uses.ts';
import { Stop } from '../stop.ts';
import { ask } from './answer.ts';
import { attempt, broken, fine, oneLine, skipped, type Check, type Checked, type Seen } from './check.ts';
import type { Facts } from './facts.ts';

/** Where gateways are in the dashboard. */
export const gatewayPlace = 'dash.cloudflare.com > AI > AI Gateway';

/** The gateway, and the keys that are stored in it. */
export const gatewayChecks: readonly Check[] = [
  {
    name: 'gateway',
    needs: ['account'],
    tries: 'one call without a token, which the gateway has to refuse',
    next: gatewayPlace,
    run: checkGateway,
  },
];

/** The keys that policies count on. */
export const storedKeyChecks: readonly Check[] = [
  {
    name: 'stored keys',
    needs: ['gateway', 'KV'],
    tries: "the gateway's provider keys, by Cloudflare's API",
    next: 'npx wrangler login',
    run: checkStoredKeys,
  },
];

async function checkGateway(facts: Facts): Promise<Checked> {
  const { gatewayId } = facts;
  const { cause, got, text } = await probeGateway(facts);
  if (cause === 'gateway-token') return fine(`${got}: ${gatewayId} exists and wants a token`);
  const fault = gatewayFaults[cause]?.(facts);
  if (fault === undefined) return broken(`${got}: ${text}`, `${gatewayPlace} > ${gatewayId}: is it there?`);
  return broken(`${got}: ${fault.says}`, fault.next);
}

/** How the gateway refused. */
export interface GatewayProbe {
  readonly cause: UpstreamCause;
  /** Status and code. */
  readonly got: string;
  readonly text: string;
}

/**
 * Asks for Workers AI without any token: how it is refused tells whether the gateway is there (2001 where it is not) and
 * whether it wants a token of its own (2009) or hands the request on (10000). Nothing is ever charged. That 2001 comes before
 * 2009 is how the stand-in has it, and not documented (uncertain).
 */
export async function probeGateway({
  accountId,
  gatewayId,
  environment,
  desk,
}: Pick<Facts, 'accountId' | 'gatewayId' | 'environment' | 'desk'>): Promise<GatewayProbe> {
  const base = environment.vars['AI_GATEWAY_BASE_URL'] ?? 'https://gateway.ai.cloudflare.com/v1';
  const url = `${base}/${accountId}/${gatewayId}/workers-ai/v1/chat/completions`;
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  const answer = await ask(url, init, { desk });
  if (answer.kind === 'nothing') return { cause: 'connection', got: answer.why, text: base };
  const told = readErrorFacts(answer.text);
  const got = `status ${answer.status}, code ${told.codes[0] ?? 'none'}`;
  return { cause: findCause(answer.status, told, 'workers-ai'), got, text: told.text };
}

interface GatewayFault {
  readonly says: string;
  readonly next: string;
}

/** What is wrong with a gateway, by how it refuses. */
const gatewayFaults: Readonly<Partial<Record<UpstreamCause, (facts: Facts) => GatewayFault>>> = {
  'gateway-missing': ({ gatewayId, where }) => ({
    says: `the account has no gateway "${gatewayId}"`,
    next: `router setup${where} creates it, or ${gatewayPlace} > Create Gateway`,
  }),
  'account-route': ({ accountId }) => ({
    says: `there is no account ${accountId}`,
    next: 'Put the id that npx wrangler whoami shows into CLOUDFLARE_ACCOUNT_ID of wrangler.toml',
  }),
  'cloudflare-token': ({ gatewayId }) => ({
    says: `${gatewayId} lets everybody in who knows the account id, and stored keys need a gateway that does not`,
    next: `${gatewayPlace} > ${gatewayId} > Settings: switch Authenticated Gateway on`,
  }),
};

async function checkStoredKeys(facts: Facts): Promise<Checked> {
  const uses = usesOf(facts.policies).filter(
    ({ credentials, provider }) => credentials === 'stored' && provider !== 'dynamic',
  );
  if (uses.length === 0) return skipped('no policy uses a stored key');
  const account = await openLogin(facts);
  const stored = new Map<string, StoredKeys | undefined>();
  for (const id of new Set(uses.map((use) => gatewayOf(use, facts)))) {
    const keys = await attempt(async () => readKeys(account, id));
    if (keys instanceof Stop) return skipped(oneLine(keys), mayRead);
    stored.set(id, keys);
  }
  const seen = uses.map((use) => sayUse(use, stored.get(gatewayOf(use, facts)), facts));
  return { seen: [...new Map(seen.map((one) => [one.subject, one])).values()] };
}

type StoredKeys = Awaited<ReturnType<typeof readStoredKeys>>;

/** The stored keys of a gateway; `undefined` where the account has no such gateway. */
async function readKeys(account: Account, id: string): Promise<StoredKeys | undefined> {
  return (await findGateway(account, id)) === undefined ? undefined : readStoredKeys(account, id);
}

const mayRead = 'Set CLOUDFLARE_API_TOKEN, for this command alone, to a token with the permission "AI Gateway Read"';

/** The gateway that a use goes through: the policy's, else the router's. */
function gatewayOf({ gatewayId }: Use, facts: Facts): string {
  return gatewayId ?? facts.gatewayId;
}

function sayUse(use: Use, stored: StoredKeys | undefined, facts: Facts): Seen {
  const { provider, byokAlias, by } = use;
  const id = gatewayOf(use, facts);
  const alias = byokAlias ?? 'default';
  const notes = [...(byokAlias === undefined ? [] : [byokAlias]), ...(id === facts.gatewayId ? [] : [`gateway ${id}`])];
  const subject = notes.length === 0 ? provider : `${provider} (${notes.join(', ')})`;
  if (stored === undefined)
    return {
      subject,
      result: 'broken',
      got: `${by} names the gateway ${id}, and the account has none of that name`,
      next: `${gatewayPlace} > Create Gateway, or correct gateway.id in ${by}`,
    };
  if (stored.some((key) => key.provider_slug === provider && key.alias === alias))
    return { subject, result: 'ok', got: 'there is one' };
  const aliases = stored.flatMap((key) => (key.provider_slug === provider ? [key.alias] : []));
  const others = aliases.length === 0 ? '' : `; there are ${aliases.join(', ')}`;
  return {
    subject,
    result: 'broken',
    got: `${by} uses the stored key "${alias}" of ${provider}, and there is none${others}`,
    next: `${gatewayPlace} > ${id} > Provider Keys: add one for ${provider} with the alias "${alias}"`,
  };
}
