import { readSecretFile } from '../secrets/values.ts';
import { findingAt, type Finding } from './finding.ts';
import type { PolicyFile } from './folder.ts';
import type { PolicySet } from './policies.ts';

/** One place where a policy names a secret. */
export interface NamedSecret {
  readonly name: string;
  readonly file: PolicyFile;
  readonly path: readonly PropertyKey[];
}

/** Every place where a policy names a secret. */
export function namedSecrets({ routes, defaults }: PolicySet): NamedSecret[] {
  const inRoutes = routes.flatMap(({ file, policy }) =>
    policy.targets.flatMap(({ secret }, index) =>
      secret === undefined ? [] : [{ name: secret, file, path: ['targets', index, 'secret'] }],
    ),
  );
  const inDefaults = Object.entries(defaults?.policy.providers ?? {}).flatMap(([provider, { secret }]) =>
    secret === undefined || defaults === undefined
      ? []
      : [{ name: secret, file: defaults.file, path: ['providers', provider, 'secret'] }],
  );
  return [...inRoutes, ...inDefaults];
}

/** Secrets that policies name and that are not among those set. */
export function checkSecrets(named: readonly NamedSecret[], set: readonly string[]): Finding[] {
  return named
    .filter(({ name }) => !set.includes(name))
    .map(({ name, file, path }) =>
      findingAt(file, { path, message: `the secret ${name} is not set; set it with npx wrangler secret put ${name}` }),
    );
}

/** The names that a `.dev.vars` or `.env` file sets to something. Its values are read and dropped. */
export function secretsInFile(base: string, file: string): string[] {
  return [...readSecretFile(base, file)].flatMap(([name, value]) => (value === '' ? [] : [name]));
}
