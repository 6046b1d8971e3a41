import { initClientCommand } from './clients/init.ts';
import type { Command } from './command.ts';
import { gatewaysApplyCommand } from './gateways/apply.ts';
import { gatewaysDeleteCommand } from './gateways/delete.ts';
import { gatewaysPlanCommand } from './gateways/plan.ts';
import { gatewaysListCommand, gatewaysShowCommand } from './gateways/show.ts';
import {
  callersCreateCommand,
  callersDeleteCommand,
  callersListCommand,
  callersShowCommand,
  callersUpdateCommand,
} from './keys-callers.ts';
import { doctorCommand } from './doctor/command.ts';
import {
  keysCreateCommand,
  keysDeleteCommand,
  keysDisableCommand,
  keysEnableCommand,
  keysExpireCommand,
  keysListCommand,
  keysRotateCommand,
} from './keys.ts';
import { checkCommand } from './policy/check.ts';
import { diffCommand } from './policy/diff.ts';
import { historyCommand } from './policy/history.ts';
import { listCommand } from './policy/list.ts';
import { pullCommand } from './policy/pull.ts';
import { pushCommand } from './policy/push.ts';
import { rollbackCommand } from './policy/rollback.ts';
import { schemaCommand } from './policy/schema.ts';
import { secretsCheckCommand } from './secrets/check.ts';
import { secretsPushCommand } from './secrets/push.ts';
import { setupCommand } from './setup/command.ts';
import { providersPushCommand } from './providers/push.ts';
import { providersDeleteCommand, providersListCommand, providersShowCommand } from './providers/show.ts';
import { routesPushCommand } from './routes/push.ts';
import { routesListCommand, routesShowCommand } from './routes/show.ts';
import { usageCommand } from './usage.ts';

/** Every command, in the order of the help: a new one is a new row. */
export const commands: readonly Command[] = [
  setupCommand,
  doctorCommand,
  checkCommand,
  diffCommand,
  pushCommand,
  pullCommand,
  listCommand,
  historyCommand,
  rollbackCommand,
  schemaCommand,
  keysListCommand,
  keysCreateCommand,
  keysRotateCommand,
  keysDisableCommand,
  keysEnableCommand,
  keysExpireCommand,
  keysDeleteCommand,
  callersListCommand,
  callersShowCommand,
  callersCreateCommand,
  callersUpdateCommand,
  callersDeleteCommand,
  usageCommand,
  secretsCheckCommand,
  secretsPushCommand,
  gatewaysPlanCommand,
  gatewaysApplyCommand,
  gatewaysListCommand,
  gatewaysShowCommand,
  gatewaysDeleteCommand,
  routesListCommand,
  routesShowCommand,
  routesPushCommand,
  providersListCommand,
  providersShowCommand,
  providersPushCommand,
  providersDeleteCommand,
  initClientCommand,
];
