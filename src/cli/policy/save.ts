import type { Desk } from '../command.ts';
import { Stop } from '../stop.ts';
import type { Kv } from '../kv.ts';
import { placeOptions, sayPlace, type Place } from '../place.ts';
import { digestOfAll, type Entries } from './entries.ts';
import { countFindings, hasFaults, sayFindings, type Finding } from './finding.ts';
import { readLive, writeRevision, type Live } from './revisions.ts';

export const saveOptions = {
  ...placeOptions,
  yes: { says: 'write without asking' },
} as const;

/** The KV that a command works with, and what it holds. */
export interface Opened {
  readonly place: Place;
  readonly name: string;
  readonly kv: Kv;
  readonly live: Live;
}

/** Opens a KV and reads its policies. */
export async function openLive(place: Place, { world, progress }: Desk): Promise<Opened> {
  const name = sayPlace(place);
  progress(`Reading the ${name} ...`);
  const kv = world.openKv(place);
  return { place, name, kv, live: await readLive(kv) };
}

/** Asks, then writes a new revision and gives its number. Throws {@link Stop} where KV changes while the question is open. */
export async function saveRevision(
  { name, kv, live }: Opened,
  { world, progress, confirm }: Desk,
  { entries, change }: { entries: Entries; change: string },
): Promise<number> {
  const answer = await confirm(`Write this to the ${name}?`);
  progress(`Writing to the ${name} ...`);
  // A question may stay open for long.
  if (answer === 'asked' && hasMoved(live, await readLive(kv)))
    throw new Stop(1, `Cannot write: the ${name} changed a moment ago, after it was compared. Run the command again.`);
  return writeRevision(kv, { live, entries, change, atIso: world.now().toISOString() });
}

function hasMoved(then: Live, now: Live): boolean {
  return then.revision !== now.revision || digestOfAll(then.entries) !== digestOfAll(now.entries);
}

/** Refuses policies with faults: nothing that the router could not read gets into KV. */
export function refuseFaults(
  findings: readonly Finding[],
  { what, advice }: { what: string; advice: string },
  desk: Desk,
): void {
  if (!hasFaults(findings)) return;
  desk.show(`${sayFindings(findings, desk.paint)}\n`);
  throw new Stop(1, `Cannot ${what}: the policies have ${countFindings(findings)}. ${advice}`, {
    json: { findings: findings.map((finding) => ({ ...finding })) },
  });
}

/** When the router goes by what was written: KV's own delay and that of the isolates' memo. */
export const takenUp = 'Routers take it up within about a minute and a half.';
