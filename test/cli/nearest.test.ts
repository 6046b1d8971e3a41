import { expect, it } from 'vitest';
import { nearestWord } from '../../src/cli/nearest.ts';

const known = ['dir', 'remote', 'secrets-from', 'cacheTtlSeconds', 'ordered', 'weighted'];

it.each([
  ['dri', 'dir'],
  ['remtoe', 'remote'],
  ['Remote', 'remote'],
  ['secret-from', 'secrets-from'],
  ['cacheTtl', 'cacheTtlSeconds'],
  ['weigthed', 'weighted'],
  ['orderd', 'ordered'],
  ['something-else', undefined],
  ['x'.repeat(10_000), undefined],
])('%s is near to %s', (typed, near) => {
  expect(nearestWord(typed, known)).toBe(near);
});
