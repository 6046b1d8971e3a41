import * as fc from 'fast-check';
import type {
  AssistantPart,
  CacheControl,
  Conversation,
  FilePart,
  ImagePart,
  OutputFormat,
  Reasoning,
  Sampling,
  TextPart,
  Tool,
  ToolCallPart,
  ToolResultPart,
  Turn,
  UserPart,
} from '../../src/core/conversation.ts';

/*
 * Conversations as agents have them: turns that take turns, every call answered right behind it by its own result. No two
 * texts are alike, so that what is missing after a crossing can be told from what has moved.
 */

/** Words that no wire changes: not blank, no blanks around them. Numbers make them unique later. */
const words = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).map((said) => `“${said}”`);
const name = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'B', '7', '_', '-') });
const base64 = fc.base64String({ minLength: 4, maxLength: 12 });
const cache: fc.Arbitrary<{ cacheControl?: CacheControl }> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant({ cacheControl: { type: 'ephemeral', ttl: '1h' } }) },
);

/** An object with any choice of these fields. */
function some<Fields extends object>(fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> }) {
  return fc.record<Fields, never>(fields, { requiredKeys: [] });
}

const text: fc.Arbitrary<TextPart> = fc
  .tuple(words, cache)
  .map(([said, mark]) => ({ type: 'text', text: said, ...mark }));
const source = fc.oneof(
  name.map((path) => ({ kind: 'url', url: `https://files.example/${path}` }) as const),
  base64.map((data) => ({ kind: 'data', mediaType: 'image/png', data }) as const),
  name.map((id) => ({ kind: 'file', id }) as const),
);
const image: fc.Arbitrary<ImagePart> = fc
  .tuple(source, some<{ detail: string }>({ detail: fc.constantFrom('low', 'high') }), cache)
  .map(([from, detail, mark]) => ({ type: 'image', source: from, ...detail, ...mark }));
const fileSource: fc.Arbitrary<FilePart['source']> = fc.oneof(
  name.map((path) => ({ kind: 'url', url: `https://files.example/${path}` }) as const),
  base64.map((data) => ({ kind: 'data', mediaType: 'application/pdf', data }) as const),
  base64.map((data) => ({ kind: 'data', mediaType: 'application/zip', data }) as const),
  words.map((said) => ({ kind: 'text', mediaType: 'text/plain', text: said }) as const),
);
const file: fc.Arbitrary<FilePart> = fc
  .tuple(fileSource, some<{ name: string }>({ name: name.map((stem) => `${stem}.bin`) }), cache)
  .map(([from, title, mark]) => ({ type: 'file', source: from, ...title, ...mark }));
const audio: fc.Arbitrary<UserPart> = base64.map((data) => ({ type: 'audio', data, format: 'wav' }));
const spoken: fc.Arbitrary<UserPart[]> = fc.array(fc.oneof({ weight: 4, arbitrary: text }, image, file, audio), {
  minLength: 1,
  maxLength: 3,
});

const thinking: fc.Arbitrary<AssistantPart> = fc.oneof(
  words.map((said) => ({ type: 'thinking', text: said }) as const),
  fc.record({ type: fc.constant('thinking' as const), text: words, signature: base64 }),
  fc.record({ type: fc.constant('thinking' as const), text: fc.constant(''), redacted: base64 }),
  fc.record({
    type: fc.constant('thinking' as const),
    text: words,
    encrypted: base64.map((data) => `gAAAA${data}`),
    id: name.map((id) => `rs_${id}`),
  }),
);
const call: fc.Arbitrary<ToolCallPart> = fc
  .tuple(name, fc.dictionary(name, fc.oneof(words, fc.boolean(), fc.integer())), cache)
  .map(([called, input, mark]) => ({
    type: 'tool-call',
    id: '',
    name: called,
    arguments: JSON.stringify(input),
    ...mark,
  }));
const resultContent = fc.array(fc.oneof({ weight: 4, arbitrary: text }, image, file), { minLength: 1, maxLength: 2 });
const result: fc.Arbitrary<ToolResultPart> = fc
  .tuple(resultContent, some<{ isError: boolean }>({ isError: fc.constant(true) }), cache)
  .map(([content, error, mark]) => ({ type: 'tool-result', callId: '', content, ...error, ...mark }));

/** One question and its answer: the order within an answer is the one in which models make it. */
const exchange = fc.record({
  instructions: fc.option(
    fc.record({
      role: fc.constantFrom('system' as const, 'developer' as const),
      parts: fc.array(text, { minLength: 1, maxLength: 2 }),
    }),
    { nil: undefined, freq: 3 },
  ),
  asked: spoken,
  thought: fc.array(thinking, { maxLength: 1 }),
  said: fc.array(text, { minLength: 1, maxLength: 2 }),
  refused: fc.array(
    words.map((said) => ({ type: 'refusal', text: said }) as const),
    { maxLength: 1 },
  ),
  calls: fc.array(fc.tuple(call, result), { maxLength: 3 }),
});

const tool: fc.Arbitrary<Tool> = fc
  .tuple(name, some<{ description: string; strict: boolean }>({ description: words, strict: fc.boolean() }), cache)
  .map(([called, rest, mark]) => ({ name: called, ...rest, parameters: schema, ...mark }));

