import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type * as z from 'zod/mini';
import { asJson, isObject, type JsonObject } from '../core/json.ts';
import { Caller, DeletedCaller, LimitsNow } from '../edge/admin-schema.ts';
import { sayUsd } from '../edge/usage-csv.ts';
import { adminOptions, openAdmin } from './admin.ts';
import type { Asked } from './asked.ts';
import type { Command, Desk, Outcome } from './command.ts';
import { readCallers, sayKeys } from './keys.ts';
import { readSource } from './policy/source.ts';
import { Stop } from './stop.ts';
import { plainText, sayCount, sayTable } from './table.ts';

type CallerRow = z.infer<typeof Caller>;

const callerShape = 'name, policy, keys: [{ id, state, ... }]';
const fileOption = { policy: { value: '<file>', says: 'a JSON file with its policy: models, routes, limits, ...' } };

/** `keys callers`. */
export const callersListCommand: Command = {
  name: 'keys callers',
  summary: 'List the callers',
  details: [],
  operands: [],
  options: adminOptions,
  json: [`callers: [{ ${callerShape} }]`],
  examples: ['keys callers', 'keys callers --json'],
  run: async (asked, desk) => {
    const callers = await readCallers(openAdmin(asked, desk));
    const rows = callers.map((row) => [plainText(row.name), sayPolicy(row, desk), sayCount(row.keys.length, 'key')]);
    const text = rows.length === 0 ? 'There is no caller. Next: router keys callers create <caller>' : sayTable(rows);
    return { exitCode: 0, json: { callers: callers.map(jsonOf) }, text };
  },
};

/** `keys callers show`. */
export const callersShowCommand: Command = {
  name: 'keys callers show',
  summary: 'Show a caller: its policy, its keys, how its limits stand',
  details: [],
  operands: ['<caller>'],
  options: adminOptions,
  json: [callerShape, 'limits: [{ limit, route?, most, left, resetSeconds }], money in nano-USD'],
  examples: ['keys callers show billing'],
  run: show,
};

async function show(asked: Asked, desk: Desk): Promise<Outcome> {
  const plane = openAdmin(asked, desk);
  const [name = ''] = asked.operands;
  const caller = await plane.call({ method: 'GET', path: ['callers', name], output: Caller });
  const { limits } = await plane.call({ method: 'GET', path: ['callers', name, 'limits'], output: LimitsNow });
  const states = limits.map(({ limit, route, most, left, resetSeconds }) => [
    plainText(route === undefined ? limit : `${limit} on ${route}`),
    `${sayAmount(limit, left)} of ${sayAmount(limit, most)} left`,
    resetSeconds === 0 ? '' : `anew in ${resetSeconds} s`,
  ]);
  const text = [
    plainText(JSON.stringify(caller.policy ?? {}, null, 2)),
    sayKeys(caller.keys, desk),
    states.length === 0 ? 'No limits.' : sayTable(states),
  ].join('\n\n');
  return { exitCode: 0, json: { ...jsonOf(caller), limits: limits.map((row) => ({ ...row })) }, text };
}

/** `keys callers create`. */
export const callersCreateCommand: Command = {
  name: 'keys callers create',
  summary: 'Create a caller; it has no key yet',
  details: ['Without --policy it may use everything, without a limit.'],
  operands: ['<caller>'],
  options: { ...adminOptions, ...fileOption },
  json: [callerShape],
  examples: ['keys callers create billing --policy billing.json'],
  run: async (asked, desk) => {
    const plane = openAdmin(asked, desk);
    const [name = ''] = asked.operands;
    const body = { name, policy: readPolicy(asked, desk) ?? {} };
    const caller = await plane.call({ method: 'POST', path: ['callers'], body, output: Caller });
    return { exitCode: 0, json: jsonOf(caller), text: `Created ${name}. Next: router keys create ${name}` };
  },
};

/** `keys callers update`. */
export const callersUpdateCommand: Command = {
  name: 'keys callers update',
  summary: 'Change fields of a caller',
  details: ['The fields of the file replace the stored ones whole; null takes one away.'],
  operands: ['<caller>'],
  options: { ...adminOptions, ...fileOption },
  json: [callerShape],
  examples: ['keys callers update billing --policy changes.json'],
  run: async (asked, desk) => {
    const plane = openAdmin(asked, desk);
    const [name = ''] = asked.operands;
    const body = readPolicy(asked, desk);
    if (body === undefined) throw new Stop(2, 'Cannot change the caller: --policy <file> with the changes is missing.');
    const caller = await plane.call({ method: 'PATCH', path: ['callers', name], body, output: Caller });
    return { exitCode: 0, json: jsonOf(caller), text: `Changed ${name}: ${sayPolicy(caller, desk)}` };
  },
};

/** `keys callers delete`. */
export const callersDeleteCommand: Command = {
  name: 'keys callers delete',
  summary: 'Delete a caller and its keys; its usage stays',
  details: [],
  operands: ['<caller>'],
  options: { ...adminOptions, yes: { says: 'without asking' } },
  json: ['name, keys: how many went with it'],
  examples: ['keys callers delete billing'],
  run: async (asked, desk) => {
    const plane = openAdmin(asked, desk);
    const [name = ''] = asked.operands;
    await desk.confirm(`Delete the caller ${plainText(name)} and its keys at ${plane.url}?`);
    const gone = await plane.call({ method: 'DELETE', path: ['callers', name], output: DeletedCaller });
    return { exitCode: 0, json: { ...gone }, text: `Deleted ${name} and ${sayCount(gone.keys, 'key')}.` };
  },
};

/** The file of `--policy`; `undefined` where none is named. Comments are allowed, as in the policy folder. */
function readPolicy({ values }: Asked, { world }: Desk): JsonObject | undefined {
  const file = values.get('policy');
  if (file === undefined) return undefined;
  const { value } = readSource(readText(resolve(world.folder, file), file));
  if (isObject(value)) return value;
  throw new Stop(1, `Cannot read the policy: ${file} holds no JSON object.`);
}

function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Stop(1, `Cannot read the policy: there is no readable file ${shown}.`, { cause });
  }
}

/** A caller's policy in one line. */
function sayPolicy({ policy, fault }: CallerRow, { paint }: Desk): string {
  if (policy === undefined) return paint('red', plainText(`faulty: ${fault ?? ''}`));
  const { models, routes, limits = {}, disabled } = policy;
  const granted = [...(routes ?? []), ...(models ?? [])];
  const isOpen = models === undefined && routes === undefined;
  return plainText(
    [
      ...(disabled === true ? ['disabled'] : []),
      isOpen ? 'all models' : `only ${granted.join(', ')}`,
      ...Object.entries(limits).map(([limit, most]) => `${limit} ${most}`),
    ].join('; '),
  );
}

function sayAmount(limit: string, amount: number): string {
  return limit.startsWith('usd') ? `$${sayUsd(amount).slice(0, -5)}` : String(amount);
}

/** What came as JSON goes out as JSON. */
function jsonOf(caller: CallerRow): JsonObject {
  const json = asJson(caller);
  return isObject(json) ? json : {};
}
