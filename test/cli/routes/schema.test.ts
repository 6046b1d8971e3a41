import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { AccountRoute, AccountVersion } from '../../../src/cli/routes/schema.ts';

const elements = [{ id: 'start', type: 'start', outputs: { next: { elementId: 'end' } }, x: 1 }];
const route = { id: 'r', name: 'n' };

it.each([
  ['beside the route', { ...route, elements, version: null }],
  ['in its version', { ...route, version: { version_id: 'v', data: JSON.stringify(elements) } }],
  ['deeper in its version', { ...route, version: { version_id: 'v', data: JSON.stringify({ elements }) } }],
])('elements are found %s', (_, answer) => {
  expect(z.parse(AccountRoute, answer).elements).toEqual(elements);
});

it.each([
  [{ elements }, elements],
  [{ data: JSON.stringify(elements) }, elements],
  [{ data: 'no json' }, []],
  [{}, []],
])('elements of a version: %j', (answer, found) => {
  expect(z.parse(AccountVersion, answer)).toEqual({ elements: found });
});
