import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayPlace, probeGateway } from '../doctor/gateway.ts';
import { isPlaceholder } from '../doctor/machine.ts';
import type { Account } from '../account.ts';
import { environmentOf } from '../config.ts';
import { configFile, findDeployment, openConfig, type Deployment } from '../deployment.ts';
import { createGateway } from '../gateways/api.ts';
import { planGateways, writtenSettings } from '../gateways/changes.ts';
import { readDeclared } from '../gateways/declared.ts';
import { createNamespace, findNamespace, openLogin } from '../login.ts';
import { Stop } from '../stop.ts';
import { plainText } from '../table.ts';
import { whoAmI } from '../who.ts';
import { fillConfig, type Filling } from './edit.ts';
import { done, type Plan, type State, type Step } from './state.ts';

/** What the account needs before anything is deployed. */
export const accountSteps: readonly Step[] = [
  { name: 'login', plan: planLogin },
  { name: 'account', plan: planAccount },
  { name: 'gateway', plan: planGateway },
  { name: 'KV', plan: planKv },
];

async function planLogin({ desk, environment, asked }: State): Promise<Plan> {
  const who = await whoAmI(desk.world);
  if ('fault' in who) throw new Stop(1, `Cannot set up: ${who.fault}. Next: ${who.next}`);
  // An API token may open an account without being told its name.
  const named = asked.values.get('account') ?? environment.vars['CLOUDFLARE_ACCOUNT_ID'] ?? '';
  const untold = isAccountId(named) ? [{ id: named, name: 'by its id' }] : [];
  const accounts = who.accounts.length === 0 ? untold : who.accounts;
  if (accounts.length === 0)
    throw new Stop(
      1,
      'Cannot set up: the login tells of no account. Name it with --account; npx wrangler whoami says more.',
    );
  return done(`logged in${who.authType === undefined ? '' : ` by ${who.authType}`}`, { accounts });
}

async function planAccount(state: State): Promise<Plan> {
  const { environment, asked } = state;
  const present = environment.vars['CLOUDFLARE_ACCOUNT_ID'] ?? '';
  const own = state.accounts.find(({ id }) => id === present);
  const wanted = asked.values.get('account');
  if (own !== undefined && (wanted === undefined || wanted === own.id)) return done(`${own.name} (${own.id})`);
  if (present !== '' && wanted === undefined)
    throw new Stop(
      1,
      `Cannot set up: ${configFile} names the account ${plainText(present)}, which the login does not reach. Log in as somebody of that account, or give --account.`,
    );
  const chosen = await chooseAccount(state, wanted);
  return {
    kind: 'todo',
    question: `Write the account ${plainText(chosen.name)} (${chosen.id}) into ${configFile}?`,
    act: async () => ({
      says: `${chosen.name} (${chosen.id})`,
      learned: { environment: fill(state, { accountId: chosen.id }) },
    }),
  };
}

function isAccountId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

async function chooseAccount(
  { accounts, desk }: State,
  wanted: string | undefined,
): Promise<State['accounts'][number]> {
  const list = accounts.map(({ id, name }, index) => `  ${index + 1}  ${plainText(name)} (${id})`).join('\n');
  const [only] = accounts;
  if (wanted === undefined && accounts.length === 1 && only !== undefined) return only;
  if (wanted === undefined && desk.askText === undefined)
    throw new Stop(2, `Cannot choose the account: the login reaches several. Name one with --account:\n${list}`);
  const answer = wanted ?? (await desk.askText?.(`${list}\nWhich account? Its number:`)) ?? '';
  const chosen = accounts.find(({ id }, index) => id === answer || String(index + 1) === answer);
  if (chosen !== undefined) return chosen;
  throw new Stop(
    2,
    `Cannot choose the account: the login reaches none that is "${plainText(answer)}". There are:\n${list}`,
  );
}

/** Fills ids into `wrangler.toml` and reads the environment anew. */
function fill({ desk, environment, place }: State, filling: Filling): Deployment {
  const path = join(desk.world.folder, configFile);
  writeFileSync(path, fillConfig(readFileSync(path, 'utf8'), environment.name, filling));
  return findDeployment(desk.world.folder, place);
}

async function planGateway(state: State): Promise<Plan> {
  const { environment, desk } = state;
  const { CLOUDFLARE_ACCOUNT_ID: accountId = '', AI_GATEWAY_ID: gatewayId = '' } = environment.vars;
  const { cause, got } = await probeGateway({ accountId, gatewayId, environment, desk });
  if (cause !== 'gateway-missing') return done(`${gatewayId} is there (${got})`);
  return {
    kind: 'todo',
    question: `Create the AI Gateway "${gatewayId}", with authentication on?`,
    act: async () => {
      await makeGateway(state, gatewayId).catch((error: unknown) => {
        if (!(error instanceof Stop)) throw error;
        throw new Stop(1, byHand(gatewayId, error.message), { cause: error });
      });
      return { says: `created ${gatewayId}` };
    },
  };
}

/** Makes the gateway with what its `[[ai.gateway]]` declares. */
async function makeGateway(state: State, gatewayId: string): Promise<void> {
  const account = await openFor(state);
  const config = openConfig(state.desk.world.folder);
  const { gateways } = readDeclared(environmentOf(config, state.place));
  const declared = gateways.find(({ id }) => id === gatewayId) ?? { id: gatewayId };
  for (const change of planGateways([declared], []).changes)
    await createGateway(account, change.id, writtenSettings(change));
}

/** wrangler's own login asks for no permission of AI Gateway. */
function byHand(gatewayId: string, why: string): string {
  return [
    why,
    `Create "${gatewayId}" by hand: ${gatewayPlace} > Create Gateway, with Authenticated Gateway on. Or run router setup with`,
    'CLOUDFLARE_API_TOKEN set to a token that has "AI Gateway Edit" beside what wrangler needs. Then run router setup again.',
  ].join('\n');
}

async function planKv(state: State): Promise<Plan> {
  const { environment } = state;
  const { policyId = '', worker } = environment;
  if (!isPlaceholder(policyId)) return done(`POLICY is ${policyId}`);
  const title = `${worker}-POLICY`;
  const account = await openFor(state);
  const found = await findNamespace(account, title);
  const question =
    found === undefined
      ? `Create the KV namespace ${title} and write its id into ${configFile}?`
      : `Write the id of the KV namespace ${title} (${found}) into ${configFile}?`;
  return {
    kind: 'todo',
    question,
    act: async () => {
      const id = found ?? (await createNamespace(account, title));
      return { says: `POLICY is ${id}`, learned: { environment: fill(state, { policyId: id }) } };
    },
  };
}

async function openFor({ desk, place, environment }: State): Promise<Account> {
  return openLogin({ desk, place, accountId: environment.vars['CLOUDFLARE_ACCOUNT_ID'] ?? '' });
}
