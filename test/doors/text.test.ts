import { describe, expect, it } from 'vitest';
import { doors } from './doors.ts';
import { arrivals, openRouter } from './router.ts';
import { otherWays, targets } from './targets.ts';

openRouter();

describe.each(doors)('$name', ({ open, dialect }) => {
  it.each([...targets, ...otherWays])('gets text, its end and exact usage from $name', async (target) => {
    const turn = await open(target.model).say('hello there, router');
    expect(turn).toEqual({
      text: `Hello from ${target.upstreamModel}. You said 3 words.`,
      thinking: '',
      calls: [],
      stop: 'end',
      usage: { input: 3, cached: 0, output: 7 },
    });
    expect(await arrivals()).toEqual([target.arrival(dialect)]);
  });
});
