import { accountOptions, openAccount } from '../account.ts';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { hideCredentials, saySettings } from '../hide.ts';
import { plainText, sayCount, sayTable } from '../table.ts';
import { deleteProvider, listProviders, requireProvider } from './api.ts';

/** `providers list`. */
export const providersListCommand: Command = {
  name: 'providers list',
  summary: 'List the custom providers of the account',
  details: ['A caller asks for one by the model name custom-<slug>/<model>.'],
  operands: [],
  options: accountOptions,
  json: ['account, providers: [{ id, slug, name, base_url, enable?, ... }]; headers are hidden'],
  examples: ['providers list', 'providers list --env staging --json'],
  run: list,
};

async function list(asked: Asked, desk: Desk): Promise<Outcome> {
  const account = await openAccount(asked, desk);
  const providers = await listProviders(account);
  const json = { account: account.id, providers: providers.map(hideCredentials) };
  if (providers.length === 0)
    return {
      exitCode: 0,
      json,
      text: `There is no custom provider in the ${account.name}. Next: router providers push`,
    };
  const rows = providers.map(({ slug, name, base_url, enable }) =>
    [`custom-${slug}`, name, base_url, enable === false ? 'off' : 'on'].map(plainText),
  );
  const table = sayTable([['provider', 'name', 'base url', 'enabled'], ...rows]);
  return {
    exitCode: 0,
    json,
    text: `${table}\n\n${sayCount(providers.length, 'custom provider')} in the ${account.name}.`,
  };
}

/** `providers show`. */
export const providersShowCommand: Command = {
  name: 'providers show',
  summary: 'Show all settings of a custom provider',
  details: ['Its headers may hold credentials, and are hidden.'],
  operands: ['<slug>'],
  options: accountOptions,
  json: ['account, provider: { id, slug, name, base_url, ... }'],
  examples: ['providers show local'],
  run: show,
};

async function show(asked: Asked, desk: Desk): Promise<Outcome> {
  const account = await openAccount(asked, desk);
  const provider = await requireProvider(account, asked.operands[0] ?? '');
  const json = { account: account.id, provider: hideCredentials(provider) };
  return { exitCode: 0, json, text: saySettings(provider) };
}

/** `providers delete`. */
export const providersDeleteCommand: Command = {
  name: 'providers delete',
  summary: 'Delete a custom provider, with its prices',
  details: [],
  operands: ['<slug>'],
  options: { ...accountOptions, yes: { says: 'without asking' } },
  json: ['account, deleted: slug'],
  examples: ['providers delete local', 'providers delete local --env staging --yes'],
  run: remove,
};

async function remove(asked: Asked, desk: Desk): Promise<Outcome> {
  const account = await openAccount(asked, desk);
  const provider = await requireProvider(account, asked.operands[0] ?? '');
  const { slug } = provider;
  await desk.confirm(`Delete the custom provider ${slug} of the ${account.name}, with its prices?`);
  await deleteProvider(account, provider);
  const text = `Deleted the custom provider ${slug} of the ${account.name}.`;
  return { exitCode: 0, json: { account: account.id, deleted: slug }, text };
}
