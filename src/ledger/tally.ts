import type { UsageRow } from './usage.ts';

/** Rows of this isolate on their way to the ledger, by caller: each waits a quarter of a second at most. */
export type TallyMemo = Map<string, UsageRow[]>;

/** How long rows are gathered, in milliseconds: one write for all requests of a caller that end within it. */
export const tallyMs = 250;
const mostRows = 200;

/**
 * Adds a row to those that are being gathered. `undefined`: another request sends them. Else the caller of this function is
 * the one who waits and sends: it gets the list, to which others may still add until it is taken.
 */
export function gatherRow(memo: TallyMemo, caller: string, row: UsageRow): UsageRow[] | undefined {
  const gathering = memo.get(caller);
  if (gathering !== undefined && gathering.length < mostRows) {
    gathering.push(row);
    return undefined;
  }
  const rows = [row];
  memo.set(caller, rows);
  return rows;
}

/** Ends the gathering: nothing is added to the list any more. */
export function takeRows(memo: TallyMemo, caller: string, rows: readonly UsageRow[]): void {
  if (memo.get(caller) === rows) memo.delete(caller);
}
