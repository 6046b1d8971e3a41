import { field, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { account, nextMoment, providerConfigs, stamps, usualSettings } from '../account.ts';
import type { AccountGateway } from '../account.ts';
import { apiError } from '../errors.ts';
import { invalid, isBetween, isFlag, isOneOf, isText, notFound, orNull, page, result, wrongField } from './row.ts';
import type { FieldCheck, ManagementAnswer, ManagementCall, ManagementRow } from './row.ts';

const gateways = '/accounts/:account/ai-gateway/gateways';
const read = ['AI Gateway Read', 'AI Gateway Edit'];
const edit = ['AI Gateway Edit'];

/** Gateways and their stored keys (contract sheet 5.1 and 5.2). */
export const gatewayRows: readonly ManagementRow[] = [
  { method: 'GET', path: gateways, needs: read, answer: listGateways },
  { method: 'POST', path: gateways, needs: edit, answer: createGateway },
  { method: 'GET', path: `${gateways}/:gateway`, needs: read, answer: showGateway },
  { method: 'PUT', path: `${gateways}/:gateway`, needs: edit, answer: replaceGateway },
  { method: 'DELETE', path: `${gateways}/:gateway`, needs: edit, answer: deleteGateway },
  { method: 'GET', path: `${gateways}/:gateway/provider_configs`, needs: read, answer: listStored },
];

/** How many gateways an account may have (contract sheet 6.1, paid plan). */
const mostGateways = 20;

/** A gateway's id. The set of letters is not documented (uncertain); this one is what users check it by. */
const isId: FieldCheck = (value) => typeof value === 'string' && /^[a-z0-9][a-z0-9_-]{0,63}$/.test(value);

const isCount = isBetween(0, Number.MAX_SAFE_INTEGER);
const isSome: FieldCheck = (value) => typeof value === 'number' && value > 0;

const settingChecks: ReadonlyMap<string, FieldCheck> = new Map<string, FieldCheck>([
  ['authentication', isFlag],
  ['byok_only', isFlag],
  ['cache_invalidate_on_update', isFlag],
  ['cache_ttl', orNull(isCount)],
  ['collect_logs', isFlag],
  ['dlp', isObject],
  ['guardrails', orNull(isObject)],
  ['log_classification', isFlag],
  ['log_management', orNull(isBetween(10_000, 10_000_000))],
  ['log_management_strategy', isOneOf('STOP_INSERTING', 'DELETE_OLDEST', null)],
  ['logpush', isFlag],
  ['logpush_public_key', orNull(isText)],
  ['otel', orNull(Array.isArray)],
  ['rate_limiting_interval', orNull(isCount)],
  ['rate_limiting_limit', orNull(isCount)],
  ['rate_limiting_technique', isOneOf('fixed', 'sliding', null)],
  ['retry_backoff', isOneOf('constant', 'linear', 'exponential', null)],
  ['retry_delay', orNull(isBetween(0, 60_000))],
  ['retry_max_attempts', orNull(isBetween(1, 5))],
  ['spend_limits', orNull(isSpendLimits)],
  ['store_id', orNull(isText)],
  ['stripe', orNull(isObject)],
  ['workers_ai_billing_mode', isOneOf('postpaid', 'unified')],
  ['zdr', isFlag],
]);

const requiredSettings = [
  'cache_invalidate_on_update',
  'cache_ttl',
  'collect_logs',
  'rate_limiting_interval',
  'rate_limiting_limit',
];

function listGateways({ query }: ManagementCall): ManagementAnswer {
  const sought = query.get('search') ?? '';
  const found = [...account.gateways].filter(([id]) => id.includes(sought));
  return page(
    found.map(([, { settings }]) => settings),
    query,
  );
}

function createGateway({ body }: ManagementCall): ManagementAnswer {
  if (!isObject(body)) return invalid('body');
  const { id } = body;
  const wrong = wrongField(body, new Map([...settingChecks, ['id', isId]]), ['id', ...requiredSettings]);
  if (wrong !== undefined || typeof id !== 'string') return invalid(wrong ?? 'id');
  // Neither the status nor the code of these two is documented (uncertain).
  if (account.gateways.has(id)) return apiError(409, 7005, `A gateway with the id ${id} exists already`);
  if (account.gateways.size >= mostGateways) return apiError(403, 7006, 'The account has as many gateways as it may');
  const settings = { ...usualSettings, ...body, ...stamps() };
  account.gateways.set(id, { settings, stored: new Map(), routes: new Map() });
  return result(settings);
}

function showGateway(call: ManagementCall): ManagementAnswer {
  const gateway = gatewayOf(call);
  return gateway === undefined ? notFound() : result(gateway.settings);
}

/** Replaces all of it: what the body does not say is at its usual value afterwards. */
function replaceGateway(call: ManagementCall): ManagementAnswer {
  const gateway = gatewayOf(call);
  if (gateway === undefined) return notFound();
  if (!isObject(call.body)) return invalid('body');
  const wrong = wrongField(call.body, settingChecks, requiredSettings);
  if (wrong !== undefined) return invalid(wrong);
  const id = idOf(call);
  const { created_at = '', is_default } = gateway.settings;
  const settings: JsonObject = {
    ...usualSettings,
    ...call.body,
    id,
    created_at,
    modified_at: nextMoment(),
    ...(is_default !== undefined && { is_default }),
  };
  account.gateways.set(id, { ...gateway, settings });
  return result(settings);
}

function deleteGateway(call: ManagementCall): ManagementAnswer {
  const gateway = gatewayOf(call);
  if (gateway === undefined) return notFound();
  account.gateways.delete(idOf(call));
  return result(gateway.settings);
}

function listStored(call: ManagementCall): ManagementAnswer {
  const id = idOf(call);
  return account.gateways.has(id) ? page(providerConfigs(id), call.query) : notFound();
}

/** The gateway that a path names. */
export function gatewayOf(call: ManagementCall): AccountGateway | undefined {
  return account.gateways.get(idOf(call));
}

/** The id of the gateway that a path names. */
export function idOf({ named }: ManagementCall): string {
  return named['gateway'] ?? '';
}

const ruleChecks: ReadonlyMap<string, FieldCheck> = new Map<string, FieldCheck>([
  ['id', isText],
  ['enabled', isFlag],
  ['limit', isSome],
  ['limitType', isOneOf('cost')],
  ['window', isSome],
  ['technique', isOneOf('fixed', 'sliding')],
  ['metadata', isObject],
  ['model', isFilter],
  ['provider', isFilter],
]);

function isSpendLimits(value: unknown): boolean {
  if (!isObject(value) || !Object.keys(value).every((name) => ['enabled', 'rules'].includes(name))) return false;
  const rules = value['rules'] ?? [];
  if (!Array.isArray(rules) || rules.length > 20) return false;
  return rules.every(
    (rule: unknown) => isObject(rule) && wrongField(rule, ruleChecks, ['limit', 'limitType', 'window']) === undefined,
  );
}

function isFilter(value: unknown): boolean {
  return field(value, 'mode') === 'filter' && Array.isArray(field(value, 'values'));
}
