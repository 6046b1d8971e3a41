import type { Conversation, Tool, ToolChoice } from '../../core/conversation.ts';
import { field, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { optional, readCacheControl, refuseAt, requireObject, requireText, typeOf, within } from './place.ts';
import type { Place } from './place.ts';

/**
 * Options of a custom tool that other dialects lack. `eager_input_streaming` is none of them: it only asks for what the
 * router does anyway.
 */
const toolOptions = ['input_examples', 'defer_loading', 'allowed_callers'] as const;

/** A tool that Anthropic runs or defines. */
export interface HostedTool {
  /** What it is called in `unread`: `tool web_search_20250305`. */
  readonly feature: string;
  readonly name: unknown;
}

/** Reads `tools`. Tools that Anthropic runs or defines (`web_search_20250305`, ...) go to `unread` by their type. */
export function readTools(body: JsonObject, place: Place): { tools: Tool[]; hosted: HostedTool[] } {
  const list = optional(body, 'tools') ?? [];
  const at = within(place, 'tools');
  if (!Array.isArray(list)) return refuseAt(at, 'must be an array');
  const tools: Tool[] = [];
  const hosted: HostedTool[] = [];
  for (const [index, element] of list.entries()) {
    const tool = requireObject(element, within(at, index));
    const type = field(tool, 'type') ?? 'custom';
    if (type === 'custom') tools.push(readTool(tool, within(at, index)));
    else hosted.push({ feature: `tool ${typeOf(tool)}`, name: field(tool, 'name') });
  }
  for (const { feature } of hosted) place.unread.add(feature);
  return { tools, hosted };
}

/** Marks the hosted tools that the model may leave alone as merely offered. */
export function markOffered(
  hosted: readonly HostedTool[],
  choice: ToolChoice | undefined,
): Pick<Conversation, 'unreadMarks'> {
  if (choice?.type === 'required') return {};
  const offered = hosted.filter(({ name }) => choice?.type !== 'named' || choice.name !== name);
  if (offered.length === 0) return {};
  return { unreadMarks: new Map(offered.map(({ feature }) => [feature, 'offered'] as const)) };
}

function readTool(tool: JsonObject, place: Place): Tool {
  const description = textOf(field(tool, 'description'));
  const strict = field(tool, 'strict');
  for (const option of toolOptions) {
    if (asks(optional(tool, option))) place.unread.add(`${option} on a tool`);
  }
  return {
    name: requireText(tool, 'name', place),
    ...(description !== undefined && { description }),
    parameters: requireObject(field(tool, 'input_schema'), within(place, 'input_schema')),
    ...(typeof strict === 'boolean' && { strict }),
    ...readCacheControl(tool),
  };
}

/** `defer_loading: false`, no examples, and `["direct"]`, the default caller, ask for nothing. */
function asks(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((element) => element !== 'direct');
  return value !== undefined && value !== false;
}

/** Reads `tool_choice` and the flag against parallel calls inside it. */
export function readToolChoice(body: JsonObject, place: Place): Pick<Conversation, 'toolChoice' | 'parallelTools'> {
  const value = optional(body, 'tool_choice');
  if (value === undefined) return {};
  const at = within(place, 'tool_choice');
  const choice = requireObject(value, at);
  const disabled = field(choice, 'disable_parallel_tool_use');
  return {
    toolChoice: readChoice(choice, at),
    ...(typeof disabled === 'boolean' && { parallelTools: !disabled }),
  };
}

function readChoice(choice: JsonObject, place: Place): ToolChoice {
  switch (field(choice, 'type')) {
    case 'auto':
      return { type: 'auto' };
    case 'none':
      return { type: 'none' };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'named', name: requireText(choice, 'name', place) };
    default:
      return refuseAt(within(place, 'type'), 'must be "auto", "any", "tool" or "none"');
  }
}
