import { describe, expect, it } from 'vitest';
import { lossesMarks, renderLosses } from '../support/losses-table.ts';

/* Law 7, for readers: the README says what each target loses, in the words of the code. */

const [readme = ''] = Object.values(
  import.meta.glob<string>('../../README.md', { query: '?raw', import: 'default', eager: true }),
);
const { begin, end } = lossesMarks;

describe('the table of losses in the README', () => {
  it('is what the code says', () => {
    const shown = readme.slice(readme.indexOf(begin) + begin.length, readme.indexOf(end));
    expect(shown.trim()).toBe(renderLosses());
  });

  it('tells losses, harmless ones and what is carried apart', () => {
    expect(renderLosses().split('\n')).toEqual(
      expect.arrayContaining([
        '| seed | carried | lost | lost | Anthropic has no seed; Responses has no seed |',
        '| image inside a tool result | lost | carried | carried | tool messages hold text alone |',
        expect.stringMatching(/^Harmless, .*\bmetadata\b/),
      ]),
    );
  });
});
