import type { Conversation, Sampling } from '../../core/conversation.ts';
import { refuse } from '../../core/failure.ts';
import { field, isObject, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { given, numberBetween, optionalBoolean, refuseType, refuseValue, tokenCount, wholeNumber } from './check.ts';
import { readMessages } from './read-messages.ts';
import { readOutput, readToolChoice, readTools } from './read-tools.ts';
import { unreadFields, type Unread } from '../unread.ts';

/** Fields with a neutral place (or none needed, as `model`); every other top-level field is carried by name. */
const known: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'reasoning_effort',
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'stream',
]);

/**
 * Reads a Chat Completions request body. Throws `RouterError` (`bad-request` with `param`) where it breaks the dialect;
 * what the dialect allows and the neutral form cannot hold goes into `carried` or `unread`.
 */
export function readRequest(body: JsonObject): Conversation {
  refuseLegacy(body);
  const unread: Unread = new Map();
  const turns = readMessages(field(body, 'messages'), unread);
  const tools = readTools(given(body, 'tools'), unread);
  const toolChoice = readToolChoice(given(body, 'tool_choice'), unread);
  const parallelTools = optionalBoolean(given(body, 'parallel_tool_calls'), 'parallel_tool_calls');
  const output = readOutput(given(body, 'response_format'));
  const maxOutputTokens = readMaxTokens(body);
  const stop = readStop(given(body, 'stop'));
  const effort = readEffort(given(body, 'reasoning_effort'));
  return {
    turns,
    tools,
    ...(toolChoice !== undefined && { toolChoice }),
    ...(parallelTools !== undefined && { parallelTools }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(stop !== undefined && { stop }),
    sampling: readSampling(body),
    ...(output !== undefined && { output }),
    ...(effort !== undefined && { reasoning: { effort } }),
    stream: readStreamFlag(body),
    carried: readCarried(body),
    ...unreadFields(unread),
  };
}

/** Whether the caller asked for usage in the stream: `stream_options.include_usage`. */
export function wantsUsage(body: JsonObject): boolean {
  return field(field(body, 'stream_options'), 'include_usage') === true;
}

function refuseLegacy(body: JsonObject): void {
  for (const key of ['functions', 'function_call']) {
    if (given(body, key) !== undefined) {
      refuse(`Cannot translate '${key}': it is deprecated. Use tools and tool_choice.`, 'unsupported_parameter', key);
    }
  }
}

/**
 * OpenAI refuses `max_tokens` beside `max_completion_tokens`; clients send both to please old and new servers alike. The larger
 * counts, as in the reservation of money, so that an answer is never cut shorter than either says.
 */
function readMaxTokens(body: JsonObject): number | undefined {
  const newer = tokenCount(body, 'max_completion_tokens');
  const older = tokenCount(body, 'max_tokens');
  return newer === undefined || older === undefined ? (newer ?? older) : Math.max(newer, older);
}

function readStop(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const stop = list.filter((item) => typeof item === 'string');
  if (stop.length !== list.length) refuseValue('stop', 'a string or an array of strings');
  const told = stop.filter((item) => item !== '');
  return told.length === 0 ? undefined : told;
}

/** Unknown words are kept: new models bring new ones, and the target is the one to judge. */
function readEffort(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return textOf(value) ?? refuseValue('reasoning_effort', 'a word such as low, medium or high');
}

function readSampling(body: JsonObject): Sampling {
  const temperature = numberBetween(body, 'temperature', { least: 0, most: 2 });
  const topP = numberBetween(body, 'top_p', { least: 0, most: 1 });
  // Not OpenAI's, but vLLM, Workers AI and others take it under this name.
  const topK = wholeNumber(body, 'top_k', { least: 1, most: Number.MAX_SAFE_INTEGER });
  const seed = wholeNumber(body, 'seed', { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER });
  const frequencyPenalty = numberBetween(body, 'frequency_penalty', { least: -2, most: 2 });
  const presencePenalty = numberBetween(body, 'presence_penalty', { least: -2, most: 2 });
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(seed !== undefined && { seed }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(presencePenalty !== undefined && { presencePenalty }),
  };
}

/** Router and upstream must agree on it, so even `null` is refused here. */
function readStreamFlag(body: JsonObject): boolean {
  const value = field(body, 'stream');
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  return refuseType('stream', 'true or false');
}

function readCarried(body: JsonObject): Map<string, unknown> {
  const carried = new Map<string, unknown>();
  for (const [key, value] of Object.entries(body)) {
    if (value === null || known.has(key)) continue;
    if (key === 'stream_options' && onlyAsksUsage(value)) continue;
    carried.set(key, value);
  }
  return carried;
}

/** `include_usage` is the writer's business (`ReplyContext.includeUsage`); other stream options have no neutral meaning. */
function onlyAsksUsage(options: unknown): boolean {
  return isObject(options) && Object.keys(options).every((key) => key === 'include_usage');
}
