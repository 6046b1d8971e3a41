import { describe, expect, it } from 'vitest';
import { CallerPolicy, KeyRecord, stateOf } from '../../src/policy/caller-schema.ts';

const full = {
  description: 'What it is for',
  group: 'finance',
  models: ['@cf/*', 'claude-*', 'openai/gpt-5.1'],
  routes: ['chat', 'team/embed'],
  sources: ['binding', 'stored'],
  limits: { requestsPerMinute: 60, tokensPerMinute: 100_000, concurrent: 4, usdPerDay: 0.5, usdPerMonth: 10 },
  routeLimits: { chat: { concurrent: 1 }, 'team/embed': {} },
  counting: 'leased',
  unknownPrice: 'allow',
  moneyOutage: 'open',
  rateOutage: 'closed',
  disabled: false,
  tags: { team: 'finance', 'cost.center': '42' },
};

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, {}]));

describe('CallerPolicy', () => {
  it.each([[{}], [full]])('takes %j as it stands', (policy) => {
    expect(CallerPolicy.parse(policy)).toEqual(policy);
  });

  it.each<[string, object, string]>([
    ['a field with a typo', { disabeld: true }, ''],
    ['a disabled that is no switch', { disabled: 'true' }, 'disabled'],
    ['a group that is no name', { group: 'a b' }, 'group'],
    ['a model with a space', { models: ['a b'] }, 'models.0'],
    ['a model for a list', { models: '*' }, 'models'],
    ['a pattern for a route', { routes: ['chat*'] }, 'routes.0'],
    ['a route that climbs', { routes: ['../x'] }, 'routes.0'],
    ['a source that is none', { sources: ['env'] }, 'sources.0'],
    ['a limit of nothing', { limits: { requestsPerMinute: 0 } }, 'limits.requestsPerMinute'],
    ['half a request', { limits: { concurrent: 1.5 } }, 'limits.concurrent'],
    ['money below zero', { limits: { usdPerDay: -1 } }, 'limits.usdPerDay'],
    ['no money', { limits: { usdPerDay: 0 } }, 'limits.usdPerDay'],
    ['more money than is exact', { limits: { usdPerMonth: 1e7 } }, 'limits.usdPerMonth'],
    ['a limit in words', { limits: { usdPerDay: '5' } }, 'limits.usdPerDay'],
    ['a limit that nobody knows', { limits: { perHour: 1 } }, 'limits'],
    ['limits on what is no route', { routeLimits: { 'a b': {} } }, 'routeLimits.a b'],
    ['limits on too many routes', { routeLimits: many(51) }, 'routeLimits'],
    ['a rule that nobody knows', { counting: 'loose' }, 'counting'],
    ['a tag without a name', { tags: { '': 'x' } }, 'tags.'],
    ['a tag that is a number', { tags: { a: 1 } }, 'tags.a'],
  ])('refuses %s', (_what, policy, at) => {
    expect(CallerPolicy.safeParse(policy).error?.issues[0]?.path.join('.')).toBe(at);
  });

  it.each(['{"__proto__":{"disabled":true}}', '{"constructor":{}}', '{"limits":{"__proto__":{"concurrent":1}}}'])(
    'lets %s set nothing',
    (text) => {
      const parsed = CallerPolicy.safeParse(JSON.parse(text)).data;
      expect([parsed?.disabled, parsed?.limits?.concurrent]).toEqual([undefined, undefined]);
    },
  );
});

describe('KeyRecord', () => {
  const record = { caller: 'billing', slot: 1, createdAt: '2026-11-01T00:00:00.000Z' };

  it.each([[{}], [{ expiresAt: '2027-01-01T00:00:00Z', disabled: true, label: 'laptop', slot: 2 }]])(
    'takes %j',
    (change) => {
      expect(KeyRecord.parse({ ...record, ...change })).toEqual({ ...record, ...change });
    },
  );

  it.each<[string, object, string]>([
    ['a third slot', { slot: 3 }, 'slot'],
    ['no caller', { caller: undefined }, 'caller'],
    ['the bootstrap’s name', { caller: 'router' }, 'caller'],
    ['a caller that is no name', { caller: '../x' }, 'caller'],
    ['a day for a moment', { expiresAt: '2027-01-01' }, 'expiresAt'],
    ['a moment of some place', { expiresAt: '2027-01-01T00:00:00' }, 'expiresAt'],
    ['a moment with an offset', { expiresAt: '2027-01-01T00:00:00+01:00' }, 'expiresAt'],
    ['a month that is none', { expiresAt: '2027-13-01T00:00:00Z' }, 'expiresAt'],
    ['seconds for a moment', { expiresAt: 1_800_000_000 }, 'expiresAt'],
    ['the key itself', { key: 'sk-router-x' }, ''],
  ])('refuses %s', (_what, change, at) => {
    expect(KeyRecord.safeParse({ ...record, ...change }).error?.issues[0]?.path.join('.')).toBe(at);
  });

  it.each([
    [{}, 'live'],
    [{ disabled: false }, 'live'],
    [{ expiresAt: '2026-11-20T12:00:00.001Z' }, 'live'],
    [{ expiresAt: '2026-11-20T12:00:00Z' }, 'expired'],
    [{ disabled: true }, 'disabled'],
    [{ disabled: true, expiresAt: '2026-01-01T00:00:00Z' }, 'disabled'],
  ])('with %j is %s at noon', (change, state) => {
    expect(stateOf(KeyRecord.parse({ ...record, ...change }), Date.parse('2026-11-20T12:00:00Z'))).toBe(state);
  });
});
