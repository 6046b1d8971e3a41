import { accountOptions, openAccount } from '../account.ts';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { hideCredentials, saySettings } from '../hide.ts';
import { plainText, sayCount, sayTable } from '../table.ts';
import { readGatewayId, readGateways, readStoredKeys, requireGateway } from './api.ts';
import type { AccountGateway } from './schema.ts';

/** `gateways list`. */
export const gatewaysListCommand: Command = {
  name: 'gateways list',
  summary: 'List the gateways of the account',
  details: [],
  operands: [],
  options: accountOptions,
  json: ['account, gateways: [{ id, and every setting by the name that the API has for it }]; credentials are hidden'],
  examples: ['gateways list', 'gateways list --env staging --json'],
  run: list,
};

async function list(asked: Asked, desk: Desk): Promise<Outcome> {
  const account = await openAccount(asked, desk);
  const gateways = await readGateways(account);
  const json = { account: account.id, gateways: gateways.map(hideCredentials) };
  const next = 'Next: router gateways apply';
  if (gateways.length === 0) return { exitCode: 0, json, text: `There is no gateway in the ${account.name}. ${next}` };
  const head = ['id', 'authentication', 'byok only', 'logs', 'cache', 'rate limit', 'changed'];
  const table = sayTable([head, ...gateways.map(rowOf)]);
  return { exitCode: 0, json, text: `${table}\n\n${sayCount(gateways.length, 'gateway')} in the ${account.name}.` };
}

function rowOf(gateway: AccountGateway): string[] {
  const { id, modified_at = '' } = gateway;
  const limit = Number(gateway['rate_limiting_limit'] ?? 0);
  const ttl = Number(gateway['cache_ttl'] ?? 0);
  return [
    plainText(id),
    sayFlag(gateway['authentication']),
    sayFlag(gateway['byok_only']),
    sayFlag(gateway['collect_logs']),
    ttl === 0 ? 'off' : `${ttl} s`,
    limit === 0 ? 'off' : `${limit} in ${Number(gateway['rate_limiting_interval'] ?? 0)} s`,
    plainText(modified_at.slice(0, 16).replace('T', ' ')),
  ];
}

function sayFlag(value: unknown): string {
  return value === true ? 'on' : 'off';
}

/** `gateways show`. */
export const gatewaysShowCommand: Command = {
  name: 'gateways show',
  summary: 'Show all settings of a gateway, and which provider keys are stored for it',
  details: ['Credentials among the settings are hidden; of stored keys provider and alias are told, never the key.'],
  operands: ['<id>'],
  options: accountOptions,
  json: ['account, gateway: { id, and every setting }, stored: [{ provider, alias }]'],
  examples: ['gateways show ai-edge-router', 'gateways show ai-edge-router --remote --json'],
  run: show,
};

async function show(asked: Asked, desk: Desk): Promise<Outcome> {
  const id = readGatewayId(asked.operands[0] ?? '');
  const account = await openAccount(asked, desk);
  const gateway = await requireGateway(account, id);
  const keys = await readStoredKeys(account, id);
  const stored = keys.map(({ provider_slug, alias }) => ({ provider: provider_slug, alias }));
  const said = stored.map(({ provider, alias }) => `${provider} (${alias})`).join(', ');
  const text = `${saySettings(gateway)}\n\nStored keys: ${plainText(said === '' ? 'none' : said)}.`;
  return { exitCode: 0, json: { account: account.id, gateway: hideCredentials(gateway), stored }, text };
}
