import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { declaringEnvironment, environmentOf, lineOf, variableOf, type Config } from '../../src/cli/config.ts';
import { openAccountRig } from './account-rig.ts';

const config = (text: string): Config => ({ file: 'wrangler.toml', text, whole: parse(text) });

const toml = `name = "x"
[vars]
AI_GATEWAY_ID = "top"
[[ai.gateway]]
id = "a"

[[ ai.gateway ]]
"cache_ttl" = 5
[ai.gateway.spend_limits]
enabled = true
[observability]
id = "other"

[env.staging.vars]
AI_GATEWAY_ID = "staged"
[[env.staging.ai.gateway]]
id = "b" # why
`;

describe('an environment', () => {
  it.each([
    [undefined, 'top'],
    ['staging', 'staged'],
    ['local', 'top'],
  ])('%s has its own variables', (env, value) => {
    const place = env === undefined ? {} : { env };
    expect(variableOf(environmentOf(config(toml), place), 'AI_GATEWAY_ID')).toBe(value);
  });

  it('of npm start declares what the top level does, unless it has its own', () => {
    const own = `${toml}[[env.local.ai.gateway]]\nid = "c"\n`;
    expect(declaringEnvironment(config(toml), { env: 'local' }).path).toEqual([]);
    expect(declaringEnvironment(config(own), { env: 'local' }).path).toEqual(['env', 'local']);
  });

  it.each(['constructor', '__proto__', 'production'])('that is not there is refused: %s', (env) => {
    expect(() => environmentOf(config(toml), { env })).toThrow(
      `Cannot use --env ${env}: wrangler.toml has no [env.${env}]; it names staging. Its top level is --remote.`,
    );
  });
});

it.each([
  [{ name: 'ai.gateway', index: 0, key: 'id' }, 5],
  [{ name: 'ai.gateway', index: 0, key: 'zdr' }, 4],
  [{ name: 'ai.gateway', index: 1, key: 'cache_ttl' }, 8],
  [{ name: 'ai.gateway', index: 1, key: 'spend_limits' }, 9],
  [{ name: 'ai.gateway', index: 1, key: 'id' }, 7],
  [{ name: 'ai.gateway', index: 1 }, 7],
  [{ name: 'env.staging.ai.gateway', index: 0, key: 'id' }, 17],
  [{ name: 'ai.gateway', index: 7, key: 'id' }, 1],
])('the line of %j is %i', (at, line) => {
  expect(lineOf(config(toml), at)).toBe(line);
});

it.each([
  [
    'gateways plan --config nowhere.toml',
    'Cannot read nowhere.toml: there is no such file here. Name another with --config.',
  ],
  [
    'gateways plan',
    'Cannot read wrangler.toml:4:1: Invalid TOML document: incomplete key-value: cannot find end of key. Mend the line.',
  ],
])('a file that cannot be read is refused: %s', async (line, message) => {
  const { rig, calls } = openAccountRig({ toml: 'oops' });
  expect(await rig.run(line)).toEqual({ code: 1, out: '', err: message });
  expect(calls).toEqual([]);
});
