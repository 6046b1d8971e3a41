import { describe, expect, it } from 'vitest';
import { algorithms, OidcPolicy } from '../../src/policy/oidc-schema.ts';
import { verifyToken } from '../../src/policy/oidc.ts';
import { fakeIssuers, github, makeSigner, nowMs } from './tokens.ts';

describe('in the runtime, where keys are made by another engine than in Node', () => {
  it.each(algorithms)(
    'a token signed by %s is verified, twice by the same key, and a changed one refused',
    async (algorithm) => {
      const signer = await makeSigner(algorithm, 'k1');
      const rows = OidcPolicy.parse([
        {
          issuer: github,
          audience: 'ai-edge-router',
          algorithms: [algorithm],
          claims: { repository: 'acme/*' },
          caller: 'ci',
        },
      ]);
      const world = { rows, keys: fakeIssuers([signer]).keys, nowMs };
      const token = await signer.sign();
      const strange = `${token.slice(0, -8)}AAAAAAAA`;
      const verdicts = [token, token, strange].map((text) => verifyToken(text, world));
      await expect(Promise.all(verdicts)).resolves.toMatchObject([
        { kind: 'caller', name: 'ci' },
        { kind: 'caller', name: 'ci' },
        { kind: 'refused' },
      ]);
    },
  );
});