const schema = { type: 'object', properties: { x: { type: 'integer', 'y z': [1e21, null, '\u2028'] } } };
const output: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.constant({ type: 'json' } as const),
  some<{ name: string; description: string; strict: boolean }>({ name, description: words, strict: fc.boolean() }).map(
    (rest) => ({ type: 'json-schema', schema, ...rest }) as const,
  ),
);
const reasoning: fc.Arbitrary<Reasoning> = fc.oneof(
  fc.constantFrom('none', 'low', 'high').map((effort) => ({ effort })),
  fc.constantFrom('auto', 'detailed').map((summary) => ({ effort: 'medium', summary })),
  fc.integer({ min: 1024, max: 4000 }).map((budgetTokens) => ({ mode: 'on', budgetTokens }) as const),
  fc.constantFrom('off' as const, 'adaptive' as const).map((mode) => ({ mode })),
);
const sampling: fc.Arbitrary<Sampling> = some<Required<Sampling>>({
  temperature: fc.constantFrom(0, 0.3, 1, 1.5),
  topP: fc.constantFrom(0.2, 0.97, 1),
  topK: fc.integer({ min: 1, max: 100 }),
  seed: fc.integer(),
  frequencyPenalty: fc.constantFrom(-1, 0.5),
  presencePenalty: fc.constantFrom(-1, 0.5),
});
const carried = some<Record<string, unknown>>({
  user: name,
  service_tier: fc.constant('auto'),
  logit_bias: fc.constant({ '50256': -100 }),
  logprobs: fc.constant(true),
  store: fc.constant(true),
  made_up: fc.constant([1, 2]),
});

interface Options {
  readonly toolChoice: Conversation['toolChoice'];
  readonly parallelTools: boolean;
  readonly maxOutputTokens: number;
  readonly stop: readonly string[];
  readonly output: OutputFormat;
  readonly reasoning: Reasoning;
}

const options = some<Options>({
  toolChoice: fc.constantFrom(
    { type: 'auto' },
    { type: 'none' },
    { type: 'required' },
    { type: 'named', name: 'look' },
  ),
  parallelTools: fc.boolean(),
  // Room for every thinking budget that a target might make of an effort.
  maxOutputTokens: fc.integer({ min: 40_000, max: 60_000 }),
  stop: fc.array(words, { minLength: 1, maxLength: 3 }),
  output,
  reasoning,
});

/** Any conversation that the neutral form can hold, as far as agents have it. */
export const conversations: fc.Arbitrary<Conversation> = fc
  .record({
    exchanges: fc.array(exchange, { minLength: 1, maxLength: 3 }),
    last: spoken,
    tools: fc.array(tool, { maxLength: 3 }),
    options,
    sampling,
    stream: fc.boolean(),
    carried,
  })
  .map(({ exchanges, last, tools, options: { toolChoice, ...rest }, carried: fields, ...more }) => ({
    ...more,
    ...rest,
    ...(toolChoice !== undefined && { toolChoice }),
    turns: number([...exchanges.flatMap(turnsOf), { role: 'user', parts: last }]),
    // The tool that a choice may name comes with the others.
    tools: tools.length === 0 ? [] : [...tools.map((one, at) => ({ ...one, name: `${one.name}_${at}` })), look],
    carried: new Map(Object.entries(fields)),
    unread: [],
  }));

const look: Tool = { name: 'look', parameters: schema };

type Exchange = typeof exchange extends fc.Arbitrary<infer One> ? One : never;

function turnsOf({ instructions, asked, thought, said, refused, calls }: Exchange): Turn[] {
  const results = calls.map(([, answer]) => answer);
  return [
    ...(instructions === undefined ? [] : [instructions]),
    { role: 'user', parts: asked },
    { role: 'assistant', parts: [...thought, ...said, ...refused, ...calls.map(([one]) => one)] },
    // What the user says next stands in a turn of its own, behind one more answer.
    ...(results.length === 0
      ? []
      : [
          { role: 'user', parts: results } as const,
          { role: 'assistant', parts: [{ type: 'text', text: '“so”' }] } as const,
        ]),
  ];
}

/** Gives every text a number of its own, and every call and its result one id. */
function number(turns: readonly Turn[]): Turn[] {
  let count = 0;
  let calls = 0;
  let answered = 0;
  const unique = <Part extends { readonly text: string }>(part: Part): Part =>
    part.text === '' ? part : { ...part, text: `${part.text} ${(count += 1)}` };
  const numberFile = (part: FilePart): FilePart =>
    part.source.kind === 'text' ? { ...part, source: unique(part.source) } : part;
  const numberContent = (part: TextPart | ImagePart | FilePart): TextPart | ImagePart | FilePart => {
    if (part.type === 'text') return unique(part);
    return part.type === 'file' ? numberFile(part) : part;
  };
  const numberPart = (part: AssistantPart | UserPart): AssistantPart | UserPart => {
    switch (part.type) {
      case 'tool-call':
        return { ...part, id: `call_${(calls += 1)}` };
      case 'tool-result':
        return { ...part, callId: `call_${(answered += 1)}`, content: part.content.map(numberContent) };
      case 'file':
        return numberFile(part);
      case 'image':
      case 'audio':
        return part;
      case 'text':
      case 'refusal':
      case 'thinking':
        return unique(part);
    }
  };
  // A part stays what it is, so a turn stays one of its role.
  return turns.map((turn) => ({ ...turn, parts: turn.parts.map(numberPart) }) as Turn);
}
