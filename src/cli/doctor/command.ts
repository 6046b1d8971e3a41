import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import type { Deployment } from '../deployment.ts';
import { readKey, readUrl } from '../reach.ts';
import { readSecretFile } from '../secrets/values.ts';
import { findingsShape, runChecks } from './check.ts';
import { allChecks } from './checks.ts';
import type { Facts } from './facts.ts';
import { outsideChecks } from './outside.ts';
import { causeShape, reportOf } from './report.ts';

/** `doctor`. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Find out what works and the one thing that is wrong',
  details: [
    'From the login to the answers: wrangler.toml, the login, the gateway, KV and its policies, secrets, the two tokens,',
    'stored keys, then the deployed router from outside. With --url: that last part alone, with a key of a caller.',
    'Each route is called once, with at most 16 tokens, after asking; nothing before that costs money. Values of secrets',
    'cannot be read back from Cloudflare: those of --secrets are tried from here and never shown.',
  ],
  operands: [],
  options: {
    env: { value: '<name>', says: 'an environment of wrangler.toml (default: its top level)' },
    secrets: {
      value: '<file>',
      says: 'a .env file with the values of the secrets (default: .dev.vars or .dev.vars.<env>, where there is one)',
    },
    url: { value: '<url>', says: 'look at a deployed router from outside' },
    'key-file': { value: '<file>', says: "a file that holds a caller's key (default: the variable ROUTER_KEY)" },
    models: { value: '<names>', says: 'call these, with commas between (default: every route, one Workers AI model)' },
    'no-calls': { says: 'call no model' },
    yes: { says: 'call the models without asking' },
  },
  json: [findingsShape, causeShape],
  examples: [
    'doctor',
    'doctor --env staging --secrets staging.env --yes',
    'doctor --url https://router.example.com',
    'doctor --url https://router.example.com --no-calls --json',
  ],
  run: doctor,
};

async function doctor(asked: Asked, desk: Desk): Promise<Outcome> {
  const checks = asked.values.has('url') ? outsideChecks : allChecks;
  return reportOf(await runChecks(checks, openFacts(asked, desk)), desk.paint);
}

/** What a command line says, before anything is looked at. */
export function openFacts(asked: Asked, desk: Desk): Facts {
  const { values } = asked;
  const key = readKey(values.get('key-file'), desk.world, { variable: 'ROUTER_KEY', secret: 'ROUTER_KEY' });
  const env = values.get('env');
  const url = values.get('url');
  return {
    asked,
    desk,
    place: { remote: true, ...(env !== undefined && { env }) },
    where: env === undefined ? '' : ` --env ${env}`,
    url: url === undefined ? '' : readUrl(url),
    key: key ?? '',
    environment: nowhere,
    accounts: [],
    accountId: '',
    gatewayId: '',
    policies: { routeNames: new Set(), routes: [], patterns: undefined, defaults: undefined },
    ...readValues(asked, desk),
    models: [],
    explained: [],
  };
}

/** What is known of an environment before wrangler.toml is read. */
const nowhere: Deployment = { worker: '', vars: {}, bindsAi: false, gatewayIds: [] };

/**
 * Values of secrets that can be tried. Not `CLOUDFLARE_API_TOKEN` of the environment: that is wrangler's login, and another
 * token than the Worker's secret of the same name.
 */
function readValues({ values }: Asked, { world }: Desk): Pick<Facts, 'values' | 'valuesFrom' | 'valuesAreNamed'> {
  const env = values.get('env');
  // As wrangler has it: values of one environment say nothing about another's.
  const usual = env === undefined ? '.dev.vars' : `.dev.vars.${env}`;
  const file = values.get('secrets') ?? (existsSync(join(world.folder, usual)) ? usual : undefined);
  const inFile = file === undefined ? [] : readSecretFile(world.folder, file);
  const inEnvironment = ['ROUTER_KEY', 'CF_AIG_TOKEN'].flatMap((name) =>
    [world.env[name] ?? ''].flatMap((value) => (value === '' ? [] : [[name, value] as const])),
  );
  return {
    values: new Map([...inEnvironment, ...inFile]),
    valuesFrom: file ?? 'the environment',
    valuesAreNamed: values.has('secrets'),
  };
}
