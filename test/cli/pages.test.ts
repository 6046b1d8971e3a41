import { expect, it } from 'vitest';
import { readPages } from '../../src/cli/pages.ts';

const list = (pages: Iterable<readonly number[]>) =>
  Promise.resolve({
    async *iterPages() {
      for (const page of pages) yield { getPaginatedItems: () => page };
    },
  });

function* endless(): Generator<number[]> {
  for (let page = 0; ; page += 1) yield [page];
}

it.each([
  ['every page', [[1, 2], [3]], [1, 2, 3]],
  ['up to an empty page', [[1], [], [2]], [1]],
  ['up to a page that was there before', [[1], [1], [2]], [1]],
  ['nothing where there is nothing', [], []],
])('reads %s', async (_, pages, rows) => {
  expect(await readPages(list(pages))).toEqual(rows);
});

it('ends where a list does not', async () => {
  expect((await readPages(list(endless()))).length).toBe(100);
});
