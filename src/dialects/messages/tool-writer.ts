import type { Conversation, OutputFormat, Tool } from '../../core/conversation.ts';
import { asJson, field, isObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { cacheMark } from './block-writer.ts';
import { lossRows } from './losses.ts';
import type { LossTally } from './losses.ts';
import type { ClaudeModel } from './models.ts';

/** `tools`, `tool_choice` and `output_config.format`, which hang together on models without structured outputs. */
export interface ToolPlan {
  readonly tools: JsonObject[];
  readonly choice?: JsonObject;
  readonly format?: JsonObject;
  /** The tool that stands in for the schema. */
  readonly jsonTool?: string;
  /** The model must call a tool. */
  readonly forced: boolean;
}

/** Most tools of one request that Anthropic takes with `strict`. */
const mostStrictTools = 20;

/** Plans tools and the output's format. */
export function planTools(conversation: Conversation, model: ClaudeModel, losses: LossTally): ToolPlan {
  const { output, toolChoice } = conversation;
  const tools = writeTools(conversation.tools, model, losses);
  if (output?.type === 'json') losses.add(lossRows.jsonMode);
  if (output?.type === 'json-schema' && output.description !== undefined) losses.add(lossRows.schemaDescription);
  const plain = { ...withHistory(tools, conversation), ...planChoice(conversation, model, losses) };
  if (output?.type !== 'json-schema') return plain;
  if (model.structuredOutput) return { ...plain, format: { type: 'json_schema', schema: asJson(output.schema) } };
  // A caller who forces one tool gets that tool's call and no other output.
  if (toolChoice?.type === 'named' && tools.length > 0) {
    losses.add(lossRows.forcedSchema);
    return plain;
  }
  return planJsonTool(output, conversation, { tools: plain.tools, losses }) ?? plain;
}

function writeTools(tools: readonly Tool[], model: ClaudeModel, losses: LossTally): JsonObject[] {
  const strict = tools.filter((tool) => tool.strict === true).length;
  const carriesStrict = model.structuredOutput && strict <= mostStrictTools;
  if (strict > 0 && !carriesStrict) losses.add(lossRows.strict);
  return tools.map((tool) => ({
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: writeSchema(tool.parameters),
    ...(tool.strict === true && carriesStrict && { strict: true }),
    ...cacheMark(tool),
  }));
}

/** Anthropic requires a schema of the type object; OpenAI lets both go without saying. */
function writeSchema(parameters: unknown): JsonObject {
  if (!isObject(parameters)) return { type: 'object', properties: {} };
  return field(parameters, 'type') === undefined ? { type: 'object', ...parameters } : parameters;
}

/** Anthropic refuses tool calls in the history of a request without tools; these may not be called again. */
function withHistory(tools: JsonObject[], { turns }: Conversation): ToolPlan {
  if (tools.length > 0) return { tools, forced: false };
  const names = new Set<string>();
  for (const turn of turns) {
    if (turn.role !== 'assistant') continue;
    for (const part of turn.parts) if (part.type === 'tool-call') names.add(part.name);
  }
  const known = [...names].map((name) => ({ name, input_schema: writeSchema(undefined) }));
  return { tools: known, forced: false, ...(known.length > 0 && { choice: { type: 'none' } }) };
}

function planChoice(
  { tools, toolChoice, parallelTools }: Conversation,
  model: ClaudeModel,
  losses: LossTally,
): Pick<ToolPlan, 'choice' | 'forced'> {
  if (tools.length === 0) return { forced: false };
  const wantsForce = toolChoice?.type === 'required' || toolChoice?.type === 'named';
  if (wantsForce && !model.forcedTools) losses.add(lossRows.toolChoice);
  const forced = wantsForce && model.forcedTools;
  const single = parallelTools === undefined ? {} : { disable_parallel_tool_use: !parallelTools };
  if (toolChoice?.type === 'none') return { forced, choice: { type: 'none' } };
  if (!forced) {
    const said = toolChoice !== undefined || parallelTools !== undefined;
    return { forced, ...(said && { choice: { type: 'auto', ...single } }) };
  }
  const choice = toolChoice.type === 'named' ? { type: 'tool', name: toolChoice.name } : { type: 'any' };
  return { forced, choice: { ...choice, ...single } };
}

/** The schema as a tool: alone it is forced by name, beside other tools the model must call one of them. */
function planJsonTool(
  output: Extract<OutputFormat, { type: 'json-schema' }>,
  { tools: offered, toolChoice }: Conversation,
  { tools, losses }: { readonly tools: JsonObject[]; readonly losses: LossTally },
): ToolPlan | undefined {
  if (field(output.schema, 'type') !== 'object') {
    losses.add(lossRows.schema);
    return undefined;
  }
  const name = freeName('json_output', new Set(tools.map((tool) => tool['name'])));
  const tool = { name, description: 'Gives the answer.', input_schema: writeSchema(output.schema) };
  const mayCall = offered.length > 0 && toolChoice?.type !== 'none';
  const choice = mayCall ? { type: 'any' } : { type: 'tool', name };
  return {
    tools: [...tools, tool],
    choice: { ...choice, disable_parallel_tool_use: true },
    jsonTool: name,
    forced: true,
  };
}

function freeName(name: string, taken: ReadonlySet<unknown>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
  return free;
}
