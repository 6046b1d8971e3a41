/** One line of a difference: kept, taken out or put in. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Above this many pairs of lines the middle is shown as taken out and put in whole, rather than compared. */
const mostPairs = 4_000_000;

/** The difference between two texts by lines: the fewest lines that say it. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const start = commonStart(before, after);
  const end = commonStart(before.slice(start).toReversed(), after.slice(start).toReversed());
  const left = before.slice(start, before.length - end);
  const right = after.slice(start, after.length - end);
  return [
    ...signed(' ', before.slice(0, start)),
    ...(left.length * right.length > mostPairs ? [...signed('-', left), ...signed('+', right)] : compare(left, right)),
    ...signed(' ', before.slice(before.length - end)),
  ];
}

/** Leaves out kept lines that are further than `around` from a changed one; a gap is one line `...`. */
export function withContext(lines: readonly DiffLine[], around: number): DiffLine[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ sign }) => sign !== ' '),
  );
  return lines.flatMap((line, index) => {
    if (near[index] === true) return [line];
    return index === 0 || near[index - 1] === true ? [{ sign: ' ' as const, text: '...' }] : [];
  });
}

/** By the longest common subsequence, filled in from the end so that it is read from the start. */
function compare(before: readonly string[], after: readonly string[]): DiffLine[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1)
    for (let column = after.length - 1; column >= 0; column -= 1)
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length && column < after.length) {
    const [old = '', fresh = ''] = [before[row], after[column]];
    if (old === fresh) {
      lines.push({ sign: ' ', text: old });
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      lines.push({ sign: '-', text: old });
      row += 1;
    } else {
      lines.push({ sign: '+', text: fresh });
      column += 1;
    }
  }
  return [...lines, ...signed('-', before.slice(row)), ...signed('+', after.slice(column))];
}

function commonStart(before: readonly string[], after: readonly string[]): number {
  const different = before.findIndex((line, index) => line !== after[index]);
  return different < 0 ? before.length : different;
}

function signed(sign: DiffLine['sign'], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ sign, text }));
}
