import type { JsonObject } from '../../core/json.ts';
import { asJson, isObject, textOf, field } from '../../core/json.ts';
import { carriedRows } from './losses.ts';
import type { LossTally } from './losses.ts';
import { shownWord } from './shown.ts';

const isText = (value: unknown): boolean => typeof value === 'string';

/** Fields of Anthropic's own that a translation keeps, with the form that tells them from others of the same name. */
const kept: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['cache_control', isObject],
  ['container', (value) => isObject(value) || isText(value)],
  ['context_management', isObject],
  ['diagnostics', isObject],
  ['fallbacks', Array.isArray],
  ['inference_geo', isText],
  ['mcp_servers', Array.isArray],
  ['speed', isText],
  ['service_tier', (value) => value === 'auto' || value === 'standard_only'],
]);

const rowsByName = new Map(carriedRows.map((row) => [row.feature, row]));

/** Where a caller names its user, best first. */
const userFields = ['safety_identifier', 'user'] as const;

/** Longest `metadata.user_id` that Anthropic takes, in characters. */
const longestUserId = 256;

/** Options of `output_config` are carried under their full path. */
const outputPrefix = 'output_config.';

/** Writes the carried fields that Anthropic knows, its `output_config` options apart; the others are losses. */
export function writeCarried(
  carried: ReadonlyMap<string, unknown>,
  losses: LossTally,
): { fields: JsonObject; outputConfig: JsonObject } {
  const fields = new Map<string, unknown>();
  const outputConfig = new Map<string, unknown>();
  const userId = findUserId(carried);
  if (userId !== undefined) fields.set('metadata', { user_id: userId });
  for (const [name, value] of carried) {
    if (kept.get(name)?.(value) === true) fields.set(name, value);
    else if (name.startsWith(outputPrefix)) outputConfig.set(name.slice(outputPrefix.length), value);
    else if (!isUserId(name, value, userId)) noteLoss(name, value, losses);
  }
  return { fields: toObject(fields), outputConfig: toObject(outputConfig) };
}

function findUserId(carried: ReadonlyMap<string, unknown>): string | undefined {
  const told = [field(carried.get('metadata'), 'user_id'), ...userFields.map((name) => carried.get(name))];
  return told.map(textOf).find((id) => id !== undefined && id.length <= longestUserId);
}

/** Whether a field said no more than the user id that is written. */
function isUserId(name: string, value: unknown, userId: string | undefined): boolean {
  if (userId === undefined) return false;
  if (name === 'metadata') return isObject(value) && Object.keys(value).length === 1 && value['user_id'] === userId;
  return value === userId && userFields.some((known) => known === name);
}

function noteLoss(name: string, value: unknown, losses: LossTally): void {
  const row = rowsByName.get(name);
  if (isNothing(value) || row?.neutral?.includes(value) === true) return;
  if (name === 'modalities' && Array.isArray(value) && value.every((modality) => modality === 'text')) return;
  losses.add({ feature: row?.feature ?? shownWord(name), harmless: row?.harmless ?? false });
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return (Array.isArray(value) || isObject(value)) && Object.keys(value).length === 0;
}

function toObject(fields: ReadonlyMap<string, unknown>): JsonObject {
  return Object.fromEntries([...fields].map(([name, value]) => [name, asJson(value)]));
}
