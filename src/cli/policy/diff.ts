import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { placeArguments, placeOptions, readPlace } from '../place.ts';
import { movedKeys, readBase } from './base.ts';
import { changesOf } from './entries.ts';
import { entriesOf, folderOf, folderOption, readFolder } from './folder.ts';
import { openLive } from './save.ts';
import { changesJson, changesShape, countChanges, sayChanges } from './show.ts';

/** `policy diff`. */
export const diffCommand: Command = {
  name: 'policy diff',
  summary: 'Show what a push would change in KV',
  details: ['White space and comments make no difference.'],
  operands: [],
  options: { ...folderOption, ...placeOptions },
  json: ['place, revision: in KV, movedInKv: keys that changed in KV since the last pull or push', changesShape],
  examples: ['policy diff', 'policy diff --env staging'],
  run: diff,
};

async function diff(asked: Asked, desk: Desk): Promise<Outcome> {
  const { folder: base } = desk.world;
  const folder = folderOf(asked);
  const place = readPlace(asked, base);
  const files = readFolder(base, folder);
  const { name, live } = await openLive(place, desk);
  const changes = changesOf(live.entries, entriesOf(files));
  const moved = movedKeys(readBase(base, folder, place), live);
  const where = placeArguments(place);
  const next =
    moved.length > 0
      ? `The ${name} changed since the last pull or push: ${moved.join(', ')}. Next: router policy pull${where}`
      : `Next: router policy push${where}`;
  const text =
    changes.length === 0
      ? `The files in ${folder} and the ${name} are the same (revision ${live.revision}).`
      : `${sayChanges(changes, desk.paint)}\n\nA push to the ${name} (revision ${live.revision}): ${countChanges(changes)}.\n${next}`;
  return {
    exitCode: 0,
    json: { place: name, revision: live.revision, movedInKv: moved, changes: changesJson(changes) },
    text,
  };
}
