import type { Asked } from '../asked.ts';
import type { Desk } from '../command.ts';
import type { Place } from '../place.ts';
import { filesOf, readFolder, type PolicyFile } from './folder.ts';
import { openLive } from './save.ts';

/** The options of a command that reads policies where they are in force, or from files before they are pushed. */
export const sourceOption = {
  dir: { value: '<folder>', says: 'policies from the files of this folder (default: those in KV)' },
} as const;

/** The policies of `--dir`, else those in the KV of a place. */
export async function loadPolicies(asked: Asked, place: Place, desk: Desk): Promise<PolicyFile[]> {
  const folder = asked.values.get('dir');
  if (folder !== undefined) return readFolder(desk.world.folder, folder);
  return filesOf((await openLive(place, desk)).live.entries);
}
