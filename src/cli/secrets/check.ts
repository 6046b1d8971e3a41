import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { findDeployment, openConfig, readDeployments, sayDeployment, type Deployment } from '../deployment.ts';
import { localEnv, type Place } from '../place.ts';
import { loadPolicies, sourceOption } from '../policy/load.ts';
import { readPolicies } from '../policy/policies.ts';
import { secretNeeds, type SecretNeed } from '../policy/uses.ts';
import { Stop } from '../stop.ts';
import { plainText, sayCount, sayTable } from '../table.ts';

/** `secrets check`. */
export const secretsCheckCommand: Command = {
  name: 'secrets check',
  summary: 'Tell which secrets the policies name and whether they are set',
  details: [
    'Every secret that a policy or the router itself needs, set or missing, in each deployed environment of wrangler.toml.',
    'Cloudflare tells names alone: no value is ever read or shown.',
  ],
  operands: [],
  options: {
    ...sourceOption,
    env: { value: '<names>', says: 'environments of wrangler.toml, with commas between (default: all deployed ones)' },
    remote: { says: 'the top level of wrangler.toml alone' },
  },
  json: [
    'environments: [{ environment, secrets: [{ name, by: [text], required, set }], unread?: why it was not read }]',
  ],
  examples: ['secrets check', 'secrets check --env staging,prod --json', 'secrets check --dir policies'],
  run: check,
};

/** What is known of one environment. */
interface Checked {
  readonly environment: string;
  readonly env: string | undefined;
  readonly secrets: readonly (SecretNeed & { readonly set: boolean })[];
  /** Why it could not be read. */
  readonly unread?: string;
}

async function check(asked: Asked, desk: Desk): Promise<Outcome> {
  const checked: Checked[] = [];
  for (const environment of chosenEnvironments(asked, desk)) checked.push(await checkOne(asked, environment, desk));
  const faults = checked.flatMap(({ unread, secrets }) => [
    ...(unread === undefined ? [] : [unread]),
    ...secrets.filter(isMissing),
  ]);
  return {
    exitCode: faults.length === 0 ? 0 : 1,
    json: {
      environments: checked.map(({ environment, secrets, unread }) => ({
        environment,
        secrets: secrets.map(({ name, by, required, set }) => ({ name, by: [...by], required, set })),
        ...(unread !== undefined && { unread }),
      })),
    },
    text: sayChecked(checked, desk),
  };
}

function chosenEnvironments({ flags, values }: Asked, { world }: Desk): Deployment[] {
  const names = values.get('env')?.split(',');
  if (flags.has('remote') && names !== undefined)
    throw new Stop(2, 'Cannot choose the environment: --remote is the top level, --env another. Give one of them.');
  if (flags.has('remote')) return [findDeployment(world.folder, {})];
  if (names !== undefined) return names.map((env) => findDeployment(world.folder, { env }));
  return readDeployments(openConfig(world.folder)).filter(({ name }) => name !== localEnv);
}

/** An environment that was never deployed must not hide the others: what it cannot tell is said in its place. */
async function checkOne(asked: Asked, environment: Deployment, desk: Desk): Promise<Checked> {
  const place: Place = { remote: true, ...(environment.name !== undefined && { env: environment.name }) };
  const named = { environment: sayDeployment(environment), env: environment.name };
  try {
    const needs = secretNeeds(readPolicies(await loadPolicies(asked, place, desk)));
    desk.progress(`Asking which secrets ${environment.worker} has ...`);
    const set = await desk.world.listSecrets(place);
    return { ...named, secrets: needs.map((need) => ({ ...need, set: set.includes(need.name) })) };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { ...named, secrets: [], unread: error.message };
  }
}

function isMissing({ required, set }: { required: boolean; set: boolean }): boolean {
  return required && !set;
}

function sayChecked(checked: readonly Checked[], { paint }: Desk): string {
  const rows = checked.flatMap(({ environment, secrets }) =>
    secrets.map(({ name, by, required, set }) => [
      environment,
      plainText(name),
      plainText(by.join(', ')),
      set ? paint('green', 'set') : required ? paint('red', 'missing') : 'not set',
    ]),
  );
  const table = rows.length === 0 ? [] : [sayTable([['environment', 'secret', 'named by', 'state'], ...rows]), ''];
  const unread = checked.flatMap(({ environment, unread }) =>
    unread === undefined ? [] : [paint('red', `${environment} was not read: ${plainText(unread)}`), ''],
  );
  return [...table, ...unread, ...checked.map(sayNext)].join('\n');
}

function sayNext({ environment, env, secrets, unread }: Checked): string {
  const missing = secrets.filter(isMissing);
  if (unread !== undefined) return `${environment}: not known.`;
  if (missing.length === 0) return `${environment}: all that is needed is set.`;
  const where = env === undefined ? '' : ` --env ${env}`;
  return `${environment}: ${sayCount(missing.length, 'secret')} missing. Next: router secrets push${where} ${missing.map(({ name }) => name).join(' ')}`;
}
