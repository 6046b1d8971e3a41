import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome, World } from '../command.ts';
import { findDeployment, wranglerEnv, type Deployment } from '../deployment.ts';
import { nearestWord } from '../nearest.ts';
import type { Place } from '../place.ts';
import { loadPolicies, sourceOption } from '../policy/load.ts';
import { readPolicies } from '../policy/policies.ts';
import { secretNeeds } from '../policy/uses.ts';
import { Stop } from '../stop.ts';
import { readSecretFile, secretFault, type SecretValues } from './values.ts';

/** `secrets push`. */
export const secretsPushCommand: Command = {
  name: 'secrets push',
  summary: 'Set secrets of a deployed Worker, from a .env file or by asking',
  details: [
    'Without names: those that policies and the router need. Without --from each value is asked for and not shown while',
    'it is typed; those that are set already are asked for only by name. Values go to wrangler secret bulk by its stdin:',
    'no command line, no file and no message ever holds one.',
  ],
  operands: ['[name...]'],
  options: {
    ...sourceOption,
    from: { value: '<file>', says: 'a .env file with the values' },
    all: { says: 'everything that the file sets, whether a policy names it or not' },
    env: { value: '<name>', says: 'an environment of wrangler.toml (default: its top level)' },
    yes: { says: 'without asking' },
  },
  json: ['environment, worker, pushed: names, unset: needed names that still have no value'],
  examples: ['secrets push', 'secrets push --from secrets.env --env staging --yes', 'secrets push OPENAI_API_KEY'],
  run: push,
};

async function push(asked: Asked, desk: Desk): Promise<Outcome> {
  const env = asked.values.get('env');
  const environment = findDeployment(desk.world.folder, { ...(env !== undefined && { env }) });
  const place: Place = { remote: true, ...(env !== undefined && { env }) };
  const file = asked.values.get('from');
  if (asked.flags.has('all') && file === undefined)
    throw new Stop(2, 'Cannot push all: --all is about a file. Name it with --from.');
  const needed = await neededNames(asked, place, desk);
  const wanted = checkNames(asked.operands, asked.flags.has('all') ? undefined : needed);
  const values =
    file === undefined
      ? await askValues(wanted, { needed, place, desk })
      : chooseValues(readSecretFile(desk.world.folder, file), { file, wanted, needed, all: asked.flags.has('all') });
  requireFit(values);
  const names = [...values.keys()];
  if (names.length > 0) {
    await desk.confirm(`Set ${names.join(', ')} on ${environment.worker}?`);
    desk.progress(`Setting ${names.join(', ')} on ${environment.worker} ...`);
    await putSecrets(desk.world, place, values);
  }
  return ended({ environment, env, names, needed }, desk, place);
}

async function neededNames(asked: Asked, place: Place, desk: Desk): Promise<readonly string[]> {
  return secretNeeds(readPolicies(await loadPolicies(asked, place, desk))).map(({ name }) => name);
}

/** The names of the command line; `undefined`: none. A secret that nothing names is mostly a typo. */
function checkNames(operands: readonly string[], known: readonly string[] | undefined): readonly string[] | undefined {
  const strange = operands.find((name) => !/^[A-Z][A-Z0-9_]*$/.test(name));
  if (strange !== undefined)
    throw new Stop(2, `Cannot push ${JSON.stringify(strange)}: a secret's name is capitals, digits and _, no value.`);
  const unknown = operands.find((name) => known?.includes(name) === false);
  if (unknown === undefined) return operands.length === 0 ? undefined : operands;
  const near = nearestWord(unknown, known ?? []);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new Stop(
    1,
    `Cannot push ${unknown}: no policy names it.${hint} Policies not pushed yet are read with --dir; --all --from <file> pushes it all the same.`,
  );
}

interface Choosing {
  readonly file: string;
  readonly wanted: readonly string[] | undefined;
  readonly needed: readonly string[];
  readonly all: boolean;
}

/** What of a file is pushed. A file for development holds much that is nobody's business there. */
function chooseValues(inFile: SecretValues, { file, wanted, needed, all }: Choosing): SecretValues {
  const absent = wanted?.find((name) => !inFile.has(name));
  if (absent !== undefined) throw new Stop(1, `Cannot push ${absent}: ${file} does not set it.`);
  const names = wanted ?? (all ? [...inFile.keys()] : needed);
  const chosen = new Map(names.flatMap((name) => [inFile.get(name)].flatMap((value) => pairOf(name, value))));
  if (chosen.size > 0) return chosen;
  throw new Stop(1, `Cannot push: ${file} sets none of the secrets that are needed: ${needed.join(', ')}.`);
}

function pairOf(name: string, value: string | undefined): (readonly [string, string])[] {
  return value === undefined ? [] : [[name, value]];
}

/** Asks for values. Nothing typed leaves a secret as it is. */
async function askValues(
  wanted: readonly string[] | undefined,
  { needed, place, desk }: { needed: readonly string[]; place: Place; desk: Desk },
): Promise<SecretValues> {
  const { world, progress, askSecret } = desk;
  if (askSecret === undefined)
    throw new Stop(1, 'Cannot ask for the values: nobody is there. Give them in a file: --from <file> --yes.');
  const set = wanted === undefined ? await world.listSecrets(place) : [];
  const names = wanted ?? needed.filter((name) => !set.includes(name));
  if (names.length > 0) progress('Nothing typed leaves a secret as it is.');
  const values = new Map<string, string>();
  for (const name of names) {
    const value = await askSecret(name);
    if (value !== '') values.set(name, value);
  }
  return values;
}

function requireFit(values: SecretValues): void {
  const faults = [...values].flatMap(([name, value]) => secretFault(name, value, values) ?? []);
  if (faults.length > 0) throw new Stop(1, `Cannot push: ${faults.join('; ')}. Nothing was set.`);
}

/** Sets secrets of the deployed Worker; those not named stay. */
export async function putSecrets(world: World, place: Place, values: SecretValues): Promise<void> {
  const input = JSON.stringify(Object.fromEntries(values));
  try {
    await world.wrangler(['secret', 'bulk', wranglerEnv(place)], input);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    // What wrangler could not read it may quote.
    throw new Stop(1, withoutValues(error.message, values));
  }
}

function withoutValues(text: string, values: SecretValues): string {
  return [...values].reduce(
    (clean, [name, value]) =>
      clean.replaceAll(value, `[${name}]`).replaceAll(JSON.stringify(value).slice(1, -1), `[${name}]`),
    text,
  );
}

interface Pushed {
  readonly environment: Deployment;
  readonly env: string | undefined;
  readonly names: readonly string[];
  readonly needed: readonly string[];
}

async function ended({ environment, env, names, needed }: Pushed, desk: Desk, place: Place): Promise<Outcome> {
  const set = [...(await desk.world.listSecrets(place)), ...names];
  const unset = needed.filter((name) => !set.includes(name) && name !== 'ADMIN_KEY');
  const where = env === undefined ? '' : ` --env ${env}`;
  const did = names.length === 0 ? 'Nothing was set' : `Set ${names.join(', ')}`;
  const next =
    unset.length === 0
      ? `Next: router doctor${where}`
      : `Still missing: ${unset.join(', ')}; router secrets push${where}`;
  return {
    exitCode: 0,
    json: { environment: env ?? null, worker: environment.worker, pushed: [...names], unset },
    text: `${did} on ${environment.worker}. ${next}`,
  };
}
