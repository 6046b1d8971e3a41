import { parseJson } from '../core/json.ts';
import type { Answer, AnswerPart } from './answers.ts';
import { argumentPieces, pieces } from './wire.ts';
import type { Wire, WireContext, WireEvent } from './wire.ts';

const stopReasons = {
  end: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  tool: 'tool_use',
  refusal: 'refusal',
} as const;

/** What every signature of a thinking block begins with: a replayed one must begin so as well. */
export const signatureStart = btoa('signature');

/** Anthropic Messages. */
export const messagesWire: Wire = {
  whole: writeMessage,
  events: writeEvents,
  errorEvent: (code) =>
    named('end', {
      type: 'error',
      error: { type: code ?? 'overloaded_error', message: code === undefined ? 'Overloaded' : 'The request failed.' },
    }),
  emptyDelta: () =>
    named('content', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '' } }),
};

function writeMessage(answer: Answer, context: WireContext): unknown {
  return {
    ...envelope(context),
    content: answer.parts.map((part, index) => writeBlock(part, index, context)),
    stop_reason: stopReasons[answer.stop],
    stop_sequence: answer.stopSequence ?? null,
    ...(!answer.faults.withoutUsage && { usage: usageOf(answer, answer.tokens.output) }),
  };
}

function writeEvents(answer: Answer, context: WireContext): WireEvent[] {
  const counted = !answer.faults.withoutUsage;
  const message = {
    ...envelope(context),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...(counted && { usage: usageOf(answer, 1) }),
  };
  const delta = { stop_reason: stopReasons[answer.stop], stop_sequence: answer.stopSequence ?? null };
  return [
    named('frame', { type: 'message_start', message }),
    named('frame', { type: 'ping' }),
    ...answer.parts.flatMap((part, index) => writeBlockEvents(part, index, context)),
    named('end', {
      type: 'message_delta',
      delta,
      ...(counted && { usage: finalUsage(answer) }),
    }),
    named('end', { type: 'message_stop' }),
  ];
}

function envelope(context: WireContext): object {
  return { id: `msg_local${context.seq}`, type: 'message', role: 'assistant', model: context.model };
}

function writeBlock(part: AnswerPart, index: number, context: WireContext): object {
  if (part.kind === 'tool') {
    const input = parseJson(part.arguments) ?? {};
    return { type: 'tool_use', id: callId(context, index), name: part.name, input, caller: { type: 'direct' } };
  }
  if (part.kind === 'thinking') return { type: 'thinking', thinking: part.text, signature: signature(context) };
  return { type: 'text', text: part.text };
}

function writeBlockEvents(part: AnswerPart, index: number, context: WireContext): WireEvent[] {
  const deltas = blockDeltas(part, context);
  const block =
    part.kind === 'tool'
      ? { type: 'tool_use', id: callId(context, index), name: part.name, input: {}, caller: { type: 'direct' } }
      : part.kind === 'thinking'
        ? { type: 'thinking', thinking: '', signature: '' }
        : { type: 'text', text: '' };
  return [
    named('frame', { type: 'content_block_start', index, content_block: block }),
    ...deltas.map((delta) => named('content', { type: 'content_block_delta', index, delta })),
    named('frame', { type: 'content_block_stop', index }),
  ];
}

function blockDeltas(part: AnswerPart, context: WireContext): object[] {
  if (part.kind === 'tool') {
    // The real stream opens a tool call with an empty piece.
    return ['', ...argumentPieces(part.arguments)].map((text) => ({ type: 'input_json_delta', partial_json: text }));
  }
  if (part.kind === 'thinking') {
    const thoughts = pieces(part.text).map((text) => ({ type: 'thinking_delta', thinking: text }));
    return [...thoughts, { type: 'signature_delta', signature: signature(context) }];
  }
  return pieces(part.text).map((text) => ({ type: 'text_delta', text }));
}

function signature(context: WireContext): string {
  return btoa(`signature${String(context.seq).padStart(3, '0')}`);
}

function callId(context: WireContext, index: number): string {
  return `toolu_local${context.seq}n${index}`;
}

function usageOf({ tokens }: Answer, output: number): object {
  return {
    input_tokens: tokens.input - tokens.cachedRead - tokens.cachedWrite,
    cache_creation_input_tokens: tokens.cachedWrite,
    cache_read_input_tokens: tokens.cachedRead,
    cache_creation: { ephemeral_5m_input_tokens: tokens.cachedWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
  };
}

function finalUsage({ tokens }: Answer): object {
  return {
    input_tokens: tokens.input - tokens.cachedRead - tokens.cachedWrite,
    cache_creation_input_tokens: tokens.cachedWrite,
    cache_read_input_tokens: tokens.cachedRead,
    output_tokens: tokens.output,
  };
}

function named(kind: WireEvent['kind'], data: { readonly type: string; readonly [name: string]: unknown }): WireEvent {
  return { kind, event: data.type, data: JSON.stringify(data) };
}
