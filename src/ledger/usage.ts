import type { Outcome, Settlement } from '../core/settlement.ts';
import { noUsage, type Usage } from '../core/usage.ts';
import { dateOf } from './calendar.ts';
import { wholeOf } from './whole.ts';

/** One finished request, as far as usage is counted. Holds no content. */
export interface UsageRow {
  /** A row that comes twice counts once. */
  readonly requestId: string;
  readonly route: string;
  /** As the caller named it. */
  readonly model: string;
  /** Absent where no target was reached. */
  readonly target?: string;
  readonly outcome: Outcome;
  /** Absent where the upstream told none. */
  readonly usage?: Usage;
  /** `undefined`: not known. */
  readonly nanoUsd: number | undefined;
}

/** The row of a settled request. */
export function usageRowOf(settlement: Settlement, nanoUsd: number | undefined): UsageRow {
  const { requestId, route, model, target, outcome, usage } = settlement;
  return {
    requestId,
    route,
    model,
    ...(target !== undefined && { target }),
    outcome,
    ...(usage !== undefined && { usage }),
    nanoUsd,
  };
}

/** What usage can be told by. */
export const usageKeys = ['day', 'route', 'model', 'target'] as const;
export type UsageKey = (typeof usageKeys)[number];

/** A question about a caller's usage. Days are UTC, as `2026-11-20`, both included. */
export interface UsageQuery {
  readonly from: string;
  readonly to: string;
  readonly by: readonly UsageKey[];
}

/** Sums over the days asked for; the keys that were not asked by are absent. */
export interface UsageLine extends Usage {
  readonly day?: string;
  readonly route?: string;
  readonly model?: string;
  readonly target?: string;
  readonly requests: number;
  /** Requests that ended neither complete nor by the caller's leaving. */
  readonly errors: number;
  /** Requests with usage whose price is not known: their cost is in no sum. */
  readonly unpriced: number;
  readonly nanoUsd: number;
}

const keptDays = 400;
/** Longest answer of `read`: what would come after is cut off. */
export const mostLines = 10_000;
/** Callers choose the model's name, so a day's rows are bounded: what comes on top is counted as `(other)`. */
const mostRowsADay = 2_000;
const longestName = 200;
const otherName = '(other)';

const sums = [
  'requests',
  'errors',
  'unpriced',
  'nanoUsd',
  'input',
  'cachedRead',
  'cachedWrite',
  'output',
  'reasoning',
] as const;
type Sums = Readonly<Record<(typeof sums)[number], number>>;

/** The usage tables of one caller. */
export interface UsageTable {
  add(rows: readonly UsageRow[], nowMs: number): void;
  read(query: UsageQuery): UsageLine[];
  /** Deletes what is older than 400 days. */
  prune(nowMs: number): void;
  isEmpty(): boolean;
}

/** Opens the table in an object's SQLite, which is made at the first write. Writes are synchronous; they gate no read. */
export function openUsage(sql: SqlStorage): UsageTable {
  let isMade = false;
  const make = (): void => {
    if (isMade) return;
    const columns = sums.map((name) => `${name} INTEGER NOT NULL`).join(', ');
    sql.exec(
      `CREATE TABLE IF NOT EXISTS usage (${usageKeys.map((name) => `${name} TEXT NOT NULL`).join(', ')}, ${columns},
       PRIMARY KEY (${usageKeys.join(', ')})) WITHOUT ROWID`,
    );
    isMade = true;
  };
  return {
    add(rows, nowMs) {
      make();
      const day = dateOf(nowMs);
      for (const { row, counted } of gatherRows(rows)) {
        sql.exec(upsert, day, ...placeOf(sql, day, row), ...sums.map((name) => counted[name]));
      }
    },
    read(query) {
      make();
      return readLines(sql, query);
    },
    prune(nowMs) {
      make();
      sql.exec('DELETE FROM usage WHERE day < ?', dateOf(nowMs, keptDays));
    },
    isEmpty() {
      make();
      return sql.exec('SELECT 1 FROM usage LIMIT 1').toArray().length === 0;
    },
  };
}

const upsert = `INSERT INTO usage (${[...usageKeys, ...sums].join(', ')})
  VALUES (${[...usageKeys, ...sums].map(() => '?').join(', ')})
  ON CONFLICT DO UPDATE SET ${sums.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`;

/** Rows of one place, summed before they are written: a statement costs more than a request's share of everything else. */
function gatherRows(rows: readonly UsageRow[]): Iterable<{ readonly row: UsageRow; readonly counted: Sums }> {
  const places = new Map<string, { readonly row: UsageRow; readonly counted: Sums }>();
  for (const row of rows) {
    const place = JSON.stringify([row.route, row.model, row.target]);
    const before = places.get(place)?.counted;
    const counted = countRow(row);
    places.set(place, { row, counted: before === undefined ? counted : addSums(before, counted) });
  }
  return places.values();
}

function addSums(a: Sums, b: Sums): Sums {
  // The keys are those of `sums`, each once.
  return Object.fromEntries(sums.map((name) => [name, a[name] + b[name]])) as unknown as Sums;
}

function placeOf(sql: SqlStorage, day: string, row: UsageRow): [route: string, model: string, target: string] {
  const place = [row.route, row.model, row.target ?? ''].map((name) => name.slice(0, longestName));
  const [route = '', model = '', target = ''] = place;
  const known = sql.exec('SELECT 1 FROM usage WHERE day = ? AND route = ? AND model = ? AND target = ?', day, ...place);
  if (known.toArray().length > 0) return [route, model, target];
  const { rows } = sql.exec<{ rows: number }>('SELECT COUNT(*) AS rows FROM usage WHERE day = ?', day).one();
  return rows < mostRowsADay ? [route, model, target] : [otherName, otherName, otherName];
}

function countRow({ outcome, usage, nanoUsd }: UsageRow): Sums {
  const { input, cachedRead, cachedWrite, output, reasoning } = usage ?? noUsage;
  return {
    requests: 1,
    errors: outcome === 'complete' || outcome === 'caller-left' ? 0 : 1,
    unpriced: usage !== undefined && nanoUsd === undefined ? 1 : 0,
    nanoUsd: wholeOf(nanoUsd),
    input: wholeOf(input),
    cachedRead: wholeOf(cachedRead),
    cachedWrite: wholeOf(cachedWrite),
    output: wholeOf(output),
    reasoning: wholeOf(reasoning),
  };
}

/** Only names of the closed list become part of the statement. */
function readLines(sql: SqlStorage, { from, to, by }: UsageQuery): UsageLine[] {
  const keys = usageKeys.filter((key) => by.includes(key));
  const group = keys.length === 0 ? 'HAVING COUNT(*) > 0' : `GROUP BY ${keys.join(', ')} ORDER BY ${keys.join(', ')}`;
  const columns = [...keys, ...sums.map((name) => `TOTAL(${name}) AS ${name}`)].join(', ');
  const statement = `SELECT ${columns} FROM usage WHERE day >= ? AND day <= ? ${group} LIMIT ${mostLines}`;
  // The columns are those of the line, by the table above.
  return sql.exec(statement, from, to).toArray() as unknown as UsageLine[];
}
