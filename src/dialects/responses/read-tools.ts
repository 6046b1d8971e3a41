import type { Tool, ToolChoice } from '../../core/conversation.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import {
  optionalBoolean,
  optionalList,
  optionalText,
  refuseType,
  refuseValue,
  requireObject,
  requireText,
} from './check.ts';
import { createToolNames } from './tool-names.ts';
import type { ToolNames } from './tool-names.ts';
import { shownType } from './shown.ts';
import type { Unread } from '../unread.ts';

/** What a request says about tools, and how its items name them. */
export interface ReadTools {
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly names: ToolNames;
}

/** A function without `parameters` takes none. */
const noParameters = { type: 'object', properties: {} };

const functionFields: ReadonlySet<string> = new Set(['type', 'name', 'description', 'parameters', 'strict']);

/** A tool whose definition waits for a tool search is offered at once instead: the model can do no less. */
const harmlessFields: ReadonlySet<string> = new Set(['defer_loading']);

/**
 * Reads `tools` and `tool_choice`. Functions are tools everywhere, those inside a `namespace` under a flattened name (Codex
 * groups its MCP tools so). Hosted and custom tools run at OpenAI or in OpenAI's own formats: they go into `unread` by
 * type, marked `offered` unless the choice forces some tool, because an agent works without a tool that it only offers.
 */
export function readTools(body: JsonObject, unread: Unread): ReadTools {
  const wire = optionalList(field(body, 'tools'), 'tools').map((tool, at) => requireObject(tool, `tools[${at}]`));
  const choice = field(body, 'tool_choice') ?? undefined;
  const mark = choice === undefined || choice === 'auto' || choice === 'none' ? 'offered' : 'lost';
  const names = createToolNames(wire.map((tool) => textOf(field(tool, 'name'))));
  const tools = wire.flatMap((tool, at) => readTool(tool, { param: `tools[${at}]`, mark, names, unread }));
  return { ...readChoice(choice, tools, { names, unread }), names };
}

interface ToolPlace {
  readonly param: string;
  readonly mark: 'offered' | 'lost';
  readonly names: ToolNames;
  readonly unread: Unread;
}

function readTool(tool: JsonObject, place: ToolPlace): Tool[] {
  const type = requireText(field(tool, 'type'), `${place.param}.type`);
  if (type === 'function') return [readFunction(tool, place)];
  if (type === 'namespace') return readNamespace(tool, place);
  place.unread.set(`tools[].type ${shownType(type)}`, place.mark);
  return [];
}

function readFunction(tool: JsonObject, { param, unread }: ToolPlace): Tool {
  const description = optionalText(field(tool, 'description'), `${param}.description`);
  const strict = optionalBoolean(field(tool, 'strict'), `${param}.strict`);
  for (const [key, value] of Object.entries(tool)) {
    if (functionFields.has(key) || value === null || value === false) continue;
    unread.set(`tools[].${shownType(key)}`, harmlessFields.has(key) ? 'harmless' : 'lost');
  }
  return {
    name: textOf(field(tool, 'name')) ?? refuseValue(`${param}.name`, 'the name of the function'),
    ...(description !== undefined && { description }),
    parameters: field(tool, 'parameters') ?? noParameters,
    ...(strict !== undefined && { strict }),
  };
}

/** The namespace's own description has no place beside a flat list of tools: the tools are offered without it. */
function readNamespace(namespace: JsonObject, place: ToolPlace): Tool[] {
  const { param, names, unread, mark } = place;
  const space = textOf(field(namespace, 'name')) ?? refuseValue(`${param}.name`, 'the name of the namespace');
  if (textOf(field(namespace, 'description')) !== undefined)
    unread.set('tools[].description of a namespace', 'offered');
  const inside = optionalList(field(namespace, 'tools'), `${param}.tools`);
  return inside.flatMap((value, at) => {
    const within = { ...place, param: `${param}.tools[${at}]` };
    const tool = requireObject(value, within.param);
    if (field(tool, 'type') !== 'function') return readTool(withoutNamespace(tool), within);
    const read = readFunction(tool, within);
    const flat = names.flatten(space, read.name);
    if (flat === undefined) unread.set('tools[].type namespace with a name that is taken', mark);
    return flat === undefined ? [] : [{ ...read, name: flat, origin: { namespace: space, name: read.name } }];
  });
}

/** Namespaces do not nest: one inside another is a type like any unknown one, so reading never recurses. */
function withoutNamespace(tool: JsonObject): JsonObject {
  return field(tool, 'type') === 'namespace' ? { type: 'namespace-in-namespace' } : tool;
}

interface ChoicePlace {
  readonly names: ToolNames;
  readonly unread: Unread;
}

function readChoice(
  choice: unknown,
  tools: readonly Tool[],
  place: ChoicePlace,
): { tools: readonly Tool[]; toolChoice?: ToolChoice } {
  if (choice === undefined) return { tools };
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { tools, toolChoice: { type: choice } };
  if (typeof choice === 'string') return refuseValue('tool_choice', 'auto, none, required or an object');
  if (!isObject(choice)) return refuseType(choice, 'tool_choice', 'a string or an object');
  switch (field(choice, 'type')) {
    case 'function':
      return { tools, toolChoice: { type: 'named', name: chosenName(choice, place.names) } };
    case 'allowed_tools':
      return readAllowed(choice, tools, place);
    default:
      place.unread.set(`tool_choice.type ${shownType(field(choice, 'type'))}`, 'lost');
      return { tools };
  }
}

function chosenName(choice: JsonObject, names: ToolNames): string {
  const name = requireText(field(choice, 'name'), 'tool_choice.name');
  return names.neutral(textOf(field(choice, 'namespace')), name);
}

/** `allowed_tools` narrows the list for one answer: leaving the other tools out is the same to the model. */
function readAllowed(
  choice: JsonObject,
  tools: readonly Tool[],
  { names, unread }: ChoicePlace,
): ReturnType<typeof readChoice> {
  const mode = field(choice, 'mode');
  if (mode !== 'auto' && mode !== 'required') return refuseValue('tool_choice.mode', 'auto or required');
  const allowed = new Set<string>();
  for (const entry of optionalList(field(choice, 'tools'), 'tool_choice.tools')) {
    const type = field(entry, 'type');
    if (type !== 'function') unread.set(`tool_choice.tools[].type ${shownType(type)}`, 'lost');
    else allowed.add(names.neutral(textOf(field(entry, 'namespace')), textOf(field(entry, 'name')) ?? ''));
  }
  return { tools: tools.filter((tool) => allowed.has(tool.name)), toolChoice: { type: mode } };
}
