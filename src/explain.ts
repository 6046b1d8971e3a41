import { missingCredential } from './attempt.ts';
import type { Call } from './core/call.ts';
import { describe } from './core/describe.ts';
import { dialectNames } from './core/dialect.ts';
import { RouterError, type Failure } from './core/failure.ts';
import type { JsonObject } from './core/json.ts';
import type { LimitState } from './core/limits.ts';
import { parseJson } from './core/json.ts';
import type { HeaderValue, UpstreamRequest } from './core/upstream.ts';
import { costAt, limitsNow, mostUsage, readPrices } from './account.ts';
import { orderTargets } from './fallback.ts';
import type { Choice } from './policy/choose.ts';
import { planFor } from './policy/grants.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import { clocksOf } from './tried.ts';
import { writeCall } from './request.ts';
import type { Clocks } from './wire/stream.ts';

/** What would happen to a request, told without calling any model. Holds names of secrets, never their values. */
export interface Explanation {
  readonly model: string;
  readonly endpoint: string;
  readonly caller: string;
  readonly route: string;
  /** How the route was found, in words. */
  readonly found: string;
  readonly strategy: string;
  /** Whether the caller sent a session id, which keeps a weighted choice stable. */
  readonly session: boolean;
  readonly estimatedInputTokens: number;
  /** What is left of the caller's limits; empty where it has none, absent where the ledger cannot be asked. */
  readonly limits?: readonly LimitState[];
  readonly targets: readonly ExplainedTarget[];
}

export interface ExplainedTarget {
  readonly target: string;
  /** `1` is tried first; `null`: it is skipped. */
  readonly turn: number | null;
  readonly reason: string;
  readonly carrier: string;
  readonly credentials: string;
  readonly crossing: string;
  readonly clocks: Clocks;
  /** The most that the request can cost there, in US dollars; `null`: the price is not known. */
  readonly mostUsd: string | null;
  readonly losses: readonly string[];
  readonly ignoredOptions: readonly string[];
  /** Why it would fail before anything is sent. */
  readonly problem?: string;
  /** The exact upstream request; absent where there is a problem. */
  readonly request?: JsonObject;
}

/** Explains a request: plans it, orders its targets and writes each one's upstream request, without sending any. */
export async function explainCall(call: Call, ports: Ports): Promise<Explanation> {
  const plan = await planFor(call, ports.policy);
  const choices = orderTargets(call, { plan, ports });
  const most = mostUsage(call, plan);
  const prices = await readPrices(ports);
  const limits = await limitsNow(call, { plan, ports });
  const targets: ExplainedTarget[] = [];
  let turn = 0;
  for (const choice of choices) {
    if (choice.skip === undefined) turn += 1;
    targets.push(
      await explainTarget(call, {
        choice,
        plan,
        ports,
        turn: choice.skip === undefined ? turn : null,
        nanoUsd: costAt(choice.target, most, prices),
      }),
    );
  }
  return {
    model: call.model,
    endpoint: call.endpoint,
    caller: call.caller.name,
    route: plan.route,
    found: sayFound(call, plan),
    strategy: plan.strategy,
    session: call.session !== undefined,
    estimatedInputTokens: most.input,
    ...(limits !== undefined && { limits }),
    targets,
  };
}

interface Explaining {
  readonly choice: Choice;
  readonly plan: Plan;
  readonly ports: Ports;
  readonly turn: number | null;
  readonly nanoUsd: number | undefined;
}

async function explainTarget(call: Call, { choice, plan, ports, turn, nanoUsd }: Explaining): Promise<ExplainedTarget> {
  const { target } = choice;
  const base = {
    target: target.name,
    turn,
    reason: choice.skip === undefined ? choice.reason : `skipped: ${choice.skip}`,
    carrier: target.carrier,
    credentials:
      (target.secret ?? target.byokAlias)
        ? `${target.credentials} (${target.secret ?? target.byokAlias})`
        : target.credentials,
    crossing:
      target.dialect === call.dialect
        ? `relay of ${dialectNames[call.dialect]}`
        : `translation from ${dialectNames[call.dialect]} to ${dialectNames[target.dialect]}`,
    clocks: clocksOf(call, target),
    mostUsd: nanoUsd === undefined ? null : (nanoUsd / 1e9).toFixed(9),
  };
  const missing = missingCredential(call, target, ports);
  try {
    const written = await writeCall(call, { plan, target, ports });
    return {
      ...base,
      losses: written.losses.map(({ feature, harmless }) => (harmless ? `${feature} (harmless)` : feature)),
      ignoredOptions: written.ignored,
      ...(missing !== undefined && { problem: describe(missing).message }),
      request: showRequest(written.request),
    };
  } catch (error) {
    return { ...base, losses: lossesIn(error), ignoredOptions: [], problem: sayProblem(error) };
  }
}

function sayFound(call: Call, plan: Plan): string {
  switch (plan.found) {
    case 'route':
      return `the route "${plan.route}" in KV has this name`;
    case 'pattern':
      return `a pattern in KV turns "${call.model}" into "${plan.route}"`;
    case 'direct':
      return `"${plan.route}" is a direct model name, served as the KV value "defaults" says`;
  }
}

function sayProblem(error: unknown): string {
  return describe(failureIn(error)).message;
}

function lossesIn(error: unknown): readonly string[] {
  const failure = failureIn(error);
  return failure.kind === 'lost' ? failure.features : [];
}

function failureIn(error: unknown): Failure {
  if (error instanceof RouterError) return error.failure;
  throw error;
}

/** Bodies are shown up to this size, in bytes: six targets of a large one would make a very large answer. */
const shownBytes = 65_536;

/** A request as a person reads it: secrets as `$NAME`, the body as JSON where it is JSON. */
function showRequest(request: UpstreamRequest): JsonObject {
  if (request.carrier === 'binding') {
    return {
      binding: 'AI',
      model: request.model,
      input: JSON.stringify(request.input).length > shownBytes ? { omitted: 'a large body' } : request.input,
      options: { gateway: { ...request.gateway } as JsonObject, extraHeaders: request.extraHeaders },
    };
  }
  const text =
    request.body.length > shownBytes ? `${request.body.length} bytes` : new TextDecoder().decode(request.body);
  return {
    method: 'POST',
    url: request.url,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, showHeader(value)])),
    // What the router wrote or relayed is JSON; should it not be, its text is shown.
    body: (parseJson(text) as JsonObject | undefined) ?? text,
  };
}

function showHeader(value: HeaderValue): string {
  if (typeof value === 'string') return value;
  return `${value.prefix}$${'secret' in value ? value.secret : 'YOUR_PROVIDER_KEY'}`;
}
