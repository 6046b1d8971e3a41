import { readErrorFacts, findCause } from '../../upstream/classify.ts';
import { secretNeeds } from '../policy/uses.ts';
import { ask, type Answer } from './answer.ts';
import { skipped, type Check, type Checked, type Seen } from './check.ts';
import type { Facts } from './facts.ts';
import { tokenPlace } from './meaning.ts';

/** Which permission each of the router's two tokens has. */
export const tokenChecks: readonly Check[] = [
  {
    name: 'tokens',
    needs: ['gateway', 'KV'],
    tries: 'one refused call with each token: which of "AI Gateway Run" and "Workers AI Read" is missing',
    next: tokenPlace,
    run: checkTokens,
  },
];

/** What a token was told. `refused`: it lacks the permission, or is no token at all. */
type Verdict = 'accepted' | 'refused' | { readonly unclear: string };

/**
 * Asks the gateway for Workers AI without Workers AI's own token. A good gateway token is told so by the refusal after it
 * (401/10000), a bad one by the gateway's own (401/2009): sheet 2.5. No model is ever reached, so nothing is ever charged.
 */
async function tryGateway(token: string, facts: Facts): Promise<Verdict> {
  const { accountId, gatewayId, environment } = facts;
  const base = environment.vars['AI_GATEWAY_BASE_URL'] ?? 'https://gateway.ai.cloudflare.com/v1';
  const answer = await post(
    `${base}/${accountId}/${gatewayId}/workers-ai/v1/chat/completions`,
    { 'cf-aig-authorization': `Bearer ${token}` },
    facts,
  );
  return verdictOf(answer, { refusedBy: 'gateway-token', acceptedBy: ['cloudflare-token'] });
}

/**
 * Asks the REST API for nothing: an empty body names no model. A token without the permission gets 401/10000 before the body
 * is looked at (sheet 2.1), any other the 400 or 404 that it deserves.
 */
async function tryWorkersAi(token: string, facts: Facts): Promise<Verdict> {
  const { accountId } = facts;
  const base = apiBase(facts);
  const answer = await post(
    `${base}/accounts/${accountId}/ai/v1/chat/completions`,
    { authorization: `Bearer ${token}` },
    facts,
  );
  return verdictOf(answer, { refusedBy: 'cloudflare-token', acceptedBy: ['model-missing', 'invalid-request'] });
}

function apiBase({ environment }: Facts): string {
  return environment.vars['CLOUDFLARE_API_BASE_URL'] ?? 'https://api.cloudflare.com/client/v4';
}

async function post(url: string, headers: Record<string, string>, facts: Facts): Promise<Answer> {
  return ask(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' }, facts);
}

function verdictOf(answer: Answer, known: { refusedBy: string; acceptedBy: readonly string[] }): Verdict {
  if (answer.kind === 'nothing') return { unclear: answer.why };
  const facts = readErrorFacts(answer.text);
  const cause = findCause(answer.status, facts, 'workers-ai');
  if (cause === known.refusedBy) return 'refused';
  if (known.acceptedBy.includes(cause)) return 'accepted';
  return { unclear: `status ${answer.status}, code ${facts.codes[0] ?? 'none'}: ${facts.text}` };
}

/** The router's tokens: where each goes, and the permission that it needs there. */
const tokens = [
  { name: 'CF_AIG_TOKEN', permission: 'AI Gateway Run', tell: tryGateway },
  { name: 'CLOUDFLARE_API_TOKEN', permission: 'Workers AI Read', tell: tryWorkersAi },
] as const;

async function checkTokens(facts: Facts): Promise<Checked> {
  const { values, where } = facts;
  const needed = secretNeeds(facts.policies).map(({ name }) => name);
  const known = tokens.flatMap((token) => {
    const value = values.get(token.name);
    return value === undefined || !needed.includes(token.name) ? [] : [{ ...token, value }];
  });
  if (known.length === 0)
    return skipped(
      'the values of deployed secrets cannot be read back, and none is known here; the calls through the router tell',
      `router doctor${where} --secrets <.env file> tries them from here`,
    );
  const told = [];
  for (const token of known) {
    const verdict = await token.tell(token.value, facts);
    told.push({ ...token, verdict, isToken: verdict === 'refused' && (await isToken(token.value, facts)) });
  }
  const refused = told.filter(({ verdict }) => verdict === 'refused');
  if (refused.length === 2 && (await areSwapped(facts))) return { seen: [saySwapped(facts)] };
  return { seen: told.map((one) => ({ subject: one.name, ...sayVerdict({ ...one, facts }) })) };
}

function saySwapped(facts: Facts): Seen {
  const { valuesFrom, where } = facts;
  return {
    result: wrongness(facts),
    got: `CF_AIG_TOKEN and CLOUDFLARE_API_TOKEN in ${valuesFrom} are swapped: each has the permission that the other needs`,
    next: `Swap them in the file, then router secrets push${where} CF_AIG_TOKEN CLOUDFLARE_API_TOKEN --from <file>`,
  };
}

/** Whether Cloudflare knows the token at all: a user's or the account's own. */
async function isToken(token: string, facts: Facts): Promise<boolean> {
  const base = apiBase(facts);
  const headers = { authorization: `Bearer ${token}` };
  for (const owner of ['user', `accounts/${facts.accountId}`]) {
    const answer = await ask(`${base}/${owner}/tokens/verify`, { headers }, facts);
    if (answer.kind === 'answer' && answer.status === 200) return true;
  }
  return false;
}

async function areSwapped(facts: Facts): Promise<boolean> {
  const [gateway = '', workersAi = ''] = tokens.map(({ name }) => facts.values.get(name));
  return (await tryGateway(workersAi, facts)) === 'accepted' && (await tryWorkersAi(gateway, facts)) === 'accepted';
}

interface Told {
  readonly name: string;
  readonly permission: string;
  readonly verdict: Verdict;
  readonly isToken: boolean;
  readonly facts: Facts;
}

/** What lies about in .dev.vars may not be what is deployed: the calls through the router tell what that is worth. */
function wrongness({ valuesAreNamed }: Facts): 'broken' | 'warning' {
  return valuesAreNamed ? 'broken' : 'warning';
}

function sayVerdict({ name, permission, verdict, isToken, facts }: Told): Seen {
  const { where, valuesFrom } = facts;
  if (verdict === 'accepted')
    return { result: 'ok', got: `the one in ${valuesFrom} has the permission "${permission}"` };
  if (verdict !== 'refused')
    return { result: 'warning', got: `not told: ${verdict.unclear}`, next: `router doctor${where} again` };
  return {
    result: wrongness(facts),
    got: isToken
      ? `status 401: the one in ${valuesFrom} is a token, and lacks the permission "${permission}" for this account`
      : `status 401: the one in ${valuesFrom} is no token that Cloudflare knows: expired, deleted or mistyped`,
    next: `Make a token with the permission "${permission}" (${tokenPlace}), then router secrets push${where} ${name}`,
  };
}
