import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { World } from '../../src/cli/command.ts';
import { Stop } from '../../src/cli/stop.ts';
import { forgetAccount } from '../../src/local/account.ts';
import { accountId, operatorToken } from '../../src/local/keys.ts';
import { manage } from '../../src/local/management.ts';
import { askCloudflare, deployRouter, healthyPolicies, healthySecrets, type Deployed } from './cloud.ts';
import { openRig, type Rig } from './rig.ts';

/** An operator's machine, the account that it is logged in to, and the router deployed there. */
export interface Machine extends Deployed {
  /** What `wrangler whoami --json` says; `undefined`: it fails. */
  readonly login?: object | undefined;
  /** The token of wrangler's login; absent: one that may do everything. */
  readonly token?: string;
  /** Changes `wrangler.toml`, whose placeholders are filled in. */
  readonly toml?: (text: string) => string;
  /** wrangler fails with this whatever it is asked. */
  readonly wranglerFailure?: string;
  /** wrangler fails with this when KV is read. */
  readonly kvFailure?: string;
  /** wrangler fails with this when secrets are listed. */
  readonly secretsFailure?: string;
  /** Values in the operator's `.dev.vars`; absent: those that are deployed. */
  readonly file?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers a request before anything else, where it answers at all. */
  readonly edge?: (url: URL) => Response | undefined;
  /** What the person at the terminal says to every question. */
  readonly answer?: boolean;
  readonly askText?: World['askText'];
  readonly askSecret?: World['askSecret'];
}

const healthyLogin = {
  loggedIn: true,
  authType: 'OAuth Token',
  email: 'operator@example.com',
  accounts: [{ id: accountId, name: 'Acme' }],
  tokenPermissions: [],
};
/** The project's own `wrangler.toml`, as it is cloned. */
export const projectToml = readFileSync(join(import.meta.dirname, '..', '..', 'wrangler.toml'), 'utf8');
export const routerHost = 'ai-edge-router.acme.workers.dev';

/** The project's own `wrangler.toml` as it is after a deployment. */
export function deployedToml(): string {
  return projectToml
    .replaceAll('CLOUDFLARE_ACCOUNT_ID = ""', `CLOUDFLARE_ACCOUNT_ID = "${accountId}"`)
    .replaceAll(`"${'0'.repeat(32)}"`, '"aaaabbbbccccddddeeeeffff00001111"');
}

/** A machine, and what its commands did to the account. */
export interface OpenMachine extends Rig {
  /** Values of the deployed Worker's secrets. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Calls of wrangler that change something, in order. */
  readonly changes: readonly string[];
  /** The text of `wrangler.toml`. */
  toml(): string;
}

/** Opens a machine on which commands run. What is not said is healthy. */
export function openMachine(machine: Machine = {}): OpenMachine {
  onTestFinished(forgetAccount);
  const secrets = new Map<string, string>();
  for (const [name, value] of Object.entries({ ...healthySecrets, ...machine.secrets }))
    if (value !== undefined) secrets.set(name, value);
  const changes: string[] = [];
  const { kvFailure, secretsFailure, answer, askText, askSecret } = machine;
  const rig = openRig({
    kv: machine.policies ?? healthyPolicies,
    env: machine.env ?? {},
    wrangler: wranglerOf(machine, { secrets, changes }),
    fetch: fetchOf(machine, { secrets, policies: () => policiesIn(rig) }),
    listSecrets: secretsFailure === undefined ? async () => [...secrets.keys()] : failingWith(secretsFailure),
    ...(kvFailure !== undefined && { openKv: failingWith(kvFailure) }),
    ...(answer !== undefined && { answer: () => answer }),
    ...(askText !== undefined && { askText }),
    ...(askSecret !== undefined && { askSecret }),
  });
  const config = join(rig.folder, 'wrangler.toml');
  writeFileSync(config, machine.toml?.(deployedToml()) ?? deployedToml());
  const file = Object.entries(machine.file ?? Object.fromEntries(secrets));
  if (file.length > 0)
    writeFileSync(join(rig.folder, '.dev.vars'), file.map(([name, value]) => `${name}=${value}\n`).join(''));
  return { ...rig, secrets, changes, toml: () => readFileSync(config, 'utf8') };
}

function policiesIn({ kv }: Rig): Record<string, unknown> {
  return Object.fromEntries([...kv.values].map(([key, { value }]) => [key, JSON.parse(value) as unknown]));
}

function failingWith(message: string): () => never {
  return () => {
    throw new Stop(1, message);
  };
}

interface Changed {
  readonly secrets: Map<string, string>;
  readonly changes: string[];
}

function wranglerOf(machine: Machine, { secrets, changes }: Changed): World['wrangler'] {
  const login = 'login' in machine ? machine.login : healthyLogin;
  const bulk = (input = ''): string => {
    for (const [name, value] of Object.entries(JSON.parse(input) as Record<string, string>)) secrets.set(name, value);
    return '';
  };
  const answers: Readonly<Record<string, (input?: string) => string>> = {
    whoami: () => JSON.stringify(login),
    auth: () => JSON.stringify({ type: 'oauth', token: machine.token ?? operatorToken }),
    deploy: () => `Uploaded\n  https://${routerHost}\nCurrent Version ID: 1\n`,
    secret: bulk,
  };
  return async (args, input) => {
    const line = args.join(' ');
    const [word = ''] = args;
    const answered = login === undefined ? undefined : answers[word]?.(input);
    if (machine.wranglerFailure !== undefined)
      throw new Stop(1, `Cannot go on: wrangler ${line} failed.\n  ${machine.wranglerFailure}`);
    if (answered === undefined) throw new Stop(1, `Cannot go on: wrangler ${line} failed.\n  Command failed: wrangler`);
    changes.push(...['deploy', 'secret'].filter((name) => name === word).map(() => line));
    return answered;
  };
}

interface Live {
  readonly secrets: ReadonlyMap<string, string>;
  readonly policies: () => Readonly<Record<string, unknown>>;
}

function fetchOf(machine: Machine, { secrets, policies }: Live): World['fetch'] {
  return async (address, init) => {
    const url = new URL(address);
    const instead = machine.edge?.(url);
    if (instead !== undefined) return instead;
    const none = Object.fromEntries(Object.keys(healthySecrets).map((name) => [name, undefined]));
    const router = deployRouter({
      ...machine,
      secrets: { ...none, ...Object.fromEntries(secrets) },
      policies: policies(),
    });
    if (url.hostname === routerHost) return router(new Request(url, init));
    if (url.hostname === 'api.cloudflare.com' && !url.pathname.includes('/ai/')) return manage(new Request(url, init));
    return askCloudflare(new Request(url, init));
  };
}
