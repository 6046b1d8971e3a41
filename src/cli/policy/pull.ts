import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { placeArguments, readPlace } from '../place.ts';
import { plainText, sayTable } from '../table.ts';
import { readBase, writeBase } from './base.ts';
import { entriesOf, fileNameOf, folderOf, folderOption, readFolder, type PolicyFile } from './folder.ts';
import { keyOf, readKey } from './kinds.ts';
import { planPull, type PullRow } from './plan.ts';
import { openLive, saveOptions, type Opened } from './save.ts';

/** `policy pull`. */
export const pullCommand: Command = {
  name: 'policy pull',
  summary: 'Write the policies in KV to files',
  details: [
    'A file that says the same as KV stays as it is, with its comments. A file that was edited here and did not change in',
    'KV stays too. Where both changed it asks, and then takes what KV holds.',
  ],
  operands: [],
  options: { ...folderOption, ...saveOptions, yes: { says: 'write over edits without asking' } },
  json: ['place, revision, files: [{ key, file, action: "write" | "remove" | "keep" }]'],
  examples: ['policy pull', 'policy pull --env staging --dir policies/staging'],
  run: pull,
};

interface PullFile extends PullRow {
  /** Path from the folder that the command was called in. */
  readonly file: string;
}

async function pull(asked: Asked, desk: Desk): Promise<Outcome> {
  const { folder: base } = desk.world;
  const folder = folderOf(asked);
  const place = readPlace(asked, base);
  const files = existsSync(resolve(base, folder)) ? readFolder(base, folder) : [];
  const opened = await openLive(place, desk);
  const { name, live } = opened;
  const rows = planPull(entriesOf(files), live.entries, readBase(base, folder, place)).map((row) => ({
    ...row,
    file: fileFor(row.key, files, folder),
  }));
  const lost = rows.filter(({ losesEdit }) => losesEdit);
  if (lost.length > 0) {
    desk.show(
      `Edited here, and changed in the ${name} too:\n${lost.map(({ file }) => `  ${plainText(file)}`).join('\n')}\n`,
    );
    await desk.confirm(`Write over the edits in ${lost.map(({ file }) => plainText(file)).join(', ')}?`);
  }
  for (const row of rows) apply(row, base, live.entries.get(row.key));
  writeBase(base, folder, { place, revision: live.revision, entries: live.entries });
  return {
    exitCode: 0,
    json: { place: name, revision: live.revision, files: rows.map(({ key, file, action }) => ({ key, file, action })) },
    text: sayPull(rows, opened, files),
  };
}

/** The file that holds a key already, or the one that it would have. */
function fileFor(key: string, files: readonly PolicyFile[], folder: string): string {
  const known = files.find((file) => file.key !== undefined && keyOf(file.key) === key);
  const read = readKey(key);
  return known?.path ?? join(folder, read === undefined ? key : fileNameOf(read));
}

function apply({ action, file }: PullFile, base: string, text: string | undefined): void {
  const path = resolve(base, file);
  if (action === 'remove') rmSync(path);
  if (action !== 'write' || text === undefined) return;
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text.endsWith('\n') ? text : `${text}\n`);
}

const actionWords = { write: 'written', remove: 'removed', keep: 'kept, as edited here' } as const;

function sayPull(rows: readonly PullFile[], { place, name, live }: Opened, files: readonly PolicyFile[]): string {
  const where = placeArguments(place);
  const said = `Pulled revision ${live.revision} of the ${name}.`;
  if (rows.length === 0) return `${said} The ${files.length === 0 ? 'KV is empty' : 'files say the same'}.`;
  const table = sayTable(rows.map(({ file, action }) => [plainText(file), actionWords[action]]));
  return `${table}\n\n${said} Next: router policy diff${where}`;
}
