import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Command, World } from '../../src/cli/command.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { account, forgetAccount } from '../../src/local/account.ts';
import { realUrl } from '../../src/local/address.ts';
import { accountId, operatorToken } from '../../src/local/keys.ts';
import { manage } from '../../src/local/management.ts';
import { openRig, type Rig } from './rig.ts';

/** A call as Cloudflare's API got it. */
export interface ApiCall {
  readonly method: string;
  /** Below the account. */
  readonly path: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface AccountRig {
  readonly rig: Rig;
  readonly calls: ApiCall[];
  /** Method and path of the calls since the last look, oldest first. */
  readonly taken: () => string[];
}

export interface AccountRigOptions {
  /** `wrangler.toml`; the account id is put into it. */
  readonly toml?: string;
  /** What stands before it all. */
  readonly head?: string;
  readonly env?: World['env'];
  readonly files?: Readonly<Record<string, unknown>>;
  /** In the place of the stand-in, where it gives an answer. */
  readonly serve?: (call: ApiCall) => Response | undefined | Promise<Response>;
  readonly answer?: (question: string) => boolean | Promise<boolean>;
  readonly commands?: readonly Command[];
}

/** The shell of an operator whose token may change the account. */
export const operator = { CLOUDFLARE_API_TOKEN: operatorToken };

/** A command line in a folder with a `wrangler.toml`, over the account that the stand-in plays. */
export function openAccountRig(options: AccountRigOptions = {}): AccountRig {
  onTestFinished(forgetAccount);
  const calls: ApiCall[] = [];
  let seen = 0;
  const rig = openRig({
    env: options.env ?? operator,
    ...(options.answer !== undefined && { answer: options.answer }),
    ...(options.commands !== undefined && { commands: options.commands }),
    fetch: async (url, init) => {
      const request = new Request(realUrl(url) ?? url, init);
      const text = await request.clone().text();
      const call: ApiCall = {
        method: request.method,
        path: request.url.replace(`https://api.cloudflare.com/client/v4/accounts/${accountId}`, ''),
        url,
        headers: request.headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
      calls.push(call);
      return (await options.serve?.(call)) ?? manage(request);
    },
  });
  const vars = `[vars]\nCLOUDFLARE_ACCOUNT_ID = "${accountId}"\n`;
  const local = '[env.local]\n';
  writeFileSync(join(rig.folder, 'wrangler.toml'), `${options.head ?? ''}${vars}${local}${options.toml ?? ''}`);
  return {
    rig,
    calls,
    taken: () => {
      const fresh = calls.slice(seen).map(({ method, path }) => `${method} ${path}`);
      seen = calls.length;
      return fresh;
    },
  };
}

/** Changes a gateway of the stand-in behind the command line's back, or makes one. */
export function changeGateway(id: string, settings: JsonObject): void {
  const { stored = new Map(), routes = new Map() } = account.gateways.get(id) ?? {};
  account.gateways.set(id, { stored, routes, settings: { ...settingsOf(id), ...settings } });
}

/** What the stand-in has of a gateway. */
export function settingsOf(id: string): JsonObject {
  return account.gateways.get(id)?.settings ?? {};
}
