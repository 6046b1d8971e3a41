import type { JsonObject } from '../core/json.ts';
import { allowedNames } from '../policy/grants.ts';
import { listModels } from '../policy/plan.ts';
import type { Asking } from './models.ts';

/** The variable in which opencode keeps the key and hands it to the configuration. */
const keyVariable = 'ROUTER_KEY';

/** Where the configuration itself is, behind the key: it names what the caller may use. */
export const opencodePath = '/opencode.json';

/**
 * `GET /.well-known/opencode`: what `opencode auth login <router>` reads, without a key. It runs the command, keeps what that prints as
 * the variable, and then reads `remote_config` at each start (read in the source of opencode 1.18.33, and tried with it).
 */
export function opencodeLogin(origin: string): JsonObject {
  return {
    auth: { command: ['printenv', keyVariable], env: keyVariable },
    remote_config: {
      url: `${origin}${opencodePath}`,
      headers: { authorization: `Bearer {env:${keyVariable}}` },
    },
  };
}

/** The configuration for opencode: the router as a provider, with the models that the caller may ask for. */
export async function opencodeConfig(origin: string, { store, caller }: Asking): Promise<JsonObject> {
  const names = allowedNames(caller, await listModels(store));
  const [first] = names;
  return {
    $schema: 'https://opencode.ai/config.json',
    // Without a small model it would look for one of another provider to write its titles.
    ...(first !== undefined && { model: `router/${first}`, small_model: `router/${first}` }),
    provider: {
      router: {
        npm: '@ai-sdk/openai-compatible',
        name: 'AI Edge Router',
        options: { baseURL: `${origin}/v1`, apiKey: `{env:${keyVariable}}` },
        models: Object.fromEntries(names.map((name) => [name, { name, tool_call: true }])),
      },
    },
  };
}
