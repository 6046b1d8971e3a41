import { describe, expect, it } from 'vitest';
import type { UsageLine } from '../../src/ledger/usage.ts';
import { openPlane } from './plane.ts';

const line: UsageLine = {
  day: '2026-11-20',
  requests: 3,
  errors: 1,
  unpriced: 0,
  nanoUsd: 1_500_000_001,
  input: 300,
  cachedRead: 10,
  cachedWrite: 0,
  output: 40,
  reasoning: 5,
};
const kv = { 'caller:billing': {}, 'caller:ci': {} };
const usage = { billing: [line], ci: [{ ...line, nanoUsd: 2, unpriced: 2 }] };

describe('usage', () => {
  it('is a table with a sum', async () => {
    const { rig } = openPlane({ kv, usage });
    expect((await rig.run('usage')).out).toBe(
      [
        'caller   day         requests  errors  input  output  usd       unpriced',
        'billing  2026-11-20  3         1       300    40      1.500000  0',
        'ci       2026-11-20  3         1       300    40      0.000000  2',
        'all                  6         2       600    80      1.500000  2',
        '',
        '2026-10-22 to 2026-11-20, UTC.',
      ].join('\n'),
    );
  });

  it('is JSON for scripts, to the last nano-dollar', async () => {
    const { rig } = openPlane({ kv, usage });
    expect(await rig.runJson('usage billing')).toEqual({
      command: 'usage',
      ok: true,
      from: '2026-10-22',
      to: '2026-11-20',
      by: ['day'],
      lines: [{ caller: 'billing', ...line }],
    });
  });

  it('is CSV where that is asked for', async () => {
    const { rig } = openPlane({ kv, usage });
    expect((await rig.run('usage billing --csv')).out.split('\r\n')).toEqual([
      'caller,day,usd,requests,errors,unpriced,input,cachedRead,cachedWrite,output,reasoning',
      'billing,2026-11-20,1.500000001,3,1,0,300,10,0,40,5',
    ]);
  });

  it('asks the ledger for what was asked for', async () => {
    const { rig, queries } = openPlane({ kv });
    expect((await rig.run('usage ci --from 2026-11-01 --to 2026-11-02 --by model,target')).out).toBe(
      'Nothing was used from 2026-11-01 to 2026-11-02.',
    );
    expect(queries).toEqual([{ from: '2026-11-01', to: '2026-11-02', by: ['model', 'target'] }]);
  });

  it('of all callers reads every page', async () => {
    const names = Array.from({ length: 120 }, (_, index) => [`caller:c${1000 + index}`, {}] as const);
    const { rig, sent } = openPlane({ kv: Object.fromEntries(names), usage: { c1119: [line], router: [line] } });
    const { lines } = (await rig.runJson('usage')) as { lines: { caller: string }[] };
    expect([lines.map(({ caller }) => caller), sent.length]).toEqual([['c1119', 'router'], 2]);
  });

  it.each([
    ['usage --by colour', /by/],
    ['usage --from yesterday', /"from": must be a day such as 2026-11-20/],
    ['usage a/b', /"caller": must be the name of a caller/],
  ])('is refused in the router’s words: %s', async (words, message) => {
    expect(await openPlane().rig.run(words)).toMatchObject({ code: 1, err: expect.stringMatching(message) as string });
  });

  it('does not move the cursor for a model of a strange name', async () => {
    const strange = { billing: [{ ...line, model: 'x\u001b[2J\u0007' }] };
    const { rig } = openPlane({ kv, usage: strange });
    const { out } = await rig.run('usage billing --by model');
    expect([out.includes('\u001b'), out.includes('\u0007'), out.includes('x?')]).toEqual([false, false, true]);
  });
});
