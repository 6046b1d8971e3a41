import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import * as z from 'zod/mini';
import { localEnv, type Place } from './place.ts';
import { Stop } from './stop.ts';

const Section = z.object({
  name: z.optional(z.string()),
  vars: z.optional(z.record(z.string(), z.unknown())),
  ai: z.optional(
    z.object({
      binding: z.optional(z.string()),
      gateway: z.optional(z.array(z.object({ id: z.string() }))),
    }),
  ),
  kv_namespaces: z.optional(z.array(z.object({ binding: z.string(), id: z.optional(z.string()) }))),
});
const Config = z.extend(Section, { env: z.optional(z.record(z.string(), Section)) });

/** One environment of `wrangler.toml`, as far as commands look at it. */
export interface Environment {
  /** Absent: the top level. */
  readonly name?: string;
  /** The Worker's name. */
  readonly worker: string;
  readonly vars: Readonly<Record<string, string>>;
  /** Whether there is an `[ai]` binding called `AI`; environments do not inherit it. */
  readonly bindsAi: boolean;
  /** The gateways that `[[ai.gateway]]` declares. wrangler reads that table without a word and does nothing with it. */
  readonly gatewayIds: readonly string[];
  /** The id of the namespace bound as `POLICY`. */
  readonly policyId?: string;
}

/** The file, from the folder that commands are called in. */
export const configFile = 'wrangler.toml';

/** The environments of `wrangler.toml`, its top level first. Throws {@link Stop} where it cannot be read. */
export function readEnvironments(folder: string): Environment[] {
  return environmentsIn(readText(join(folder, configFile)));
}

/** The environments in the text of a `wrangler.toml`. Throws {@link Stop} where it cannot be read. */
export function environmentsIn(text: string): Environment[] {
  const config = readConfig(text);
  const named = Object.entries(config.env ?? {});
  const top = config.name ?? '';
  return [
    environmentOf(config, top),
    ...named.map(([name, section]) => ({ name, ...environmentOf(section, `${top}-${name}`) })),
  ];
}

/** The environment of a place. Throws {@link Stop} with 2 where there is none of that name. */
export function findEnvironment(folder: string, { env }: Pick<Place, 'env'>): Environment {
  const environments = readEnvironments(folder);
  const found = environments.find(({ name }) => name === env);
  if (found !== undefined) return found;
  const names = environments.flatMap(({ name }) => (name === undefined || name === localEnv ? [] : [name]));
  throw new Stop(
    2,
    `Cannot find the environment ${env}: ${configFile} has ${names.join(', ') || 'none'}, and its top level without --env.`,
  );
}

/** An environment as messages name it. */
export function sayEnvironment({ name }: Pick<Environment, 'name'>): string {
  return name ?? 'top level';
}

/** The options that name an environment to wrangler. Without `--env` it warns where there are environments. */
export function wranglerEnv({ env }: Pick<Place, 'env'>): string {
  return `--env=${env ?? ''}`;
}

function readConfig(text: string): z.infer<typeof Config> {
  try {
    return z.parse(Config, parse(text));
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
    throw new Stop(1, `Cannot read ${configFile}: ${why}. Mend it; npx wrangler deploy --dry-run shows more.`, {
      cause,
    });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Stop(1, `Cannot read ${configFile}: there is none here. Run the command in the project's folder.`, {
      cause,
    });
  }
}

function environmentOf(section: z.infer<typeof Section>, usualName: string): Omit<Environment, 'name'> {
  const policyId = section.kv_namespaces?.find(({ binding }) => binding === 'POLICY')?.id;
  const vars = Object.entries(section.vars ?? {}).map(([name, value]) => [name, String(value)] as const);
  return {
    worker: section.name ?? usualName,
    vars: Object.fromEntries(vars),
    bindsAi: section.ai?.binding === 'AI',
    gatewayIds: section.ai?.gateway?.map(({ id }) => id) ?? [],
    ...(policyId !== undefined && { policyId }),
  };
}
