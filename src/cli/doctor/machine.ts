import { configFile, findDeployment, wranglerEnv, type Deployment } from '../deployment.ts';
import { filesOf } from '../policy/folder.ts';
import { hasFaults } from '../policy/finding.ts';
import { readPolicies } from '../policy/policies.ts';
import { readLive } from '../policy/revisions.ts';
import { checkPolicies } from '../policy/rules.ts';
import { countPolicies } from '../policy/show.ts';
import { secretNeeds } from '../policy/uses.ts';
import { Stop } from '../stop.ts';
import { whoAmI } from '../who.ts';
import { attempt, broken, fine, oneLine, type Check, type Checked } from './check.ts';
import type { Facts } from './facts.ts';

/** Who is logged in, and what the project's own file says. */
export const configurationChecks: readonly Check[] = [
  {
    name: 'login',
    needs: [],
    tries: 'npx wrangler whoami',
    next: 'npx wrangler login',
    run: checkLogin,
  },
  {
    name: 'configuration',
    needs: [],
    tries: `the environment in ${configFile}`,
    next: 'npx wrangler deploy --dry-run --env="" shows more',
    run: async (facts) => checkConfiguration(facts),
  },
  {
    name: 'account',
    needs: ['login', 'configuration'],
    tries: 'CLOUDFLARE_ACCOUNT_ID among the accounts of the login',
    next: 'npx wrangler whoami',
    run: async (facts) => checkAccount(facts),
  },
];

/** What stands in KV, and the secrets of the deployed Worker. */
export const policyChecks: readonly Check[] = [
  {
    name: 'KV',
    needs: ['account'],
    tries: 'reading the namespace POLICY',
    next: 'npx wrangler kv namespace list',
    run: checkKv,
  },
  {
    name: 'secrets',
    needs: ['account', 'KV'],
    tries: 'npx wrangler secret list',
    next: 'npx wrangler secret list',
    run: checkSecrets,
  },
];

/** Whether an id of a namespace is the one that `wrangler.toml` holds as it is cloned. */
export function isPlaceholder(id: string): boolean {
  return /^0*$/.test(id);
}

function checkConfiguration({ desk, place, where }: Facts): Checked {
  const environment = findDeployment(desk.world.folder, place);
  const { vars, policyId = '', gatewayIds } = environment;
  const { CLOUDFLARE_ACCOUNT_ID: accountId = '', AI_GATEWAY_ID: gatewayId = '' } = vars;
  const setup = `router setup${where}`;
  if (!environment.bindsAi)
    return broken(
      'no [ai] binding called AI; environments do not inherit it',
      `Add it to ${configFile}: ${sectionOf(environment, 'ai')} binding = "AI"`,
    );
  const open = ['AI_GATEWAY_BASE_URL', 'CLOUDFLARE_API_BASE_URL'].find((name) => !isSafe(vars[name]));
  if (open !== undefined)
    return broken(
      `${open} does not begin with https://: tokens would go there in the open`,
      `Mend it in ${configFile}`,
    );
  if (accountId === '')
    return broken(
      'CLOUDFLARE_ACCOUNT_ID is empty',
      `${setup}, or put the id that npx wrangler whoami shows into ${configFile}`,
    );
  if (!/^[0-9a-f]{32}$/.test(accountId))
    return broken(
      `CLOUDFLARE_ACCOUNT_ID is "${accountId}", which is no account id (32 of 0-9 and a-f)`,
      `${setup}, or put the id that npx wrangler whoami shows into ${configFile}`,
    );
  if (gatewayId === '') return broken('AI_GATEWAY_ID is empty', `Put the id of the gateway into ${configFile}`);
  if (!gatewayIds.includes(gatewayId))
    return broken(
      `AI_GATEWAY_ID is ${gatewayId}, and [[ai.gateway]] declares ${gatewayIds.join(', ') || 'none'}`,
      `Make them equal in ${configFile}`,
    );
  if (isPlaceholder(policyId))
    return broken(
      'the id of the KV namespace POLICY is a placeholder',
      `${setup}, or npx wrangler kv namespace create POLICY and put the id that it prints into ${configFile}`,
    );
  return fine(`${environment.worker}: account, gateway ${gatewayId} and KV namespace are named`, {
    environment,
    accountId,
    gatewayId,
  });
}

/** Absent: the usual address. Plain HTTP is for this machine alone. */
function isSafe(address = 'https://'): boolean {
  return /^https:\/\/|^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])[:/]/.test(address);
}

function sectionOf({ name }: Deployment, section: string): string {
  return name === undefined ? `[${section}]` : `[env.${name}.${section}]`;
}

async function checkLogin({ desk }: Facts): Promise<Checked> {
  const who = await whoAmI(desk.world);
  if ('fault' in who) return broken(who.fault, who.next);
  const { accounts, authType } = who;
  return fine(`logged in${authType === undefined ? '' : ` by ${authType}`}`, { accounts });
}

function checkAccount({ accounts, accountId }: Facts): Checked {
  const own = accounts.find(({ id }) => id === accountId);
  if (own !== undefined) return fine(`${accountId} is ${own.name}`);
  // An API token may open an account without being told its name.
  if (accounts.length === 0)
    return { seen: [{ result: 'warning', got: 'the login tells of no account', next: 'npx wrangler whoami' }] };
  const reached = accounts.map(({ id, name }) => `${name} (${id})`).join(', ');
  return broken(
    `CLOUDFLARE_ACCOUNT_ID is ${accountId}, and the login reaches ${reached}`,
    `Put the right id into ${configFile}, or npx wrangler login as somebody of that account`,
  );
}

async function checkKv({ desk, place, where }: Facts): Promise<Checked> {
  const live = await attempt(async () => readLive(desk.world.openKv(place)));
  if (live instanceof Stop)
    return broken(
      oneLine(live),
      `npx wrangler kv namespace list shows the ids there are; router setup${where} makes one`,
    );
  const files = filesOf(live.entries);
  const findings = checkPolicies(files);
  const [first] = findings.filter((finding) => hasFaults([finding]));
  const policies = readPolicies(files);
  if (first !== undefined)
    return broken(
      `${first.file}: ${`${first.path} ${first.message}`.trim()}`,
      `router policy pull${wherePlace(where)}, mend it, router policy push${wherePlace(where)}`,
      { policies },
    );
  return fine(`${countPolicies(files.length)} in it, none with a fault`, { policies });
}

/** `policy` commands mean the local KV where no environment is named. */
function wherePlace(where: string): string {
  return where === '' ? ' --remote' : where;
}

async function checkSecrets({ desk, place, policies, where }: Facts): Promise<Checked> {
  const set = await attempt(async () => desk.world.listSecrets(place));
  if (set instanceof Stop) return broken(oneLine(set), `Deploy it: npx wrangler deploy ${wranglerEnv(place)}`);
  const missing = secretNeeds(policies).filter(({ name, required }) => required && !set.includes(name));
  if (missing.length === 0) return fine(`all that the policies name are set: ${set.join(', ')}`);
  const got = missing.map(({ name, by }) => `${name} (named by ${by.join(', ')})`).join('; ');
  return broken(`not set: ${got}`, `router secrets push${where} ${missing.map(({ name }) => name).join(' ')}`);
}
