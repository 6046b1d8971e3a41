import type * as z from 'zod/mini';
import { Callers, Key, Keys, MadeKey } from '../edge/admin-schema.ts';
import type { JsonObject } from '../core/json.ts';
import { adminOptions, openAdmin, type AdminPlane } from './admin.ts';
import type { Asked } from './asked.ts';
import type { Command, Desk, Outcome } from './command.ts';
import { plainText, sayCount, sayTable } from './table.ts';

/** A key as the router shows it. */
export type KeyRow = z.infer<typeof Key>;

const yes = { yes: { says: 'without asking' } } as const;
const newKeyOptions = {
  ...adminOptions,
  expires: { value: '<moment>', says: 'when it ends, in UTC: 2027-12-31T00:00:00Z' },
  label: { value: '<text>', says: 'what it is for' },
} as const;
const keyShape = 'id, caller, slot, state, createdAt, expiresAt?, label?';
const late = 'Routers go by it within about a minute and a half.';

/** `keys list`. */
export const keysListCommand: Command = {
  name: 'keys list',
  summary: 'List the keys, of one caller or of all',
  details: ['A key itself is shown once, when it is made. Its id is enough to disable or delete it.'],
  operands: ['[caller]'],
  options: adminOptions,
  json: [`keys: [{ ${keyShape} }]`],
  examples: ['keys list', 'keys list billing --url https://router.example.com'],
  run: list,
};

async function list(asked: Asked, desk: Desk): Promise<Outcome> {
  const plane = openAdmin(asked, desk);
  const [caller] = asked.operands;
  const keys =
    caller === undefined
      ? (await readCallers(plane)).flatMap((row) => row.keys)
      : (await plane.call({ method: 'GET', path: ['callers', caller, 'keys'], output: Keys })).keys;
  const text = keys.length === 0 ? 'There is no key. Next: router keys create <caller>' : sayKeys(keys, desk);
  return { exitCode: 0, json: { keys: keys.map((key) => ({ ...key })) }, text };
}

/** All callers, page by page. */
export async function readCallers(plane: AdminPlane): Promise<z.infer<typeof Callers>['callers']> {
  const callers: z.infer<typeof Callers>['callers'] = [];
  let after: string | undefined;
  do {
    const query = after === undefined ? {} : { after };
    const page = await plane.call({ method: 'GET', path: ['callers'], query, output: Callers });
    callers.push(...page.callers);
    after = page.next;
  } while (after !== undefined);
  return callers;
}

/** `keys create`. */
export const keysCreateCommand: Command = {
  name: 'keys create',
  summary: 'Make a key for a caller; it is shown this once',
  details: ['The caller must exist: router keys callers create <caller>.'],
  operands: ['<caller>'],
  options: newKeyOptions,
  json: [`key: the key itself, ${keyShape}`],
  examples: ['keys create billing --label laptop', 'keys create ci --expires 2027-12-31T00:00:00Z --json'],
  run: async (asked, desk) => make(asked, desk, { way: [], body: {} }),
};

/** `keys rotate`. */
export const keysRotateCommand: Command = {
  name: 'keys rotate',
  summary: 'Make a second key beside the first; both work until one is deleted',
  details: [],
  operands: ['<caller>'],
  options: { ...newKeyOptions, 'replace-oldest': { says: 'where there are two, take the older one away now' } },
  json: [`key: the key itself, ${keyShape}`],
  examples: ['keys rotate billing', 'keys rotate billing --replace-oldest'],
  run: async (asked, desk) => {
    const body = asked.flags.has('replace-oldest') ? { replaceOldest: true } : {};
    return make(asked, desk, { way: ['rotate'], body });
  },
};

async function make(
  asked: Asked,
  desk: Desk,
  { way, body }: { way: readonly string[]; body: JsonObject },
): Promise<Outcome> {
  const plane = openAdmin(asked, desk);
  const [caller = ''] = asked.operands;
  const expiresAt = asked.values.get('expires');
  const label = asked.values.get('label');
  const wanted = { ...body, ...(expiresAt !== undefined && { expiresAt }), ...(label !== undefined && { label }) };
  const path = ['callers', caller, 'keys', ...way];
  const made = await plane.call({ method: 'POST', path, body: wanted, output: MadeKey });
  const { key, ...shown } = made;
  const text = [
    plainText(key),
    '',
    `This is the only time that it is shown. ${sayCaller(shown)}`,
    `Next: use it as the API key with the base URL ${plane.url}/v1`,
  ].join('\n');
  return { exitCode: 0, json: { ...made }, text };
}

