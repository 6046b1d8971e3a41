import { DurableObject } from 'cloudflare:workers';
import type { Admission, Ask, Bill, LimitState } from '../core/limits.ts';
import { openAnswers, type Answered, type BeginAsk, type Begun, type FirstAnswer } from './answers.ts';
import { Book } from './book.ts';
import type { Hold } from './hold.ts';
import type { BookChanges, LimitQuestion } from './kept.ts';
import type { Leased, LeaseAsk, LeaseReturn } from './lease.ts';
import type { LedgerObject } from './object.ts';
import type { KeptScope } from './scope.ts';
import { openUsage, type UsageLine, type UsageQuery, type UsageRow } from './usage.ts';

/** Changes are gathered for so long and written at once: at most a hundred writes a second, however many requests. */
const gatherMs = 10;
/** Storage takes so many keys at once. */
const mostKeys = 128;
/** Old usage and answers are looked through once a day. */
const dayMs = 86_400_000;

/** Request ids that are remembered: repeats come within seconds. */
const mostRecorded = 10_000;

const holdPrefix = 'hold ';
const scopePrefix = 'scope ';
/** The answer does not wait for the write to be confirmed: what has to wait says so by `sync`. */
const unconfirmed = { allowUnconfirmed: true } as const;

/**
 * One caller's ledger: the one serial point where its limits are decided, its usage is summed and its idempotent answers
 * are kept.
 *
 * The book is in memory and written behind. `reserve` and `lease` answer before anything is written: two durable writes a
 * request cost 13 to 19 ms at 300 requests a second (performance.md A2). A crash loses the holds of the last gathering,
 * some ten milliseconds; their bills are charged whole when they come, so what is lost is that they were *held* until
 * then. `settle`, `giveBack` and `record` resolve when they are on disk, and their callers repeat what was not confirmed;
 * all go by ids, so a repeat counts once. `begin` waits for its mark: lost, it would mean to pay twice. An eviction loses
 * nothing once the object has been quiet for the gathering.
 *
 * A write that fails makes the runtime restart the object from what is on disk.
 */
export class Ledger extends DurableObject implements LedgerObject {
  #book = new Book();
  readonly #usage = openUsage(this.ctx.storage.sql);
  readonly #answers = openAnswers(this.ctx.storage.sql);
  #rows: UsageRow[] = [];
  /** Requests recorded lately: a repeat that the isolate sends because it did not hear back counts once. */
  readonly #recorded = new Set<string>();
  #saving: Promise<void> | undefined;
  #alarmMs: number | undefined;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => this.#load());
  }

  async reserve(ask: Ask): Promise<Admission> {
    const admission = this.#book.reserve({ ...ask, nowMs: Date.now() });
    if (this.#book.isChanged) this.#saveLater();
    return admission;
  }

  async lease(ask: LeaseAsk): Promise<Leased> {
    const leased = this.#book.lease({ ...ask, ask: { ...ask.ask, nowMs: Date.now() } });
    if (this.#book.isChanged) this.#saveLater();
    return leased;
  }

  async settle(bill: Bill): Promise<void> {
    this.#book.settle({ ...bill, nowMs: Date.now() });
    await this.#save();
  }

  async giveBack(back: LeaseReturn): Promise<void> {
    this.#book.giveBack({ ...back, nowMs: Date.now() });
    await this.#save();
  }

  async states(question: LimitQuestion): Promise<readonly LimitState[]> {
    return this.#book.states({ ...question, nowMs: Date.now() });
  }

  async record(rows: readonly UsageRow[]): Promise<void> {
    for (const row of rows) {
      if (!this.#recorded.has(row.requestId)) this.#rows.push(row);
      rememberId(this.#recorded, row.requestId);
    }
    await this.#save();
  }

  async usage(query: UsageQuery): Promise<readonly UsageLine[]> {
    if (this.#rows.length > 0) await this.#save();
    return this.#usage.read(query);
  }

  async begin(ask: BeginAsk): Promise<Begun> {
    this.#saveLater();
    return this.#answers.begin(ask, Date.now());
  }

  async finish(answered: Answered): Promise<void> {
    this.#answers.finish(answered, Date.now());
  }

  async abandon(first: FirstAnswer): Promise<void> {
    this.#answers.abandon(first);
  }

  override async alarm(): Promise<void> {
    this.#alarmMs = undefined;
    const nowMs = Date.now();
    this.#book.expire(nowMs);
    this.#usage.prune(nowMs);
    this.#answers.prune(nowMs);
    await this.#save();
  }

  async #load(): Promise<void> {
    const { storage } = this.ctx;
    const [holds, scopes, alarmMs] = await Promise.all([
      storage.list<Hold>({ prefix: holdPrefix }),
      storage.list<KeptScope>({ prefix: scopePrefix }),
      storage.getAlarm(),
    ]);
    this.#alarmMs = alarmMs ?? undefined;
    this.#book = new Book({
      holds: holds.values(),
      scopes: scopes.entries().map(([key, scope]) => [key.slice(scopePrefix.length), scope] as const),
    });
  }

  #saveLater(): void {
    this.ctx.waitUntil(this.#save());
  }

  /** Writes what changed, together with whatever else changes within the gathering. Resolves when it is on disk. */
  async #save(): Promise<void> {
    this.#saving ??= scheduler.wait(gatherMs).then(async () => this.#write());
    await this.#saving;
  }

  async #write(): Promise<void> {
    // From here on, changes belong to the next write.
    this.#saving = undefined;
    const { storage } = this.ctx;
    const rows = this.#rows;
    this.#rows = [];
    const nowMs = Date.now();
    // Not awaited one by one: writes without an `await` between them are one transaction.
    const writes = this.#writeBook(this.#book.takeChanges());
    if (rows.length > 0) this.#usage.add(rows, nowMs);
    await Promise.all([...writes, this.#setAlarm(nowMs)]);
    await storage.sync();
  }

  #writeBook({ holds, scopes }: BookChanges): Promise<unknown>[] {
    const { storage } = this.ctx;
    const changes = [
      ...[...holds].map(([id, hold]) => [holdPrefix + id, hold] as const),
      ...[...scopes].map(([key, scope]) => [scopePrefix + key, scope] as const),
    ];
    const put = changes.filter(([, value]) => value !== undefined);
    const gone = changes.filter(([, value]) => value === undefined).map(([key]) => key);
    return [
      ...inBatches(put).map((batch) => storage.put(Object.fromEntries(batch), unconfirmed)),
      ...inBatches(gone).map((batch) => storage.delete(batch, unconfirmed)),
    ];
  }

  /** One alarm for all: when a hold expires, otherwise once a day. One that is set and not too late stays. */
  async #setAlarm(nowMs: number): Promise<void> {
    const isEmpty = this.#alarmMs === undefined && this.#usage.isEmpty() && this.#answers.isEmpty();
    if (this.#book.dueMs === undefined && isEmpty) return;
    const dueMs = Math.min(this.#book.dueMs ?? Number.POSITIVE_INFINITY, nowMs + dayMs);
    if (this.#alarmMs !== undefined && this.#alarmMs <= dueMs) return;
    this.#alarmMs = dueMs;
    await this.ctx.storage.setAlarm(dueMs, unconfirmed);
  }
}

function rememberId(ids: Set<string>, id: string): void {
  ids.add(id);
  if (ids.size > mostRecorded) ids.delete(ids.values().next().value ?? '');
}

function inBatches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / mostKeys) }, (_, i) =>
    all.slice(i * mostKeys, (i + 1) * mostKeys),
  );
}
