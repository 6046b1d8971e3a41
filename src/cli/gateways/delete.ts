import { accountOptions, openAccount } from '../account.ts';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { deleteGateway, readGatewayId, requireGateway } from './api.ts';

/** `gateways delete`. */
export const gatewaysDeleteCommand: Command = {
  name: 'gateways delete',
  summary: 'Delete a gateway, with its logs and its dynamic routes',
  details: [
    'Whatever asks it is refused from then on. If it is declared in wrangler.toml, the next apply makes it anew.',
  ],
  operands: ['<id>'],
  options: { ...accountOptions, yes: { says: 'without asking' } },
  json: ['account, deleted: id'],
  examples: ['gateways delete old', 'gateways delete old --env staging --yes'],
  run: remove,
};

async function remove(asked: Asked, desk: Desk): Promise<Outcome> {
  const id = readGatewayId(asked.operands[0] ?? '');
  const account = await openAccount(asked, desk);
  await requireGateway(account, id);
  await desk.confirm(`Delete the gateway ${id} of the ${account.name}, with its logs?`);
  await deleteGateway(account, id);
  return {
    exitCode: 0,
    json: { account: account.id, deleted: id },
    text: `Deleted the gateway ${id} of the ${account.name}.`,
  };
}
