import type { Answer, AnswerPart } from './answers.ts';
import { argumentPieces, createdSeconds, pieces } from './wire.ts';
import type { Wire, WireContext, WireEvent } from './wire.ts';

/** Where the providers' Chat Completions differ from OpenAI's. */
export interface ChatTraits {
  /** Reasoning text is shown in this field; absent: it is hidden and only counted, as OpenAI does. */
  readonly reasoningField?: 'reasoning' | 'reasoning_content';
  /** Tool deltas come without `index`, those after the first without `id` as well (vercel/ai#4031). */
  readonly withoutToolIndex?: boolean;
  /** After a tool call a delta whose `id`, `type` and `name` are null. */
  readonly nullFinal?: boolean;
  /** No delta names the role. */
  readonly withoutRole?: boolean;
  /** Workers AI's REST surface adds `neurons` to the usage. */
  readonly neurons?: boolean;
}

const finishReasons = {
  end: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  tool: 'tool_calls',
  refusal: 'stop',
} as const;

/** OpenAI Chat Completions, with the deviations of whoever speaks it. */
export function chatWire(traits: ChatTraits = {}): Wire {
  return {
    whole: (answer, context) => writeCompletion(answer, context, traits),
    events: (answer, context) => writeChunks(answer, context, traits),
    errorEvent: (code) => ({
      kind: 'end',
      data: JSON.stringify({
        error: {
          message: 'The server had an error while processing your request. Sorry about that!',
          type: code ?? 'server_error',
          param: null,
          code: code ?? null,
        },
      }),
    }),
    emptyDelta: (context) => chunk(context, { content: '' }, 'content'),
  };
}

function callsOf(answer: Answer): (AnswerPart & { kind: 'tool' })[] {
  return answer.parts.flatMap((part) => (part.kind === 'tool' ? [part] : []));
}

function joined(answer: Answer, kind: 'text' | 'thinking' | 'refusal'): string | null {
  const texts = answer.parts.flatMap((part) => (part.kind === kind ? [part.text] : []));
  return texts.length === 0 ? null : texts.join('\n');
}

function writeCompletion(answer: Answer, context: WireContext, traits: ChatTraits): unknown {
  const calls = callsOf(answer).map((call, index) => ({
    id: callId(context, index),
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  const thinking = joined(answer, 'thinking');
  const message = {
    role: 'assistant',
    content: joined(answer, 'text'),
    ...(traits.reasoningField !== undefined && thinking !== null && { [traits.reasoningField]: thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
    refusal: joined(answer, 'refusal'),
    annotations: [],
  };
  return {
    id: completionId(context),
    object: 'chat.completion',
    created: createdSeconds,
    model: context.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReasons[answer.stop] }],
    ...(!answer.faults.withoutUsage && { usage: usageOf(answer, traits) }),
    service_tier: 'default',
    system_fingerprint: null,
  };
}

function writeChunks(answer: Answer, context: WireContext, traits: ChatTraits): WireEvent[] {
  const role =
    traits.withoutRole === true ? [] : [chunk(context, { role: 'assistant', content: '', refusal: null }, 'frame')];
  const usage = { ...base(context), choices: [], usage: usageOf(answer, traits) };
  let call = -1;
  const content = answer.parts.flatMap((part) => {
    if (part.kind === 'tool') {
      call += 1;
      return writeCall(part, call, context, traits);
    }
    const name = part.kind === 'text' ? 'content' : part.kind === 'refusal' ? 'refusal' : traits.reasoningField;
    return name === undefined ? [] : pieces(part.text).map((text) => chunk(context, { [name]: text }, 'content'));
  });
  return [
    ...role,
    ...content,
    chunk(context, {}, 'end', finishReasons[answer.stop]),
    ...(context.includeUsage && !answer.faults.withoutUsage
      ? [{ kind: 'end', data: JSON.stringify(usage) } as const]
      : []),
    { kind: 'end', data: '[DONE]' },
  ];
}

function writeCall(
  part: AnswerPart & { kind: 'tool' },
  index: number,
  context: WireContext,
  traits: ChatTraits,
): WireEvent[] {
  const place = traits.withoutToolIndex === true ? {} : { index };
  const first = {
    ...place,
    id: callId(context, index),
    type: 'function',
    function: { name: part.name, arguments: '' },
  };
  const last = { ...place, id: null, type: null, function: { name: null, arguments: '' } };
  return [
    chunk(context, { tool_calls: [first] }, 'content'),
    ...argumentPieces(part.arguments).map((text) =>
      chunk(context, { tool_calls: [{ ...place, function: { arguments: text } }] }, 'content'),
    ),
    ...(traits.nullFinal === true ? [chunk(context, { tool_calls: [last] }, 'content')] : []),
  ];
}

function chunk(context: WireContext, delta: object, kind: WireEvent['kind'], finish: string | null = null): WireEvent {
  const choice = { index: 0, delta, logprobs: null, finish_reason: finish };
  const data = { ...base(context), choices: [choice], ...(context.includeUsage && { usage: null }) };
  return { kind, data: JSON.stringify(data) };
}

function base(context: WireContext): object {
  return {
    id: completionId(context),
    object: 'chat.completion.chunk',
    created: createdSeconds,
    model: context.model,
    service_tier: 'default',
    system_fingerprint: null,
  };
}

function completionId(context: WireContext): string {
  return `chatcmpl-local${context.seq}`;
}

function callId(context: WireContext, index: number): string {
  return `call_local${context.seq}n${index}`;
}

function usageOf({ tokens }: Answer, traits: ChatTraits): object {
  return {
    prompt_tokens: tokens.input,
    completion_tokens: tokens.output,
    total_tokens: tokens.input + tokens.output,
    prompt_tokens_details: { cached_tokens: tokens.cachedRead, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: tokens.reasoning, audio_tokens: 0 },
    ...(traits.neurons === true && { neurons: (tokens.input + tokens.output) / 10 }),
  };
}
