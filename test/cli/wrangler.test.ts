import { expect, it } from 'vitest';
import { wranglerFailed } from '../../src/cli/wrangler.ts';

const login =
  'Log in with npx wrangler login, or set CLOUDFLARE_API_TOKEN to a token that may edit Workers KV. npx wrangler whoami says who you are.';

it.each([
  [
    '\u001b[31m✘ \u001b[41;31m[\u001b[41;97mERROR\u001b[41;31m]\u001b[0m In a non-interactive environment, it\'s necessary to set a CLOUDFLARE_API_TOKEN environment variable\n\n  To continue without logging in, rerun\n🪵  Logs were written to "/home/x.log"\n',
    `  In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN environment variable\n${login}`,
  ],
  [
    'A request to the Cloudflare API failed.\n Authentication error [code: 10000]',
    `  A request to the Cloudflare API failed.\n  Authentication error [code: 10000]\n${login}`,
  ],
  [
    'No environment found in configuration with name "nosuch".',
    '  No environment found in configuration with name "nosuch".\nName an environment that wrangler.toml has, or leave --env out for its top level.',
  ],
  [
    "list: 'namespace not found' [code: 10013]",
    "  list: 'namespace not found' [code: 10013]\nPut the id of the namespace into wrangler.toml under POLICY; npx wrangler kv namespace list shows what there is, npx wrangler kv namespace create POLICY makes one.",
  ],
  ['fetch failed', '  fetch failed\nCloudflare could not be reached: check the network, then run the command again.'],
  ['Something new\u0007', '  Something new?\nTry the same by npx wrangler to see more.'],
])('a failure of wrangler is told without its frame and with what to do', (output, told) => {
  const stop = wranglerFailed(['kv', 'key', 'list', '--prefix', 'x'], output);
  expect([stop.exitCode, stop.message]).toEqual([1, `Cannot go on: wrangler kv key list failed.\n${told}`]);
});