/** `keys disable`. */
export const keysDisableCommand: Command = {
  name: 'keys disable',
  summary: 'Switch a key off; router keys enable lets it in again',
  details: [late],
  operands: ['<caller>', '<id>'],
  options: adminOptions,
  json: [keyShape],
  examples: ['keys disable billing 3f9a1c20'],
  run: async (asked, desk) => change(asked, desk, { disabled: true }),
};

/** `keys enable`. */
export const keysEnableCommand: Command = {
  name: 'keys enable',
  summary: 'Let a key in again that was disabled',
  details: [late],
  operands: ['<caller>', '<id>'],
  options: adminOptions,
  json: [keyShape],
  examples: ['keys enable billing 3f9a1c20'],
  run: async (asked, desk) => change(asked, desk, { disabled: false }),
};

/** `keys expire`. */
export const keysExpireCommand: Command = {
  name: 'keys expire',
  summary: 'Set when a key ends; "never" takes its end away',
  details: [late],
  operands: ['<caller>', '<id>', '<moment>'],
  options: adminOptions,
  json: [keyShape],
  examples: ['keys expire billing 3f9a1c20 2027-12-31T00:00:00Z', 'keys expire billing 3f9a1c20 never'],
  run: async (asked, desk) => {
    const [, , moment = ''] = asked.operands;
    return change(asked, desk, { expiresAt: moment === 'never' ? null : moment });
  },
};

async function change(asked: Asked, desk: Desk, body: JsonObject): Promise<Outcome> {
  const plane = openAdmin(asked, desk);
  const key = await plane.call({ method: 'PATCH', path: keyPath(asked), body, output: Key });
  return { exitCode: 0, json: { ...key }, text: `${sayKeys([key], desk)}\n\n${late}` };
}

/** `keys delete`. */
export const keysDeleteCommand: Command = {
  name: 'keys delete',
  summary: 'Delete a key for good',
  details: [late],
  operands: ['<caller>', '<id>'],
  options: { ...adminOptions, ...yes },
  json: [keyShape],
  examples: ['keys delete billing 3f9a1c20', 'keys delete billing 3f9a1c20 --yes'],
  run: async (asked, desk) => {
    const plane = openAdmin(asked, desk);
    const [caller = '', id = ''] = asked.operands;
    await desk.confirm(`Delete the key ${plainText(id)} of ${plainText(caller)} at ${plane.url}?`);
    const key = await plane.call({ method: 'DELETE', path: keyPath(asked), output: Key });
    return { exitCode: 0, json: { ...key }, text: `Deleted ${sayCaller(key)} ${late}` };
  },
};

function keyPath({ operands: [caller = '', id = ''] }: Asked): string[] {
  return ['callers', caller, 'keys', id];
}

/** Keys as a table; what is not live stands out. */
export function sayKeys(keys: readonly KeyRow[], { paint }: Pick<Desk, 'paint'>): string {
  const rows = keys.map(({ caller, id, state, createdAt, expiresAt = 'never', label = '' }) => [
    plainText(caller),
    plainText(id.slice(0, 12)),
    state === 'live' ? state : paint('yellow', state),
    createdAt.slice(0, 10),
    expiresAt.slice(0, 16).replace('T', ' '),
    plainText(label),
  ]);
  return `${sayTable([['caller', 'id', 'state', 'made', 'ends', 'label'], ...rows])}\n\n${sayCount(keys.length, 'key')}.`;
}

function sayCaller({ caller, id, expiresAt }: KeyRow): string {
  const end = expiresAt === undefined ? '' : `, ends ${expiresAt}`;
  return plainText(`Key ${id.slice(0, 12)} of ${caller}${end}.`);
}
