import { countOf, field, isObject, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { writeMessages } from './messages.ts';
import { chooseEffort, findWorkersAiModel } from './models.ts';
import { withoutFalseDescriptions } from './schema.ts';

/** What the reader of the answer, and whoever settles it, must know of how the input was made. */
export interface InputNotes {
  /** The caller asked for a stream and the model is run without: the whole answer is to be written as a stream. */
  readonly runWithoutStream: boolean;
  /** A tool call was demanded; the names of the tools that may be called. */
  readonly forcedTools?: ReadonlySet<string>;
  /** Ids of the tool calls in the conversation, which some models give out again. */
  readonly toolCallIds: ReadonlySet<string>;
  /** The cap on the answer as sent, for models that do not say that they were cut by it. */
  readonly maxOutputTokens?: number;
  /** Fields that went out with another value than they came in with, for `explain`. */
  readonly changed: readonly string[];
}

/**
 * A forced call that the cap cuts short is an error (8006), not a cut answer. How much is enough is not documented
 * (uncertain): a call with a few arguments fits in this many tokens.
 */
const leastForForcedCall = 256;

/**
 * The two doors to Workers AI: `env.AI.run` and `/ai/run` (`native`), and the OpenAI-shaped `v1/chat/completions`, which wants
 * the model in the body and takes OpenAI's own envelope of a JSON schema.
 */
export type Surface = 'native' | 'openai';

/**
 * Writes the input for `env.AI.run` from a chat request body, as a caller sent it or as the chat half wrote it. Every
 * deviation that the contract sheet's 4.2 knows about requests is here or in the files named by the imports; fields it does
 * not know are kept. Throws `RouterError` for images by URL, which Workers AI cannot fetch.
 */
export function writeWorkersAiInput(
  body: JsonObject,
  surface: Surface = 'native',
): { input: JsonObject; notes: InputNotes } {
  const { model, messages, max_completion_tokens: _, ...rest } = body;
  const changed: string[] = [];
  const ids = new Set<string>();
  const forcedTools = findForcedTools(body);
  const runWithoutStream = field(body, 'stream') === true && wantsJson(body);
  const maxOutputTokens = capOf(body, forcedTools !== undefined);
  const draft: Draft = { ...(surface === 'openai' && model !== undefined && { model }), ...rest };
  if (messages !== undefined) draft['messages'] = writeMessages(messages, { ids, changed });
  set(draft, 'max_tokens', maxOutputTokens, changed);
  set(draft, 'tools', toolsOf(body), changed);
  set(draft, 'tool_choice', toolChoiceOf(body), changed);
  set(draft, 'response_format', responseFormatOf(body, surface), changed);
  if (typeof model === 'string') setReasoning(draft, model, changed);
  if (runWithoutStream) {
    delete draft['stream'];
    delete draft['stream_options'];
    changed.push('stream');
  }
  const notes: InputNotes = {
    runWithoutStream,
    ...(forcedTools !== undefined && { forcedTools }),
    toolCallIds: ids,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    changed,
  };
  return { input: draft, notes };
}

type Draft = { [key: string]: JsonObject[string] };

function set(draft: Draft, key: string, value: JsonObject[string] | undefined, changed: string[]): void {
  if (value === undefined || value === draft[key]) return;
  draft[key] = value;
  changed.push(key);
}

/** Workers AI takes `max_tokens`; where both came the larger counts, as when the request was read. */
function capOf(body: JsonObject, forced: boolean): number | undefined {
  const told = [countOf(field(body, 'max_tokens')), countOf(field(body, 'max_completion_tokens'))];
  const caps = told.filter((cap) => cap !== undefined);
  if (caps.length === 0) return undefined;
  return Math.max(...caps, forced ? leastForForcedCall : 0);
}

/** JSON mode cannot be streamed (contract sheet 4.2; cloudflare/agents#1685). */
function wantsJson(body: JsonObject): boolean {
  const kind = field(field(body, 'response_format'), 'type');
  return kind === 'json_schema' || kind === 'json_object';
}

/** `description: false` anywhere in a schema is answered by 8001. */
function toolsOf(body: JsonObject): JsonObject[string] | undefined {
  const tools = body['tools'];
  return tools === undefined ? undefined : withoutFalseDescriptions(tools);
}

/** `any`, Anthropic's word, is answered by 8001; `required` says the same. */
function toolChoiceOf(body: JsonObject): JsonObject[string] | undefined {
  const choice = body['tool_choice'];
  return choice === 'any' || field(choice, 'type') === 'any' ? 'required' : choice;
}

/** `required` is only advice to some models, and gpt-oss may answer the call as text: the reader is told. */
function findForcedTools(body: JsonObject): ReadonlySet<string> | undefined {
  const choice = toolChoiceOf(body);
  const named = textOf(field(field(choice, 'function'), 'name'));
  if (named !== undefined) return new Set([named]);
  if (choice !== 'required') return undefined;
  const tools = field(body, 'tools');
  const list: unknown[] = Array.isArray(tools) ? tools : [];
  const names = list.map((tool) => textOf(field(field(tool, 'function') ?? tool, 'name')));
  return new Set(names.filter((name) => name !== undefined));
}

/** The binding wants the schema itself where OpenAI has an envelope of name, schema and strictness. */
function responseFormatOf(body: JsonObject, surface: Surface): JsonObject[string] | undefined {
  const format = body['response_format'];
  const envelope = field(format, 'json_schema');
  if (surface === 'openai' || !isObject(format) || !isObject(envelope) || !isObject(field(envelope, 'schema')))
    return format;
  return { ...format, json_schema: withoutFalseDescriptions(envelope['schema'] ?? {}) };
}

/** Says the wish for more or less thinking in the words of the model at hand. */
function setReasoning(draft: Draft, model: string, changed: string[]): void {
  const asked = textOf(draft['reasoning_effort']);
  const control = findWorkersAiModel(model)?.reasoning;
  if (asked === undefined || control === undefined) return;
  if (control.kind === 'effort') {
    set(draft, 'reasoning_effort', chooseEffort(asked, control.words), changed);
    return;
  }
  delete draft['reasoning_effort'];
  changed.push('reasoning_effort');
  if (control.kind === 'fixed') return;
  const given = draft['chat_template_kwargs'];
  draft['chat_template_kwargs'] = { enable_thinking: asked !== 'none', ...(isObject(given) && given) };
}
