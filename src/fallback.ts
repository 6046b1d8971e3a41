import { tryTarget } from './attempt.ts';
import type { Call } from './core/call.ts';
import { causes } from './core/cause.ts';
import { RouterError, type AttemptNote, type Failure } from './core/failure.ts';
import type { Target } from './core/target.ts';
import { factsOf } from './facts.ts';
import { chooseTargets, type Choice } from './policy/choose.ts';
import { refusedSource } from './policy/grants.ts';
import { coolingSeconds, noteHealth } from './policy/health.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import type { Tried } from './tried.ts';

/** Most targets tried for one request (threats.md T104). */
const mostAttempts = 6;

interface Search {
  readonly plan: Plan;
  readonly ports: Ports;
  /** Filled with one note a target, for the error and the settlement. */
  readonly attempts: AttemptNote[];
  /** Called once an upstream's headers are in. */
  readonly onHeaders: () => void;
}

/** The targets of a request in the order of trying, each with its reason: what trying follows and explaining shows. */
export function orderTargets(call: Call, { plan, ports }: Pick<Search, 'plan' | 'ports'>): Choice[] {
  const nowMs = ports.timer.now();
  return chooseTargets({
    strategy: plan.strategy,
    candidates: plan.targets,
    facts: factsOf(call, nowMs),
    seed: `${plan.route} ${call.caller.name} ${call.session ?? call.requestId}`,
    isSession: call.session !== undefined,
    refused: (target) => refusedSource(call.caller, target),
    coolingSeconds: (target) => coolingSeconds(ports.health, target, nowMs),
  });
}

/** Tries the targets in order until one answers. What is thrown is the caller's own fault and ends the search. */
export async function tryTargets(call: Call, search: Search): Promise<Tried> {
  const { plan, ports, attempts, onHeaders } = search;
  const choices = orderTargets(call, search);
  const open = choices.filter(({ skip }) => skip === undefined).slice(0, mostAttempts);
  for (const { target, skip } of choices) {
    if (skip !== undefined) attempts.push({ target: target.name, outcome: 'skipped', reason: skip });
  }
  if (open.length === 0) throw noTarget(plan, choices);
  const failures: Failure[] = [];
  for (const { target } of open) {
    const tried = await tryTarget(call, { plan, target, ports, onHeaders });
    if (tried.kind === 'left') return tried;
    attempts.push(noteOf(tried, target.name));
    remember(tried, target, search);
    if (tried.kind !== 'failed') return tried;
    failures.push(tried.failure);
    // What has streamed out of the router cannot be sent again.
    if (!tried.elsewhere || call.upload?.isSpent === true) break;
  }
  return { kind: 'failed', failure: mostUseful(failures, attempts), elsewhere: false };
}

/** What the next requests should know of this try. A stream that breaks later is remembered when it does. */
function remember(tried: Tried, target: Target, search: Search): void {
  if (tried.kind === 'left' || (tried.kind === 'failed' && (!tried.elsewhere || tried.failure.kind !== 'upstream')))
    return;
  rememberTarget(target, search, tried.kind === 'failed' ? tried.failure : undefined);
}

/** Notes how a target fared: it answered, or failed in a way that is not the caller's fault. */
export function rememberTarget(
  target: Target,
  { plan, ports }: Pick<Search, 'plan' | 'ports'>,
  failure?: Failure,
): void {
  // A caller's own key that is refused or rate limited says nothing of the target, and others' calls must not yield to it.
  if (target.credentials === 'caller') return;
  noteHealth(ports.health, {
    target,
    answered: failure === undefined,
    retryAfterSeconds: failure?.kind === 'upstream' ? failure.retryAfterSeconds : undefined,
    rule: plan.coolDown,
    nowMs: ports.timer.now(),
  });
}

function noTarget(plan: Plan, choices: readonly Choice[]): RouterError {
  const reasons = choices.map(({ target, skip }) => `${target.name}: ${skip ?? 'open'}`).join('; ');
  return new RouterError({
    kind: 'bad-request',
    code: 'no_target',
    message: `Cannot serve this request by the route "${plan.route}": no target of it is open to it (${reasons}).`,
  });
}

/** The failure worth telling: the caller's own fault first, then one that passes by itself, then the first one met. */
function mostUseful(failures: readonly Failure[], attempts: readonly AttemptNote[]): Failure {
  const ranked = failures.toSorted((a, b) => rankOf(a) - rankOf(b));
  const best = ranked[0] ?? { kind: 'internal' };
  return best.kind === 'upstream' ? { ...best, attempts } : best;
}

function rankOf(failure: Failure): number {
  if (failure.kind !== 'upstream') return failure.kind === 'not-configured' ? 3 : 1;
  if (!causes[failure.cause].elsewhere) return 0;
  return causes[failure.cause].retry ? 1 : 2;
}

function noteOf(tried: Tried, target: string): AttemptNote {
  if (tried.kind !== 'failed') return { target, outcome: 'answered', status: 200 };
  const { failure } = tried;
  const logId = tried.logId === undefined ? {} : { logId: tried.logId };
  if (failure.kind !== 'upstream') return { target, outcome: 'skipped', ...logId };
  return { target, outcome: failure.cause, ...(failure.status !== undefined && { status: failure.status }), ...logId };
}
