import type { Conversation, OutputFormat, Sampling, Tool, ToolChoice } from '../../core/conversation.ts';
import type { TargetTraits, WrittenRequest } from '../../core/half.ts';
import { asJson } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { writeEffort } from './effort.ts';
import { createLossList, writeCarried } from './losses.ts';
import type { LossList } from './losses.ts';
import { writeMessages } from './write-messages.ts';

/**
 * Writes a Chat Completions request, with the list of what it could not carry. A stream is always asked for with its usage,
 * whether or not the caller wants to see it: it is what the call is settled by.
 */
export function writeRequest(conversation: Conversation, target: TargetTraits): WrittenRequest {
  const losses = createLossList(conversation);
  const { maxOutputTokens, output, stop, stream } = conversation;
  const effort = writeEffort(conversation.reasoning, losses);
  const body: JsonObject = {
    model: target.model,
    messages: writeMessages(conversation.turns, target, losses),
    ...writeTools(conversation, losses),
    ...(maxOutputTokens !== undefined && { [target.maxTokensField ?? 'max_tokens']: maxOutputTokens }),
    ...writeSampling(conversation.sampling, losses),
    ...(stop !== undefined && stop.length > 0 && { stop }),
    ...(output !== undefined && { response_format: writeOutput(output) }),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...carriedFields(conversation, losses),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  };
  return { body, losses: losses.list };
}

function carriedFields(conversation: Conversation, losses: LossList): JsonObject {
  const kept = writeCarried(conversation.carried, (loss) => losses.add(loss));
  return Object.fromEntries([...kept].map(([key, value]) => [key, asJson(value)]));
}

function writeTools({ tools, toolChoice, parallelTools }: Conversation, losses: LossList): JsonObject {
  // Without tools OpenAI refuses the fields about them, and they mean nothing.
  if (tools.length === 0) return {};
  return {
    tools: tools.map((tool) => writeTool(tool, losses)),
    ...(toolChoice !== undefined && { tool_choice: writeToolChoice(toolChoice) }),
    // `true` is the default, and some models refuse the field altogether.
    ...(parallelTools === false && { parallel_tool_calls: false }),
  };
}

function writeTool(tool: Tool, losses: LossList): JsonObject {
  if (tool.cacheControl !== undefined) losses.name('cacheControl');
  return {
    type: 'function',
    function: {
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      parameters: asJson(tool.parameters),
      ...(tool.strict !== undefined && { strict: tool.strict }),
    },
  };
}

function writeToolChoice(choice: ToolChoice): Json {
  return choice.type === 'named' ? { type: 'function', function: { name: choice.name } } : choice.type;
}

function writeSampling(sampling: Sampling, losses: LossList): JsonObject {
  if (sampling.topK !== undefined) losses.name('topK');
  return {
    ...(sampling.temperature !== undefined && { temperature: sampling.temperature }),
    ...(sampling.topP !== undefined && { top_p: sampling.topP }),
    ...(sampling.seed !== undefined && { seed: sampling.seed }),
    ...(sampling.frequencyPenalty !== undefined && { frequency_penalty: sampling.frequencyPenalty }),
    ...(sampling.presencePenalty !== undefined && { presence_penalty: sampling.presencePenalty }),
  };
}

function writeOutput(output: OutputFormat): JsonObject {
  if (output.type === 'json') return { type: 'json_object' };
  const { name, description, schema, strict } = output;
  return {
    type: 'json_schema',
    json_schema: {
      // OpenAI wants a name; Anthropic's format has none.
      name: name ?? 'output',
      ...(description !== undefined && { description }),
      schema: asJson(schema),
      ...(strict !== undefined && { strict }),
    },
  };
}
