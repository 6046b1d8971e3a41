import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseTargets, fraction, type Choosing, type PlannedTarget } from '../../src/policy/choose.ts';
import type { CallFacts } from '../../src/policy/condition.ts';

const facts: CallFacts = {
  dialect: 'chat',
  stream: false,
  bodyBytes: 10,
  caller: 'a',
  group: undefined,
  region: {},
  nowMs: 0,
  header: () => undefined,
  metadata: () => undefined,
  hasTools: () => false,
  hasImages: () => false,
};

function target(name: string, more: Partial<PlannedTarget> = {}): PlannedTarget {
  const fixed = {
    provider: 'openai',
    model: name,
    carrier: 'gateway',
    dialect: 'chat',
    credentials: 'stored',
  } as const;
  return { name, ...fixed, gateway: {}, options: {}, ...more };
}

const [a, b, c] = [target('a'), target('b'), target('c')];
const choosing: Choosing = {
  strategy: 'ordered',
  candidates: [a, b, c],
  facts,
  seed: 'x',
  isSession: false,
  coolingSeconds: () => undefined,
};

function names(options: Partial<Choosing>): string[] {
  return chooseTargets({ ...choosing, ...options }).map(({ target: { name }, skip }) =>
    skip === undefined ? name : `-${name}`,
  );
}

describe('chooseTargets, ordered', () => {
  it('keeps the order of the policy and says why', () => {
    expect(chooseTargets(choosing)).toEqual([
      { target: a, reason: 'first in order' },
      { target: b, reason: 'fallback 1' },
      { target: c, reason: 'fallback 2' },
    ]);
  });

  it('skips a target whose condition does not hold, and says which', () => {
    const picky = target('b', {
      when: [
        { field: 'dialect', equals: 'chat' },
        { field: 'stream', is: true },
      ],
    });
    expect(chooseTargets({ ...choosing, candidates: [picky, c] })).toEqual([
      { target: c, reason: 'first in order' },
      { target: picky, reason: 'not open to this request', skip: 'condition not met: stream is true' },
    ]);
  });

  it('keeps a target that is cooling down for the last', () => {
    const cooling: Partial<Choosing> = { coolingSeconds: ({ name }) => (name === 'a' ? 12.3 : undefined) };
    expect(names(cooling)).toEqual(['b', 'c', 'a']);
    expect(chooseTargets({ ...choosing, ...cooling }).at(-1)?.reason).toContain('for 13 s more');
  });

  it('tries the targets all the same when every one of them is cooling down', () => {
    expect(names({ coolingSeconds: () => 5 })).toEqual(['a', 'b', 'c']);
  });
});

describe('chooseTargets, weighted', () => {
  const weighted = [target('a', { weight: 1 }), target('b', { weight: 3 }), target('c', { weight: 0 })];

  it('draws the same target for the same session, with the rest in order behind it', () => {
    const session = { strategy: 'weighted', candidates: weighted, seed: 'session 7', isSession: true } as const;
    expect(names(session)).toEqual(names(session));
    expect(names(session).toSorted()).toEqual(['a', 'b', 'c']);
    expect(chooseTargets({ ...choosing, ...session })[0]?.reason).toContain('stable for this session');
  });

  it('yields to failure: a session whose target cools down gets another', () => {
    const session = { strategy: 'weighted', candidates: weighted, seed: 'session 7', isSession: true } as const;
    const [first] = names(session);
    expect(names({ ...session, coolingSeconds: ({ name }) => (name === first ? 9 : undefined) })[0]).not.toBe(first);
  });

  it('shares by weight, and never draws a weight of zero', () => {
    const counts = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 4000; i += 1) {
      const [first] = names({ strategy: 'weighted', candidates: weighted, seed: `request ${i}` });
      counts[first as keyof typeof counts] += 1;
    }
    expect(counts.c).toBe(0);
    expect(counts.b / counts.a).toBeGreaterThan(2.6);
    expect(counts.b / counts.a).toBeLessThan(3.4);
  });

  it('gives every target exactly one place, whatever the weights', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 6 }), fc.string(), (weights, seed) => {
        const candidates = weights.map((weight, index) => target(`t${index}`, { weight }));
        expect(names({ strategy: 'weighted', candidates, seed }).toSorted()).toEqual(
          candidates.map(({ name }) => name).toSorted(),
        );
      }),
    );
  });
});

describe('fraction', () => {
  it('is from 0 up to 1 for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(fraction(text)).toBeGreaterThanOrEqual(0);
        expect(fraction(text)).toBeLessThan(1);
      }),
    );
  });
});
