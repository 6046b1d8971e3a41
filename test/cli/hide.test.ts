import { expect, it } from 'vitest';
import { hideCredentials, holdsMasked, saySettings } from '../../src/cli/hide.ts';

it.each([
  [
    { otel: [{ url: 'u', authorization: 'a', headers: { x: 'y' } }] },
    { otel: [{ url: 'u', authorization: '[hidden]', headers: '[hidden]' }] },
  ],
  [
    { stripe: { authorization: 'a', usage_events: [{ payload: 'p' }] } },
    { stripe: { authorization: '[hidden]', usage_events: [{ payload: 'p' }] } },
  ],
  [
    { headers: '{"a":"b"}', name: 'n' },
    { headers: '[hidden]', name: 'n' },
  ],
  [
    { headers: '', secret: null, authentication: true },
    { headers: '', secret: null, authentication: true },
  ],
  ['text', 'text'],
  [undefined, null],
])('what may be a credential is not shown: %j', (value, shown) => {
  expect(hideCredentials(value)).toEqual(shown);
});

it.each([
  ['sk-***', true],
  [{ a: [{ b: '•••• 1234' }] }, true],
  ['[REDACTED]', true],
  ['a * b ** c', false],
  [null, false],
])('%j is shown in part: %s', (value, masked) => {
  expect(holdsMasked(value)).toBe(masked);
});

it('says settings one a line, without control characters', () => {
  expect(saySettings({ id: 'x\u0007', rules: [{ limit: 1 }], headers: 'secret' })).toBe(
    'id       x?\nrules    [{"limit":1}]\nheaders  [hidden]',
  );
});
