import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { Stop } from '../stop.ts';
import { placeArguments, readPlace } from '../place.ts';
import { movedKeys, readBase, writeBase } from './base.ts';
import { changesOf } from './entries.ts';
import { entriesOf, folderOf, folderOption, readFolder, type PolicyFile } from './folder.ts';
import { checkPolicies } from './rules.ts';
import { openLive, refuseFaults, saveOptions, saveRevision, takenUp, type Opened } from './save.ts';
import { changesJson, changesShape, countChanges, sayChanges } from './show.ts';

/** `policy push`. */
export const pushCommand: Command = {
  name: 'policy push',
  summary: 'Write the policy files to KV as a new revision',
  details: [
    'Checks the files, shows the difference, asks, writes what changed. A key whose file is gone is deleted. The last 50',
    'revisions are kept in KV: router policy history, router policy rollback. Refused where KV was changed by others since',
    'the last pull or push of this folder, which .router-revision.json beside the files remembers.',
  ],
  operands: [],
  options: { ...folderOption, ...saveOptions, force: { says: 'write over what others changed in KV' } },
  json: ['place, revision: in KV now, pushed: boolean', changesShape],
  examples: ['policy push', 'policy push --env staging', 'policy push --remote --yes --json'],
  run: push,
};

async function push(asked: Asked, desk: Desk): Promise<Outcome> {
  const { folder: base } = desk.world;
  const folder = folderOf(asked);
  const place = readPlace(asked, base);
  const entries = entriesOf(readChecked(folder, desk));
  const opened = await openLive(place, desk);
  const { name, live } = opened;
  const changes = changesOf(live.entries, entries);
  const json = { place: name, changes: changesJson(changes) };
  if (changes.length === 0) {
    writeBase(base, folder, { place, revision: live.revision, entries });
    const text = `Nothing to push: the files in ${folder} and the ${name} are the same (revision ${live.revision}).`;
    return { exitCode: 0, json: { ...json, revision: live.revision, pushed: false }, text };
  }
  desk.show(`${sayChanges(changes, desk.paint)}\n`);
  if (!asked.flags.has('force')) requireUnmoved(opened, movedKeys(readBase(base, folder, place), live));
  const revision = await saveRevision(opened, desk, { entries, change: 'push' });
  writeBase(base, folder, { place, revision, entries });
  const text = `Pushed revision ${revision} to the ${name}: ${countChanges(changes)}. ${takenUp}`;
  return { exitCode: 0, json: { ...json, revision, pushed: true }, text };
}

/** The files of a folder, without a fault. Throws {@link Stop} otherwise, for an empty folder too: it would delete all. */
function readChecked(folder: string, desk: Desk): PolicyFile[] {
  const files = readFolder(desk.world.folder, folder);
  if (files.length === 0)
    throw new Stop(1, `Cannot push: there is no policy file in ${folder}, and a push would delete all that KV holds.`);
  const advice = 'Mend them; router policy check shows them again.';
  refuseFaults(checkPolicies(files), { what: 'push', advice }, desk);
  return files;
}

/** Refuses to write over what others wrote. */
function requireUnmoved({ place, name, live }: Opened, moved: readonly string[]): void {
  if (moved.length === 0) return;
  const where = placeArguments(place);
  const late = place.remote ? ' (KV may also be up to a minute behind your own last push.)' : '';
  throw new Stop(
    1,
    [
      `Cannot push: the ${name} changed since the last pull or push of this folder: ${moved.join(', ')}.${late}`,
      `Take that over with router policy pull${where}, or write over it with router policy push${where} --force.`,
    ].join('\n'),
    { json: { place: name, revision: live.revision, movedInKv: [...moved] } },
  );
}
