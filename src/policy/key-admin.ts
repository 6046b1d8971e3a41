import * as z from 'zod/mini';
import { done, failed, readInput, readStored, type Done, type PolicyWriter } from './admin.ts';
import { CallerName, CallerPolicy, KeyRecord, Moment, stateOf } from './caller-schema.ts';
import { digestOf, newKey } from './keys.ts';

/** A key as lists show it: everything but the key itself, which nobody has but its holder. */
export interface KeyView extends KeyRecord {
  /** The SHA-256 of the key, hex. */
  readonly id: string;
  readonly state: ReturnType<typeof stateOf>;
}

/** A key that was just made: `key` is shown this once and kept nowhere. */
export interface MadeKey extends KeyView {
  readonly key: string;
}

/** What the operations need of the world. */
export interface KeyWorld {
  readonly writer: PolicyWriter;
  readonly nowMs: number;
  /** So many bytes of cryptographic randomness. */
  readonly randomBytes: (count: number) => Uint8Array;
}

const prefix = 'key:';
const newKeyFields = {
  caller: CallerName,
  expiresAt: z.exactOptional(Moment),
  label: z.exactOptional(z.string().check(z.maxLength(100))),
};

/** Input of {@link createKey}. */
export const NewKey = z.strictObject(newKeyFields);
/** Input of {@link rotateKey}. */
export const Rotation = z.strictObject({ ...newKeyFields, replaceOldest: z.exactOptional(z.boolean()) });
/** One of a caller's keys: its id, or the first 8 characters of it or more. */
export const KeyChoice = z.strictObject({ caller: CallerName, key: z.string().check(z.regex(/^[0-9a-f]{8,64}$/)) });
/** Input of {@link disableKey}; `disabled: false` lets it in again. */
export const KeySwitch = z.extend(KeyChoice, { disabled: z.exactOptional(z.boolean()) });

/** Makes a key for a caller in its free slot. An expired key gives its slot up. */
export async function createKey(input: unknown, world: KeyWorld): Promise<Done<MadeKey>> {
  const read = readInput(NewKey, input);
  return read.ok ? makeKey(read.value, world) : read;
}

/**
 * Makes a second key beside a caller's first, so that holders can change over while both work. With both slots taken the
 * older key gives way only where `replaceOldest` says so: whoever still uses it is shut out.
 */
export async function rotateKey(input: unknown, world: KeyWorld): Promise<Done<MadeKey>> {
  const read = readInput(Rotation, input);
  if (!read.ok) return read;
  const keys = await listKeys(world, read.value.caller);
  if (keys.length === 0) return failed('missing', `Cannot rotate: the caller "${read.value.caller}" has no key yet.`);
  return makeKey(read.value, world);
}

/** Switches one of a caller's keys off, or on again. */
export async function disableKey(input: unknown, world: KeyWorld): Promise<Done<KeyView>> {
  const read = readInput(KeySwitch, input);
  if (!read.ok) return read;
  const { caller, key, disabled = true } = read.value;
  const found = await findKey({ caller, key }, world);
  if (!found.ok) return found;
  const { id, state: _, disabled: __, ...rest } = found.value;
  const record = disabled ? { ...rest, disabled } : rest;
  await putKey(id, record, world.writer);
  return done(viewOf(id, record, world.nowMs));
}

/** Deletes one of a caller's keys. */
export async function deleteKey(input: unknown, world: KeyWorld): Promise<Done<KeyView>> {
  const read = readInput(KeyChoice, input);
  if (!read.ok) return read;
  const found = await findKey(read.value, world);
  if (found.ok) await world.writer.delete(`${prefix}${found.value.id}`);
  return found;
}

/**
 * A caller's keys by slot, or everyone's by caller. What is no key record is left out: nobody gets in by it. The list of names
 * is the only index, so that no key can live outside of it.
 */
