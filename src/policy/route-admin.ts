import * as z from 'zod/mini';
import { isObject, textOf } from '../core/json.ts';
import { done, failed, readInput, readStored, type Done, type PolicyWriter } from './admin.ts';
import { RouteName } from './caller-schema.ts';
import { whole } from './field.ts';
import { RoutePolicy } from './schema.ts';

/** A route as lists show it. */
export interface RouteRow {
  readonly name: string;
  /** Absent where what is stored cannot be used; `fault` then says why. */
  readonly policy?: RoutePolicy;
  readonly fault?: string;
}

/** What a route was until something replaced it. */
export interface RouteVersion {
  /** When it ended, in milliseconds since 1970: KV's lists are late, so counting on from the last one could hit it twice. */
  readonly version: number;
  /** The same moment for people. */
  readonly atIso: string;
  /** What ended it. */
  readonly change: string;
}

/** What the operations need of the world. */
export interface RouteWorld {
  readonly writer: PolicyWriter;
  readonly nowMs: number;
}

const prefix = 'route:';
/** KV keys of earlier values, `history:route:<name>:<version>`: the text as it stood, with what ended it as metadata. */
const historyPrefix = 'history:route:';
const mostVersions = 20;

/** Input of {@link listRoutes}: a page that begins after a name. Every route costs one read of KV. */
export const RoutePage = z.strictObject({
  after: z.exactOptional(z.string().check(z.maxLength(128))),
  limit: z.exactOptional(whole(1, 200)),
});
/** Input of {@link getRoute}, {@link deleteRoute} and {@link listVersions}. */
export const RouteChoice = z.strictObject({ name: RouteName });
/** Input of {@link putRoute}. */
export const RouteChange = z.strictObject({ name: RouteName, policy: RoutePolicy });
/** Input of {@link rollBack}; without a version: the last one. */
export const RouteRollback = z.strictObject({
  name: RouteName,
  version: z.exactOptional(whole(1, Number.MAX_SAFE_INTEGER)),
});

/** A page of routes by name, 100 where nothing else is asked, and the name to go on after. */
export async function listRoutes(
  input: unknown,
  { writer }: RouteWorld,
): Promise<Done<{ routes: readonly RouteRow[]; next?: string }>> {
  const read = readInput(RoutePage, input);
  if (!read.ok) return read;
  const { after = '', limit = 100 } = read.value;
  const listed = await writer.list(prefix);
  const names = listed
    .map(({ name }) => name.slice(prefix.length))
    .filter((name) => name > after)
    .toSorted();
  const page = names.slice(0, limit);
  const routes = await Promise.all(
    page.map(async (name): Promise<RouteRow> => {
      const stored = await requireRoute(name, writer);
      return stored.ok ? { name, policy: stored.value } : { name, fault: stored.fault.message };
    }),
  );
  const last = page.at(-1);
  return done({ routes, ...(names.length > limit && last !== undefined && { next: last }) });
}

/** One route. */
export async function getRoute(input: unknown, { writer }: RouteWorld): Promise<Done<RouteRow>> {
  const read = readInput(RouteChoice, input);
  if (!read.ok) return read;
  const { name } = read.value;
  const stored = await requireRoute(name, writer);
  return stored.ok ? done({ name, policy: stored.value }) : stored;
}

/** Writes a route whole, after the same check as everywhere. What it was before goes into its history. */
export async function putRoute(
  input: unknown,
  world: RouteWorld,
): Promise<Done<{ name: string; policy: RoutePolicy; change: 'created' | 'replaced' | 'none' }>> {
  const read = readInput(RouteChange, input);
  if (!read.ok) return read;
  const { name, policy } = read.value;
  const text = JSON.stringify(policy);
  const before = await world.writer.get(prefix + name);
  if (before === text) return done({ name, policy, change: 'none' });
  await replaceRoute(name, { before, text, change: 'replaced' }, world);
  return done({ name, policy, change: before === null ? 'created' : 'replaced' });
}

