import { expect, it } from 'vitest';
import { parse } from 'smol-toml';
import { declaringEnvironment, type Config } from '../../../src/cli/config.ts';
import { readDeclared } from '../../../src/cli/gateways/declared.ts';

const config = (text: string): Config => ({ file: 'wrangler.toml', text, whole: parse(text) });
const read = (text: string, env?: string) =>
  readDeclared(declaringEnvironment(config(text), env === undefined ? {} : { env }));

it('reads every setting by the name that the API has for it', () => {
  const rule = { limit: 2.5, limitType: 'cost', window: 86_400, metadata: { team: { mode: 'partition' } } };
  expect(
    read(`
[[ai.gateway]]
id = "main"
authentication = true
byok_only = false
cache_ttl = 300
collect_logs = false
rate_limiting_interval = 60
rate_limiting_limit = 100
rate_limiting_technique = "sliding"
retry_max_attempts = 3
retry_delay = 500
retry_backoff = false
zdr = true
[ai.gateway.spend_limits]
enabled = true
[[ai.gateway.spend_limits.rules]]
limit = 2.5
limitType = "cost"
window = 86400
metadata = { team = { mode = "partition" } }
`),
  ).toEqual({
    gateways: [
      {
        id: 'main',
        authentication: true,
        byok_only: false,
        cache_ttl: 300,
        collect_logs: false,
        rate_limiting_interval: 60,
        rate_limiting_limit: 100,
        rate_limiting_technique: 'sliding',
        retry_max_attempts: 3,
        retry_delay: 500,
        retry_backoff: false,
        zdr: true,
        spend_limits: { enabled: true, rules: [rule] },
      },
    ],
    findings: [],
  });
});

it.each([
  [undefined, ['top']],
  ['staging', ['staged']],
  ['local', ['top']],
  ['bare', []],
])('reads those of the environment %s', (env, ids) => {
  const text = `
[[ai.gateway]]
id = "top"
[env.local]
[env.bare]
[[env.staging.ai.gateway]]
id = "staged"
`;
  expect(read(text, env).gateways.map(({ id }) => id)).toEqual(ids);
});

it('names every fault with its line', () => {
  const text = `[vars]
AI_GATEWAY_ID = "main"

[[ai.gateway]]
id = "main"
cache_ttl = -1
retry_max_attempts = 6

[[ai.gateway]]
id = "../x"
cache_tll = 60
[ai.gateway.spend_limits]
rules = [{ limit = 0, limitType = "cost", window = 60 }]

[[ai.gateway]]
id = "main"
`;
  const said = read(text).findings.map(({ level, line, path, message }) => `${level} ${line} ${path}: ${message}`);
  expect(said).toEqual([
    'fault 6 ai.gateway[0].cache_ttl: must be at least 0',
    'fault 7 ai.gateway[0].retry_max_attempts: must be at most 5',
    'fault 10 ai.gateway[1].id: must be 1 to 64 letters, digits, - and _, the first no sign',
    'fault 12 ai.gateway[1].spend_limits.rules[0].limit: must be above 0',
    'fault 11 ai.gateway[1]: "cache_tll" is unknown here; did you mean "cache_ttl"?',
    'fault 16 ai.gateway[2].id: stands in an earlier entry too; leave one out',
  ]);
});

it.each([
  ['[ai]\ngateway = { id = "x" }', 'fault 1 ai.gateway[0]: must be a list: write its head with two brackets'],
  [
    '[vars]\nAI_GATEWAY_ID = "other"\n[[ai.gateway]]\nid = "main"',
    'warning 4 ai.gateway[0].id: AI_GATEWAY_ID is "other", which is not declared; the router asks a gateway that is none of these',
  ],
  [
    '[[ai.gateway]]\nid = "main"\nrate_limiting_limit = 5',
    'warning 3 ai.gateway[0].rate_limiting_limit: limits only together with rate_limiting_limit and rate_limiting_interval, both above 0',
  ],
  [
    '[[ai.gateway]]\nid = "main"\nstripe = { authorization = "sk" }',
    'fault 3 ai.gateway[0]: "stripe" is unknown here; what can stand here is',
  ],
])('says what is wrong: %s', (text, said) => {
  expect(
    read(text).findings.map(({ level, line, path, message }) => `${level} ${line} ${path}: ${message}`)[0],
  ).toContain(said);
});

it('finds no fault in the example of the README', () => {
  const [readme = ''] = Object.values(
    import.meta.glob<string>('../../../README.md', { query: '?raw', import: 'default', eager: true }),
  );
  const example = /```toml\n(\[\[ai\.gateway\]\][\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(read(example)).toMatchObject({ gateways: [{ id: 'ai-edge-router', byok_only: true }], findings: [] });
});
