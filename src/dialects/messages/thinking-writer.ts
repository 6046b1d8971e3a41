import type { Conversation, Reasoning } from '../../core/conversation.ts';
import type { JsonObject } from '../../core/json.ts';
import { lossRows } from './losses.ts';
import type { LossTally } from './losses.ts';
import { effortsInOrder } from './models.ts';
import type { ClaudeModel, Effort } from './models.ts';

/** How much the model is to think, and the room that it gets. */
export interface ThinkingPlan {
  readonly thinking?: JsonObject;
  /** For `output_config.effort`. */
  readonly effort?: Effort;
  readonly maxTokens: number;
  /** The model will think, or may: sampling is restricted then. */
  readonly thinks: boolean;
}

/** Anthropic's least `budget_tokens`. */
const leastBudget = 1024;

/** Thinking budgets for efforts, in tokens, where a model takes no effort: Anthropic names no figures, these are ours. */
const budgets: Readonly<Record<Effort, number>> = { low: 4096, medium: 8192, high: 16_384, xhigh: 32_768, max: 49_152 };

/** Plans thinking. A forced tool call forbids it. */
export function planThinking(
  conversation: Conversation,
  model: ClaudeModel,
  { forced, losses }: { readonly forced: boolean; readonly losses: LossTally },
): ThinkingPlan {
  const reasoning = conversation.reasoning ?? {};
  const maxTokens = capTokens(conversation.maxOutputTokens, model, losses);
  const wish = readWish(reasoning, model);
  if (wish === 'off') return planOff(reasoning, model, { maxTokens, losses });
  if (forced) {
    if (wish === 'on') losses.add(lossRows.forcedThinking);
    return planOff({}, model, { maxTokens, losses });
  }
  if (wish === 'default') return { maxTokens, thinks: model.thinksByDefault };
  if (model.adaptive && !wantsBudget(reasoning, model)) return planAdaptive(reasoning, model, { maxTokens, losses });
  if (model.budget) return planBudget(reasoning, model, { maxTokens, losses });
  losses.add(lossRows.thinking);
  return { maxTokens, thinks: false };
}

interface Room {
  readonly maxTokens: number;
  readonly losses: LossTally;
}

function capTokens(wanted: number | undefined, model: ClaudeModel, losses: LossTally): number {
  if (wanted === undefined) return model.maxOutputTokens;
  if (wanted > model.maxOutputTokens) losses.add(lossRows.maxTokens);
  return Math.min(wanted, model.maxOutputTokens);
}

function readWish({ mode, effort, budgetTokens, summary }: Reasoning, model: ClaudeModel): 'on' | 'off' | 'default' {
  if (mode === 'off' || effort === 'none') return 'off';
  if (mode !== undefined || effort !== undefined || budgetTokens !== undefined) return 'on';
  return summary !== undefined && model.thinksByDefault ? 'on' : 'default';
}

function planOff(reasoning: Reasoning, model: ClaudeModel, { maxTokens, losses }: Room): ThinkingPlan {
  const effort = findEffort(reasoning.effort === 'none' ? {} : reasoning, model, losses);
  if (!model.thinksByDefault) return { maxTokens, thinks: false, ...(effort !== undefined && { effort }) };
  if (model.off === undefined) {
    losses.add(lossRows.alwaysThinking);
    return { maxTokens, thinks: true, effort: effort ?? 'low' };
  }
  // Thinking can be forbidden up to the effort `high` alone.
  const capped = effort === 'xhigh' || effort === 'max' ? 'high' : effort;
  if (capped !== effort) losses.add(lossRows.effort);
  return { thinking: { type: model.off }, maxTokens, thinks: false, ...(capped !== undefined && { effort: capped }) };
}

function wantsBudget({ mode, effort, budgetTokens }: Reasoning, model: ClaudeModel): boolean {
  return model.budget && mode === 'on' && budgetTokens !== undefined && effort === undefined;
}

function planAdaptive(reasoning: Reasoning, model: ClaudeModel, { maxTokens, losses }: Room): ThinkingPlan {
  const effort = findEffort(reasoning, model, losses) ?? effortOfBudget(reasoning.budgetTokens, model, losses);
  return {
    thinking: { type: 'adaptive', ...writeDisplay(reasoning.summary) },
    maxTokens,
    thinks: true,
    ...(effort !== undefined && { effort }),
  };
}

/** Any summary that a caller asks for is Anthropic's `summarized`; the newest models show nothing unless asked. */
function writeDisplay(summary: string | undefined): JsonObject {
  if (summary === undefined) return {};
  return { display: summary === 'omitted' ? 'omitted' : 'summarized' };
}

function planBudget(reasoning: Reasoning, model: ClaudeModel, { maxTokens, losses }: Room): ThinkingPlan {
  if (reasoning.summary === 'omitted') losses.add(lossRows.display);
  const word = nearestEffort(reasoning.effort, effortsInOrder) ?? 'medium';
  const wanted = Math.max(leastBudget, reasoning.budgetTokens ?? budgets[word]);
  const effort = model.efforts.length === 0 ? undefined : findEffort(reasoning, model, losses);
  const room = fitBudget(wanted, maxTokens, reasoning.budgetTokens !== undefined);
  if (reasoning.budgetTokens !== undefined && reasoning.budgetTokens !== room.budget) losses.add(lossRows.budget);
  return {
    thinking: { type: 'enabled', budget_tokens: room.budget },
    maxTokens: room.maxTokens,
    thinks: true,
    ...(effort !== undefined && { effort }),
  };
}

/**
 * Keeps `budget_tokens` below `max_tokens`, which holds thinking and answer. A budget that the caller named stays where
 * it fits; all others leave the answer half of the room. `max_tokens` is the caller's limit on cost and is raised only
 * where it has no room for the least budget.
 */
function fitBudget(wanted: number, maxTokens: number, named: boolean): { budget: number; maxTokens: number } {
  if (named && wanted < maxTokens) return { budget: wanted, maxTokens };
  const budget = Math.min(wanted, Math.floor(maxTokens / 2));
  return budget >= leastBudget ? { budget, maxTokens } : { budget: leastBudget, maxTokens: maxTokens + leastBudget };
}

function findEffort({ effort }: Reasoning, model: ClaudeModel, losses: LossTally): Effort | undefined {
  if (effort === undefined) return undefined;
  const nearest = nearestEffort(effort, model.efforts);
  if (nearest !== effort) losses.add(lossRows.effort);
  return nearest;
}

/** The greatest effort on offer that is not above the one asked for; `minimal` counts as `low`. */
function nearestEffort(effort: string | undefined, offered: readonly Effort[]): Effort | undefined {
  const rank = effort === 'minimal' ? 0 : effortsInOrder.findIndex((known) => known === effort);
  return offered.findLast((candidate) => effortsInOrder.indexOf(candidate) <= rank);
}

function effortOfBudget(budget: number | undefined, model: ClaudeModel, losses: LossTally): Effort | undefined {
  if (budget === undefined) return undefined;
  losses.add(lossRows.budget);
  return model.efforts.findLast((effort) => budgets[effort] <= Math.max(budget, budgets.low));
}
