import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssistantPart, Conversation, Tool, Turn, UserPart } from '../../../src/core/conversation.ts';
import { responsesClient, responsesTarget } from '../../../src/dialects/responses/index.ts';
import { traits } from './support.ts';

/** Said text is never empty: empty parts are left out on purpose. */
const words = fc.string({ minLength: 1, unit: 'grapheme' });
const text = words.map((said) => ({ type: 'text', text: said }) as const);
const id = fc.string({ minLength: 1, maxLength: 64, unit: fc.constantFrom('a', 'B', '7', '_', '-') });
const base64 = fc.base64String();

const source = fc.oneof(
  words.map((path) => ({ kind: 'url', url: `https://x/${path}` }) as const),
  base64.map((data) => ({ kind: 'data', mediaType: 'image/png', data }) as const),
  id.map((name) => ({ kind: 'file', id: name }) as const),
);
const image = fc.record({ type: fc.constant('image' as const), source, detail: fc.constantFrom('low', 'auto') });
const file = fc.record({ type: fc.constant('file' as const), source, name: words });
const result = fc.record({
  type: fc.constant('tool-result' as const),
  callId: id,
  content: fc.array(fc.oneof(text, image, file), { minLength: 1, maxLength: 3 }),
});

const userParts: fc.Arbitrary<UserPart[]> = fc.oneof(
  fc.array(fc.oneof(text, image, file), { minLength: 1, maxLength: 3 }),
  fc.array(result, { minLength: 1, maxLength: 3 }),
);
const assistantPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  text,
  words.map((said) => ({ type: 'refusal', text: said }) as const),
  fc.record({ type: fc.constant('tool-call' as const), id, name: id, arguments: fc.json() }),
  fc.record({
    type: fc.constant('thinking' as const),
    text: fc.string(),
    encrypted: base64.map((data) => `gAAA${data}`),
    id,
  }),
);

const turn: fc.Arbitrary<Turn> = fc.oneof(
  fc.record({
    role: fc.constantFrom('system' as const, 'developer' as const),
    parts: fc.array(text, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ role: fc.constant('user' as const), parts: userParts }),
  fc.record({
    role: fc.constant('assistant' as const),
    parts: fc.array(assistantPart, { minLength: 1, maxLength: 4 }),
  }),
);

const tool: fc.Arbitrary<Tool> = fc.record({
  name: id,
  description: words,
  parameters: fc.dictionary(words, fc.jsonValue()),
  strict: fc.boolean(),
});

const conversation: fc.Arbitrary<Conversation> = fc
  .record({
    turns: fc.array(turn, { minLength: 1, maxLength: 6 }),
    tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
    toolChoice: fc.oneof(
      fc.constantFrom('auto' as const, 'none' as const, 'required' as const).map((type) => ({ type })),
      id.map((name) => ({ type: 'named', name }) as const),
    ),
    parallelTools: fc.boolean(),
    maxOutputTokens: fc.integer({ min: 16, max: 100_000 }),
    sampling: fc.record({ temperature: fc.constantFrom(0, 0.3, 2), topP: fc.constantFrom(0, 1) }),
    output: fc.record({
      type: fc.constant('json-schema' as const),
      schema: fc.dictionary(words, fc.jsonValue()),
      name: id,
    }),
    reasoning: fc.record({ effort: fc.constantFrom('none', 'high'), summary: fc.constant('auto') }),
    stream: fc.boolean(),
  })
  .map((fields) => ({ ...fields, turns: apart(fields.turns), carried: new Map(), unread: [] }));

/** Turns that the wire keeps apart: it has no bounds between two answers, nor between two runs of results. */
function apart(turns: readonly Turn[]): Turn[] {
  return turns.filter((each, at) => kindOf(each) === undefined || kindOf(each) !== kindOf(turns[at - 1]));
}

function kindOf(each: Turn | undefined): string | undefined {
  if (each?.role === 'assistant') return 'assistant';
  return each?.parts.some((part) => part.type === 'tool-result') === true ? 'results' : undefined;
}

describe('a request', () => {
  it('reads as it was written, but for what the losses name', () => {
    fc.assert(
      fc.property(conversation, (written) => {
        const { body, losses } = responsesTarget.writeRequest(written, traits);
        expect([responsesClient.readRequest(body), losses]).toEqual([written, []]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('untrusted input', () => {
  it('never makes the readers of replies throw', () => {
    const events = fc.array(
      fc.record({
        type: fc.constantFrom(...types),
        item: fc.jsonValue(),
        delta: fc.jsonValue(),
        response: fc.jsonValue(),
        output_index: fc.jsonValue(),
      }),
    );
    fc.assert(
      fc.property(events, (bodies) => {
        const reader = responsesTarget.readStream({ mintId: () => 'id' });
        const meter = responsesTarget.meter();
        const out = bodies.flatMap((body) => {
          meter.push({ data: JSON.stringify(body) });
          return reader.push({ data: JSON.stringify(body) });
        });
        const terminals = [...out, ...reader.end()].filter(
          ({ type }) => type === 'reply-end' || type === 'reply-failed',
        );
        expect(terminals.length).toBe(1);
      }),
      { numRuns: 200 },
    );
  });
});

const types = [
  'response.created',
  'response.output_item.added',
  'response.output_item.done',
  'response.output_text.delta',
  'response.function_call_arguments.delta',
  'response.reasoning_text.delta',
  'response.completed',
  'response.failed',
  'error',
  'other',
] as const;
