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
  /** Seconds that a target is still skipped after failing, or `undefined`. */
  readonly coolingSeconds: (target: Target) => number | undefined;
}

/**
 * Puts the targets in the order of trying. Pure: the same request at the same moment gives the same order. A target whose
 * conditions do not hold is skipped; one that is cooling down is skipped unless nothing else is left.
 */
export function chooseTargets(choosing: Choosing): Choice[] {
  const open = choosing.candidates.filter((candidate) => failedCondition(candidate, choosing.facts) === undefined);
  const ordered = choosing.strategy === 'weighted' ? byWeight(open, choosing) : open.map(inOrder);
  const cooled = ordered.map((choice) => ({ choice, seconds: choosing.coolingSeconds(choice.target) }));
  const allCooling = cooled.length > 0 && cooled.every(({ seconds }) => seconds !== undefined);
  const choices = cooled.map(({ choice, seconds }) => {
    if (seconds === undefined) return choice;
    if (allCooling) return { ...choice, reason: `${choice.reason}; cooling down, but so is every other` };
    return { ...choice, skip: `cooling down after failures, for ${Math.ceil(seconds)} s more` };
  });
  return [
    ...choices.filter((choice) => !('skip' in choice)),
    ...choices.filter((choice) => 'skip' in choice),
    ...closed(choosing),
  ];
}

function closed({ candidates, facts }: Choosing): Choice[] {
  return candidates.flatMap((candidate) => {
    const failed = failedCondition(candidate, facts);
    return failed === undefined
      ? []
      : [{ target: candidate, reason: 'has conditions', skip: `condition not met: ${sayCondition(failed)}` }];
  });
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