/** Deletes a route. Its history stays, so that a rollback brings it back. */
export async function deleteRoute(input: unknown, world: RouteWorld): Promise<Done<{ name: string; version: number }>> {
  const read = readInput(RouteChoice, input);
  if (!read.ok) return read;
  const { name } = read.value;
  const before = await world.writer.get(prefix + name);
  if (before === null) return missing(name);
  await keepVersion(name, { text: before, change: 'deleted' }, world);
  await world.writer.delete(prefix + name);
  return done({ name, version: world.nowMs });
}

/** The earlier values of a route that are kept, the latest first. Empty for a name that never was one. */
export async function listVersions(
  input: unknown,
  { writer }: RouteWorld,
): Promise<Done<{ name: string; versions: readonly RouteVersion[] }>> {
  const read = readInput(RouteChoice, input);
  if (!read.ok) return read;
  const { name } = read.value;
  return done({ name, versions: await versionsOf(name, writer) });
}

/** Writes an earlier value of a route again, where today's check still lets it through. What it replaces is kept too. */
export async function rollBack(
  input: unknown,
  world: RouteWorld,
): Promise<Done<{ name: string; policy: RoutePolicy; version: number }>> {
  const read = readInput(RouteRollback, input);
  if (!read.ok) return read;
  const { name } = read.value;
  const version = read.value.version ?? (await versionsOf(name, world.writer))[0]?.version;
  if (version === undefined) return failed('missing', `Cannot roll back: the route "${name}" has no earlier version.`);
  const kept = await readStored(world.writer, versionKey(name, version), RoutePolicy);
  if (!kept.ok) return kept;
  if (kept.value === undefined)
    return failed('missing', `Cannot roll back: the route "${name}" has no version ${version}. See its history.`);
  const text = JSON.stringify(kept.value);
  const before = await world.writer.get(prefix + name);
  if (before !== text) await replaceRoute(name, { before, text, change: `rolled back to ${version}` }, world);
  return done({ name, policy: kept.value, version });
}

/** What it was is kept first: a write that fails in between has lost nothing. */
async function replaceRoute(
  name: string,
  { before, text, change }: { before: string | null; text: string; change: string },
  world: RouteWorld,
): Promise<void> {
  if (before !== null) await keepVersion(name, { text: before, change }, world);
  await world.writer.put(prefix + name, text);
}

async function keepVersion(
  name: string,
  { text, change }: { text: string; change: string },
  { writer, nowMs }: RouteWorld,
): Promise<void> {
  const metadata = { atIso: new Date(nowMs).toISOString(), change };
  await writer.put(versionKey(name, nowMs), text, metadata);
  const outdated = (await versionsOf(name, writer)).slice(mostVersions);
  await Promise.all(outdated.map(async ({ version }) => writer.delete(versionKey(name, version))));
}

async function versionsOf(name: string, writer: PolicyWriter): Promise<RouteVersion[]> {
  const start = `${historyPrefix}${name}:`;
  const listed = await writer.list(start);
  return listed
    .flatMap(({ name: key, metadata }) => {
      // A route may be called `a:b`: what follows the name `a` is then no number.
      const rest = key.slice(start.length);
      if (!/^\d{1,15}$/.test(rest)) return [];
      const { atIso, change } = isObject(metadata) ? metadata : {};
      return [{ version: Number(rest), atIso: textOf(atIso) ?? '', change: textOf(change) ?? 'unknown' }];
    })
    .toSorted((a, b) => b.version - a.version);
}

async function requireRoute(name: string, writer: PolicyWriter): Promise<Done<RoutePolicy>> {
  const stored = await readStored(writer, prefix + name, RoutePolicy);
  if (!stored.ok) return stored;
  return stored.value === undefined ? missing(name) : done(stored.value);
}

function versionKey(name: string, version: number): string {
  return `${historyPrefix}${name}:${version}`;
}

function missing(name: string) {
  return failed('missing', `Cannot find the route "${name}".`);
}
