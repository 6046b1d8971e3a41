import { expect, it } from 'vitest';
import type { Json } from '../../../src/core/json.ts';
import { withoutFalseDescriptions } from '../../../src/upstream/workersai/schema.ts';

it.each<[string, Json, Json]>([
  ['at the top', { description: false, type: 'object' }, { type: 'object' }],
  [
    'deep inside, the order of keys kept',
    { b: [{ items: { description: false, z: 1, a: 2 } }, null], a: 'x' },
    { b: [{ items: { z: 1, a: 2 } }, null], a: 'x' },
  ],
  [
    'but not a property of that name',
    { description: false, properties: { description: false, x: { description: false } } },
    { properties: { description: false, x: {} } },
  ],
  [
    'in a property that is called properties',
    { properties: { properties: { description: false, type: 'object' } } },
    { properties: { properties: { type: 'object' } } },
  ],
])('takes description: false away %s', (_name, schema, expected) => {
  expect(JSON.stringify(withoutFalseDescriptions(schema))).toBe(JSON.stringify(expected));
});

it.each<[string, Json]>([
  ['nothing to take', { description: 'x', properties: { description: false } }],
  ['a text', 'x'],
  ['true', true],
])('gives back the very value with %s', (_name, schema) => {
  expect(withoutFalseDescriptions(schema)).toBe(schema);
});

it('keeps a key named __proto__ as a key', () => {
  const schema = JSON.parse('{"description":false,"__proto__":{"admin":true}}') as Json;
  const cleaned = withoutFalseDescriptions(schema);
  expect(JSON.stringify(cleaned)).toBe('{"__proto__":{"admin":true}}');
  expect((cleaned as { admin?: unknown }).admin).toBeUndefined();
});

it('walks deeper than the call stack', () => {
  const depth = 100_000;
  const schema = JSON.parse(`${'{"a":'.repeat(depth)}{"description":false}${'}'.repeat(depth)}`) as Json;
  // Compared by hand: the matcher itself would walk both to the bottom.
  expect(withoutFalseDescriptions(schema) === schema).toBe(false);
});
