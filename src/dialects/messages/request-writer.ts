import type { Conversation, Sampling } from '../../core/conversation.ts';
import type { TargetTraits, WrittenRequest } from '../../core/half.ts';
import type { JsonObject } from '../../core/json.ts';
import { writeCarried } from './carried-writer.ts';
import { lossRows, tallyLosses } from './losses.ts';
import type { LossTally } from './losses.ts';
import { findModel } from './models.ts';
import type { ClaudeModel } from './models.ts';
import { planThinking } from './thinking-writer.ts';
import { writeToolIds } from './tool-ids.ts';
import { planTools } from './tool-writer.ts';
import { writeTurns } from './turn-writer.ts';

/**
 * Writes a Messages request as of `anthropic-version: 2023-06-01`, the version that still takes sampling parameters;
 * the model's row says which fields it takes. The losses name all that could not be carried.
 */
export function writeRequest(conversation: Conversation, target: TargetTraits): WrittenRequest {
  const model = findModel(target.model);
  const losses = tallyLosses(conversation);
  const plan = planTools(conversation, model, losses);
  const { thinking, effort, maxTokens, thinks } = planThinking(conversation, model, { forced: plan.forced, losses });
  const { fields, outputConfig } = writeCarried(conversation.carried, losses);
  const output: JsonObject = {
    ...outputConfig,
    ...(effort !== undefined && { effort }),
    ...(plan.format !== undefined && { format: plan.format }),
  };
  const body: JsonObject = {
    ...fields,
    model: target.model,
    max_tokens: maxTokens,
    ...writeTurns(conversation.turns, model, { losses, ids: writeToolIds() }),
    ...(plan.tools.length > 0 && { tools: plan.tools }),
    ...(plan.choice !== undefined && { tool_choice: plan.choice }),
    ...(thinking !== undefined && { thinking }),
    ...(Object.keys(output).length > 0 && { output_config: output }),
    ...writeStops(conversation.stop, losses),
    ...writeSampling(conversation.sampling, model, { thinks, losses }),
    ...(conversation.stream && { stream: true }),
  };
  return { body, losses: losses.list(), ...(plan.jsonTool !== undefined && { jsonTool: plan.jsonTool }) };
}

function writeStops(stop: readonly string[] | undefined, losses: LossTally): JsonObject {
  const usable = stop?.filter((sequence) => sequence.trim() !== '') ?? [];
  if (usable.length < (stop?.length ?? 0)) losses.add(lossRows.blankStop);
  return usable.length > 0 ? { stop_sequences: usable } : {};
}

interface SamplingLimits {
  readonly thinks: boolean;
  readonly losses: LossTally;
}

/** Values that ask for the default (temperature 1, top_p 1, no penalty) are no loss where they may not be sent. */
function writeSampling(sampling: Sampling, model: ClaudeModel, limits: SamplingLimits): JsonObject {
  const { losses } = limits;
  if (sampling.seed !== undefined) losses.add(lossRows.seed);
  if ((sampling.frequencyPenalty ?? 0) !== 0) losses.add(lossRows.frequencyPenalty);
  if ((sampling.presencePenalty ?? 0) !== 0) losses.add(lossRows.presencePenalty);
  const temperature = writeTemperature(sampling.temperature, model, limits);
  const besides = temperature['temperature'] !== undefined;
  return {
    ...temperature,
    ...writeTopP(sampling.topP, model, { ...limits, besides }),
    ...writeTopK(sampling.topK, model, limits),
  };
}

function writeTemperature(
  value: number | undefined,
  model: ClaudeModel,
  { thinks, losses }: SamplingLimits,
): JsonObject {
  if (value === undefined) return {};
  if (model.sampling === 'none' || thinks) {
    if (value !== 1) losses.add(lossRows.temperature);
    return {};
  }
  if (value > 1) losses.add(lossRows.temperatureRange);
  return { temperature: Math.min(value, 1) };
}

function writeTopP(
  value: number | undefined,
  model: ClaudeModel,
  { thinks, losses, besides }: SamplingLimits & { readonly besides: boolean },
): JsonObject {
  if (value === undefined) return {};
  const excluded = model.sampling === 'none' || (model.sampling === 'one' && besides) || (thinks && value < 0.95);
  if (!excluded) return { top_p: value };
  if (value !== 1) losses.add(lossRows.topP);
  return {};
}

function writeTopK(value: number | undefined, model: ClaudeModel, { thinks, losses }: SamplingLimits): JsonObject {
  if (value === undefined) return {};
  if (model.sampling !== 'none' && !thinks) return { top_k: value };
  losses.add(lossRows.topK);
  return {};
}
