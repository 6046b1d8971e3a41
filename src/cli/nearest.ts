/** The known word that a mistyped one is nearest to, if any is near enough to be meant. */
export function nearestWord(typed: string, known: readonly string[]): string | undefined {
  const asked = typed.slice(0, 60).toLowerCase();
  const scored = known
    .map((word) => ({ word, distance: distance(asked, word.toLowerCase()) }))
    .filter(({ word, distance }) => distance <= Math.max(1, Math.floor(word.length / 3)) || extendsWord(asked, word))
    .toSorted((a, b) => a.distance - b.distance);
  return scored[0]?.word;
}

/** `cacheTtl` for `cacheTtlSeconds`: half a word is far by letters and near by sense. */
function extendsWord(asked: string, word: string): boolean {
  return asked.length >= 4 && word.toLowerCase().startsWith(asked);
}

/** Letters to insert, drop, replace or swap with their neighbour to come from one word to the other. */
function distance(a: string, b: string): number {
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(above, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1] ? at(twoAbove, column - 2) + 1 : far;
      line.push(Math.min(replaced, swapped, at(above, column) + 1, at(line, column - 1) + 1));
    }
    twoAbove = above;
    above = line;
  }
  return at(above, b.length);
}

const far = 1_000;

function at(line: readonly number[], index: number): number {
  return line[index] ?? far;
}
