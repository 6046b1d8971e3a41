import { asJson, isObject, type Json } from '../../core/json.ts';
import { plainText, type Paint } from '../table.ts';
import { emptied, type AccountGateway, type GatewayDeclaration } from './schema.ts';

/** One setting that is to change. */
export interface SettingChange {
  readonly name: string;
  /** What the account has; absent: nothing yet. */
  readonly now?: Json;
  /** What is written: `null` where `wrangler.toml` has `false` for a setting that may be empty. */
  readonly declared: Json;
}

/** What makes one gateway of the account what `wrangler.toml` declares. */
export interface GatewayChange {
  readonly id: string;
  readonly change: 'create' | 'change';
  readonly settings: readonly SettingChange[];
  /** The gateway that was compared; absent where there is none yet. */
  readonly seen?: AccountGateway;
}

/** What turns the account into the declaration. */
export interface GatewayPlan {
  readonly changes: readonly GatewayChange[];
  /** Ids that the account has and nobody declares. They are left alone. */
  readonly undeclared: readonly string[];
}

/**
 * What a new gateway gets where nothing is declared: the API wants five of these (contract sheet 5.1), and a gateway without
 * authentication lets everybody who knows its address use the stored keys.
 */
const newGateway = {
  authentication: true,
  cache_invalidate_on_update: true,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
} as const;

/** Compares what is declared with what there is. */
export function planGateways(declared: readonly GatewayDeclaration[], account: readonly AccountGateway[]): GatewayPlan {
  const ids = new Set(declared.map(({ id }) => id));
  return {
    changes: declared.flatMap(
      (gateway) =>
        changeOf(
          gateway,
          account.find(({ id }) => id === gateway.id),
        ) ?? [],
    ),
    undeclared: account.map(({ id }) => id).filter((id) => !ids.has(id)),
  };
}

/** What is still to change in a gateway; `undefined` where it is as declared. */
export function changeOf(gateway: GatewayDeclaration, seen: AccountGateway | undefined): GatewayChange | undefined {
  const { id, ...declared } = gateway;
  const wanted = Object.entries(seen === undefined ? { ...newGateway, ...declared } : declared);
  const settings = wanted.flatMap(([name, value]): SettingChange[] => {
    const written = value === false && emptied.has(name) ? null : asJson(value);
    if (seen === undefined) return [{ name, declared: written }];
    const now = asJson(seen[name]);
    const isSet = !(isOff(name, written) && isOff(name, now)) && !isSame(written, now);
    return isSet ? [{ name, now, declared: written }] : [];
  });
  if (seen === undefined) return { id, change: 'create', settings };
  return settings.length === 0 ? undefined : { id, change: 'change', settings, seen };
}

/** The settings to write, by name. */
export function writtenSettings({ settings }: GatewayChange): Record<string, Json> {
  return Object.fromEntries(settings.map(({ name, declared }) => [name, declared]));
}

/**
 * Whether the account's value is the declared one. Cloudflare may add an id and its usual values to what is declared
 * without (uncertain).
 */
function isSame(declared: Json, now: Json): boolean {
  if (declared === now) return true;
  if (Array.isArray(declared))
    return (
      Array.isArray(now) &&
      now.length === declared.length &&
      declared.every((one: Json, index) => isSame(one, asJson(now[index])))
    );
  if (!isObject(declared) || !isObject(now)) return false;
  return (
    Object.entries(declared).every(([name, value]) => isSame(value, asJson(now[name]))) &&
    Object.entries(now).every(([name, value]) => Object.hasOwn(declared, name) || isAdded(name, value))
  );
}

/** Settings where 0 and null both say that there is none. A delay of 0 is one: it is not the usual delay. */
const counts: ReadonlySet<string> = new Set(['cache_ttl', 'rate_limiting_interval', 'rate_limiting_limit']);

/** Off may come back as null, or not at all. */
function isOff(name: string, value: Json): boolean {
  return value === null || value === false || (value === 0 && counts.has(name));
}

function isAdded(name: string, value: Json): boolean {
  return name === 'id' || value === null || usual.get(name) === value;
}

/** What Cloudflare may fill into a rule that does not say it (uncertain). */
const usual: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['enabled', true],
  ['technique', 'fixed'],
]);

/** The plan for people: a line a setting, `id: setting: now -> declared`. */
export function sayPlan({ changes }: Pick<GatewayPlan, 'changes'>, paint: Paint): string {
  return changes.flatMap((change) => sayChange(change, paint)).join('\n');
}

function sayChange({ id, change, settings }: GatewayChange, paint: Paint): string[] {
  if (change === 'create')
    return [
      paint('green', `+ ${id}: create`),
      ...settings.map(({ name, declared }) => paint('green', `+ ${id}: ${name}: ${sayValue(declared)}`)),
    ];
  return settings.map(({ name, now, declared }) =>
    paint('yellow', `~ ${id}: ${name}: ${sayValue(now)} -> ${sayValue(declared)}`),
  );
}

function sayValue(value: Json | undefined): string {
  return plainText(JSON.stringify(value ?? null));
}

/** The plan for `--json`. */
export function planJson({ changes, undeclared }: GatewayPlan): { changes: Json[]; undeclared: string[] } {
  return {
    changes: changes.map(({ id, change, settings }) => ({
      id,
      change,
      settings: settings.map(({ name, now, declared }) => ({ name, ...(now !== undefined && { now }), declared })),
    })),
    undeclared: [...undeclared],
  };
}

/** What `--json` promises of {@link planJson}. */
export const planShape =
  'account, changes: [{ id, change: "create" | "change", settings: [{ name, now?, declared }] }], undeclared: [id]';
