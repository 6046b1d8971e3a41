import { describe, expect, it } from 'vitest';
import { sealThinking, unsealThinking } from '../../../src/dialects/responses/seal.ts';

describe('sealed thinking', () => {
  it.each([
    [{ signature: 'EqQBCkYIBxgC+/=' }],
    [{ redacted: 'EmwKAhgB' }],
    [{ signature: 'a', redacted: 'b' }],
    [{ signature: 'ünïcode 👋 \\u0041 \u0000' }],
  ])('comes back as it went: %j', (thinking) => {
    expect(unsealThinking(sealThinking(thinking))).toEqual(thinking);
  });

  it('is plain ASCII that cannot be taken for OpenAI’s own', () => {
    expect(sealThinking({ signature: '👋' })).toMatch(/^router\.thinking\.v1\.[A-Za-z0-9+/=]+$/);
  });

  it.each(['gAAAAABqfNlz', '', 'router.thinking.v2.e30='])('leaves %j to its own vendor', (encrypted) => {
    expect(unsealThinking(encrypted)).toBeUndefined();
  });

  it.each(['router.thinking.v1.', 'router.thinking.v1.%%%', `router.thinking.v1.${btoa('[1]')}`])(
    'holds nothing when broken: %s',
    (encrypted) => {
      expect(unsealThinking(encrypted)).toEqual({});
    },
  );
});
