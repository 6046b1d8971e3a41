import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { ReplyContext } from '../../../src/core/half.ts';
import { runMachine } from '../../../src/core/machine.ts';
import type { SseEvent } from '../../../src/core/machine.ts';
import type { ReplyEvent } from '../../../src/core/reply.ts';
import { responsesClient, responsesTarget } from '../../../src/dialects/responses/index.ts';
import { mintingContext, question, replyContext, replyOf, streamOf } from './support.ts';

/** The official client, given these events as its answer. */
function clientFor(events: readonly SseEvent[]): OpenAI {
  const body = events.map(({ event, data }) => `event: ${event}\ndata: ${data}\n\n`).join('');
  const answer = () => Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  return new OpenAI({ apiKey: 'k', baseURL: 'http://router.test/v1', maxRetries: 0, fetch: answer });
}

const weather = {
  type: 'function',
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: true,
} as const;

/** What the strict stream helper makes of a stream. */
function assemble(events: readonly SseEvent[]) {
  return clientFor(events)
    .responses.stream({ model: 'm', input: 'Hi', tools: [weather] })
    .finalResponse();
}

const translate = (name: string, context: ReplyContext = replyContext) =>
  runMachine(
    responsesClient.writeStream(context),
    runMachine(responsesTarget.readStream(mintingContext()), streamOf(name)),
  );

/** The gist of a response, whoever wrote it: what is said, called, used and how it ended. */
function gistOf(response: Awaited<ReturnType<typeof assemble>>) {
  return {
    status: response.status,
    text: response.output_text,
    usage: [response.usage?.input_tokens, response.usage?.output_tokens, response.usage?.total_tokens],
    details: response.incomplete_details,
    items: response.output.map((item) =>
      item.type === 'function_call'
        ? [item.type, item.call_id, item.name, item.arguments, item.parsed_arguments]
        : [item.type],
    ),
  };
}

describe('the official SDK’s stream helper', () => {
  it.each(['text', 'tool', 'parallel-tools', 'reasoning', 'refusal', 'incomplete'])(
    'makes the same of a translated stream as of the recorded one: %s',
    async (name) => {
      expect(gistOf(await assemble(translate(name)))).toEqual(gistOf(await assemble(streamOf(name))));
    },
  );

  it('finds the same reply in the whole answer', async () => {
    const reply = responsesTarget.readReply(replyOf('parallel-tools'), mintingContext());
    const response = responsesClient.writeReply(reply, replyContext);
    expect({ ...response, output_text: 'Both at once.' }).toEqual(
      expect.objectContaining(unparsed(await assemble(translate('parallel-tools')))),
    );
  });

  it('parses a strict tool’s arguments and the call of a namespaced tool', async () => {
    const conversation = {
      ...question,
      tools: [{ name: 'get_weather', parameters: {}, origin: { namespace: 'sky', name: 'weather' } }],
    };
    const plain = await assemble(translate('tool'));
    const spaced = await assemble(translate('tool', { ...replyContext, conversation }));
    expect([plain.output[0], spaced.output[0]]).toEqual([
      expect.objectContaining({ name: 'get_weather', parsed_arguments: { city: 'Oslo' } }),
      expect.objectContaining({ namespace: 'sky', name: 'weather' }),
    ]);
  });

  it('keeps a sealed signature through to the finished item', async () => {
    const events: ReplyEvent[] = [
      { type: 'reply-start' },
      { type: 'part-start', index: 0, part: 'thinking' },
      { type: 'part-delta', index: 0, delta: { text: 'Hm' } },
      { type: 'part-delta', index: 0, delta: { signature: 'sig' } },
      { type: 'part-end', index: 0 },
      { type: 'reply-end', stop: 'end' },
    ];
    const { output } = await assemble(runMachine(responsesClient.writeStream(replyContext), events));
    const input = JSON.parse(JSON.stringify(output));
    expect(responsesClient.readRequest({ input }).turns).toEqual([
      { role: 'assistant', parts: [{ type: 'thinking', text: 'Hm', signature: 'sig', id: 'rs_req01ab0' }] },
    ]);
  });

  it.each([
    ['failed', 'rate_limit_exceeded'],
    ['cut', 'upstream_error'],
  ])('sees a stream that broke off as failed: %s', async (name, code) => {
    const response = await assemble(translate(name));
    expect([response.status, response.error?.code]).toEqual(['failed', code]);
  });
});

/** A response without what the helper adds to every part and call. */
function unparsed(response: Awaited<ReturnType<typeof assemble>>): object {
  const text = JSON.stringify(response, (key, value: unknown) =>
    key === 'parsed' || key === 'parsed_arguments' || key === 'output_parsed' ? undefined : value,
  );
  return JSON.parse(text);
}
