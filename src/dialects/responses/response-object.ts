import type { Conversation, OutputFormat, Tool, ToolChoice } from '../../core/conversation.ts';
import type { ReplyContext } from '../../core/half.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import { writeUsageObject } from './usage.ts';

/** What a `response` object says beyond the request that it answers. */
export interface ResponseState {
  /** `resp_...` */
  readonly id: string;
  readonly model: string;
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly JsonObject[];
  readonly usage?: Usage;
  readonly incompleteReason?: 'max_output_tokens' | 'content_filter';
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * Writes the `response` object that whole replies are and lifecycle events hold: what answers, then the request fields
 * that the SDKs' types call required, as far as the neutral form knows them.
 */
export function writeResponse(state: ResponseState, context: ReplyContext): JsonObject {
  const { conversation } = context;
  return {
    id: state.id,
    object: 'response',
    created_at: context.createdSeconds,
    status: state.status,
    background: false,
    error: state.error === undefined ? null : { ...state.error },
    incomplete_details: state.incompleteReason === undefined ? null : { reason: state.incompleteReason },
    instructions: null,
    max_output_tokens: conversation?.maxOutputTokens ?? null,
    model: state.model,
    output: state.output,
    parallel_tool_calls: conversation?.parallelTools ?? true,
    previous_response_id: null,
    reasoning: { effort: conversation?.reasoning?.effort ?? null, summary: conversation?.reasoning?.summary ?? null },
    store: false,
    temperature: conversation?.sampling.temperature ?? null,
    text: { format: writeFormat(conversation?.output) },
    tool_choice: writeToolChoice(conversation?.toolChoice) ?? 'auto',
    tools: (conversation?.tools ?? []).map(writeTool),
    top_p: conversation?.sampling.topP ?? null,
    truncation: 'disabled',
    usage: state.usage === undefined ? null : writeUsageObject(state.usage),
    metadata: metadataOf(conversation),
  };
}

/** Writes a function tool. `strict` is always said: left out, Responses makes functions strict, and chat and Messages do not. */
export function writeTool(tool: Tool): JsonObject {
  return {
    type: 'function',
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    parameters: jsonOf(tool.parameters),
    strict: tool.strict ?? false,
  };
}

/** Writes `tool_choice`; `undefined` where the caller said nothing. */
export function writeToolChoice(choice: ToolChoice | undefined): Json | undefined {
  return choice?.type === 'named' ? { type: 'function', name: choice.name } : choice?.type;
}

/** Writes `text.format`. A schema must have a name here, and no other dialect needs one. */
export function writeFormat(output: OutputFormat | undefined): JsonObject {
  switch (output?.type) {
    case undefined:
      return { type: 'text' };
    case 'json':
      return { type: 'json_object' };
    case 'json-schema':
      return {
        type: 'json_schema',
        name: output.name ?? 'answer',
        ...(output.description !== undefined && { description: output.description }),
        schema: jsonOf(output.schema),
        ...(output.strict !== undefined && { strict: output.strict }),
      };
  }
}

function metadataOf(conversation: Conversation | undefined): Json {
  return jsonOf(conversation?.carried.get('metadata') ?? {});
}

/** The neutral forms keep untouched pieces as `unknown`; all of them came from `JSON.parse`, so this holds. */
export function jsonOf(value: unknown): Json {
  return value as Json;
}
