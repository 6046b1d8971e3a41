import * as z from 'zod/mini';
import { done, readInput, type Done } from './admin.ts';
import { Moment } from './caller-schema.ts';
import { findKey, KeyChoice, putKey, viewOf, type KeyView, type KeyWorld } from './key-admin.ts';

/** Fields of a key that may be changed; `null` takes one away. */
export const KeyChanges = z.strictObject({
  disabled: z.exactOptional(z.boolean()),
  /** A moment that is over shuts the key out at once. */
  expiresAt: z.exactOptional(z.nullable(Moment)),
  label: z.exactOptional(z.nullable(z.string().check(z.maxLength(100)))),
});

/** Input of {@link updateKey}. */
export const KeyChange = z.strictObject({ ...KeyChoice.shape, changes: KeyChanges });

/** Changes one of a caller's keys: switched off or on, its expiry, its label. */
export async function updateKey(input: unknown, world: KeyWorld): Promise<Done<KeyView>> {
  const read = readInput(KeyChange, input);
  if (!read.ok) return read;
  const { caller, key, changes } = read.value;
  const found = await findKey({ caller, key }, world);
  if (!found.ok) return found;
  const { id, state: _, ...stored } = found.value;
  const { disabled = stored.disabled, expiresAt = stored.expiresAt, label = stored.label } = changes;
  const record = {
    caller: stored.caller,
    slot: stored.slot,
    createdAt: stored.createdAt,
    ...(typeof expiresAt === 'string' && { expiresAt }),
    ...(disabled === true && { disabled }),
    ...(typeof label === 'string' && { label }),
  };
  await putKey(id, record, world.writer);
  return done(viewOf(id, record, world.nowMs));
}
