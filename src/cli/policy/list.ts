import * as z from 'zod/mini';
import { isObject, parseJson } from '../../core/json.ts';
import { RoutePolicy } from '../../policy/schema.ts';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { placeOptions, readPlace } from '../place.ts';
import { plainText, sayCount, sayTable } from '../table.ts';
import { hasFaults, type Finding } from './finding.ts';
import { filesOf } from './folder.ts';
import { checkPolicies } from './rules.ts';
import { openLive } from './save.ts';
import { countPolicies } from './show.ts';

/** `policy list`. */
export const listCommand: Command = {
  name: 'policy list',
  summary: 'List the policies in KV',
  details: [],
  operands: [],
  options: placeOptions,
  json: ['place, revision, policies: [{ key, says, ok, faults: [text] }]'],
  examples: ['policy list', 'policy list --remote --json'],
  run: list,
};

interface Listed {
  readonly key: string;
  readonly says: string;
  readonly faults: readonly string[];
}

async function list(asked: Asked, desk: Desk): Promise<Outcome> {
  const { name, live } = await openLive(readPlace(asked, desk.world.folder), desk);
  const findings = checkPolicies(filesOf(live.entries));
  const rows = [...live.entries].map(([key, text]) => listed(key, text, findings)).toSorted(byKey);
  const table = sayTable(
    rows.map(({ key, says, faults }) => [
      plainText(key),
      faults.length === 0 ? plainText(says) : desk.paint('red', plainText(`faulty: ${faults.join('; ')}`)),
    ]),
  );
  return {
    exitCode: 0,
    json: {
      place: name,
      revision: live.revision,
      policies: rows.map(({ key, says, faults }) => ({ key, says, ok: faults.length === 0, faults: [...faults] })),
    },
    text:
      rows.length === 0
        ? `There is no policy in the ${name}: direct model names are served. Next: router policy push`
        : `${table}\n\n${countPolicies(rows.length)} in the ${name}, revision ${live.revision}.${edited(live.isRecorded)}`,
  };
}

function listed(key: string, text: string, findings: readonly Finding[]): Listed {
  const faults = findings.filter((finding) => finding.file === key && hasFaults([finding]));
  return { key, says: summaryOf(text), faults: faults.map(({ path, message }) => `${path} ${message}`.trim()) };
}

/** A policy in a few words: a route by its targets. */
function summaryOf(text: string): string {
  const value = parseJson(text);
  const { data: route } = z.safeParse(RoutePolicy, value);
  if (route !== undefined) {
    const targets = route.targets.map(({ model, credentials }) => `${model} (${credentials})`);
    return targets.join(route.strategy === 'weighted' ? ' | ' : ', then ');
  }
  if (Array.isArray(value)) return sayCount(value.length, 'pattern');
  return isObject(value) ? Object.keys(value).join(', ') : '';
}

function edited(isRecorded: boolean): string {
  return isRecorded ? '' : ' Something else than this command has written to it since.';
}

function byKey(a: Listed, b: Listed): number {
  return a.key < b.key ? -1 : 1;
}
