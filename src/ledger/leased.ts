import type { Admission, Ask, Bill } from '../core/limits.ts';
import { reachAtLast, reachInTime, type Reach, type Reached } from './reach.ts';
import { endOf, settleIn, sliceKey, takeFrom, type Slice, type SliceMemo } from './slice.ts';
import type { TallyMemo } from './tally.ts';
import { wholeOf } from './whole.ts';

/** What counting by slices takes, beside reaching the object. */
export interface LeaseOptions extends Reach {
  /** Lives as long as the isolate. Holds values, never promises: a request cannot wait for another one's. */
  readonly slices: SliceMemo;
  readonly tallies: TallyMemo;
  readonly later: (work: Promise<unknown>) => void;
  readonly warn: (fields: Readonly<Record<string, string>>) => void;
  newId(): string;
}

/** A slice is good for so many requests of the size that asked for it. */
export const sliceCopies = 10;
/** A slice is given back after so many milliseconds: well within what `waitUntil` allows. */
export const sliceMs = 5_000;
const mostSlices = 1_000;
const giveBackMs = 5_000;

/** Whether an ask may be counted by slices. Requests at once, and what has no price, are always counted strictly. */
export function isLeasable({ rules, limits, routeLimits, nanoUsd }: Ask): boolean {
  const isStrict = rules.counting === 'strict' || nanoUsd === undefined;
  return !isStrict && limits.concurrent === undefined && routeLimits?.concurrent === undefined;
}

/**
 * Admits a request from this isolate's slice, fetching a new one where that is used up or five seconds old. A slice is
 * ten times the request that asks for it, or that request alone near the limit, and it is held at the object from the
 * start. So money never goes further over a limit than by what bills exceed their estimates, just as with `strict`. Rates
 * do by at most one slice an isolate in any minute: what was counted when the slice was given is used up to five seconds
 * later. An isolate that dies with a slice leaves it to be charged whole, a minute later.
 */
export async function admitLeased(options: LeaseOptions, caller: string, ask: Ask): Promise<Reached<Admission>> {
  const { slices, timer } = options;
  const key = sliceKey(caller, ask.routeLimits === undefined ? undefined : ask.route);
  const known = slices.get(key);
  const startMs = timer.now();
  if (known !== undefined && takeFrom(known, ask, startMs)) return admitted(known);
  const leaseId = `lease ${options.newId()}`;
  const reached = await reachInTime(options, {
    caller,
    mostMs: 500,
    call: (object) => object.lease({ leaseId, ask, copies: sliceCopies }),
  });
  if (reached.kind === 'failed') {
    // It may have been given all the same.
    if (reached.reason === 'late') options.later(giveBack(options, emptySlice({ caller, ask, leaseId, startMs })));
    return reached;
  }
  const { admission, copies } = reached.value;
  if (admission.kind !== 'admitted') return { kind: 'answered', value: admission };
  const slice = { ...emptySlice({ caller, ask, leaseId, startMs }), states: admission.states };
  slice.left = {
    requests: copies,
    tokens: wholeOf(wholeOf(ask.tokens) * copies),
    nanoUsd: wholeOf(wholeOf(ask.nanoUsd) * copies),
  };
  // The request is in, however long the answer took.
  takeFrom(slice, ask, startMs);
  keepSlice(options, key, slice);
  return admitted(slice);
}

/** Settles a request that a slice of this isolate admitted; `false` where none did, or it has been given back. */
export function settleLeased({ slices }: LeaseOptions, caller: string, bill: Bill): boolean {
  return [sliceKey(caller, undefined), sliceKey(caller, bill.route)].some((key) => {
    const slice = slices.get(key);
    return slice !== undefined && settleIn(slice, bill);
  });
}

function admitted({ states }: Slice): Reached<Admission> {
  return { kind: 'answered', value: { kind: 'admitted', states } };
}

function emptySlice(given: { caller: string; ask: Ask; leaseId: string; startMs: number }): Slice {
  const { caller, ask, leaseId, startMs } = given;
  const none = { requests: 0, tokens: 0, nanoUsd: 0 };
  return {
    leaseId,
    caller,
    ...(ask.routeLimits !== undefined && { route: ask.route }),
    untilMs: startMs + sliceMs,
    states: [],
    left: none,
    settled: none,
    open: new Map(),
  };
}

/** Keeps a slice in place of the one before it, and sees to it that both are given back. */
function keepSlice(options: LeaseOptions, key: string, slice: Slice): void {
  const { slices, timer, later } = options;
  const oldest = slices.size >= mostSlices ? slices.keys().next().value : undefined;
  for (const gone of [key, oldest]) if (gone !== undefined) later(drop(options, gone, slices.get(gone)));
  slices.set(key, slice);
  later(timer.wait(sliceMs).then(async () => drop(options, key, slice)));
}

/** Gives a slice back, unless somebody else did. */
async function drop(options: LeaseOptions, key: string, slice: Slice | undefined): Promise<void> {
  if (slice === undefined || options.slices.get(key) !== slice) return;
  options.slices.delete(key);
  await giveBack(options, slice);
}

async function giveBack(options: LeaseOptions, slice: Slice): Promise<void> {
  const back = endOf(slice, options.timer.now());
  const isBack = await reachAtLast(options, {
    caller: slice.caller,
    mostMs: giveBackMs,
    call: (object) => object.giveBack(back),
  });
  if (!isBack) options.warn({ event: 'ledger-slice-lost', caller: slice.caller, lease: slice.leaseId });
}
