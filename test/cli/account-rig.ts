import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../../src/cli/command.ts';
import { Stop } from '../../src/cli/stop.ts';
import { apiError } from '../../src/local/errors.ts';
import { accountId, gateways } from '../../src/local/keys.ts';
import { refuse } from '../../src/local/serve.ts';
import { askCloudflare, deployRouter, healthyPolicies, healthySecrets, type Deployed } from './cloud.ts';
import { openRig, type Rig } from './rig.ts';

/** An operator's machine, the account that it is logged in to, and the router deployed there. */
export interface Machine extends Deployed {
  /** What `wrangler whoami --json` says; `undefined`: it fails. */
  readonly login?: object | undefined;
  /** Changes `wrangler.toml`, whose placeholders are filled in. */
  readonly toml?: (text: string) => string;
  /** wrangler fails with this when KV is read. */
  readonly kvFailure?: string;
  /** wrangler fails with this when secrets are listed. */
  readonly secretsFailure?: string;
  /** Values in the operator's `.dev.vars`; absent: those that are deployed. */
  readonly file?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers a request before anything else, where it answers at all. */
  readonly edge?: (url: URL) => Response | undefined;
}

const healthyLogin = {
  loggedIn: true,
  authType: 'OAuth Token',
  email: 'operator@example.com',
  accounts: [{ id: accountId, name: 'Acme' }],
  tokenPermissions: [],
};
const projectToml = readFileSync(join(import.meta.dirname, '..', '..', 'wrangler.toml'), 'utf8');
/** The token of wrangler's own login. */
export const loginToken = 'canary-login-token';
export const routerHost = 'ai-edge-router.acme.workers.dev';

/** The project's own `wrangler.toml` as it is after a deployment. */
export function deployedToml(): string {
  return projectToml
    .replaceAll('CLOUDFLARE_ACCOUNT_ID = ""', `CLOUDFLARE_ACCOUNT_ID = "${accountId}"`)
    .replaceAll(`"${'0'.repeat(32)}"`, '"aaaabbbbccccddddeeeeffff00001111"');
}

/** Opens a machine on which commands run. What is not said is healthy. */
export function openMachine(machine: Machine = {}): Rig {
  const secrets = { ...healthySecrets, ...machine.secrets };
  const set = Object.entries(secrets).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const { kvFailure, secretsFailure } = machine;
  const rig = openRig({
    kv: machine.policies ?? healthyPolicies,
    env: machine.env ?? {},
    wrangler: wranglerOf(machine),
    fetch: fetchOf(machine),
    secrets: set.map(([name]) => name),
    ...(kvFailure !== undefined && { openKv: failingWith(kvFailure) }),
    ...(secretsFailure !== undefined && { listSecrets: failingWith(secretsFailure) }),
  });
  writeFileSync(join(rig.folder, 'wrangler.toml'), machine.toml?.(deployedToml()) ?? deployedToml());
  const file = Object.entries(machine.file ?? Object.fromEntries(set));
  if (file.length > 0)
    writeFileSync(join(rig.folder, '.dev.vars'), file.map(([name, value]) => `${name}=${value}\n`).join(''));
  return rig;
}

function failingWith(message: string): () => never {
  return () => {
    throw new Stop(1, message);
  };
}

function wranglerOf(machine: Machine): World['wrangler'] {
  const login = 'login' in machine ? machine.login : healthyLogin;
  return async (args) => {
    const line = args.join(' ');
    if (login === undefined) throw new Stop(1, `Cannot go on: wrangler ${line} failed.`);
    if (line === 'whoami --json') return JSON.stringify(login);
    if (line === 'auth token --json') return JSON.stringify({ type: 'oauth', token: loginToken });
    throw new Stop(1, `Cannot go on: wrangler ${line} failed.`);
  };
}

function fetchOf(machine: Machine): World['fetch'] {
  const router = deployRouter(machine);
  return async (address, init) => {
    const url = new URL(address);
    const instead = machine.edge?.(url);
    if (instead !== undefined) return instead;
    if (url.hostname === routerHost) return router(new Request(url, init));
    if (url.hostname === 'api.cloudflare.com' && !url.pathname.includes('/ai/')) return askManagement(url, init);
    return askCloudflare(new Request(url, init));
  };
}

/** The little of the management API that doctor reads. */
function askManagement(url: URL, init: RequestInit): Response {
  const path = url.pathname.replace(`/client/v4/accounts/${accountId}/`, '');
  if (new Headers(init.headers).get('authorization') !== `Bearer ${loginToken}`)
    return refuse(apiError(403, 10_000, 'Authentication error'));
  if (path === 'workers/subdomain') return Response.json(result({ subdomain: 'acme' }));
  const [, gateway] = /^ai-gateway\/gateways\/([^/]+)\/provider_configs$/.exec(path) ?? [];
  const stored = [...(gateways.get(gateway ?? '')?.stored ?? [])];
  const rows = stored.flatMap(([slug, aliases]) =>
    aliases.map((alias) => ({ id: `${slug}-${alias}`, provider_slug: slug, alias })),
  );
  const page = Number(url.searchParams.get('page') ?? '1');
  return Response.json({
    ...result(page === 1 ? rows : []),
    result_info: { page, per_page: 50, count: rows.length, total_count: rows.length },
  });
}

function result(value: unknown): object {
  return { success: true, errors: [], messages: [], result: value };
}
