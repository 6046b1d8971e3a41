import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkForm, digestOf, newKey } from '../../src/policy/keys.ts';

/** Everything that a keyboard may put in a character's place. */
const letters = Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_. é');

/** Bytes from a seed, as randomness would give them. */
function bytesFrom(seed: number): (count: number) => Uint8Array {
  let state = seed;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
}

const seeds = fc.integer({ min: 0, max: 0xffffffff });
const keys = seeds.map((seed) => newKey(bytesFrom(seed)));

/** Every key that differs in one character. */
function typosOf(key: string): string[] {
  return Array.from(key).flatMap((letter, at) =>
    letters.filter((other) => other !== letter).map((other) => key.slice(0, at) + other + key.slice(at + 1)),
  );
}

/** Every key in which two neighbours have changed places. */
function swapsOf(key: string): string[] {
  return Array.from({ length: key.length - 1 }, (_, at) => {
    const [left = '', right = ''] = [key[at], key[at + 1]];
    return key.slice(0, at) + right + left + key.slice(at + 2);
  }).filter((swapped) => swapped !== key);
}

/** Every key that lacks one character or has one twice. */
function slipsOf(key: string): string[] {
  return Array.from({ length: key.length }, (_, at) => [
    key.slice(0, at) + key.slice(at + 1),
    key.slice(0, at + 1) + key.slice(at),
  ]).flat();
}

describe('newKey', () => {
  it('makes a key of one form, whatever the bytes', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(key).toMatch(/^sk-router-[0-9A-Za-z]{38}$/);
        expect(checkForm(key)).toBe('ours');
      }),
    );
  });

  it('never makes a key that litellm takes for an OAuth token', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(key.startsWith('sk-ant-oat')).toBe(false);
      }),
    );
  });

  // The checksums are zlib's crc32 of the 32 characters, in base62.
  it('is the same for the same bytes, so that nothing else decides', () => {
    expect(newKey(() => new Uint8Array(32))).toBe(`sk-router-${'0'.repeat(32)}2wjyrI`);
    expect(newKey(() => new Uint8Array(32).fill(61))).toBe(`sk-router-${'z'.repeat(32)}4W8LJS`);
  });

  it('takes no byte that would make some characters likelier, and asks for more instead', () => {
    const asked: number[] = [];
    const key = newKey((count) => {
      asked.push(count);
      return new Uint8Array(count).map((_, at) => (at % 2 === 0 ? 248 + (at % 8) : 1));
    });
    expect(key.slice(10, 42)).toBe('1'.repeat(32));
    expect(asked).toEqual([32, 32]);
  });

  it('uses every character about equally', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 2_000; seed += 1) {
      for (const letter of newKey(bytesFrom(seed * 7_919)).slice(10, 42))
        counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const expected = (2_000 * 32) / 62;
    expect(counts.size).toBe(62);
    expect(Math.max(...counts.values())).toBeLessThan(expected * 1.3);
    expect(Math.min(...counts.values())).toBeGreaterThan(expected * 0.7);
  });
});

describe('checkForm', () => {
  it.each([
    ['one mistyped character', typosOf],
    ['two neighbours that changed places', swapsOf],
    ['one character too few or too many', slipsOf],
  ])('tells %s from a key, at every place', (_what, variantsOf) => {
    fc.assert(
      fc.property(keys, (key) => {
        const variants = variantsOf(key).filter((variant) => variant !== key);
        expect(variants.filter((variant) => checkForm(variant) !== 'mistyped')).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    '',
    'sk-proj-0123456789abcdef0123456789abcdef0123456789abcdef',
    'sk-ant-api03-0123456789abcdef0123456789abcdef-AA',
    '__proto__',
    'constructor',
    '0'.repeat(38),
    'x'.repeat(100_000),
  ])('takes %j for nobody’s of ours', (key) => {
    expect(checkForm(key)).toBe('foreign');
  });

  it.each(['sk-router', 'sk-router-', 'sk-router-local-0000', `sk-router-${'0'.repeat(38)}`, 'sk-router-é'])(
    'takes %j for a mistyped one of ours',
    (key) => {
      expect(checkForm(key)).toBe('mistyped');
    },
  );
});

describe('digestOf', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('is the SHA-256 of %j in hex', async (key, digest) => {
    await expect(digestOf(key)).resolves.toBe(digest);
  });
});
