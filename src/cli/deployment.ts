import * as z from 'zod/mini';
import { field, isObject } from '../core/json.ts';
import { environmentOf, readConfig, type Config } from './config.ts';
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

/** One environment of `wrangler.toml` as a Worker to deploy, as far as commands look at it. */
export interface Deployment {
  /** The environment; absent: the top level. */
  readonly name?: string;
  /** The Worker's name. */
  readonly worker: string;
  readonly vars: Readonly<Record<string, string>>;
  /** Whether there is an `[ai]` binding called `AI`; environments do not inherit it. */
  readonly bindsAi: boolean;
  /** The gateways that `[[ai.gateway]]` declares. */
  readonly gatewayIds: readonly string[];
  /** The id of the namespace bound as `POLICY`. */
  readonly policyId?: string;
}

/** The file, in the folder that commands are called in. */
export const configFile = 'wrangler.toml';

const noOptions = { flags: new Set<string>(), values: new Map<string, string>(), operands: [] };

/** `wrangler.toml` of a folder. Throws {@link Stop} where it cannot be read. */
export function openConfig(folder: string): Config {
  return readConfig(noOptions, folder);
}

/** All that `wrangler.toml` deploys, its top level first. Throws {@link Stop} where it cannot be read. */
export function readDeployments(config: Config): Deployment[] {
  const named = field(config.whole, 'env');
  const names = isObject(named) ? Object.keys(named) : [];
  return [undefined, ...names].map((env) => deploymentOf(config, env));
}

/** What a place deploys. Throws {@link Stop} with 2 where `wrangler.toml` has no such environment. */
export function findDeployment(folder: string, { env }: Pick<Place, 'env'>): Deployment {
  if (env === localEnv)
    throw new Stop(
      2,
      `Cannot use --env ${localEnv}: npm start serves it, and nothing of it is deployed. Try router doctor --url http://127.0.0.1:8787.`,
    );
  return deploymentOf(openConfig(folder), env);
}

/** The environment as messages name it. */
export function sayDeployment({ name }: Pick<Deployment, 'name'>): string {
  return name ?? 'top level';
}

/** The option that names an environment to wrangler. Without `--env` it warns where there are environments. */
export function wranglerEnv({ env }: Pick<Place, 'env'>): string {
  return `--env=${env ?? ''}`;
}

/** What one environment of a file deploys. */
export function deploymentOf(config: Config, env: string | undefined): Deployment {
  const { table } = environmentOf(config, env === undefined ? {} : { env });
  const { data, error } = z.safeParse(Section, table);
  if (data === undefined) {
    const where = `${env === undefined ? '' : `env.${env}.`}${error.issues[0]?.path.map(String).join('.') ?? ''}`;
    throw new Stop(1, `Cannot read ${config.file}: ${where} is not what wrangler takes. Mend it.`);
  }
  const top = z.safeParse(z.object({ name: z.string() }), config.whole).data?.name ?? '';
  const policyId = data.kv_namespaces?.find(({ binding }) => binding === 'POLICY')?.id;
  const vars = Object.entries(data.vars ?? {}).map(([name, value]) => [name, String(value)] as const);
  return {
    ...(env !== undefined && { name: env }),
    worker: data.name ?? (env === undefined ? top : `${top}-${env}`),
    vars: Object.fromEntries(vars),
    bindsAi: data.ai?.binding === 'AI',
    gatewayIds: data.ai?.gateway?.map(({ id }) => id) ?? [],
    ...(policyId !== undefined && { policyId }),
  };
}
