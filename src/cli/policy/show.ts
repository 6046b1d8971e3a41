import { parseJson } from '../../core/json.ts';
import { plainText, sayCount, type Paint } from '../table.ts';
import type { Change } from './entries.ts';
import { diffLines, withContext } from './lines.ts';

const signs = { added: '+', changed: '~', removed: '-' } as const;
const colours = { added: 'green', changed: 'yellow', removed: 'red' } as const;
const lineColours = { '+': 'green', '-': 'red' } as const;

/** Changes for people: the key, then the lines that differ. */
export function sayChanges(changes: readonly Change[], paint: Paint): string {
  return changes
    .map((change) => {
      const head = paint(colours[change.change], `${signs[change.change]} ${plainText(change.key)}`);
      return [`${head} (${change.change})`, ...sayLines(change, paint)].join('\n');
    })
    .join('\n\n');
}

/** `1 added, 2 changed`. */
export function countChanges(changes: readonly Change[]): string {
  const kinds = ['added', 'changed', 'removed'] as const;
  const counts = kinds.map((kind) => ({ kind, count: changes.filter(({ change }) => change === kind).length }));
  const said = counts.filter(({ count }) => count > 0).map(({ kind, count }) => `${count} ${kind}`);
  return said.length === 0 ? 'no change' : said.join(', ');
}

/** Changes as `--json` gives them: the values parsed, or as text where they are no JSON. */
export function changesJson(changes: readonly Change[]): { key: string; change: string }[] {
  return changes.map(({ key, change, before, after }) => ({
    key,
    change,
    ...(before !== undefined && { before: parsed(before) }),
    ...(after !== undefined && { after: parsed(after) }),
  }));
}

/** What `--json` promises of {@link changesJson}. */
export const changesShape = 'changes: [{ key, change: "added" | "changed" | "removed", before?, after? }]';

/** `policies` with the right number. */
export function countPolicies(count: number): string {
  return sayCount(count, 'policy', 'policies');
}

function sayLines({ before, after }: Change, paint: Paint): string[] {
  const lines = withContext(diffLines(linesOf(before), linesOf(after)), 2);
  return lines.map(({ sign, text }) => {
    const line = `    ${sign} ${plainText(text)}`.trimEnd();
    return sign === ' ' ? line : paint(lineColours[sign], line);
  });
}

function linesOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  const value = parseJson(text);
  return (value === undefined ? text : JSON.stringify(value, null, 2)).trimEnd().split('\n');
}

function parsed(text: string): unknown {
  return parseJson(text) ?? text;
}
