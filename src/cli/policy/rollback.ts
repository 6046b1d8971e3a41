import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { Stop } from '../stop.ts';
import { placeArguments, readPlace } from '../place.ts';
import { changesOf, type Entries } from './entries.ts';
import { filesOf } from './folder.ts';
import { readRevisions, readSnapshot } from './revisions.ts';
import { checkPolicies } from './rules.ts';
import { openLive, refuseFaults, saveOptions, saveRevision, takenUp, type Opened } from './save.ts';
import { changesJson, changesShape, countChanges, sayChanges } from './show.ts';

/** `policy rollback`. */
export const rollbackCommand: Command = {
  name: 'policy rollback',
  summary: 'Write an old revision to KV again, as a new one',
  details: ['The files stay as they are: router policy pull takes over what KV then holds.'],
  operands: ['<revision>'],
  options: saveOptions,
  json: ['place, revision: in KV now, rolledBack: boolean', changesShape],
  examples: ['policy rollback 12', 'policy rollback 12 --env staging --yes'],
  run: rollback,
};

async function rollback(asked: Asked, desk: Desk): Promise<Outcome> {
  const wanted = readRevision(asked.operands[0] ?? '');
  const opened = await openLive(readPlace(asked, desk.world.folder), desk);
  const { place, name, live } = opened;
  const entries = await requireSnapshot(opened, wanted);
  const advice = 'The schema has become stricter since: pull another revision, or mend the files and push them.';
  refuseFaults(checkPolicies(filesOf(entries)), { what: `roll back to revision ${wanted}`, advice }, desk);
  const changes = changesOf(live.entries, entries);
  const json = { place: name, changes: changesJson(changes) };
  if (changes.length === 0) {
    const text = `Nothing to roll back: the ${name} holds what revision ${wanted} held.`;
    return { exitCode: 0, json: { ...json, revision: live.revision, rolledBack: false }, text };
  }
  desk.show(`${sayChanges(changes, desk.paint)}\n`);
  const revision = await saveRevision(opened, desk, { entries, change: `rollback to ${wanted}` });
  const text = [
    `Rolled the ${name} back to revision ${wanted}, as revision ${revision}: ${countChanges(changes)}. ${takenUp}`,
    `The files are as they were. Next: router policy pull${placeArguments(place)}`,
  ].join('\n');
  return { exitCode: 0, json: { ...json, revision, rolledBack: true }, text };
}

function readRevision(text: string): number {
  const revision = Number(text);
  if (/^\d{1,9}$/.test(text) && revision > 0) return revision;
  throw new Stop(2, `Cannot roll back: "${text}" is no revision. router policy history lists them by number.`);
}

async function requireSnapshot({ kv, name }: Opened, wanted: number): Promise<Entries> {
  const entries = await readSnapshot(kv, wanted);
  if (entries !== undefined) return entries;
  const kept = (await readRevisions(kv)).map(({ revision }) => revision);
  const there = kept.length === 0 ? 'it keeps none' : `it keeps ${kept.slice(0, 12).join(', ')}`;
  throw new Stop(1, `Cannot roll back: the ${name} has no revision ${wanted}; ${there}. See router policy history.`);
}
