import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloudflareToken, gatewayToken, accountId } from '../../src/local/keys.ts';
import { openMachine, projectToml, type Machine } from './machine.ts';

/** A clone of the project, and an account with nothing in it. */
const fresh: Machine = {
  toml: () => projectToml,
  policies: {},
  secrets: {
    ROUTER_KEY: undefined,
    CF_AIG_TOKEN: undefined,
    CLOUDFLARE_API_TOKEN: undefined,
    OPENAI_API_KEY: undefined,
  },
  file: {},
};

describe('setup', () => {
  it('deploys from nothing, and doctor finds everything right', async () => {
    const machine = openMachine({ ...fresh, answer: true, askSecret: async () => gatewayToken });
    const { code, out } = await machine.run('setup');
    expect([code, out.split('\n')]).toEqual([0, []]);
  });
});
