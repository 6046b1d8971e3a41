import * as z from 'zod/mini';
import { describe, expect, it } from 'vitest';
import { Condition, holds, sayCondition, type CallFacts } from '../../src/policy/condition.ts';

/** A Friday, 20:30 UTC. */
const friday = Date.UTC(2026, 10, 20, 20, 30);

const facts: CallFacts = {
  dialect: 'chat',
  stream: true,
  bodyBytes: 1000,
  caller: 'billing',
  group: 'internal',
  region: { country: 'DE', continent: 'EU', colo: 'FRA' },
  nowMs: friday,
  header: (name) => new Map([['x-tier', 'gold']]).get(name),
  metadata: (name) => new Map([['plan', 'free']]).get(name),
  hasTools: () => true,
  hasImages: () => false,
};

function dear(): never {
  throw new Error('asked');
}

describe('holds', () => {
  it.each<[Condition, boolean]>([
    [{ field: 'header', name: 'x-tier', equals: 'gold' }, true],
    [{ field: 'header', name: 'x-tier', equals: 'Gold' }, false],
    [{ field: 'header', name: 'x-tier', in: ['silver', 'gold'] }, true],
    [{ field: 'header', name: 'x-tier', startsWith: 'go' }, true],
    [{ field: 'header', name: 'x-tier', startsWith: 'go', not: true }, false],
    [{ field: 'header', name: 'x-tier', present: true }, true],
    [{ field: 'header', name: 'x-none', present: true }, false],
    [{ field: 'header', name: 'x-none', present: true, not: true }, true],
    [{ field: 'header', name: 'x-none', equals: 'gold', not: true }, true],
    [{ field: 'metadata', name: 'plan', equals: 'free' }, true],
    [{ field: 'metadata', name: 'constructor', present: true }, false],
    [{ field: 'dialect', equals: 'chat' }, true],
    [{ field: 'caller', in: ['billing'] }, true],
    [{ field: 'group', equals: 'external' }, false],
    [{ field: 'country', equals: 'DE' }, true],
    [{ field: 'continent', in: ['NA', 'SA'] }, false],
    [{ field: 'colo', equals: 'FRA' }, true],
    [{ field: 'stream', is: true }, true],
    [{ field: 'tools', is: false }, false],
    [{ field: 'images', is: false }, true],
    [{ field: 'bodyBytes', above: 999 }, true],
    [{ field: 'bodyBytes', above: 1000 }, false],
    [{ field: 'bodyBytes', below: 1000 }, false],
    [{ field: 'bodyBytes', above: 10, below: 2000 }, true],
    [{ field: 'time', from: '20:00', to: '21:00' }, true],
    [{ field: 'time', from: '20:30', to: '20:31' }, true],
    [{ field: 'time', from: '08:00', to: '20:30' }, false],
    [{ field: 'time', from: '08:00', to: '20:30', not: true }, true],
    [{ field: 'time', from: '20:00', to: '06:00' }, true],
    [{ field: 'time', from: '22:00', to: '06:00' }, false],
    [{ field: 'time', days: ['fri'] }, true],
    [{ field: 'time', days: ['sat', 'sun'] }, false],
  ])('of %j is %s', (condition, expected) => {
    expect(holds(condition, facts)).toBe(expected);
  });

  it('counts a window over midnight to the day on which it began', () => {
    const saturdayNight = { ...facts, nowMs: Date.UTC(2026, 10, 21, 2, 0) };
    expect(holds({ field: 'time', from: '22:00', to: '06:00', days: ['fri'] }, saturdayNight)).toBe(true);
    expect(holds({ field: 'time', from: '22:00', to: '06:00', days: ['sat'] }, saturdayNight)).toBe(false);
  });

  it('asks for what costs something only when a condition needs it', () => {
    const lazy = { ...facts, hasTools: dear, hasImages: dear, metadata: dear };
    expect(holds({ field: 'stream', is: true }, lazy)).toBe(true);
  });
});

describe('Condition', () => {
  it.each([
    ['no test at all', { field: 'header', name: 'x' }],
    ['two tests', { field: 'header', name: 'x', equals: 'a', startsWith: 'b' }],
    ['an unknown field', { field: 'moon', equals: 'full' }],
    ['an unknown operator', { field: 'caller', matches: '.*' }],
    ['a header with capitals, which never come', { field: 'header', name: 'X-Tier', equals: 'a' }],
    ['a body size without a bound', { field: 'bodyBytes' }],
    ['a time without a window', { field: 'time' }],
    ['a time that is none', { field: 'time', from: '25:00' }],
    ['a text where a boolean belongs', { field: 'stream', is: 'true' }],
  ])('refuses %s', (_, value) => {
    expect(z.safeParse(Condition, value).success).toBe(false);
  });
});

describe('sayCondition', () => {
  it.each<[Condition, string]>([
    [{ field: 'header', name: 'x-tier', equals: 'gold' }, 'header x-tier equals "gold"'],
    [{ field: 'header', name: 'x-tier', present: true, not: true }, 'not: header x-tier present'],
    [{ field: 'stream', is: true }, 'stream is true'],
    [{ field: 'time', from: '08:00', days: ['mon'] }, 'time from "08:00" days ["mon"]'],
  ])('says %j as %s', (condition, text) => {
    expect(sayCondition(condition)).toBe(text);
  });
});
