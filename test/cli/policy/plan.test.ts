import { describe, expect, it } from 'vitest';
import { planPull } from '../../../src/cli/policy/plan.ts';
import { digestsOf } from '../../../src/cli/policy/entries.ts';

const entries = (value: string | undefined) => new Map(value === undefined ? [] : [['patterns', value]]);
const write = { key: 'patterns', action: 'write', losesEdit: false };
const remove = { ...write, action: 'remove' };
const keep = { ...write, action: 'keep' };

describe('planPull', () => {
  it.each([
    // at the last pull, in the file now, in KV now
    ['nothing anywhere', undefined, undefined, undefined, []],
    ['all the same', '1', '1', '1', []],
    ['spaced otherwise', '[1]', '[ 1 ]', '[1]\n', []],
    ['the same change on both sides', '1', '2', '2', []],
    ['new in KV', undefined, undefined, '1', [write]],
    ['changed in KV', '1', '1', '2', [write]],
    ['deleted in KV', '1', '1', undefined, [remove]],
    ['new here', undefined, '1', undefined, [keep]],
    ['changed here', '1', '2', '1', [keep]],
    ['deleted here', '1', undefined, '1', [keep]],
    ['deleted here, changed in KV', '1', undefined, '2', [write]],
    ['changed on both sides', '1', '2', '3', [{ ...write, losesEdit: true }]],
    ['changed here, deleted in KV', '1', '2', undefined, [{ ...remove, losesEdit: true }]],
    ['new on both sides', undefined, '1', '2', [{ ...write, losesEdit: true }]],
    ['broken here', '1', '{', '2', [{ ...write, losesEdit: true }]],
  ])('%s', (_, then, here, there, rows) => {
    const base = { revision: 1, digests: digestsOf(entries(then)) };
    expect(planPull(entries(here), entries(there), base)).toEqual(rows);
  });
});
