import { stripVTControlCharacters, styleText } from 'node:util';

/** Writes text in a colour, or leaves it alone where there are none. */
export type Paint = (colour: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string) => string;

/** Rows as aligned columns, two spaces apart; nothing trails. */
export function sayTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `1 policy`, `2 policies`. */
export function sayCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Colours where the terminal has them. */
export function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/** Takes control characters out of text that others wrote: it must not move the cursor of the operator's terminal. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, (control) => ('\n\t'.includes(control) ? control : '?'));
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
