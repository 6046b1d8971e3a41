import type { Conversation, Reasoning } from '../../core/conversation.ts';
import type { TargetTraits, WrittenRequest } from '../../core/half.ts';
import type { JsonObject } from '../../core/json.ts';
import { writeCarried } from './write-carried.ts';
import { startLosses } from './losses.ts';
import type { Losses } from './losses.ts';
import { writeFormat, writeTool, writeToolChoice } from './response-object.ts';
import { writeTurns } from './write-turns.ts';

/** OpenAI answers 400 to less: "Expected a value >= 16". */
const leastOutputTokens = 16;

/**
 * Writes a `POST /v1/responses` body. Nothing is stored, and encrypted reasoning is always asked for: without it a model
 * that reasons loses its thread between the turns of an agent.
 */
export function writeRequest(conversation: Conversation, target: TargetTraits): WrittenRequest {
  const losses = startLosses(conversation);
  const { instructions, input } = writeTurns(conversation.turns, losses);
  const { tools, parallelTools, sampling, stream } = conversation;
  const choice = writeToolChoice(conversation.toolChoice);
  const carried = writeCarried(conversation.carried, losses);
  const text = {
    ...(conversation.output !== undefined && { format: writeFormat(conversation.output) }),
    ...carried.text,
  };
  noteSampling(conversation, losses);
  if (tools.some((tool) => tool.cacheControl !== undefined)) losses.add('cacheControl');
  const body: JsonObject = {
    model: target.model,
    ...(instructions !== undefined && { instructions }),
    input,
    ...(tools.length > 0 && { tools: tools.map(writeTool) }),
    ...(tools.length > 0 && choice !== undefined && { tool_choice: choice }),
    ...(tools.length > 0 && parallelTools !== undefined && { parallel_tool_calls: parallelTools }),
    ...writeMaxTokens(conversation.maxOutputTokens, losses),
    ...(sampling.temperature !== undefined && { temperature: sampling.temperature }),
    ...(sampling.topP !== undefined && { top_p: sampling.topP }),
    ...(Object.keys(text).length > 0 && { text }),
    ...writeReasoning(conversation.reasoning, losses),
    ...carried.fields,
    store: false,
    include: ['reasoning.encrypted_content'],
    ...(stream && { stream }),
  };
  return { body, losses: losses.list() };
}

function writeMaxTokens(maxOutputTokens: number | undefined, losses: Losses): JsonObject {
  if (maxOutputTokens === undefined) return {};
  if (maxOutputTokens < leastOutputTokens) losses.add('fewTokens');
  return { max_output_tokens: Math.max(maxOutputTokens, leastOutputTokens) };
}

function noteSampling({ sampling, stop }: Conversation, losses: Losses): void {
  if (stop !== undefined && stop.length > 0) losses.add('stop');
  for (const name of ['topK', 'seed', 'frequencyPenalty', 'presencePenalty'] as const) {
    if (sampling[name] !== undefined) losses.add(name);
  }
}

/** The effort that a thinking budget below `tokens` stands for; a larger one is `high`. Ours: OpenAI names no figures. */
const effortsByBudget = [
  { tokens: 4_096, effort: 'low' },
  { tokens: 16_384, effort: 'medium' },
] as const;

/** Anthropic's `display`, in the words of `summary`. Other words are OpenAI's own and stay. */
const summaries: ReadonlyMap<string, string | undefined> = new Map([
  ['summarized', 'auto'],
  ['omitted', undefined],
]);

/**
 * A summary is asked for where the caller turned thinking on without a word about its display, because Anthropic then shows it.
 * Uncertain: OpenAI used to refuse summaries to organisations that had not verified themselves.
 */
function writeReasoning(reasoning: Reasoning | undefined, losses: Losses): JsonObject {
  if (reasoning === undefined) return {};
  if (reasoning.mode === 'off' && reasoning.effort === undefined) {
    losses.add('thinkingOff');
    return {};
  }
  const effort = reasoning.effort ?? effortOf(reasoning.budgetTokens);
  if (reasoning.mode === 'adaptive' && effort === undefined) losses.add('thinkingMode');
  const wanted = reasoning.summary ?? (reasoning.mode === 'on' ? 'summarized' : undefined);
  const summary = wanted !== undefined && summaries.has(wanted) ? summaries.get(wanted) : wanted;
  if (effort === undefined && summary === undefined) return {};
  return { reasoning: { ...(effort !== undefined && { effort }), ...(summary !== undefined && { summary }) } };
}

function effortOf(budgetTokens: number | undefined): string | undefined {
  if (budgetTokens === undefined) return undefined;
  return effortsByBudget.find((row) => budgetTokens < row.tokens)?.effort ?? 'high';
}
