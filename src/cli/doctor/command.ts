import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import type { Environment } from '../environment.ts';
import { readKey, readUrl } from '../reach.ts';
import { readSecretFile } from '../secrets/values.ts';
import { plainText, sayCount, type Paint } from '../table.ts';
import { addressChecks } from './address.ts';
import { findingsShape, runChecks, type Check, type Finding } from './check.ts';
import type { Facts } from './facts.ts';
import { gatewayChecks, storedKeyChecks } from './gateway.ts';
import { configurationChecks, policyChecks } from './machine.ts';
import { outsideChecks } from './outside.ts';
import { tokenChecks } from './tokens.ts';

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
      says: 'a .env file with the values of the secrets (default: .dev.vars, where there is one)',
    },
    url: { value: '<url>', says: 'look at a deployed router from outside' },
    'key-file': { value: '<file>', says: "a file that holds a caller's key (default: the variable ROUTER_KEY)" },
    models: { value: '<names>', says: 'call these, with commas between (default: every route, one Workers AI model)' },
    'no-calls': { says: 'call no model' },
    yes: { says: 'call the models without asking' },
  },
  json: [findingsShape, 'cause: { check, subject?, got, next? } the first that is broken, or null'],
  examples: [
    'doctor',
    'doctor --env staging --secrets staging.env --yes',
    'doctor --url https://router.example.com',
    'doctor --url https://router.example.com --no-calls --json',
  ],
  run: doctor,
};

async function doctor(asked: Asked, desk: Desk): Promise<Outcome> {
  const findings = await runChecks(asked.values.has('url') ? outsideChecks : allChecks, openFacts(asked, desk));
  const cause = findings.find(({ result }) => result === 'broken');
  return {
    exitCode: cause === undefined ? 0 : 1,
    json: {
      findings: findings.map((finding) => ({ ...finding })),
      cause: cause === undefined ? null : causeJson(cause),
    },
    text: [sayFindings(findings, desk.paint), '', sayCause(findings, cause, desk.paint)].join('\n'),
  };
}

function causeJson({ check, subject, got, next }: Finding): { check: string; got: string } {
  return { check, ...(subject !== undefined && { subject }), got, ...(next !== undefined && { next }) };
}

/** From nothing to "works". */
const allChecks: readonly Check[] = [
  ...configurationChecks,
  ...gatewayChecks,
  ...policyChecks,
  ...tokenChecks,
  ...storedKeyChecks,
  ...addressChecks,
  ...outsideChecks.map((check) => ({ ...check, needs: ['address', ...check.needs] })),
];

function openFacts(asked: Asked, desk: Desk): Facts {
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
const nowhere: Environment = { worker: '', vars: {}, bindsAi: false, gatewayIds: [] };

/**
 * Values of secrets that can be tried. Not `CLOUDFLARE_API_TOKEN` of the environment: that is wrangler's login, and another
 * token than the Worker's secret of the same name.
 */
function readValues({ values }: Asked, { world }: Desk): Pick<Facts, 'values' | 'valuesFrom'> {
  const file = values.get('secrets') ?? (existsSync(join(world.folder, '.dev.vars')) ? '.dev.vars' : undefined);
  const inFile = file === undefined ? [] : readSecretFile(world.folder, file);
  const inEnvironment = ['ROUTER_KEY', 'CF_AIG_TOKEN'].flatMap((name) =>
    [world.env[name] ?? ''].flatMap((value) => (value === '' ? [] : [[name, value] as const])),
  );
  return { values: new Map([...inEnvironment, ...inFile]), valuesFrom: file ?? 'the environment' };
}

const colours = { ok: 'green', warning: 'yellow', broken: 'red', skipped: 'dim' } as const;

/** One finding a line, what comes next below it. What others wrote must not move the cursor. */
function sayFindings(findings: readonly Finding[], paint: Paint): string {
  return findings
    .flatMap(({ check, subject, result, got, next }) => {
      const name = subject === undefined ? check : `${check} ${subject}`;
      const line = `${paint(colours[result], result.padEnd(8))} ${plainText(`${name}: ${got}`)}`;
      return next === undefined || result === 'ok' ? [line] : [line, `         Next: ${plainText(next)}`];
    })
    .join('\n');
}

/** The last line: the one thing that is wrong, or that nothing is. */
function sayCause(findings: readonly Finding[], cause: Finding | undefined, paint: Paint): string {
  const count = (result: Finding['result']): number => findings.filter((finding) => finding.result === result).length;
  if (cause === undefined) {
    const warnings = count('warning') === 0 ? '' : `, ${sayCount(count('warning'), 'warning')}`;
    const left = count('skipped') === 0 ? '' : `, ${count('skipped')} not looked at`;
    return paint('green', `Everything that was looked at works: ${count('ok')} ok${warnings}${left}.`);
  }
  const name = cause.subject === undefined ? cause.check : `${cause.check} ${cause.subject}`;
  return paint('red', plainText(`The cause: ${name}: ${cause.got}. Next: ${cause.next ?? 'see above'}`));
}
