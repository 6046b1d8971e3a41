import { accountOptions, type Account } from '../account.ts';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { holdsMasked } from '../hide.ts';
import { Stop } from '../stop.ts';
import { plainText } from '../table.ts';
import { createGateway, lostSettings, requireGateway, writeGateway } from './api.ts';
import { changeOf, planJson, planShape, sayPlan, writtenSettings, type GatewayChange } from './changes.ts';
import { compareGateways, sayNothing, sayUndeclared } from './plan.ts';
import type { AccountGateway } from './schema.ts';

/** `gateways apply`. */
export const gatewaysApplyCommand: Command = {
  name: 'gateways apply',
  summary: 'Make the gateways of the account what wrangler.toml declares',
  details: [
    'Shows the plan, asks, makes what is missing (with authentication on, where nothing else is declared) and changes what',
    'differs. Everything else in a gateway is kept. A gateway that nobody declares is left alone.',
  ],
  operands: [],
  options: { ...accountOptions, yes: { says: 'without asking' } },
  json: [planShape, 'applied: [id], left: [{ id, change, settings }], lost: ["id: setting"]'],
  examples: ['gateways apply', 'gateways apply --env staging', 'gateways apply --remote --yes --json'],
  run: apply,
};

async function apply(asked: Asked, desk: Desk): Promise<Outcome> {
  const { account, declared, gatewayPlan, json } = await compareGateways(asked, desk, { what: 'apply' });
  const { changes } = gatewayPlan;
  const rest = sayUndeclared(gatewayPlan);
  if (changes.length === 0)
    return { exitCode: 0, json: { ...json, applied: [], left: [], lost: [] }, text: `${sayNothing(account)}${rest}` };
  desk.show(`${sayPlan(gatewayPlan, desk.paint)}\n`);
  await desk.confirm(`Apply this to the ${account.name}?`);
  const written: AccountGateway[] = [];
  const lost: string[] = [];
  for (const change of changes) {
    desk.progress(`${change.change === 'create' ? 'Making' : 'Changing'} ${change.id} ...`);
    const { before, after } = await applyOne(account, change, written);
    written.push(after);
    const names = change.settings.map(({ name }) => name);
    if (before !== undefined) lost.push(...lostSettings(before, after, names).map((name) => `${change.id}: ${name}`));
  }
  // What Cloudflare says that it has now, and not what was sent to it.
  const left = declared.gateways.flatMap((gateway) => {
    const now = written.find(({ id }) => id === gateway.id);
    return now === undefined ? [] : (changeOf(gateway, now) ?? []);
  });
  const applied = written.map(({ id }) => id);
  const shown = { ...json, applied, left: planJson({ changes: left, undeclared: [] }).changes, lost };
  const said = [
    `Applied to the ${account.name}: ${applied.join(', ')}.${rest}`,
    ...(left.length === 0 ? [] : [`Cloudflare did not take over:\n${sayPlan({ changes: left }, desk.paint)}`]),
    ...(lost.length === 0 ? [] : [`Cloudflare changed more than it was told to: ${plainText(lost.join(', '))}.`]),
  ];
  return { exitCode: left.length + lost.length === 0 ? 0 : 1, json: shown, text: said.join('\n\n') };
}

async function applyOne(
  account: Account,
  change: GatewayChange,
  written: readonly AccountGateway[],
): Promise<{ before?: AccountGateway; after: AccountGateway }> {
  const { id, seen } = change;
  if (seen === undefined) return { after: await createGateway(account, id, writtenSettings(change)) };
  const fresh = await requireGateway(account, id);
  const done =
    written.length === 0 ? 'Nothing was changed' : `Changed so far: ${written.map((one) => one.id).join(', ')}`;
  if (isMoved(seen, fresh))
    throw new Stop(1, `Cannot change ${id}: somebody changed it a moment ago. ${done}. Run the command again.`);
  // Credentials that are shown in part would be overwritten with their stars.
  if (holdsMasked(fresh['otel']) || holdsMasked(fresh['stripe']))
    throw new Stop(
      1,
      `Cannot change ${id}: Cloudflare shows a credential in its otel or stripe settings in part only, and a change would overwrite it. ${done}. Change this gateway in the dashboard.`,
    );
  return { before: fresh, after: await writeGateway(account, fresh, writtenSettings(change)) };
}

function isMoved(seen: AccountGateway, fresh: AccountGateway): boolean {
  if (seen.modified_at !== undefined) return seen.modified_at !== fresh.modified_at;
  return JSON.stringify(seen) !== JSON.stringify(fresh);
}
