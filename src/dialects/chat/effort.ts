import type { Reasoning } from '../../core/conversation.ts';
import type { LossList } from './losses.ts';

/**
 * A thinking budget as an effort: the largest row whose `from` the budget reaches. Anthropic's smallest budget is 1,024;
 * agents use about 4,000 for some thought, 10,000 for much and 32,000 for the most they ask for. `high` is the last row because
 * few targets know a stronger word.
 */
const efforts = [
  { from: 8192, effort: 'high' },
  { from: 2049, effort: 'medium' },
  { from: 0, effort: 'low' },
] as const;

/** The word for `reasoning_effort`, or `undefined` where nothing is asked. What it cannot say is named as lost. */
export function writeEffort(reasoning: Reasoning | undefined, losses: LossList): string | undefined {
  if (reasoning === undefined) return undefined;
  if (reasoning.summary !== undefined) losses.name('thinkingSummary');
  if (reasoning.effort !== undefined) return reasoning.effort;
  if (reasoning.mode === 'off') losses.name('thinkingOff');
  if (reasoning.mode === 'off') return undefined;
  const { budgetTokens } = reasoning;
  if (budgetTokens !== undefined) return efforts.find((row) => budgetTokens >= row.from)?.effort;
  if (reasoning.mode === 'adaptive') losses.name('thinkingMode');
  return reasoning.mode === 'on' ? 'medium' : undefined;
}
