import * as z from 'zod/mini';
import { RouterError } from '../core/failure.ts';
import type { LimitState } from '../core/limits.ts';
import { dateOf } from '../ledger/calendar.ts';
import { mostLines, usageKeys, type UsageKey, type UsageLine } from '../ledger/usage.ts';
import { done, failed, readInput, type Done } from '../policy/admin.ts';
import { getCaller } from '../policy/caller-admin.ts';
import { bootstrapName } from '../policy/caller-schema.ts';
import { text, whole } from '../policy/field.ts';
import type { AdminAsked, AdminWorld } from './admin-route.ts';

/** A caller's usage, summed by what was asked for. */
export interface CallerUsage extends UsageLine {
  readonly caller: string;
}

/** Days are UTC, both included. */
export interface UsageReport {
  readonly from: string;
  readonly to: string;
  readonly by: readonly UsageKey[];
  readonly lines: readonly CallerUsage[];
  /** The last caller that is told of, where there are more. */
  readonly next?: string;
}

/** A caller's name, of one that is not or no longer in KV too. */
export const AnyCaller = text(/^[A-Za-z0-9][\w.-]{0,63}$/, 'must be the name of a caller');
export const Day = text(/^\d{4}-\d\d-\d\d$/, 'must be a day such as 2026-11-20').check(
  z.refine((day) => new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ?? false, 'is no day that exists'),
);
const Keys = z.array(z.enum(usageKeys, { error: `must be of ${usageKeys.join(', ')}, with commas between` }));

const UsageAsk = z
  .strictObject({
    caller: z.optional(AnyCaller),
    from: Day,
    to: Day,
    by: Keys,
    after: z.string(),
    limit: whole(1, 200),
  })
  .check(z.refine(({ from, to }) => from <= to, 'from must not be after to'));
type UsageAsk = z.infer<typeof UsageAsk>;

/** Callers that are asked at the same time. */
const atOnce = 10;
const usualDays = 30;

/** What callers used: one, or all that there are in KV and the holder of `ROUTER_KEY`, in pages. */
export async function readUsage({ query }: AdminAsked, world: AdminWorld): Promise<Done<UsageReport>> {
  const { to = dateOf(world.nowMs), by = 'day', after = '', limit = '100', caller } = query;
  const { from = dateOf(Date.parse(`${to}T00:00:00Z`) || world.nowMs, usualDays - 1) } = query;
  const wanted = by.split(',').filter((key) => key !== '' && key !== 'caller');
  const read = readInput(UsageAsk, { caller, from, to, by: wanted, after, limit: Number(limit) });
  if (!read.ok) return read;
  const { from: first, to: last, by: keys } = read.value;
  const gathered = await gather(read.value, world);
  return gathered.ok ? done({ from: first, to: last, by: keys, ...gathered.value }) : gathered;
}

/** Asks one caller after the other, until there are enough of them or of lines: the answer must fit into memory. */
async function gather(ask: UsageAsk, world: AdminWorld): Promise<Done<Pick<UsageReport, 'lines' | 'next'>>> {
  const names = ask.caller === undefined ? await namesAfter(ask.after, world) : [ask.caller];
  const lines: CallerUsage[] = [];
  let told = 0;
  while (told < Math.min(names.length, ask.limit) && lines.length < mostLines) {
    const batch = names.slice(told, Math.min(told + atOnce, ask.limit));
    const read = await Promise.all(batch.map(async (caller) => usageOf(caller, ask, world)));
    const long = batch.find((_, index) => (read[index]?.length ?? 0) >= mostLines);
    if (long !== undefined)
      return failed('invalid', `Cannot tell the usage of "${long}" whole: ask for fewer days, or by fewer keys.`);
    lines.push(...read.flat());
    told += batch.length;
  }
  const last = names[told - 1];
  return done({ lines, ...(told < names.length && last !== undefined && { next: last }) });
}

async function namesAfter(after: string, { writer }: AdminWorld): Promise<string[]> {
  const listed = await writer.list('caller:');
  const names = [bootstrapName, ...listed.map(({ name }) => name.slice('caller:'.length))];
  return names.filter((name) => name > after).toSorted();
}

async function usageOf(caller: string, { from, to, by }: UsageAsk, { ledger }: AdminWorld): Promise<CallerUsage[]> {
  const lines = await ledger.usage(caller, { from, to, by });
  if (lines === undefined) throw unreachable('the usage', caller);
  return lines.map((line) => ({ caller, ...line }));
}

/** How a caller's limits stand, its own and those on single routes. A caller without limits is not asked for. */
export async function readLimits(
  { path }: AdminAsked,
  world: AdminWorld,
): Promise<Done<{ caller: string; limits: readonly LimitState[] }>> {
  const found = await getCaller(path, world);
  if (!found.ok) return found;
  const { name, policy } = found.value;
  const { nowMs, ledger } = world;
  const routes = Object.entries(policy?.routeLimits ?? {});
  const questions = [
    ...(policy?.limits === undefined ? [] : [{ limits: policy.limits, nowMs }]),
    ...routes.map(([route, routeLimits]) => ({ limits: {}, route, routeLimits, nowMs })),
  ];
  const states = await Promise.all(
    questions.map(async (question) => {
      const told = await ledger.states(name, question);
      if (told === undefined) throw unreachable('the limits', name);
      return told;
    }),
  );
  return done({ caller: name, limits: states.flat() });
}

function unreachable(what: string, caller: string): RouterError {
  const message = `Cannot tell ${what} of "${caller}": its ledger does not answer. Try again in a moment.`;
  return new RouterError({ kind: 'admin', fault: 'unreachable', message });
}
