import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { readPlace, remoteOptions } from '../place.ts';
import { countFindings, findingsShape, hasFaults, sayFindings } from './finding.ts';
import { folderOf, folderOption, readFolder } from './folder.ts';
import { readPolicies } from './policies.ts';
import { checkPolicies } from './rules.ts';
import { checkSecrets, namedSecrets, secretsInFile } from './secrets.ts';
import { countPolicies } from './show.ts';

/** `policy check`. */
export const checkCommand: Command = {
  name: 'policy check',
  summary: 'Check the policy files: every fault with its file and line',
  details: [
    'Looks at the form of every value, at credentials that do not fit the provider, targets that nothing can reach,',
    'patterns that never get their turn or lead nowhere, routes that no caller can name, two files for one key.',
    'Nothing is asked of the network without --secrets.',
  ],
  operands: [],
  options: {
    ...folderOption,
    'secrets-from': { value: '<file>', says: 'the secrets named must be set in this .dev.vars or .env file' },
    secrets: { says: 'the secrets named must be set on the deployed Worker (wrangler secret list)' },
    ...remoteOptions,
  },
  json: ['policies: number of files, secretsChecked: boolean, secrets: names that policies use', findingsShape],
  examples: ['policy check', 'policy check --secrets-from .dev.vars', 'policy check --secrets --env staging --json'],
  run: check,
};

async function check(asked: Asked, desk: Desk): Promise<Outcome> {
  const folder = folderOf(asked);
  const files = readFolder(desk.world.folder, folder);
  const named = namedSecrets(readPolicies(files));
  const names = [...new Set(named.map(({ name }) => name))].toSorted();
  const set = await findSecrets(asked, desk);
  const findings = [...checkPolicies(files), ...(set === undefined ? [] : checkSecrets(named, set))];
  const text = [
    ...(findings.length === 0 ? [] : [sayFindings(findings, desk.paint), '']),
    `${countPolicies(files.length)} in ${folder}: ${countFindings(findings)}.`,
    ...(set === undefined && names.length > 0 ? [unchecked(names)] : []),
    ...(hasFaults(findings) ? [] : ['Next: router policy diff shows what a push would change.']),
  ];
  return {
    exitCode: hasFaults(findings) ? 1 : 0,
    json: {
      policies: files.length,
      secretsChecked: set !== undefined,
      secrets: names,
      findings: findings.map((finding) => ({ ...finding })),
    },
    text: text.join('\n'),
  };
}

/** The names of the secrets that are set, where the command line says how to find out. */
async function findSecrets(asked: Asked, { world, progress }: Desk): Promise<readonly string[] | undefined> {
  const file = asked.values.get('secrets-from');
  const inFile = file === undefined ? undefined : secretsInFile(world.folder, file);
  if (!asked.flags.has('secrets')) return inFile;
  progress('Asking which secrets the deployed Worker has ...');
  const deployed = await world.listSecrets(readPlace({ ...asked, flags: new Set(['remote']) }, world.folder));
  // With both ways named a secret has to be in both places.
  return inFile === undefined ? deployed : inFile.filter((name) => deployed.includes(name));
}

function unchecked(names: readonly string[]): string {
  return `The secrets ${names.join(', ')} were not checked: give --secrets-from .dev.vars, or --secrets for the deployed ones.`;
}
