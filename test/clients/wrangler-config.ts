import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import * as z from 'zod';

const Environment = z.object({
  compatibility_date: z.string().optional(),
  compatibility_flags: z.array(z.string()).optional(),
  vars: z.record(z.string(), z.string()),
});

/** What the clients' router takes from `wrangler.toml`, so that it runs as `npm start` does. */
export interface WranglerConfig {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: string[];
  readonly vars: Readonly<Record<string, string>>;
}

/** Reads one environment of `wrangler.toml`; what it does not say, its top level does. */
export function readWranglerConfig(environment: string): WranglerConfig {
  const file = z
    .object({ ...Environment.shape, env: z.record(z.string(), Environment) })
    .parse(parse(readFileSync('wrangler.toml', 'utf8')));
  const own = file.env[environment];
  if (own === undefined) throw new Error(`wrangler.toml has no [env.${environment}]`);
  return {
    compatibilityDate: own.compatibility_date ?? file.compatibility_date ?? '',
    compatibilityFlags: own.compatibility_flags ?? file.compatibility_flags ?? [],
    vars: own.vars,
  };
}
