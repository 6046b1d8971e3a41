import * as fc from 'fast-check';
import type { Limits } from '../../src/core/limits.ts';
import { Book } from '../../src/ledger/book.ts';
import { holdMs, type Hold } from '../../src/ledger/hold.ts';
import type { KeptScope } from '../../src/ledger/scope.ts';
import { askOf, billOf, dollar, noonMs } from './asks.ts';

/* A book and what must be true of it, for tests over random interleavings. */

const limits = { requestsPerMinute: 6, tokensPerMinute: 1_000, concurrent: 4, usdPerDay: 8 } as const satisfies Limits;
/** Limits that are never reached, to read off what was counted. */
export const endless: Limits = { tokensPerMinute: 1e12, concurrent: 1e6, usdPerDay: 1e6 };

interface Reserved {
  readonly madeMs: number;
  readonly tokens: number;
  readonly nanoUsd: number;
  /** What it was settled or expired with. */
  charged?: number;
  isSettled?: true;
}

/** What must be true, kept in the plainest way there is. */
export class Model {
  nowMs = noonMs;
  readonly reserved = new Map<string, Reserved>();
  /** Moments and tokens of everything that was counted; what was taken back is taken out. */
  readonly counted: { atMs: number; tokens: number; requests: number; id: string }[] = [];
  ids = 0;

  /** Requests that are held, after those that are overdue have expired with their estimate. */
  get open(): [string, Reserved][] {
    for (const one of this.reserved.values())
      if (one.charged === undefined && one.madeMs + holdMs <= this.nowMs) one.charged = one.nanoUsd;
    return [...this.reserved].filter(([, { charged }]) => charged === undefined);
  }

  /** Requests whose bill is still to come, late ones too. */
  get unsettled(): [string, Reserved][] {
    return [...this.reserved].filter(([, { isSettled }]) => isSettled !== true);
  }

  get heldNanoUsd(): number {
    return this.open.reduce((sum, [, { nanoUsd }]) => sum + nanoUsd, 0);
  }

  get spentNanoUsd(): number {
    return [...this.reserved.values()].reduce((sum, { charged }) => sum + (charged ?? 0), 0);
  }

  /** What sixty seconds up to now counted. */
  inMinute(kind: 'tokens' | 'requests'): number {
    const recent = this.counted.filter(({ atMs }) => atMs > this.nowMs - 60_000);
    return recent.reduce((sum, one) => sum + one[kind], 0);
  }
}

export interface Real {
  book: Book;
  /** What is on disk. */
  readonly holds: Map<string, Hold>;
  readonly scopes: Map<string, KeptScope>;
}

export type Command = fc.Command<Model, Real>;

class Reserve implements Command {
  readonly tokens: number;
  readonly cents: number;
  constructor(tokens: number, cents: number) {
    this.tokens = tokens;
    this.cents = cents;
  }
  check = (): boolean => true;
  run(model: Model, { book }: Real): void {
    model.ids += 1;
    const id = `r${model.ids}`;
    const asked = { tokens: this.tokens, nanoUsd: this.cents * 1e7 };
    const fits =
      model.open.length < limits.concurrent && model.spentNanoUsd + model.heldNanoUsd + asked.nanoUsd <= 8 * dollar;
    const { kind } = book.reserve(askOf(id, { ...asked, limits, nowMs: model.nowMs }));
    claim(fits || kind === 'refused', `${id} was ${kind} and did not fit`);
    const admitted = kind === 'admitted' ? [id] : [];
    for (const one of admitted) {
      model.reserved.set(one, { ...asked, madeMs: model.nowMs });
      model.counted.push({ atMs: model.nowMs, tokens: this.tokens, requests: 1, id: one });
      claim(model.inMinute('requests') <= limits.requestsPerMinute, 'too many requests in a minute');
      claim(model.inMinute('tokens') <= limits.tokensPerMinute, 'too many tokens in a minute');
      // A repeat whose first answer was lost.
      const again = book.reserve(askOf(one, { ...asked, limits, nowMs: model.nowMs }));
      claim(again.kind === 'admitted', 'a repeat was refused');
    }
  }
  toString = (): string => `reserve(${this.tokens}, ${this.cents})`;
}

