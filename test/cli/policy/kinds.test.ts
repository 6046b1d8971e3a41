import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, readKey, readStem, stemOf } from '../../../src/cli/policy/kinds.ts';

describe('a policy key', () => {
  it.each([
    ['route:chat', 'route.chat'],
    ['route:eu/chat', 'route.eu%2Fchat'],
    ['route:@cf/meta/llama-3.1', 'route.@cf%2Fmeta%2Fllama-3.1'],
    ['route:a:b', 'route.a%3Ab'],
    ['patterns', 'patterns'],
    ['defaults', 'defaults'],
  ])('%s stands in the file %s, and back', (key, stem) => {
    expect([readKey(key), readStem(stem)].map((read) => read && [keyOf(read), stemOf(read)])).toEqual([
      [key, stem],
      [key, stem],
    ]);
  });

  it.each(['', 'route', 'route:', 'policy-revision', 'policy-history:3', 'caller:x', 'patterns2', '__proto__'])(
    '%j is none',
    (key) => {
      expect(readKey(key)).toBeUndefined();
    },
  );

  it.each(['route', 'route.', 'foo', 'patterns.old', 'route.%E0%A4%A', 'route.%'])('no file %j holds one', (stem) => {
    expect(readStem(stem)).toBeUndefined();
  });

  it('never gives a file name that leaves the folder', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }).filter(isWellFormed), (name) => {
        const stem = stemOf({ kind: 'route', name });
        expect(stem).toMatch(/^route\.[A-Za-z0-9@._%!'()*~-]+$/);
        expect(readStem(stem)).toEqual({ kind: 'route', name });
      }),
    );
  });
});

/** JSON text in UTF-8, and so every KV key, has no half characters. */
function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}
