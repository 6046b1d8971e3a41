import type { Target } from '../core/target.ts';
import { holds, sayCondition, type CallFacts, type Condition } from './condition.ts';

/** A target with the part of its policy that decides about its turn. */
export interface PlannedTarget extends Target {
  /** Share of a weighted choice; 1 where absent. */
  readonly weight?: number;
  /** All must hold. */
  readonly when?: readonly Condition[];
}

/** One target in the order of trying, with the reason for its place; `skip` says why it is not tried at all. */
export interface Choice {
  readonly target: Target;
  readonly reason: string;
  readonly skip?: string;
}

export interface Choosing {
  readonly strategy: 'ordered' | 'weighted';
  readonly candidates: readonly PlannedTarget[];
  readonly facts: CallFacts;
  /** What keeps a weighted choice stable: the session where the caller sent one, else the request's own id. */
  readonly seed: string;
  /** Whether `seed` is a session. */
  readonly isSession: boolean;
  /** Why the caller may not use a target's credential source, or `undefined`. */
  readonly refused?: (target: Target) => string | undefined;
  /** Seconds that a target is still skipped after failing, or `undefined`. */
  readonly coolingSeconds: (target: Target) => number | undefined;
}

/**
 * Puts the targets in the order of trying. Pure: the same request at the same moment gives the same order. A target that
 * is not open to the request is skipped; one that is cooling down comes after all others, and is tried only if they fail.
 */
export function chooseTargets(choosing: Choosing): Choice[] {
  const open = choosing.candidates.filter((candidate) => closedBy(candidate, choosing) === undefined);
  const ordered = choosing.strategy === 'weighted' ? byWeight(open, choosing) : open.map(inOrder);
  const rested = ordered.filter(({ target }) => choosing.coolingSeconds(target) === undefined);
  const cooling = ordered.flatMap(({ target }) => {
    const seconds = choosing.coolingSeconds(target);
    const reason = `last resort: it failed lately and is passed over for ${Math.ceil(seconds ?? 0)} s more`;
    return seconds === undefined ? [] : [{ target, reason }];
  });
  return [...rested, ...cooling, ...closed(choosing)];
}

function closed(choosing: Choosing): Choice[] {
  return choosing.candidates.flatMap((target) => {
    const skip = closedBy(target, choosing);
    return skip === undefined ? [] : [{ target, reason: 'not open to this request', skip }];
  });
}

/** Why a target is no choice for this request at all: the caller's grants, or its own conditions. */
function closedBy(target: PlannedTarget, { facts, refused }: Choosing): string | undefined {
  const reason = refused?.(target);
  if (reason !== undefined) return reason;
  const failed = failedCondition(target, facts);
  return failed === undefined ? undefined : `condition not met: ${sayCondition(failed)}`;
}

function failedCondition(candidate: PlannedTarget, facts: CallFacts): Condition | undefined {
  return candidate.when?.find((condition) => !holds(condition, facts));
}

function inOrder(target: PlannedTarget, index: number): Choice {
  return { target, reason: index === 0 ? 'first in order' : `fallback ${index}` };
}

/** One target by weight, then the rest in order. */
function byWeight(open: readonly PlannedTarget[], { seed, isSession }: Choosing): Choice[] {
  const total = open.reduce((sum, target) => sum + weightOf(target), 0);
  let left = fraction(seed) * total;
  const drawn = open.find((target) => (left -= weightOf(target)) < 0) ?? open[0];
  if (drawn === undefined) return [];
  const by = isSession ? 'stable for this session' : 'drawn for this request';
  const rest = open.filter((target) => target !== drawn);
  return [
    { target: drawn, reason: `weight ${weightOf(drawn)} of ${total}, ${by}` },
    ...rest.map((target, index) => ({ target, reason: `fallback ${index + 1}` })),
  ];
}

function weightOf({ weight = 1 }: PlannedTarget): number {
  return weight;
}

/** A text as a number from 0 up to 1, evenly spread: FNV-1a, then mixed so that near texts lie far apart. */
export function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}
