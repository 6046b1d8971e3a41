import * as z from 'zod/mini';
import { isObject, type JsonObject } from '../core/json.ts';
import { done, failed, readInput, readStored, type Done, type PolicyWriter } from './admin.ts';
import { CallerName, CallerPolicy } from './caller-schema.ts';
import { listKeys, type KeyView, type KeyWorld } from './key-admin.ts';

/** A caller as lists show it. */
export interface CallerRow {
  readonly name: string;
  /** Absent where what is stored cannot be used; `fault` then says why. */
  readonly policy?: CallerPolicy;
  readonly fault?: string;
  readonly keys: readonly KeyView[];
}

type CallerWorld = Pick<KeyWorld, 'writer' | 'nowMs'>;

const prefix = 'caller:';

/** Input of {@link createCaller}. */
export const NewCaller = z.strictObject({ name: CallerName, policy: CallerPolicy });
/** Input of {@link updateCaller}: fields given replace the stored ones whole, `null` takes one away. */
export const CallerChange = z.strictObject({
  name: CallerName,
  changes: z.custom<JsonObject>(isObject, 'must be an object of fields of the caller'),
});
/** Input of {@link getCaller} and {@link deleteCaller}. */
export const CallerChoice = z.strictObject({ name: CallerName });
/** Input of {@link listCallers}: a page that begins after a name. Every caller costs one read of KV. */
export const CallerPage = z.strictObject({
  after: z.exactOptional(z.string().check(z.maxLength(64))),
  limit: z.exactOptional(z.int().check(z.minimum(1), z.maximum(200))),
});

/** Writes down a new caller. It has no key yet. */
export async function createCaller(input: unknown, { writer }: CallerWorld): Promise<Done<CallerRow>> {
  const read = readInput(NewCaller, input);
  if (!read.ok) return read;
  const { name, policy } = read.value;
  const isTaken = (await writer.get(`${prefix}${name}`)) !== null;
  if (isTaken) return failed('conflict', `Cannot create the caller "${name}": there is one of that name.`);
  await putCaller(name, policy, writer);
  return done({ name, policy, keys: [] });
}

/** One caller with its keys. */
export async function getCaller(input: unknown, world: CallerWorld): Promise<Done<CallerRow>> {
  const read = readInput(CallerChoice, input);
  if (!read.ok) return read;
  const { name } = read.value;
  const stored = await requireCaller(name, world.writer);
  return stored.ok ? done({ name, policy: stored.value, keys: await listKeys(world, name) }) : stored;
}

/** A page of callers by name, 100 where nothing else is asked, and the name to go on after. */
export async function listCallers(
  input: unknown,
  world: CallerWorld,
): Promise<Done<{ callers: readonly CallerRow[]; next?: string }>> {
  const read = readInput(CallerPage, input);
  if (!read.ok) return read;
  const { after = '', limit = 100 } = read.value;
  const listed = await world.writer.list(prefix);
  const names = listed
    .map(({ name }) => name.slice(prefix.length))
    .filter((name) => name > after)
    .toSorted();
  const keys = await listKeys(world);
  const page = names.slice(0, limit);
  const callers = await Promise.all(
    page.map(async (name): Promise<CallerRow> => {
      const own = keys.filter(({ caller }) => caller === name);
      const stored = await requireCaller(name, world.writer);
      return stored.ok ? { name, policy: stored.value, keys: own } : { name, fault: stored.fault.message, keys: own };
    }),
  );
  const last = page.at(-1);
  return done({ callers, ...(names.length > limit && last !== undefined && { next: last }) });
}

/** Changes fields of a caller. What comes out is checked whole before it is stored. */
export async function updateCaller(input: unknown, world: CallerWorld): Promise<Done<CallerRow>> {
  const read = readInput(CallerChange, input);
  if (!read.ok) return read;
  const { name, changes } = read.value;
  const stored = await requireCaller(name, world.writer);
  if (!stored.ok) return stored;
  const merged = Object.entries({ ...stored.value, ...changes }).filter(([, value]) => value !== null);
  const policy = readInput(CallerPolicy, Object.fromEntries(merged));
  if (!policy.ok) return policy;
  await putCaller(name, policy.value, world.writer);
  return done({ name, policy: policy.value, keys: await listKeys(world, name) });
}

/** Deletes a caller and its keys. The keys first: those left over would open the next caller of that name. */
export async function deleteCaller(input: unknown, world: CallerWorld): Promise<Done<{ name: string; keys: number }>> {
  const read = readInput(CallerChoice, input);
  if (!read.ok) return read;
  const { name } = read.value;
  if ((await world.writer.get(`${prefix}${name}`)) === null) return missing(name);
  const keys = await listKeys(world, name);
  for (const { id } of keys) await world.writer.delete(`key:${id}`);
  await world.writer.delete(`${prefix}${name}`);
  return done({ name, keys: keys.length });
}

async function requireCaller(name: string, writer: PolicyWriter): Promise<Done<CallerPolicy>> {
  const stored = await readStored(writer, `${prefix}${name}`, CallerPolicy);
  if (!stored.ok) return stored;
  return stored.value === undefined ? missing(name) : done(stored.value);
}

async function putCaller(name: string, policy: CallerPolicy, writer: PolicyWriter): Promise<void> {
  await writer.put(`${prefix}${name}`, JSON.stringify(policy));
}

function missing(name: string) {
  return failed('missing', `Cannot find the caller "${name}".`);
}
