import { expect, it } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { noUsage, type Usage } from '../../src/core/usage.ts';
import { readOneShotUsage } from '../../src/dialects/one-shot.ts';

it.each<[Json, Partial<Usage> | undefined]>([
  [{ prompt_tokens: 5, total_tokens: 5 }, { input: 5 }],
  [{ total_tokens: 4 }, { input: 4 }],
  [
    { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
    { input: 5, output: 7 },
  ],
  [
    { input_tokens: 6, output_tokens: 1056, total_tokens: 1062 },
    { input: 6, output: 1056 },
  ],
  [{ type: 'duration', seconds: 3 }, undefined],
  [{}, undefined],
  [null, undefined],
])('reads the usage %j', (usage, told) => {
  expect(readOneShotUsage({ usage })).toEqual(told && { ...noUsage, ...told });
});
