import { randomBytes } from 'node:crypto';
import { createCaller, listCallers } from '../../policy/caller-admin.ts';
import type { Done, PolicyWriter } from '../../policy/admin.ts';
import { createKey } from '../../policy/key-admin.ts';
import { newKey } from '../../policy/keys.ts';
import { tokenPlace } from '../doctor/meaning.ts';
import { wranglerEnv } from '../deployment.ts';
import type { Kv } from '../kv.ts';
import { filesOf } from '../policy/folder.ts';
import { readPolicies } from '../policy/policies.ts';
import { readLive } from '../policy/revisions.ts';
import { secretNeeds } from '../policy/uses.ts';
import { putSecrets } from '../secrets/push.ts';
import { secretFault } from '../secrets/values.ts';
import { Stop } from '../stop.ts';
import { done, type Plan, type State, type Step } from './state.ts';

/** The Worker, its secrets, and somebody who may call it. */
export const workerSteps: readonly Step[] = [
  { name: 'deployment', plan: async (state) => planDeployment(state) },
  { name: 'secrets', plan: planSecrets },
  { name: 'caller', plan: planCaller },
];

function planDeployment({ desk, environment, place }: State): Plan {
  return {
    kind: 'todo',
    question: `Deploy ${environment.worker}?`,
    act: async () => {
      const said = await desk.world.wrangler(['deploy', wranglerEnv(place)]);
      // What wrangler prints at its end: the address on workers.dev, where the Worker has one.
      const url = /https:\/\/[a-z0-9.-]+\.workers\.dev/i.exec(said)?.[0] ?? '';
      return { says: url === '' ? `deployed ${environment.worker}` : `deployed ${url}`, learned: { url } };
    },
  };
}

/** Where a value comes from that cannot be made here. */
const instructions: Readonly<Record<string, string>> = {
  CF_AIG_TOKEN: `CF_AIG_TOKEN: a token with the permission Account > AI Gateway > Run and no other.\n  ${tokenPlace} > Create Custom Token`,
  CLOUDFLARE_API_TOKEN: `CLOUDFLARE_API_TOKEN: a token with the permission Account > Workers AI > Read and no other.\n  ${tokenPlace} > Create Custom Token`,
};

async function planSecrets(state: State): Promise<Plan> {
  const { desk, place, environment } = state;
  const live = await readLive(desk.world.openKv(place));
  const needs = secretNeeds(readPolicies(filesOf(live.entries)));
  const set = await desk.world.listSecrets(place);
  const missing = needs.filter(({ name, required }) => !set.includes(name) && (required || state.values.has(name)));
  if (missing.length === 0) return done('all that is needed is set');
  const values = new Map<string, string>();
  for (const { name } of missing) {
    const value = await valueOf(name, state);
    if (value !== '') values.set(name, value);
  }
  const faults = [...values].flatMap(([name, value]) => secretFault(name, value, values) ?? []);
  if (faults.length > 0) throw new Stop(1, `Cannot set the secrets: ${faults.join('; ')}. Run router setup again.`);
  const left = missing.map(({ name }) => name).filter((name) => !values.has(name));
  const rest = left.length === 0 ? '' : `; still missing: ${left.join(', ')}`;
  if (values.size === 0) return done(`nothing was given${rest}`);
  const names = [...values.keys()].join(', ');
  return {
    kind: 'todo',
    question: `Set ${names} on ${environment.worker}?`,
    act: async () => {
      await putSecrets(desk.world, place, values);
      return { says: `set ${names}${rest}`, learned: { values: new Map([...state.values, ...values]) } };
    },
  };
}

/** A secret's value: of the file, made here, or typed. Nothing where nobody has one. */
async function valueOf(name: string, { values, desk }: State): Promise<string> {
  const given = values.get(name);
  if (given !== undefined) return given;
  // Nobody has to know it: callers get keys of their own.
  if (name === 'ROUTER_KEY') return newKey((count) => randomBytes(count));
  if (desk.askSecret === undefined) return '';
  desk.progress(instructions[name] ?? `${name}: the provider's key`);
  return desk.askSecret(`${name}, or nothing for later`);
}

const usualCaller = 'first';

async function planCaller(state: State): Promise<Plan> {
  const { desk, place, asked } = state;
  const world = { writer: writerOver(desk.world.openKv(place)), nowMs: desk.world.now().getTime(), randomBytes: bytes };
  const callers = required(await listCallers({}, world)).callers.map((row) => row.name);
  const wanted = asked.values.get('caller');
  if (callers.length > 0 && (wanted === undefined || callers.includes(wanted)))
    return done(`there are ${callers.join(', ')}`);
  // A key that a script asks for may end in a log: only where it is asked for by name.
  if (wanted === undefined && asked.flags.has('yes')) return done('none was asked for: --caller <name> makes one');
  const name = wanted ?? usualCaller;
  return {
    kind: 'todo',
    question: `Make the caller "${name}", who may use everything, and a key for it?`,
    act: async () => {
      required(await createCaller({ name, policy: {} }, world));
      const { key } = required(await createKey({ caller: name }, world));
      return { says: `made ${name}`, learned: { callerKey: key } };
    },
  };
}

function bytes(count: number): Uint8Array {
  return randomBytes(count);
}

function required<T>(done: Done<T>): T {
  if (done.ok) return done.value;
  throw new Stop(1, done.fault.message);
}

/** Callers and keys in KV, by wrangler. */
function writerOver(kv: Kv): PolicyWriter {
  return {
    get: async (key) => (await kv.get([key])).get(key) ?? null,
    put: async (key, value, metadata) => kv.put([{ key, value, ...(metadata !== undefined && { metadata }) }]),
    delete: async (key) => kv.delete([key]),
    list: async (prefix) => kv.list(prefix),
  };
}