class Settle implements Command {
  readonly pick: number;
  readonly tokens: number;
  readonly cents: number;
  readonly times: number;
  constructor(pick: number, tokens: number, cents: number, times: number) {
    this.pick = pick;
    this.tokens = tokens;
    this.cents = cents;
    this.times = times;
  }
  check = (model: Model): boolean => model.unsettled.length > 0;
  run(model: Model, { book }: Real): void {
    const { unsettled } = model;
    const [id, reserved] = unsettled[this.pick % unsettled.length] ?? ['', { madeMs: 0, tokens: 0, nanoUsd: 0 }];
    reserved.charged = this.cents * 1e7;
    reserved.isSettled = true;
    const bill = billOf(id, { tokens: this.tokens, nanoUsd: reserved.charged, nowMs: model.nowMs });
    for (let i = 0; i < this.times; i += 1) book.settle(bill);
    for (const counted of model.counted) if (counted.id === id) counted.tokens = Math.min(reserved.tokens, this.tokens);
    model.counted.push({
      atMs: model.nowMs,
      tokens: Math.max(this.tokens - reserved.tokens, 0),
      requests: 0,
      id: `${id} excess`,
    });
  }
  toString = (): string => `settle(${this.pick}, ${this.tokens}, ${this.cents}) x${this.times}`;
}

class Refund implements Command {
  readonly pick: number;
  constructor(pick: number) {
    this.pick = pick;
  }
  check = (model: Model): boolean => model.unsettled.length > 0;
  run(model: Model, { book }: Real): void {
    const { unsettled } = model;
    const [id, reserved] = unsettled[this.pick % unsettled.length] ?? ['', { madeMs: 0, tokens: 0, nanoUsd: 0 }];
    reserved.charged = 0;
    reserved.isSettled = true;
    book.settle(billOf(id, { outcome: 'refund', nowMs: model.nowMs }));
    for (const counted of model.counted) if (counted.id === id) counted.tokens = 0;
  }
  toString = (): string => `refund(${this.pick})`;
}

class Wait implements Command {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check = (): boolean => true;
  run(model: Model, { book }: Real): void {
    model.nowMs += this.ms;
    book.expire(model.nowMs);
  }
  toString = (): string => `wait(${this.ms})`;
}

/** The object is evicted and comes back from what was written. */
class Evict implements Command {
  check = (): boolean => true;
  run(_: Model, real: Real): void {
    const { holds, scopes } = structuredClone(real.book.takeChanges());
    for (const [id, hold] of holds) keepIn(real.holds, id, hold);
    for (const [key, scope] of scopes) keepIn(real.scopes, key, scope);
    real.book = new Book({
      holds: real.holds.values(),
      scopes: real.scopes,
    });
  }
  toString = (): string => 'evict';
}

function keepIn<T>(kept: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) kept.delete(key);
  else kept.set(key, value);
}

/** The book tells exactly what the model knows: spent and held, never less, never negative. */
class Look implements Command {
  check = (): boolean => true;
  run(model: Model, { book }: Real): void {
    const used = Object.fromEntries(
      book.states({ limits: endless, nowMs: model.nowMs }).map(({ limit, most, left }) => [limit, most - left]),
    );
    claim(used['concurrent'] === model.open.length, `holds ${used['concurrent']} requests`);
    const owed = model.spentNanoUsd + model.heldNanoUsd;
    claim(used['usdPerDay'] === owed, `knows of ${used['usdPerDay']} nano-USD, not ${owed}`);
    claim((used['tokensPerMinute'] ?? 0) >= model.inMinute('tokens'), 'forgot tokens');
  }
  toString = (): string => 'look';
}

const tokens = fc.integer({ min: 0, max: 400 });
const cents = fc.integer({ min: 0, max: 300 });
/** Everything that can happen to a book. */
export const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(tokens, cents).map(([t, c]) => new Reserve(t, c)),
  fc.tuple(tokens, cents).map(([t, c]) => new Reserve(t, c)),
  fc.tuple(fc.nat(9), tokens, cents, fc.integer({ min: 1, max: 3 })).map(([p, t, c, n]) => new Settle(p, t, c, n)),
  fc.nat(9).map((pick) => new Refund(pick)),
  // Within one UTC day, so that the model needs no calendar.
  fc.integer({ min: 0, max: 90_000 }).map((ms) => new Wait(ms)),
  fc.constant(new Wait(holdMs)),
  fc.constant(new Evict()),
  fc.constant(new Look()),
];

function claim(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}
