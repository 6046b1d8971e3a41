import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { placeArguments, placeOptions, readPlace, sayPlace } from '../place.ts';
import { plainText, sayTable } from '../table.ts';
import { readRevisions } from './revisions.ts';

/** `policy history`. */
export const historyCommand: Command = {
  name: 'policy history',
  summary: 'List the revisions that KV keeps, newest first',
  details: ['KV keeps the last 50. "found in KV" is what something else than this command had written before a push.'],
  operands: [],
  options: placeOptions,
  json: ['place, revisions: [{ revision, atIso, change, counts }]'],
  examples: ['policy history', 'policy history --env staging --json'],
  run: history,
};

async function history(asked: Asked, { world, progress }: Desk): Promise<Outcome> {
  const place = readPlace(asked, world.folder);
  const name = sayPlace(place);
  progress(`Reading the ${name} ...`);
  const revisions = await readRevisions(world.openKv(place));
  const rows = revisions.map(({ revision, atIso, change, counts }) =>
    [String(revision), atIso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'), change, counts].map(plainText),
  );
  const text =
    rows.length === 0
      ? `The ${name} has no history yet: it begins with the first router policy push.`
      : `${sayTable([['revision', 'when', 'change', ''], ...rows])}\n\nNext: router policy rollback <revision>${placeArguments(place)}`;
  return { exitCode: 0, json: { place: name, revisions: revisions.map((row) => ({ ...row })) }, text };
}
