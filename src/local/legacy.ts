import { field, parseJson } from '../core/json.ts';
import type { Answer } from './answers.ts';
import { pieces } from './wire.ts';
import type { Wire, WireEvent } from './wire.ts';

/**
 * Workers AI's old output family (contract sheet 4.1): `{response, tool_calls, usage}`, streamed as
 * `data: {"response":"..."}`. Tool calls have no id and their arguments are an object. There is no finish reason and no
 * place for reasoning: it stands in the text between `<think>` marks.
 */
export const legacyWire: Wire = {
  whole: (answer, context) => {
    const calls = callsOf(answer);
    const value = parseJson(textOf(answer));
    // With JSON mode the answer is the value itself, not its text.
    const jsonMode = field(context.body, 'response_format') !== undefined && value !== undefined;
    return {
      response: jsonMode ? value : textOf(answer),
      ...(calls.length > 0 && { tool_calls: calls }),
      ...(!answer.faults.withoutUsage && { usage: usageOf(answer) }),
    };
  },
  events: (answer) => {
    const calls = callsOf(answer);
    return [
      ...pieces(textOf(answer)).map((response) => event('content', { response, p: 'abcdefgh' })),
      ...(calls.length > 0 ? [event('content', { response: '', tool_calls: calls })] : []),
      ...(answer.faults.withoutUsage ? [] : [event('end', { response: '', usage: usageOf(answer) })]),
      { kind: 'end', data: '[DONE]' },
    ];
  },
  // How an error looks inside such a stream is not documented (uncertain): it is written like the error body.
  errorEvent: (code) =>
    event('end', {
      name: 'AiError',
      internalCode: Number(code ?? 3040),
      httpCode: 429,
      message: 'AiError: Ai: Capacity temporarily exceeded, please try again.',
      description: 'Capacity temporarily exceeded, please try again.',
    }),
  emptyDelta: () => event('content', { response: '' }),
};

function textOf(answer: Answer): string {
  return answer.parts
    .flatMap((part) => {
      if (part.kind === 'tool') return [];
      return [part.kind === 'thinking' ? `<think>${part.text}</think>` : part.text];
    })
    .join('\n');
}

function callsOf(answer: Answer): object[] {
  return answer.parts.flatMap((part) =>
    part.kind === 'tool' ? [{ name: part.name, arguments: parseJson(part.arguments) ?? {} }] : [],
  );
}

function usageOf({ tokens }: Answer): object {
  return {
    prompt_tokens: tokens.input,
    completion_tokens: tokens.output,
    total_tokens: tokens.input + tokens.output,
    ...(tokens.cachedRead > 0 && { prompt_tokens_details: { cached_tokens: tokens.cachedRead } }),
  };
}

function event(kind: WireEvent['kind'], data: object): WireEvent {
  return { kind, data: JSON.stringify(data) };
}
