import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { stringify } from 'smol-toml';
import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import { forgetAccount } from '../../../src/local/account.ts';
import { changeGateway, openAccountRig, settingsOf } from '../account-rig.ts';

/** Settings that wrangler.toml and the account may have, in the words of both. */
const settings = {
  authentication: fc.boolean(),
  byok_only: fc.boolean(),
  cache_ttl: fc.nat(2_678_400),
  collect_logs: fc.boolean(),
  rate_limiting_interval: fc.nat(3600),
  rate_limiting_limit: fc.nat(1000),
  rate_limiting_technique: fc.constantFrom('fixed', 'sliding'),
  retry_backoff: fc.constantFrom('constant', 'linear', 'exponential'),
  retry_delay: fc.integer({ min: 0, max: 60_000 }),
  retry_max_attempts: fc.integer({ min: 1, max: 5 }),
  spend_limits: fc.record({
    rules: fc.array(
      fc.record(
        {
          id: fc.constantFrom('a', 'b'),
          limit: fc.integer({ min: 1, max: 500 }),
          limitType: fc.constant('cost'),
          window: fc.integer({ min: 60, max: 86_400 }),
          technique: fc.constantFrom('fixed', 'sliding'),
          provider: fc.constant({ mode: 'filter', values: ['openai'] }),
        },
        { requiredKeys: ['limit', 'limitType', 'window'] },
      ),
      { maxLength: 3 },
    ),
  }),
  zdr: fc.boolean(),
};
const emptiable = ['rate_limiting_technique', 'retry_backoff', 'retry_delay', 'retry_max_attempts', 'spend_limits'];

/** Any of the settings, some of them put to what "empty" is there. */
function someOf(empty: Json): fc.Arbitrary<JsonObject> {
  const rows = Object.entries(settings).map(([name, value]) => [
    name,
    emptiable.includes(name) ? fc.oneof(value, fc.constant(empty)) : value,
  ]);
  // Made of constants that are JSON, a setting that is left out has no key.
  return fc.record(Object.fromEntries(rows), { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
}

it('leaves nothing to plan, whatever was declared and whatever was there; what was not declared is as before', async () => {
  const { rig } = openAccountRig();
  const file = join(rig.folder, 'wrangler.toml');
  await fc.assert(
    fc.asyncProperty(someOf(false), someOf(null), async (declared, there) => {
      forgetAccount();
      changeGateway('bare', there);
      const before = settingsOf('bare');
      writeFileSync(
        file,
        stringify({
          ai: {
            gateway: [
              { id: 'bare', ...declared },
              { id: 'fresh', ...declared },
            ],
          },
        }),
      );
      expect(await rig.runJson('gateways apply --yes')).toMatchObject({ ok: true, left: [], lost: [] });
      expect(await rig.runJson('gateways plan')).toMatchObject({ ok: true, changes: [] });
      const after = settingsOf('bare');
      const untouched = Object.keys(before).filter((name) => !(name in declared) && name !== 'modified_at');
      expect(untouched.map((name) => [name, after[name]])).toEqual(untouched.map((name) => [name, before[name]]));
    }),
    { numRuns: 60 },
  );
}, 30_000);
