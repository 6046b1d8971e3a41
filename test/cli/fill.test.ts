import { describe, expect, it } from 'vitest';
import { fillConfig } from '../../src/cli/setup/edit.ts';

const account = '0123456789abcdef0123456789abcdef';
const kv = 'aaaabbbbccccddddeeeeffff00001111';

const toml = `# The deployed Worker.
name = "router" # its name
[vars]
# Fill this in.
CLOUDFLARE_ACCOUNT_ID = '' # 32 digits
AI_GATEWAY_ID = "main"

[[kv_namespaces]]
id = "other"
binding = "CACHE"

[[ kv_namespaces ]]
id   =   "0000"   # of POLICY
binding = 'POLICY'

[env.staging]
name = "router-staging"
vars = { AI_GATEWAY_ID = "staging" }

[env."prod"]
name = "router-prod"
[env.prod.vars]
CLOUDFLARE_ACCOUNT_ID = "none"
`;

describe('fillConfig', () => {
  it('fills in what is asked for and keeps every other character', () => {
    expect(fillConfig(toml, undefined, { accountId: account, policyId: kv })).toBe(
      toml.replace("CLOUDFLARE_ACCOUNT_ID = ''", `CLOUDFLARE_ACCOUNT_ID = "${account}"`).replace('"0000"', `"${kv}"`),
    );
  });

  it('fills in one environment and no other', () => {
    expect(fillConfig(toml, 'prod', { accountId: account })).toBe(toml.replace('"none"', `"${account}"`));
  });

  it('keeps line ends as they are', () => {
    const windows = toml.replaceAll('\n', '\r\n');
    expect(fillConfig(windows, 'prod', { accountId: account })).toBe(windows.replace('"none"', `"${account}"`));
  });

  it.each([
    [
      'an environment without a place for it',
      'staging',
      { accountId: account },
      `CLOUDFLARE_ACCOUNT_ID = "${account}" under [env.staging.vars]`,
    ],
    ['an environment without KV', 'prod', { policyId: kv }, `id = "${kv}" under [[env.prod.kv_namespaces]]`],
  ])('says what to write by hand into %s', (_, name, filling, says) => {
    expect(() => fillConfig(toml, name, filling)).toThrow(
      `Cannot fill in wrangler.toml: it has no place for it that can be found. Write ${says}, then run router setup again.`,
    );
  });
});
