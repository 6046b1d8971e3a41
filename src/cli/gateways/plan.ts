import { openAccount, accountOptions, type Account } from '../account.ts';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { declaringEnvironment, readConfig } from '../config.ts';
import { requireNoFault } from '../declaration.ts';
import { placeArguments, readPlace } from '../place.ts';
import { findingsShape } from '../policy/finding.ts';
import { Stop } from '../stop.ts';
import { plainText, sayCount } from '../table.ts';
import { readGateways } from './api.ts';
import { planGateways, planJson, planShape, sayPlan, type GatewayPlan } from './changes.ts';
import { readDeclared, type Declared } from './declared.ts';

/** `gateways plan`. */
export const gatewaysPlanCommand: Command = {
  name: 'gateways plan',
  summary: 'Show what differs between [[ai.gateway]] of wrangler.toml and the account',
  details: [
    'The settings have the names of the management API: cache_ttl, rate_limiting_limit, spend_limits, byok_only, ...',
    'What is not declared is not compared. false empties a setting that may be empty, as TOML has no null.',
  ],
  operands: [],
  options: accountOptions,
  json: [planShape, findingsShape],
  examples: ['gateways plan', 'gateways plan --env staging', 'gateways plan --remote --json'],
  run: plan,
};

async function plan(asked: Asked, desk: Desk): Promise<Outcome> {
  const { account, gatewayPlan, json } = await compareGateways(asked, desk, { what: 'plan' });
  const { changes } = gatewayPlan;
  const rest = sayUndeclared(gatewayPlan);
  if (changes.length === 0) return { exitCode: 0, json, text: `${sayNothing(account)}${rest}` };
  const next = `Next: router gateways apply${placeArguments(account.place)}`;
  const count = `${sayCount(changes.length, 'gateway')} to change in the ${account.name}.`;
  return { exitCode: 0, json, text: `${sayPlan(gatewayPlan, desk.paint)}\n\n${count} ${next}${rest}` };
}

/** A declaration and an account, compared. */
export interface Compared {
  readonly account: Account;
  readonly declared: Declared;
  readonly gatewayPlan: GatewayPlan;
  /** What `--json` shows of it. */
  readonly json: Outcome['json'];
}

/** Reads the declaration and the account. Throws {@link Stop} where the declaration has a fault, before any call. */
export async function compareGateways(asked: Asked, desk: Desk, { what }: { what: string }): Promise<Compared> {
  const declared = requireDeclared(asked, desk, what);
  const account = await openAccount(asked, desk);
  desk.progress(`Reading the gateways of the ${account.name} ...`);
  const gatewayPlan = planGateways(declared.gateways, await readGateways(account));
  const findings = declared.findings.map((finding) => ({ ...finding }));
  return { account, declared, gatewayPlan, json: { account: account.id, ...planJson(gatewayPlan), findings } };
}

function requireDeclared(asked: Asked, desk: Desk, what: string): Declared {
  const { folder } = desk.world;
  const config = readConfig(asked, folder);
  const environment = declaringEnvironment(config, readPlace(asked, folder));
  const declared = readDeclared(environment);
  requireNoFault(declared.findings, { what, whose: `the gateways of ${config.file}` }, desk);
  if (declared.gateways.length > 0) return declared;
  const table = [...environment.path, 'ai', 'gateway'].join('.');
  throw new Stop(1, `Cannot ${what}: ${config.file} declares no gateway. Add [[${table}]] with an id to it.`);
}

/** What is said where the account is as declared. */
export function sayNothing({ name }: Account): string {
  return `Nothing to do: the gateways of the ${name} are as declared.`;
}

/** Names what nobody declares, on a line of its own. */
export function sayUndeclared({ undeclared }: GatewayPlan): string {
  return undeclared.length === 0 ? '' : `\nNot declared, and left alone: ${plainText(undeclared.join(', '))}.`;
}
