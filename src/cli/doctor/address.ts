import { openLogin, readSubdomain } from '../login.ts';
import { Stop } from '../stop.ts';
import { attempt, fine, skipped, type Check, type Checked } from './check.ts';
import type { Facts } from './facts.ts';

/** Where the deployed router answers; the checks from outside go there. */
export const addressChecks: readonly Check[] = [
  {
    name: 'address',
    needs: ['account', 'secrets'],
    tries: "the account's workers.dev subdomain",
    next: 'router doctor --url <address>',
    run: checkAddress,
  },
];

async function checkAddress(facts: Facts): Promise<Checked> {
  const { environment, values, key } = facts;
  const known = { key: key === '' ? (values.get('ROUTER_KEY') ?? '') : key };
  if (facts.url !== '') return fine(facts.url, known);
  const account = await openLogin(facts);
  const subdomain = await attempt(async () => readSubdomain(account));
  if (subdomain instanceof Stop)
    return skipped(
      'the account has no workers.dev subdomain, or the login may not read it',
      'router doctor --url <address>',
    );
  const url = `https://${environment.worker}.${subdomain}.workers.dev`;
  return fine(url, { url, ...known });
}
