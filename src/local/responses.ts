import { field } from '../core/json.ts';
import type { Answer, AnswerPart } from './answers.ts';
import { list } from './read.ts';
import { argumentPieces, createdSeconds, pieces } from './wire.ts';
import type { Wire, WireContext, WireEvent } from './wire.ts';

/** OpenAI Responses: events carry a `sequence_number` and repeat their type as the event's name. */
export const responsesWire: Wire = {
  whole: (answer, context) => finished(answer, context),
  events: (answer, context) => number(writeEvents(answer, context)),
  errorEvent: (code, context) => {
    const error = { code: code ?? 'server_error', message: 'The server had an error while processing your request.' };
    const response = { ...envelope(context, 'failed'), output: [], error, usage: null };
    return event('end', { type: 'response.failed', response, sequence_number: 0 });
  },
  emptyDelta: (context) =>
    event('content', {
      type: 'response.output_text.delta',
      item_id: itemId('msg', 0, context),
      output_index: 0,
      content_index: 0,
      delta: '',
      logprobs: [],
      sequence_number: 0,
    }),
};

type Plain = Readonly<Record<string, unknown>> & { readonly type: string };
type Draft = readonly [kind: WireEvent['kind'], data: Plain];

function writeEvents(answer: Answer, context: WireContext): Draft[] {
  const started = { ...envelope(context, 'in_progress'), output: [], usage: null };
  const last = answer.stop === 'length' ? 'response.incomplete' : 'response.completed';
  return [
    ['frame', { type: 'response.created', response: started }],
    ['frame', { type: 'response.in_progress', response: started }],
    ...answer.parts.flatMap((part, index) => writeItemEvents(part, index, context)),
    ['end', { type: last, response: finished(answer, context) }],
  ];
}

function writeItemEvents(part: AnswerPart, index: number, context: WireContext): Draft[] {
  const done = writeItem(part, index, context);
  return [
    ['frame', { type: 'response.output_item.added', output_index: index, item: opened(part, done) }],
    ...innerEvents(part, index, String(done.id)),
    ['frame', { type: 'response.output_item.done', output_index: index, item: done }],
  ];
}

/** The item as it is announced: nothing in it yet. */
function opened(part: AnswerPart, done: Plain): Plain {
  if (part.kind === 'tool') return { ...done, status: 'in_progress', arguments: '' };
  return part.kind === 'thinking' ? { ...done, summary: [] } : { ...done, status: 'in_progress', content: [] };
}

function innerEvents(part: AnswerPart, index: number, id: string): Draft[] {
  const place = { item_id: id, output_index: index };
  if (part.kind === 'tool') return argumentEvents(part.arguments, place);
  if (part.kind === 'thinking') return summaryEvents(part.text, place);
  return textEvents(part, { ...place, content_index: 0 });
}

function argumentEvents(text: string, place: object): Draft[] {
  return [
    ...argumentPieces(text).map((delta): Draft => [
      'content',
      { type: 'response.function_call_arguments.delta', ...place, delta },
    ]),
    ['frame', { type: 'response.function_call_arguments.done', ...place, arguments: text }],
  ];
}

function summaryEvents(text: string, where: object): Draft[] {
  const place = { ...where, summary_index: 0 };
  return [
    ['frame', { type: 'response.reasoning_summary_part.added', ...place, part: { type: 'summary_text', text: '' } }],
    ...pieces(text).map((delta): Draft => [
      'content',
      { type: 'response.reasoning_summary_text.delta', ...place, delta },
    ]),
    ['frame', { type: 'response.reasoning_summary_text.done', ...place, text }],
    ['frame', { type: 'response.reasoning_summary_part.done', ...place, part: { type: 'summary_text', text } }],
  ];
}

function textEvents(part: AnswerPart & { kind: 'text' | 'refusal' | 'thinking' }, place: object): Draft[] {
  const refusal = part.kind === 'refusal';
  const name = refusal ? 'refusal' : 'output_text';
  const extra = refusal ? {} : { logprobs: [] };
  return [
    ['frame', { type: 'response.content_part.added', ...place, part: contentPart(refusal, '') }],
    ...pieces(part.text).map((delta): Draft => [
      'content',
      { type: `response.${name}.delta`, ...place, delta, ...extra },
    ]),
    ['frame', { type: `response.${name}.done`, ...place, [refusal ? 'refusal' : 'text']: part.text, ...extra }],
    ['frame', { type: 'response.content_part.done', ...place, part: contentPart(refusal, part.text) }],
  ];
}

function contentPart(refusal: boolean, text: string): object {
  return refusal ? { type: 'refusal', refusal: text } : { type: 'output_text', annotations: [], logprobs: [], text };
}

function writeItem(part: AnswerPart, index: number, context: WireContext): Plain {
  if (part.kind === 'tool') {
    const call = { call_id: `call_local${context.seq}n${index}`, name: part.name, arguments: part.arguments };
    return { id: itemId('fc', index, context), type: 'function_call', status: 'completed', ...call };
  }
  if (part.kind === 'thinking') {
    const wanted = list(field(context.body, 'include')).includes('reasoning.encrypted_content');
    return {
      id: itemId('rs', index, context),
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: part.text }],
      ...(wanted && { encrypted_content: btoa(`encrypted${context.seq}`) }),
    };
  }
  const content = [contentPart(part.kind === 'refusal', part.text)];
  return { id: itemId('msg', index, context), type: 'message', status: 'completed', content, role: 'assistant' };
}

function finished(answer: Answer, context: WireContext): object {
  const incomplete = answer.stop === 'length';
  return {
    ...envelope(context, incomplete ? 'incomplete' : 'completed'),
    ...(incomplete && { incomplete_details: { reason: 'max_output_tokens' } }),
    output: answer.parts.map((part, index) => writeItem(part, index, context)),
    usage: answer.faults.withoutUsage ? null : usageOf(answer),
  };
}

function envelope(context: WireContext, status: string): object {
  const { body } = context;
  return {
    id: `resp_local${context.seq}`,
    object: 'response',
    created_at: createdSeconds,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: field(body, 'instructions') ?? null,
    max_output_tokens: field(body, 'max_output_tokens') ?? null,
    model: context.model,
    parallel_tool_calls: field(body, 'parallel_tool_calls') ?? true,
    previous_response_id: null,
    reasoning: field(body, 'reasoning') ?? { effort: 'medium', summary: null },
    service_tier: 'default',
    store: field(body, 'store') ?? true,
    temperature: field(body, 'temperature') ?? 1,
    text: field(body, 'text') ?? { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: field(body, 'tool_choice') ?? 'auto',
    tools: field(body, 'tools') ?? [],
    top_logprobs: 0,
    top_p: field(body, 'top_p') ?? 1,
    truncation: 'disabled',
    user: null,
    metadata: field(body, 'metadata') ?? {},
  };
}

function usageOf({ tokens }: Answer): object {
  return {
    input_tokens: tokens.input,
    input_tokens_details: { cached_tokens: tokens.cachedRead },
    output_tokens: tokens.output,
    output_tokens_details: { reasoning_tokens: tokens.reasoning },
    total_tokens: tokens.input + tokens.output,
  };
}

function itemId(prefix: string, index: number, context: WireContext): string {
  return `${prefix}_local${context.seq}n${index}`;
}

function number(drafts: readonly Draft[]): WireEvent[] {
  return drafts.map(([kind, data], index) => event(kind, { ...data, sequence_number: index }));
}

function event(kind: WireEvent['kind'], data: Plain): WireEvent {
  return { kind, event: data.type, data: JSON.stringify(data) };
}
