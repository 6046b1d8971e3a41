import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, withContext } from '../../../src/cli/policy/lines.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
const say = (lines: ReturnType<typeof diffLines>) => lines.map(({ sign, text }) => sign + text).join(' ');

describe('diffLines', () => {
  it.each([
    ['a b c', 'a b c', ' a  b  c'],
    ['a b c', 'a x c', ' a -b +x  c'],
    ['a c', 'a b c', ' a +b  c'],
    ['a b c', 'a c', ' a -b  c'],
    ['a a a', 'a a', ' a  a -a'],
    ['a b c d', 'b c x', '-a  b  c -d +x'],
    ['', 'a', '- +a'],
  ])('from %j to %j', (before, after, said) => {
    expect(say(diffLines(before.split(' '), after.split(' ')))).toBe(said);
  });

  it('holds both texts whole and in order', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        expect(lines.filter(({ sign }) => sign !== '+').map(({ text }) => text)).toEqual(before);
        expect(lines.filter(({ sign }) => sign !== '-').map(({ text }) => text)).toEqual(after);
      }),
    );
  });

  it('shows texts too long to compare as taken out and put in', () => {
    const before = Array.from({ length: 3_000 }, (_, index) => `before ${index}`);
    const after = Array.from({ length: 3_000 }, (_, index) => `after ${index}`);
    expect(
      diffLines(['same', ...before], ['same', ...after])
        .map(({ sign }) => sign)
        .join(''),
    ).toBe(` ${'-'.repeat(3_000)}${'+'.repeat(3_000)}`);
  });
});

describe('withContext', () => {
  it.each([
    [1, ' ...  c -d +x  e  ...'],
    [9, ' a  b  c -d +x  e  f  g'],
  ])('leaves out what is further than %i from a change', (around, said) => {
    expect(say(withContext(diffLines('a b c d e f g'.split(' '), 'a b c x e f g'.split(' ')), around))).toBe(said);
  });
});
