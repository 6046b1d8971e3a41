import { addressChecks } from './address.ts';
import type { Check } from './check.ts';
import { gatewayChecks, storedKeyChecks } from './gateway.ts';
import { configurationChecks, policyChecks } from './machine.ts';
import { outsideChecks } from './outside.ts';
import { tokenChecks } from './tokens.ts';

/** From nothing to "works". */
export const allChecks: readonly Check[] = [
  ...configurationChecks,
  ...gatewayChecks,
  ...policyChecks,
  ...tokenChecks,
  ...storedKeyChecks,
  ...addressChecks,
  ...outsideChecks.map((check) => ({ ...check, needs: ['address', ...check.needs] })),
];
