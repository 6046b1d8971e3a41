import type { Answer } from './answers.ts';
import { createdSeconds, pieces } from './wire.ts';
import type { Wire, WireContext, WireEvent } from './wire.ts';

/** OpenAI's legacy completions: text without roles, whole and streamed. */
export const completionsWire: Wire = {
  whole: (answer, context) => ({
    ...base(context),
    choices: [choice(textOfAnswer(answer), finishOf(answer))],
    ...(!answer.faults.withoutUsage && { usage: usageOf(answer) }),
  }),
  events: (answer, context) => [
    ...pieces(textOfAnswer(answer)).map((text) => chunk(context, text, null)),
    chunk(context, '', finishOf(answer)),
    ...(context.includeUsage ? [{ kind: 'end', data: usageChunk(answer, context) } as const] : []),
    { kind: 'end', data: '[DONE]' },
  ],
  errorEvent: (code) => ({
    kind: 'end',
    data: JSON.stringify({
      error: { message: 'The server had an error.', type: code ?? 'server_error', param: null, code: code ?? null },
    }),
  }),
  emptyDelta: (context) => chunk(context, '', null),
};

function base({ seq, model }: WireContext): object {
  return { id: `cmpl-${seq}`, object: 'text_completion', created: createdSeconds, model };
}

function choice(text: string, finish: string | null): object {
  return { text, index: 0, logprobs: null, finish_reason: finish };
}

function chunk(context: WireContext, text: string, finish: string | null): WireEvent {
  const data = JSON.stringify({ ...base(context), choices: [choice(text, finish)] });
  return { kind: finish === null ? 'content' : 'end', data };
}

function usageChunk(answer: Answer, context: WireContext): string {
  return JSON.stringify({ ...base(context), choices: [], usage: usageOf(answer) });
}

function textOfAnswer({ parts }: Answer): string {
  return parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n');
}

function finishOf({ stop }: Answer): string {
  return stop === 'length' ? 'length' : 'stop';
}

function usageOf({ tokens: { input, output } }: Answer): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}
