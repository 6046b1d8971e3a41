/** The first request under an `Idempotency-Key`. Keys belong to a caller: another caller's never meet them. */
export interface FirstAnswer {
  /** The caller's key, at most 255 characters. */
  readonly key: string;
  readonly requestId: string;
}

export interface BeginAsk extends FirstAnswer {
  /** Digest of everything that must be the same: the path's provider and endpoint, and the body. */
  readonly digest: string;
}

/** An answer to be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Answered extends FirstAnswer {
  readonly answer: KeptAnswer;
}

/** What a request with an `Idempotency-Key` is to do. */
export type Begun =
  /** The first: go on, then `finish`, or `abandon` where nothing was executed. */
  | { readonly kind: 'fresh' }
  /** The first is still at it. */
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly answer: KeptAnswer }
  /** The first was answered with more than is kept: it cannot be given again, and must not be paid again. */
  | { readonly kind: 'unkept' }
  /** The key was used for another request. */
  | { readonly kind: 'conflict' };

const keptMs = 24 * 3_600_000;
/** A first request that has not answered after this long has crashed, and its repeat is the first. */
const runningMs = 15 * 60_000;
/** Largest body that is kept: a row of the object's SQLite holds 2 MB. */
export const largestAnswerBytes = 1_048_576;
/** The oldest go first: a gigabyte at most, of the ten that an object has. */
const mostAnswers = 1_000;

/** The answers of one caller. */
export interface AnswerTable {
  begin(ask: BeginAsk, nowMs: number): Begun;
  /** Keeps the answer for a day. Only the request that began may. */
  finish(answered: Answered, nowMs: number): void;
  /** Forgets a request that ended before anything was executed. */
  abandon(first: FirstAnswer): void;
  prune(nowMs: number): void;
  isEmpty(): boolean;
}

interface Row extends Record<string, SqlStorageValue> {
  readonly requestId: string;
  readonly digest: string;
  /** `null` while running; 0: answered, not kept. */
  readonly status: number | null;
  readonly headers: string | null;
  readonly body: ArrayBuffer | null;
}

/** Opens the table in an object's SQLite, which is made at the first use. */
export function openAnswers(sql: SqlStorage): AnswerTable {
  let isMade = false;
  const make = (): void => {
    if (isMade) return;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, requestId TEXT NOT NULL, digest TEXT NOT NULL,
       dueMs INTEGER NOT NULL, status INTEGER, headers TEXT, body BLOB)`,
    );
    isMade = true;
  };
  const prune = (nowMs: number): void => {
    make();
    sql.exec('DELETE FROM answers WHERE dueMs <= ?', nowMs);
  };
  return {
    begin(ask, nowMs) {
      make();
      const [row] = sql.exec<Row>('SELECT * FROM answers WHERE key = ? AND dueMs > ?', ask.key, nowMs).toArray();
      if (row !== undefined) return readRow(row, ask);
      prune(nowMs);
      makeRoom(sql);
      sql.exec(
        'INSERT INTO answers (key, requestId, digest, dueMs) VALUES (?, ?, ?, ?)',
        ask.key,
        ask.requestId,
        ask.digest,
        nowMs + runningMs,
      );
      return { kind: 'fresh' };
    },
    finish({ key, requestId, answer }, nowMs) {
      make();
      const isKept = answer.body.byteLength <= largestAnswerBytes;
      sql.exec(
        'UPDATE answers SET status = ?, headers = ?, body = ?, dueMs = ? WHERE key = ? AND requestId = ?',
        isKept ? answer.status : 0,
        isKept ? JSON.stringify(answer.headers) : null,
        isKept ? answer.body.slice().buffer : null,
        nowMs + keptMs,
        key,
        requestId,
      );
    },
    abandon({ key, requestId }) {
      make();
      sql.exec('DELETE FROM answers WHERE key = ? AND requestId = ? AND status IS NULL', key, requestId);
    },
    prune,
    isEmpty() {
      make();
      return sql.exec('SELECT 1 FROM answers LIMIT 1').toArray().length === 0;
    },
  };
}

function readRow({ requestId, digest, status, headers, body }: Row, ask: BeginAsk): Begun {
  if (digest !== ask.digest) return { kind: 'conflict' };
  // The same request once more: the answer to its first `begin` was lost on the way.
  if (status === null) return { kind: requestId === ask.requestId ? 'fresh' : 'running' };
  if (status === 0 || headers === null || body === null) return { kind: 'unkept' };
  // Written by `finish` and by nobody else.
  const kept = JSON.parse(headers) as Record<string, string>;
  return { kind: 'done', answer: { status, headers: kept, body: new Uint8Array(body) } };
}

function makeRoom(sql: SqlStorage): void {
  const { rows } = sql.exec<{ rows: number }>('SELECT COUNT(*) AS rows FROM answers').one();
  if (rows < mostAnswers) return;
  // One that is running is younger than any that may go, but for a caller with a thousand at once.
  sql.exec(
    'DELETE FROM answers WHERE key IN (SELECT key FROM answers ORDER BY status IS NULL, dueMs LIMIT ?)',
    rows - mostAnswers + 1,
  );
}
