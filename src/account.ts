import type { Call } from './core/call.ts';
import { isConversation, type Dialect } from './core/dialect.ts';
import { RouterError } from './core/failure.ts';
import { field } from './core/json.ts';
import { usualRules, type Ask, type Bill, type LimitState } from './core/limits.ts';
import type { Target } from './core/target.ts';
import type { Usage } from './core/usage.ts';
import { estimateInput } from './estimate.ts';
import { findModel } from './dialects/messages/index.ts';
import { costOf, priceOf, type UsdPrices } from './ledger/prices.ts';
import { PriceOverrides, pricesKey } from './policy/prices.ts';
import { isLimited } from './metering.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';

/** The most output assumed of a request that names none, in tokens, where the model's own maximum is not known. */
const usualOutput = 16_384;

/**
 * Reserves what a request may use at most, for a caller with limits. Throws `over-limit`, `unpriced` or `ledger-down`. A
 * caller without limits touches no Durable Object here.
 */
export async function reserve(
  call: Call,
  { plan, ports, prices }: { plan: Plan; ports: Ports; prices: UsdPrices },
): Promise<readonly LimitState[]> {
  if (!isLimited(call)) return [];
  const { caller } = call;
  refuseSurcharges(call);
  const routeLimits = caller.routeLimits?.get(plan.route);
  const usage = mostUsage(call, plan);
  const costs = plan.targets.map((target) => (unpriced.has(call.dialect) ? undefined : costAt(target, usage, prices)));
  const ask: Ask = {
    reservationId: call.requestId,
    route: plan.route,
    tokens: usage.input + usage.output,
    // The dearest target: which one answers is not known yet. One without a price leaves the whole without.
    nanoUsd: costs.includes(undefined) ? undefined : Math.max(...costs.filter((cost) => cost !== undefined)),
    limits: caller.limits ?? {},
    ...(routeLimits !== undefined && { routeLimits }),
    rules: caller.rules ?? usualRules,
    nowMs: ports.timer.now(),
  };
  const admission = await ports.ledger.admit(caller.name, ask);
  switch (admission.kind) {
    case 'admitted':
      return admission.states;
    case 'refused':
      throw new RouterError({ kind: 'over-limit', exceeded: admission.exceeded, states: admission.states });
    case 'unpriced':
      throw new RouterError({ kind: 'unpriced', model: call.model });
    case 'unreachable':
      throw new RouterError({ kind: 'ledger-down' });
  }
}

/** Tool types that cost nothing beside their tokens; all others are the vendor's own services, billed apart. */
const ownTools: ReadonlySet<unknown> = new Set([undefined, 'function', 'custom', 'namespace']);
const plainTiers: ReadonlySet<unknown> = new Set([undefined, null, 'auto', 'default', 'standard_only', 'flex']);

/**
 * Refuses, for a caller whose money is limited, what is billed beside the tokens or never tells its usage: a dearer service
 * tier, hosted tools, background answers. `unknownPrice: "allow"` lets them through, as it does models without a price.
 */
function refuseSurcharges(call: Call): void {
  const { limits = {}, rules = usualRules } = call.caller;
  const isMoneyLimited = limits.usdPerDay !== undefined || limits.usdPerMonth !== undefined;
  if (!isMoneyLimited || rules.unknownPrice === 'allow' || !isConversation(call.dialect)) return;
  const body = call.json();
  const tools = field(body, 'tools');
  const hosted = Array.isArray(tools) ? tools.find((tool: unknown) => !ownTools.has(field(tool, 'type'))) : undefined;
  if (!plainTiers.has(field(body, 'service_tier'))) refusePricing('service_tier');
  if (field(body, 'background') === true) refusePricing('background');
  if (hosted !== undefined) refusePricing('tools');
}

function refusePricing(param: string): never {
  const message =
    `Cannot price "${param}" as it is asked for here, and this key has a money limit. Leave it out, or let the operator set ` +
    'unknownPrice: "allow" on the caller.';
  throw new RouterError({ kind: 'bad-request', code: 'unpriced_feature', message, param });
}

/** Settles a reservation: what was used, or a refund where nothing was. Never throws; belongs after the answer. */
export async function settleReservation(
  call: Call,
  options: {
    plan: Plan;
    ports: Ports;
    usage: Usage | undefined;
    nanoUsd: number | undefined;
    used: boolean;
    isPartial: boolean;
  },
): Promise<void> {
  if (!isLimited(call)) return;
  const { plan, ports, usage, nanoUsd, used, isPartial } = options;
  const bill: Bill = {
    reservationId: call.requestId,
    route: plan.route,
    tokens: usage === undefined ? undefined : usage.input + usage.output,
    nanoUsd,
    ...(isPartial && { isPartial }),
    outcome: used ? 'used' : 'refund',
    nowMs: ports.timer.now(),
  };
  await ports.ledger.settle(call.caller.name, bill);
}

/** The operator's prices. Broken ones are logged by the store and count as none: a price is then the router's own, or unknown. */
export async function readPrices(ports: Ports): Promise<UsdPrices> {
  return (await ports.policy.find(pricesKey, PriceOverrides).catch(() => undefined)) ?? {};
}

/** What usage costs at a target, in nano-USD; `undefined`: the price is not known. */
export function costAt(target: Target, usage: Usage, prices: UsdPrices): number | undefined {
  // Which model a dynamic route chose is not known before the answer, and its price not after it.
  if (target.provider === 'dynamic') return undefined;
  const price = priceOf(target.provider, target.model, prices);
  return price === undefined ? undefined : costOf(usage, price);
}

/** What is left of the caller's limits, without reserving anything. `undefined`: the ledger cannot be asked. */
export async function limitsNow(
  call: Call,
  { plan, ports }: { plan: Plan; ports: Ports },
): Promise<readonly LimitState[] | undefined> {
  if (!isLimited(call)) return [];
  const { name, limits = {}, routeLimits } = call.caller;
  const onRoute = routeLimits?.get(plan.route);
  return ports.ledger.states(name, {
    limits,
    ...(onRoute !== undefined && { route: plan.route, routeLimits: onRoute }),
    nowMs: ports.timer.now(),
  });
}

/** What a target may write of its own accord. A translation to Messages asks for the model's maximum, by the same table. */
function mostOutput({ dialect, model }: Target): number {
  return dialect === 'messages' ? findModel(model).maxOutputTokens : usualOutput;
}

/** Priced by the picture, the minute or the character, and not by what the price table has. */
const unpriced: ReadonlySet<Dialect> = new Set(['moderations', 'images', 'speech', 'transcriptions']);

/** Calls that write no tokens of their own. */
const inputOnly: ReadonlySet<Dialect> = new Set([...unpriced, 'embeddings']);

/** The most that a request can use: its prompt by estimate, and all the output that it allows, times its choices. */
export function mostUsage(call: Call, plan: Plan): Usage {
  const input = estimateInput(call);
  if (inputOnly.has(call.dialect) || call.endpoint === 'count-tokens') return { ...none, input };
  const { caps = {}, defaults = {} } = plan.parameters;
  const asked = call.outputCap ?? defaults.maxOutputTokens ?? Math.max(...plan.targets.map(mostOutput));
  return { ...none, input, output: Math.min(asked, caps.maxOutputTokens ?? asked) * call.choices };
}

const none: Usage = { input: 0, cachedRead: 0, cachedWrite: 0, output: 0, reasoning: 0 };