export async function listKeys(
  { writer, nowMs }: Pick<KeyWorld, 'writer' | 'nowMs'>,
  caller?: string,
): Promise<KeyView[]> {
  const listed = await writer.list(prefix);
  const views = await Promise.all(
    listed.map(async ({ name, metadata }) => {
      const record = z.safeParse(KeyRecord, metadata).data ?? (await storedKey(writer, name));
      return record === undefined ? [] : [viewOf(name.slice(prefix.length), record, nowMs)];
    }),
  );
  const wanted = views.flat().filter((view) => caller === undefined || view.caller === caller);
  return wanted.toSorted((a, b) => compare(a.caller, b.caller) || a.slot - b.slot || compare(a.createdAt, b.createdAt));
}

/** A record that was written by hand has no metadata. */
async function storedKey(writer: PolicyWriter, name: string): Promise<KeyRecord | undefined> {
  const stored = await readStored(writer, name, KeyRecord);
  return stored.ok ? stored.value : undefined;
}

async function makeKey(wanted: z.infer<typeof Rotation>, world: KeyWorld): Promise<Done<MadeKey>> {
  const { caller, expiresAt, label, replaceOldest = false } = wanted;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= world.nowMs)
    return failed('invalid', `Cannot make a key that has expired: ${expiresAt} is over.`);
  const stored = await readStored(world.writer, `caller:${caller}`, CallerPolicy);
  if (!stored.ok) return stored;
  if (stored.value === undefined) return failed('missing', `Cannot make a key: the caller "${caller}" does not exist.`);
  const place = placeFor(await listKeys(world, caller), replaceOldest);
  if (place === undefined)
    return failed('conflict', `Cannot make a third key for "${caller}": delete one, or rotate with replaceOldest.`);
  const key = newKey(world.randomBytes);
  const id = await digestOf(key);
  const record: KeyRecord = {
    caller,
    slot: place.slot,
    createdAt: new Date(world.nowMs).toISOString(),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(label !== undefined && { label }),
  };
  // The new one first: where the second write fails there is a key too many, which the list shows, and never none.
  await putKey(id, record, world.writer);
  for (const old of place.gives) await world.writer.delete(`${prefix}${old.id}`);
  return done({ key, ...viewOf(id, record, world.nowMs) });
}

/** The slot for a new key, and the keys that give way to it. */
function placeFor(
  keys: readonly KeyView[],
  replaceOldest: boolean,
): { slot: KeyRecord['slot']; gives: KeyView[] } | undefined {
  const gone = keys.filter(({ state }) => state === 'expired');
  const held = keys.filter(({ state }) => state !== 'expired');
  const slots = [1, 2] as const;
  const free = slots.find((slot) => held.every((key) => key.slot !== slot));
  if (free !== undefined) return { slot: free, gives: gone };
  const oldest = held.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))[0];
  return replaceOldest && oldest !== undefined ? { slot: oldest.slot, gives: [...gone, oldest] } : undefined;
}

/** One of a caller's keys by its id, or by a part of it that only one has. */
export async function findKey({ caller, key }: z.infer<typeof KeyChoice>, world: KeyWorld): Promise<Done<KeyView>> {
  const fitting = (await listKeys(world, caller)).filter(({ id }) => id.startsWith(key));
  const found = fitting[0];
  if (found === undefined) return failed('missing', `Cannot find a key ${key} of the caller "${caller}".`);
  return fitting.length === 1
    ? done(found)
    : failed('conflict', `Cannot tell which key is meant by ${key}: give more of its id.`);
}

/** Writes a key's record, and beside it for lists. */
export async function putKey(id: string, record: KeyRecord, writer: PolicyWriter): Promise<void> {
  await writer.put(`${prefix}${id}`, JSON.stringify(record), { ...record });
}

/** A record as lists show it. */
export function viewOf(id: string, record: KeyRecord, nowMs: number): KeyView {
  return { id, ...record, state: stateOf(record, nowMs) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
