import * as z from 'zod/mini';
import { parseJson } from '../core/json.ts';
import type { World } from './command.ts';
import { Stop } from './stop.ts';

/** Who wrangler is logged in as. */
export interface Who {
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
  /** `OAuth Token`, `User API Token`, ... */
  readonly authType?: string;
}

/** Why nobody is, and what to do about it. */
export interface Nobody {
  readonly fault: string;
  readonly next: string;
}

/** What `wrangler whoami --json` writes, as far as it is looked at. */
const Told = z.object({
  loggedIn: z.boolean(),
  authType: z.optional(z.string()),
  accounts: z.array(z.object({ id: z.string(), name: z.string() })),
});

/** Asks wrangler who is logged in. */
export async function whoAmI(world: World): Promise<Who | Nobody> {
  const told = await ask(world);
  if (typeof told !== 'string') return told;
  const { data } = z.safeParse(Told, parseJson(told));
  if (data?.loggedIn !== true) return notLoggedIn(world);
  const { accounts, authType } = data;
  return { accounts, ...(authType !== undefined && { authType }) };
}

async function ask(world: World): Promise<string | Nobody> {
  try {
    return await world.wrangler(['whoami', '--json']);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    // Where nobody is logged in wrangler fails without a word; what it says is about something else.
    const words = error.message.split('\n').slice(1, 2).join('').trim();
    if (words === '' || words.startsWith('Command failed')) return notLoggedIn(world);
    return { fault: `wrangler whoami failed: ${words}`, next: 'Check the network; npx wrangler whoami says more' };
  }
}

/** wrangler reads CLOUDFLARE_API_TOKEN for a login, from the environment and from `.env` too. */
function notLoggedIn({ env }: World): Nobody {
  const isSet = env['CLOUDFLARE_API_TOKEN'] !== undefined;
  const hint = isSet ? '; CLOUDFLARE_API_TOKEN is set here, and wrangler takes it for its login' : '';
  return { fault: `wrangler is not logged in${hint}`, next: 'npx wrangler login' };
}
