import { countOf, field, isObject, textOf } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { readCalls, salvageCalls, writeCalls } from './calls.ts';
import type { FoundCall } from './calls.ts';
import { legacyFinish } from './context.ts';
import type { WorkersAiContext } from './context.ts';

/**
 * Makes a whole Workers AI answer an OpenAI chat completion, by content and not by model: `choices`, else `response`, else
 * `output` (Responses), also inside the REST envelope `{ result }`. Errors are given back as they came, for the reader
 * to classify; `undefined` where it is no answer at all. Completions are only salvaged here (leaked tool calls): what is
 * missing from them is filled in by the chat dialect's own repair, which stands behind this one.
 */
export function repairReply(value: unknown, context: WorkersAiContext): JsonObject | undefined {
  const answer = unwrap(value);
  if (typeof answer === 'string') return completion({ text: answer, calls: [] }, answer, context);
  if (!isObject(answer)) return undefined;
  if (Array.isArray(field(answer, 'choices'))) return salvage(answer, context);
  const output = field(answer, 'output');
  if (Array.isArray(output)) return completion(readOutput(output), answer, context);
  const calls = readCalls(field(answer, 'tool_calls'));
  const response = field(answer, 'response');
  if (response !== undefined || calls.length > 0) {
    return completion({ text: responseText(response), calls }, answer, context);
  }
  return isError(answer) ? answer : undefined;
}

/** The text of a legacy `response`: with JSON mode it may be the value itself. */
export function responseText(response: unknown): string {
  if (response === undefined || response === null) return '';
  return typeof response === 'string' ? response : JSON.stringify(response);
}

/** REST answers `{ result, success, errors, messages }`; the binding gives the result alone. */
function unwrap(value: unknown): unknown {
  const result = field(value, 'result');
  return field(value, 'success') === true && result !== undefined && result !== null ? result : value;
}

function isError(answer: JsonObject): boolean {
  return ['error', 'errors', 'internalCode'].some((key) => Object.hasOwn(answer, key));
}

interface Found {
  readonly text: string;
  readonly thinking?: string;
  readonly calls: readonly FoundCall[];
}

function completion(found: Found, answer: Json, context: WorkersAiContext): JsonObject {
  const leaked = found.calls.length === 0 ? leakedIn(found.text, context) : [];
  const calls = leaked.length > 0 ? leaked : found.calls;
  const text = leaked.length > 0 ? '' : found.text;
  const usage = readUsage(field(answer, 'usage'));
  const tool = calls.length > 0;
  const message: JsonObject = {
    role: 'assistant',
    content: text === '' && tool ? null : text,
    ...(found.thinking !== undefined && { reasoning_content: found.thinking }),
    ...(tool && { tool_calls: writeCalls(calls, { mintId: context.mintId, numbered: false }) }),
  };
  const finish = legacyFinish(context, { tool, outputTokens: countOf(field(usage, 'completion_tokens')) });
  return {
    id: `chatcmpl-${context.requestId}`,
    object: 'chat.completion',
    created: context.createdSeconds,
    model: context.model,
    choices: [{ index: 0, message, finish_reason: finish }],
    ...(usage !== undefined && { usage }),
  };
}

function leakedIn(text: string, { forcedTools }: WorkersAiContext): FoundCall[] {
  return forcedTools === undefined ? [] : salvageCalls(text, forcedTools);
}

/** The `output` items of a Responses answer, which gpt-oss gives to `input`. */
function readOutput(output: readonly unknown[]): Found {
  const texts: string[] = [];
  const thinking: string[] = [];
  for (const item of output) {
    const kind = field(item, 'type');
    if (kind === 'message') texts.push(...textsIn(field(item, 'content')));
    if (kind === 'reasoning') thinking.push(...textsIn(field(item, 'content')), ...textsIn(field(item, 'summary')));
  }
  const called = output.filter((item) => field(item, 'type') === 'function_call');
  const calls = called.flatMap((item) => {
    const id = textOf(field(item, 'call_id'));
    return readCalls([item]).map((call) => ({ ...call, ...(id !== undefined && { id }) }));
  });
  return { text: texts.join(''), ...(thinking.length > 0 && { thinking: thinking.join('\n') }), calls };
}

function textsIn(parts: unknown): string[] {
  const list: unknown[] = Array.isArray(parts) ? parts : [];
  return list.flatMap((part) => textOf(field(part, 'text')) ?? []);
}

/** Usage in chat's words; the Responses family has words of its own. */
export function readUsage(usage: unknown): JsonObject | undefined {
  if (!isObject(usage)) return undefined;
  const input = countOf(field(usage, 'input_tokens'));
  const output = countOf(field(usage, 'output_tokens'));
  if (input === undefined || output === undefined) return usage;
  const cached = countOf(field(field(usage, 'input_tokens_details'), 'cached_tokens'));
  const reasoning = countOf(field(field(usage, 'output_tokens_details'), 'reasoning_tokens'));
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cached !== undefined && { prompt_tokens_details: { cached_tokens: cached } }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

/** Puts a leaked call of a completion where calls belong; any other completion stays as it is. */
function salvage(answer: JsonObject, context: WorkersAiContext): JsonObject {
  const choices = field(answer, 'choices');
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const message = field(first, 'message');
  if (!isObject(first) || !isObject(message) || readCalls(field(message, 'tool_calls')).length > 0) return answer;
  const calls = leakedIn(textOf(field(message, 'content')) ?? '', context);
  if (calls.length === 0) return answer;
  const toolCalls = writeCalls(calls, { mintId: context.mintId, numbered: false });
  const repaired = {
    ...first,
    message: { ...message, content: null, tool_calls: toolCalls },
    finish_reason: 'tool_calls',
  };
  return { ...answer, choices: [repaired, ...(Array.isArray(choices) ? (choices as Json[]).slice(1) : [])] };
}
